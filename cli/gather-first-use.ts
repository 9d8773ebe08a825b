import type { Digest } from '../protocol/hash.ts'
import { digestOf } from '../protocol/hash.ts'
import type { JsonObject } from '../protocol/json-value.ts'
import { isPublicEntry } from '../protocol/log/entry.ts'
import { fullWidth } from '../protocol/log/tile.ts'
import { ownerOf } from '../protocol/standing/log-order.ts'
import { type GatheredRange, parseQuietly, takeRecord } from './gather-range.ts'
import type { LogReader } from './log-reader.ts'

interface ReadLog {
  readonly reader: LogReader
  readonly origin: string
  readonly size: number
  readonly range: GatheredRange
}

/**
 * An id counts at its first use by a member: of whatever bears the id of a record that is in the file by now, the records are put into it,
 * too, in the earlier logs as well. Else a copy of an id, which decides nothing, would leave open what a node can tell.
 *
 * @throws {ProtocolError} `SIZE_LIMIT`; and what the reader throws
 * @see protocol/spec/agreement.md, AGREE-44 and AGREE-47
 */
export async function gatherFirstUses(
  logs: readonly ReadLog[],
  file: { readonly records: Map<Digest, JsonObject>; readonly budget: { bytes: number } },
): Promise<void> {
  const { records } = file
  const told = new Set(
    logs.flatMap(({ origin, range: { places } }) =>
      places.map(({ digest }) => `${ownerOf(origin)} ${records.get(digest)?.id}`),
    ),
  )
  for (const { reader, origin, size, range } of logs) {
    const lacking = new Map<number, Set<Digest>>()
    for (const bytes of range.entries) {
      const entry = parseQuietly(bytes)
      if (!entry || !isPublicEntry(entry) || records.has(entry.digest)) continue
      if (!told.has(`${ownerOf(origin)} ${entry.id}`)) continue
      const bundle = Math.floor(entry.index / fullWidth)
      lacking.set(bundle, (lacking.get(bundle) ?? new Set()).add(entry.digest))
    }
    for (const [bundle, digests] of lacking)
      for await (const record of reader.fetchRecords(bundle, size)) {
        const digest = digestOf(record.bytes)
        if (digests.has(digest)) takeRecord(file, digest, record)
      }
  }
}
