import { ProtocolError } from '../protocol/error.ts'
import type { Digest } from '../protocol/hash.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import type { BlobOwners } from './admin/blob-check.ts'
import type { BlobStore } from './store/blob-store.ts'
import type { MemberClient } from './sync/client.ts'

export interface AskForBlobOptions {
  readonly trust: Trust
  readonly client: MemberClient
  readonly blobs: BlobStore
  /** This node's member. */
  readonly self: string
  /** Sources by the operator's word; none: all members. */
  readonly given: readonly string[]
}

/** The file as a whole, whatever its size. */
const timeLimit = 20 * 60_000

/**
 * Takes a file from the first member that gives it: those whose records name it, then the others where everybody may have it.
 *
 * @returns from whom
 * @see spec/tier.md, TIER-106
 */
export async function askForBlob(
  digest: Digest,
  { everybody, origins }: BlobOwners,
  { trust, client, blobs, self, given }: AskForBlobOptions,
): Promise<string | undefined> {
  const owners = origins.flatMap((origin) => trust.logs.get(origin)?.member ?? [])
  const asked = everybody ? [...owners, ...trust.registry.members] : owners
  const bases = new Set(
    asked.filter(({ id }) => id !== self).map(({ endpoints }) => endpoints.base.replace(/\/+$/, '')),
  )
  for (const base of bases) {
    if (given.length > 0 && !given.some((source) => `${source}/`.startsWith(`${base}/`))) continue
    const limits = { maxBytes: blobs.maxBytes, timeout: timeLimit, proven: !everybody }
    const took = await client
      .stream(`${base}/blobs/${digest}`, limits, (chunks) =>
        blobs.take(chunks, { expected: digest, again: true }),
      )
      .catch(passOver)
    if (took) return base
  }
  return undefined
}

function passOver(error: unknown): undefined {
  if (error instanceof ProtocolError && !error.code.startsWith('STORAGE_')) return undefined
  throw error
}
