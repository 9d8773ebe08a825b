import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '../../protocol/error.ts'
import type { Digest } from '../../protocol/hash.ts'
import { continues } from '../../protocol/trust/registry-chain.ts'
import { sameRoot } from '../../protocol/trust/root.ts'
import { parseTuf } from '../../protocol/trust/tuf.ts'
import type { Deps } from '../deps.ts'
import { findPinnedRoot, type OpenedRegistry, openFiles, type ReadFile, readRoots } from './chain-files.ts'
import { holdTrust, type ReplaceableTrust } from './held-trust.ts'
import type { Mirror } from './mirror.ts'
import { type RegistrySource, refreshRegistry } from './refresh.ts'
import { type OnlineSigners, signOnline } from './sign-online.ts'

/** Somewhere to ask for the registry, with a name for the operator. */
export interface NamedSource {
  readonly name: string
  readonly read: RegistrySource
}

export interface KeepOptions {
  readonly deps: Pick<Deps, 'now' | 'random' | 'logger'>
  readonly mirror: Mirror
  /** Fingerprint of the root that the operator was given by another way. */
  readonly pinned: Digest
  /** In the order in which they are asked; those that the registry itself names come with it. */
  readonly sources: (known: OpenedRegistry | undefined) => readonly NamedSource[]
  /** Milliseconds between two looks. */
  readonly interval: number
  /** Of the node of a bureau. */
  readonly signers?: OnlineSigners
}

/** The registry as this node knows it. Made by `openRegistry`. */
export interface KeptRegistry {
  readonly trust: ReplaceableTrust
  known(): OpenedRegistry
  /** Looks at the mirror and asks the sources, once. Never fails for what they answer. */
  refresh(): Promise<void>
  /** Looks again every interval, until stopped. */
  start(): void
  stop(): Promise<void>
}

/**
 * Opens the registry of the mirror, or of the first source that has the pinned root, and keeps it up to date. What is known is never
 * given up for something older, whoever shows it; what has expired stays known, and the operator is told.
 *
 * @throws {ProtocolError} `NOT_TRUSTED` `REGISTRY_MALFORMED` `THRESHOLD_NOT_MET` `REGISTRY_STALE`, or what the last source threw — no
 *   source led to a registry
 * @see spec/registry.md, REG-10 to REG-13
 */
export async function openRegistry(options: KeepOptions): Promise<KeptRegistry> {
  const { deps, mirror, pinned } = options
  let known = (await openMirrored(options)) ?? (await openFirst(options))
  const trust = holdTrust(known.trust, known.registry)
  const told = new Map<string, string>()
  const ending = new AbortController()
  let running: Promise<void> | undefined
  let looping: Promise<void> | undefined

  function adopt(newer: OpenedRegistry): void {
    const changed = newer.trust.fingerprint !== known.trust.fingerprint
    known = newer
    if (!changed) return
    deps.logger.info({ version: newer.trust.registry.version }, 'a newer registry')
    trust.replace(newer.trust, newer.registry)
  }

  async function readMirror(): Promise<void> {
    const bytes = await mirror.read('timestamp.json')
    if (!bytes || Buffer.from(bytes).equals(known.timestamp)) return
    const newer = await openFiles(mirror.read, pinned)
    if (newer) adopt(requireNewer(newer, known))
  }

  async function look(): Promise<void> {
    // Whoever publishes writes into the mirror of his own node.
    await attempt('mirror', readMirror)
    for (const source of options.sources(known)) {
      if (ending.signal.aborted) return
      await attempt(source.name, async () => {
        const newer = await ask(options, source, known)
        if (newer) adopt(newer)
      })
    }
    // After the other bureau was asked: what it published a moment ago is what is to be signed.
    const { signers } = options
    if (signers)
      await attempt('online keys', async () => {
        if (await signOnline(known, { mirror, signers, now: deps.now() })) await readMirror()
      })
    if (known.freshUntil < deps.now())
      tell('age', new ProtocolError('REGISTRY_STALE', 'the registry has expired'))
    else told.delete('age')
  }

  async function attempt(name: string, run: () => Promise<void>): Promise<void> {
    try {
      await run()
      told.delete(name)
    } catch (error) {
      if (!ending.signal.aborted) tell(name, error)
    }
  }

  /** Once for each trouble, as long as it lasts. */
  function tell(name: string, error: unknown): void {
    const problem = error instanceof ProtocolError ? error : undefined
    const code = problem?.code ?? 'INTERNAL'
    if (told.get(name) !== code)
      deps.logger.warn(
        { ...problem?.evidence, source: name, code, ...(problem ? {} : { err: error }) },
        problem?.message ?? 'unforeseen failure of a refresh',
      )
    told.set(name, code)
  }

  function refresh(): Promise<void> {
    running ??= look().finally(() => {
      running = undefined
    })
    return running
  }

  async function loop(): Promise<void> {
    while (!ending.signal.aborted) {
      await refresh()
      const pause = options.interval * (0.5 + (deps.random(1)[0] ?? 0) / 512)
      await sleep(pause, undefined, { signal: ending.signal }).catch(() => {})
    }
  }

  return {
    trust,
    known: () => known,
    refresh,
    start: () => {
      looping ??= loop()
    },
    stop: async () => {
      ending.abort()
      await Promise.all([looping, running])
    },
  }
}

/** A new root may be there, and what it vouches for not yet: then it is fetched. */
async function openMirrored({ mirror, pinned }: KeepOptions): Promise<OpenedRegistry | undefined> {
  try {
    return await openFiles(mirror.read, pinned)
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'THRESHOLD_NOT_MET') return undefined
    throw error
  }
}

/** @see spec/registry.md, REG-12 and REG-710 */
async function openFirst(options: KeepOptions): Promise<OpenedRegistry> {
  const { deps, mirror, pinned } = options
  let last: unknown = new ProtocolError('NOT_TRUSTED', 'there is no registry, and no source to get it from')
  for (const source of options.sources(undefined)) {
    try {
      const held = (await readRoots(mirror.read, pinned)).at(-1)
      const root = held ?? (await findPinnedRoot(readerOf(source), pinned))
      const timestamp = await mirror.read('timestamp.json')
      const files = new Map(await refreshRegistry(source.read, { root, timestamp }))
      files.set(`${parseTuf('root', root).signed.version}.root.json`, root)
      return await keepFiles(mirror, files, { pinned })
    } catch (error) {
      const problem = error instanceof ProtocolError ? error : undefined
      deps.logger.warn(
        { ...problem?.evidence, source: source.name, ...(problem ? { code: problem.code } : { err: error }) },
        `no registry from this source${problem ? `: ${problem.message}` : ''}`,
      )
      last = error
    }
  }
  throw last
}

/** @returns `undefined` when the source has nothing newer */
async function ask(
  { mirror, pinned }: KeepOptions,
  { read }: NamedSource,
  known: OpenedRegistry,
): Promise<OpenedRegistry | undefined> {
  const root = known.roots.at(-1)
  if (!root) throw new TypeError('a registry has a root')
  const { timestamp, snapshot, targets } = known
  const files = await refreshRegistry(read, { root, timestamp, snapshot, targets })
  const shown = files.get('timestamp.json')
  const rotated = [...files.keys()].some((path) => path.endsWith('.root.json'))
  const isNewer = shown !== undefined && (rotated || stampOf(shown) > stampOf(timestamp))
  return isNewer ? keepFiles(mirror, files, { pinned, known }) : undefined
}

/**
 * Judges by our own verifier what `tuf-js` accepted, and writes it where it is served. The timestamp comes last: whoever reads it finds
 * all that it leads to.
 */
async function keepFiles(
  mirror: Mirror,
  files: ReadonlyMap<string, Uint8Array>,
  { pinned, known }: { readonly pinned: Digest; readonly known?: OpenedRegistry },
): Promise<OpenedRegistry> {
  const opened = await openFiles(async (path) => files.get(path) ?? mirror.read(path), pinned)
  if (!opened) throw new ProtocolError('REGISTRY_MALFORMED', 'the files of the registry are not whole')
  if (known) requireNewer(opened, known)
  const order = [...files.keys()].toSorted((a, b) => rankOf(a) - rankOf(b))
  for (const path of order) {
    const bytes = files.get(path)
    if (bytes) await mirror.write(path, bytes)
  }
  return opened
}

const ranks = [/\.root\.json$/, /^targets\//, /\.targets\.json$/, /\.snapshot\.json$/, /^timestamp\.json$/]

function rankOf(path: string): number {
  return ranks.findIndex((rank) => rank.test(path))
}

function requireNewer(newer: OpenedRegistry, known: OpenedRegistry): OpenedRegistry {
  const [before, after] = [known.trust.registry.version, newer.trust.registry.version]
  const other = before === after && newer.trust.fingerprint !== known.trust.fingerprint
  if (
    after < before ||
    other ||
    !continues(newer.trust.anchor, known.trust.anchor) ||
    isOlderStamp(newer, known)
  )
    throw new ProtocolError(
      'REGISTRY_ROLLBACK',
      'an older registry, another one of the same version, or one by another root',
      {
        evidence: { known: before, offered: after },
      },
    )
  return newer
}

/** Under a new root the count of the timestamps may begin again: so one that was counted up to the end is recovered from. */
function isOlderStamp(newer: OpenedRegistry, known: OpenedRegistry): boolean {
  return (
    sameRoot(newer.trust.anchor.root, known.trust.anchor.root) &&
    stampOf(newer.timestamp) < stampOf(known.timestamp)
  )
}

function stampOf(timestamp: Uint8Array): number {
  return parseTuf('timestamp', timestamp).signed.version
}

function readerOf({ read }: NamedSource): ReadFile {
  return (path) => read(path, 1 << 18)
}
