import { sha256 } from '../../protocol/hash.ts'
import { signCheckpoint } from '../../protocol/log/checkpoint.ts'
import { formatOffer } from '../../protocol/log/offer.ts'
import { proveConsistency } from '../../protocol/log/tree.ts'
import type { PeerLog } from './peer-log.ts'

export interface OfferChange {
  readonly old: number
  /** By default all of the log. */
  readonly size?: number
  readonly path?: readonly Uint8Array[]
  readonly note?: string
}

/** The body of `add-checkpoint` as an honest log sends it, but for what is changed. */
export async function offerOf(
  log: PeerLog,
  { old, size = log.size, path, note }: OfferChange,
): Promise<string> {
  const proof = old === 0 || old > size ? [] : proveConsistency(old, size, log.readTile)
  return formatOffer({ old, path: path ?? proof, note: note ?? (await log.checkpointAt(size)) })
}

/** What the log's key signs over a tree that nobody has. */
export function noteOver(
  { member }: PeerLog,
  size: number,
  root = sha256(Uint8Array.of(size)),
): Promise<string> {
  return signCheckpoint({ origin: member.origin, size, root }, member.origin, member.log)
}
