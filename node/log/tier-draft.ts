import { encodeHex, encodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { digestOf } from '../../protocol/hash.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import { audienceOf, isPublicEntry, parseEntry } from '../../protocol/log/entry.ts'
import type { Database } from '../store/database.ts'
import { openLog, readEntries } from '../store/log-store.ts'

/**
 * The draft that opens an own entry to everybody.
 *
 * @throws {ProtocolError} `NOT_FOUND` — no such entry; `RULE_VIOLATED` — it is public; `OPENING_LOST` — nobody can open it here
 * @see spec/tier.md, TIER-40
 */
export async function draftDisclosure(
  database: Database,
  origin: string,
  index: number,
): Promise<JsonObject> {
  const { entry, record, salt } = await readCommitted(database, origin, index)
  if (record === null || salt === null) throw lost(index)
  const { commitment } = entry
  return {
    type: 'Disclosure',
    tier: 'public',
    ...syntheticOf(record),
    credentialSubject: { index, commitment, salt: encodeHex(salt), digest: digestOf(encodeUtf8(record)) },
  }
}

/**
 * The draft that asks everybody who holds the record of an own entry to destroy it, for the very readers of that record.
 *
 * @throws {ProtocolError} `NOT_FOUND` — no such entry; `RULE_VIOLATED` — it is public, and anybody may hold it; `OPENING_LOST` — nothing of
 *   it is left here
 * @see spec/tier.md, TIER-50
 */
export async function draftErasure(
  database: Database,
  origin: string,
  { index, note }: { readonly index: number; readonly note?: string },
): Promise<JsonObject> {
  const { entry, record } = await readCommitted(database, origin, index)
  if (record === null) throw lost(index)
  const { commitment, tier } = entry
  const audience = audienceOf(entry)
  return {
    type: 'ErasureRequest',
    tier,
    ...(audience === undefined ? {} : { audience }),
    ...syntheticOf(record),
    credentialSubject: { index, commitment, ...(note === undefined ? {} : { note }) },
  }
}

async function readCommitted(database: Database, origin: string, index: number) {
  const log = await openLog(database, origin, true)
  const [stored] = await readEntries(database, log.id, { from: index, end: index + 1 })
  if (!stored || index >= log.checkpointSize)
    throw new ProtocolError('NOT_FOUND', 'there is no such entry', { place: { index } })
  const entry = parseEntry(stored.bytes)
  if (isPublicEntry(entry))
    throw new ProtocolError(
      'RULE_VIOLATED',
      'the record is public: everybody may hold it, and the log names its digest for ever',
      { place: { index } },
    )
  return { entry, record: stored.record, salt: stored.salt }
}

function syntheticOf(record: string): JsonObject {
  const parsed: { readonly synthetic?: unknown } = JSON.parse(record)
  return parsed.synthetic === true ? { synthetic: true } : {}
}

function lost(index: number): ProtocolError {
  return new ProtocolError('OPENING_LOST', 'what opens this entry is not here, or was erased', {
    place: { index },
  })
}
