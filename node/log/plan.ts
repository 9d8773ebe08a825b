import { ProtocolError } from '../../protocol/error.ts'
import type { Hash } from '../../protocol/hash.ts'
import { commit, isCommittedTier, takesAudience } from '../../protocol/log/commitment.ts'
import { type Entry, formatEntry } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { growTree } from '../../protocol/log/tree.ts'
import type { AppendPlan, StoredIdempotency } from '../store/append-store.ts'
import type { StoredLog } from '../store/log-store.ts'
import type { LogClock } from './clock.ts'
import type { PreparedRecord } from './publish.ts'
import type { AppendRequest } from './request.ts'

/** What a batch became in the log. */
export interface Written {
  readonly size: number
  readonly root: Hash
  readonly entries: readonly Entry[]
}

/** Gives entries their indices and moment, and grows the tree: once the log is seen under its lock, and before anything is written. */
export function planBatch(
  { clock, origin }: { readonly clock: LogClock; readonly origin: string },
  log: StoredLog,
  fresh: readonly AppendRequest[],
  read: Parameters<typeof growTree>[1],
): { readonly plan: AppendPlan; readonly written: Written } {
  const at = clock.nextMoment(log.lastAt)
  const records = fresh.flatMap((request) => request.records)
  for (const [i, record] of records.entries()) requirePlace(record, log.size + i, i)
  const entries = records.map((record, i) => entryOf(record, { at, index: log.size + i, log: origin }))
  const leaves = entries.map((entry) => formatEntry(entry))
  const grown = growTree(log.size, read, leaves.map(leafHash))
  let first = log.size
  const idempotency: StoredIdempotency[] = []
  for (const request of fresh) {
    if (request.idempotency)
      idempotency.push({ ...request.idempotency, first, amount: request.records.length })
    first += request.records.length
  }
  const plan: AppendPlan = {
    entries: records.map(({ id, type: _type, requirePlace: _place, bytes, ...record }, i) => ({
      ...record,
      bytes: leaves[i] ?? new Uint8Array(0),
      recordId: id,
      record: bytes,
    })),
    tiles: grown.tiles,
    lastAt: at,
    idempotency,
  }
  return { plan, written: { size: grown.size, root: grown.root, entries } }
}

/** What the log shows of a record: all that names it, or a commitment to it. */
function entryOf(
  { digest, id, type, tier, audience, salt, bytes }: PreparedRecord,
  place: { readonly at: string; readonly index: number; readonly log: string },
): Entry {
  if (!isCommittedTier(tier)) return { ...place, digest, id, tier: 'public', type, v: 1 }
  if (!salt) throw new TypeError('a record that is not public has a salt')
  const { log } = place
  if (!takesAudience(tier))
    return { ...place, commitment: commit({ log, tier, salt, recordBytes: bytes }), tier, v: 1 }
  const named = audience ?? ''
  const commitment = commit({ log, tier, audience: named, salt, recordBytes: bytes })
  return { ...place, audience: named, commitment, tier, v: 1 }
}

/** Signed before its place was known; others may have come in between, and with them the end of its key. */
function requirePlace(record: PreparedRecord, index: number, n: number): void {
  try {
    record.requirePlace(index)
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    // With another key it would be the same.
    const barred = cause.code === 'MEMBER_SUSPENDED' || cause.code === 'NOT_A_MEMBER'
    throw new ProtocolError(barred ? cause.code : 'KEY_NOT_VALID_AT_TIME', cause.message, {
      place: { index: n },
      evidence: cause.evidence,
      cause,
    })
  }
}
