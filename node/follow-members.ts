import { ProtocolError } from '../protocol/error.ts'
import { parseHead } from '../protocol/log/checkpoint.ts'
import { findWitnesses } from '../protocol/trust/cosigner.ts'
import type { Member } from '../protocol/trust/registry.ts'
import type { Trust, TrustedLog } from '../protocol/trust/trust.ts'
import { openWithTrust } from '../protocol/verify-checkpoint.ts'
import type { Asking } from './access/authorize.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import type { Undo } from './storage.ts'
import type { BlobStore } from './store/blob-store.ts'
import type { Database } from './store/database.ts'
import { findLog } from './store/log-store.ts'
import { createBlobFetcher } from './sync/blob.ts'
import { createMemberClient, type MemberClient } from './sync/client.ts'
import { compareLogs } from './sync/compare.ts'
import { type Follower, followLog } from './sync/follow.ts'
import { createPreferredSource, openPeerDirectories } from './sync/peer-directories.ts'
import type { CheckingPool } from './sync/pool.ts'
import { createHttpSource } from './sync/source.ts'
import type { HeldTrust } from './trust/held-trust.ts'

export interface FollowingOptions {
  readonly deps: Deps
  readonly database: Database
  readonly blobs: BlobStore
  readonly trust: HeldTrust
  readonly pool: CheckingPool
  /** The origin of this node's own log. */
  readonly own: string
  /** Told after each good look at a log. */
  readonly onLooked: (origin: string) => Promise<void>
  readonly undo: Undo[]
  readonly asking: Asking
  /** Told when something was taken over from somebody. */
  readonly onProgress: () => void
  /** Told when the own log was frozen for what another showed. */
  readonly onFrozen: () => void
}

export interface Following {
  /** For all that is asked of members. */
  readonly client: MemberClient
  /** Looks at a log now, because its owner offered this note to be witnessed, if there is more to have than is held. */
  wakeFor(origin: string, note: string): Promise<void>
  /** Asks a member what it witnessed of the own log. */
  askWitness(member: Member): Promise<void>
}

/**
 * Every other log of the registry is followed, each by itself, and others are asked what they were shown. A newer registry begins and
 * ends followers; one whose log moved asks at the new address.
 */
export function followMembers(config: Config, options: FollowingOptions): Following {
  const { deps, database, trust, own, undo, asking } = options
  const client = createMemberClient(trust.current().registry.network, deps, asking.authorize)
  undo.push(() => client.close())
  const copies = openPeerDirectories({
    deps,
    directories: config.peerDirectories,
    origins: () => new Set(otherLogs(options).map(({ log }) => log.origin)),
    maxAge: config.pollInterval / 2,
  })
  const followers = new Map<string, Follower>()
  const ending = new Set<Promise<void>>()
  let stopped = false

  function start({ log: { origin, url } }: TrustedLog): Follower {
    const urlNow = () => trust.current().logs.get(origin)?.log.url ?? url
    const shared = { deps, database, origin, grants: () => asking.grantsIn(origin) }
    const files = createBlobFetcher({
      ...shared,
      blobs: options.blobs,
      client,
      base: () => trust.current().logs.get(origin)?.member.endpoints.base,
      interval: config.pollInterval,
      onHeld: () => options.onLooked(origin),
    })
    let renewed = true
    const follower = followLog({
      ...shared,
      trust: trust.current,
      pool: options.pool,
      onProgress: () => {
        renewed = true
        options.onProgress()
      },
      openSource: (signal) =>
        createPreferredSource(() => copies.find(origin), createHttpSource(client, urlNow, signal)),
      onLooked: async () => {
        files.wake(renewed)
        renewed = false
        await options.onLooked(origin)
      },
      interval: config.pollInterval,
    })
    const stop = async () => void (await Promise.all([follower.stop(), files.stop()]))
    return { ...follower, stop }
  }

  function adjust(): void {
    if (stopped) return
    const wanted = new Map(otherLogs(options).map((log) => [log.log.origin, log]))
    for (const [origin, follower] of followers) {
      if (wanted.has(origin)) continue
      followers.delete(origin)
      const end: Promise<void> = follower.stop().finally(() => ending.delete(end))
      ending.add(end)
    }
    for (const [origin, log] of wanted) if (!followers.has(origin)) followers.set(origin, start(log))
  }

  adjust()
  undo.push(trust.onChange(adjust))
  undo.push(async () => {
    stopped = true
    await Promise.all([...[...followers.values()].map((follower) => follower.stop()), ...ending])
  })
  const comparer = compareLogs({
    deps,
    database,
    trust: trust.current,
    client,
    own,
    interval: config.pollInterval,
    onFrozen: options.onFrozen,
  })
  undo.push(() => comparer.stop())
  return {
    client,
    wakeFor: async (origin, note) => {
      if (await hasMore({ database, trust: trust.current() }, origin, note)) followers.get(origin)?.wake()
    },
    askWitness: (member) => comparer.askWitness(member),
  }
}

/** A note over more than is held, or with the quorum where the held one has none; whoever repeats an old one wakes nobody. */
async function hasMore(
  { database, trust }: { readonly database: Database; readonly trust: Trust },
  origin: string,
  note: string,
): Promise<boolean> {
  const log = await database.run((queries) => findLog(queries, origin))
  if (!log) return true
  const { size } = parseHead(note)
  if (size > log.size) return true
  if (size <= log.witnessedSize) return false
  try {
    return findWitnesses(trust, openWithTrust(note, origin, trust)) !== undefined
  } catch (error) {
    // Whoever repeats a checkpoint may have put a line under it that does not hold.
    if (error instanceof ProtocolError) return false
    throw error
  }
}

function otherLogs({ trust, own }: FollowingOptions): readonly TrustedLog[] {
  const { logs } = trust.current()
  const self = logs.get(own)?.member.id
  return [...logs.values()].filter(({ member }) => member.id !== self)
}
