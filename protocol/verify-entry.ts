import { ProtocolError } from './error.ts'
import { type Digest, sha256 } from './hash.ts'
import {
  audienceOf,
  type CommittedEntryOfAnyTier,
  type Entry,
  isOpenedBy,
  isPublicEntry,
} from './log/entry.ts'
import type { ExchangeRecord } from './record/envelope.ts'

/** What is held against an entry: the exact bytes of a record and, where the entry is not public, the salt of its commitment. */
export interface RecordOpening {
  readonly bytes: Uint8Array
  readonly salt?: Uint8Array | undefined
}

/**
 * The entry is about exactly these bytes: digest, id, type and tier agree; or the commitment opens to them, and tier and audience agree.
 *
 * @throws {ProtocolError} `LEAF_MISMATCH`; `DIGEST_MISMATCH` — it commits to something else than it opens
 * @see spec/verify.md, VERIFY-7; spec/tier.md, TIER-3
 */
export function checkEntryMatches(
  entry: Entry,
  { bytes, salt, digest }: RecordOpening & { readonly digest: Digest },
  record: ExchangeRecord,
): void {
  if (!isPublicEntry(entry)) checkOpening(entry, { bytes, salt })
  checkEntryStates(entry, record, digest)
}

/**
 * What `checkEntryMatches` asks beyond the opening of a commitment, for those that have opened it.
 *
 * @throws {ProtocolError} `LEAF_MISMATCH`
 */
export function checkEntryStates(entry: Entry, record: ExchangeRecord, digest: Digest): void {
  if (!isPublicEntry(entry)) {
    const audience = audienceOf(entry)
    if (record.tier !== entry.tier || record.audience !== audience)
      throw new ProtocolError('LEAF_MISMATCH', 'the log entry is for other readers', {
        evidence: { logged: entry.tier, record: record.tier },
      })
    return
  }
  const stated = { digest: entry.digest, id: entry.id, type: entry.type, tier: entry.tier }
  const actual = { digest, id: record.id, type: record.type[1], tier: record.tier }
  for (const name of ['digest', 'id', 'type', 'tier'] as const) {
    if (stated[name] !== actual[name]) {
      throw new ProtocolError('LEAF_MISMATCH', `the log entry has another ${name}`, {
        evidence: { name, logged: stated[name], record: actual[name] },
      })
    }
  }
}

/** @throws {ProtocolError} `LEAF_MISMATCH` — no salt came with it; `DIGEST_MISMATCH` */
export function checkOpening(entry: CommittedEntryOfAnyTier, { bytes, salt }: RecordOpening): void {
  if (salt === undefined)
    throw new ProtocolError(
      'LEAF_MISMATCH',
      'the entry is a commitment; this record came without its opening',
    )
  if (!isOpenedBy(entry, { salt, recordHash: sha256(bytes) }))
    throw new ProtocolError('DIGEST_MISMATCH', 'the entry commits to something else than this opens', {
      evidence: { commitment: entry.commitment },
    })
}
