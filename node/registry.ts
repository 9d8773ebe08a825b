import { access } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { ProtocolError } from '../protocol/error.ts'
import { formatDid } from '../protocol/identifier/name.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { openSigner } from './log/signer.ts'
import type { Undo } from './storage.ts'
import { createMemberClient, type PeerClient } from './sync/client.ts'
import type { OpenedRegistry } from './trust/chain-files.ts'
import { type KeptRegistry, type NamedSource, openRegistry } from './trust/keep.ts'
import { isRegistryPath, openMirror } from './trust/mirror.ts'
import type { OnlineSigners } from './trust/sign-online.ts'

/** This node's own names, proven to be in the registry. */
export interface Self {
  readonly did: string
  readonly origin: string
}

/**
 * The registry of this node: out of its mirror, or at a first start from where the settings say.
 *
 * @throws {ProtocolError} as `openRegistry`
 */
export async function openNodeRegistry(config: Config, deps: Deps, undo: Undo[]): Promise<KeptRegistry> {
  const sources = createRegistrySources(config, deps)
  undo.push(() => sources.close())
  const signers = await openOnlineSigners(config, undo)
  const kept = await openRegistry({
    deps,
    mirror: openMirror(config.registryDirectory),
    pinned: config.registryRoot,
    sources: sources.list,
    interval: config.pollInterval,
    ...(signers ? { signers } : {}),
  })
  undo.push(() => {
    sources.stop()
    return kept.stop()
  })
  return kept
}

/** Who is asked for the registry. Made by `createRegistrySources`. */
export interface RegistrySources {
  /** By the registry that is known: its network says which addresses may be called. */
  list(known: OpenedRegistry | undefined): readonly NamedSource[]
  /** Gives up what is under way. */
  stop(): void
  close(): Promise<void>
}

/**
 * Those of the settings, then the bureaus of the registry. Before the first registry nothing says which network this is, and the
 * settings may name any address: what a source says is proven from the pinned root.
 *
 * @see spec/registry.md, REG-10; spec/sync.md, SYNC-12
 */
export function createRegistrySources(
  { base, registrySources }: Pick<Config, 'base' | 'registrySources'>,
  deps: Pick<Deps, 'now' | 'monotonic' | 'authorities'>,
): RegistrySources {
  const clients = new Map<Network, PeerClient>()
  const ending = new AbortController()
  const clientFor = (network: Network) => {
    const client = clients.get(network) ?? createMemberClient(network, deps)
    clients.set(network, client)
    return client
  }
  return {
    list(known) {
      const client = clientFor(known?.trust.registry.network ?? 'synthetic')
      return [...registrySources, ...memberSources(known, formatDid(base))].map((name) =>
        isAbsolute(name) ? { name, read: openMirror(name).read } : httpSource(client, name, ending.signal),
      )
    },
    stop: () => ending.abort(),
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()))
    },
  }
}

type Network = Parameters<typeof createMemberClient>[0]

/** The keys of a bureau that its node uses by itself; other nodes have none. */
async function openOnlineSigners(config: Config, undo: Undo[]): Promise<OnlineSigners | undefined> {
  const open = async (role: 'snapshot' | 'timestamp') => {
    const signer = await openSigner(config.keysDirectory, `registry-${role}`, config)
    undo.push(() => signer.close())
    return signer
  }
  const [snapshot, timestamp] = await Promise.all(
    (['snapshot', 'timestamp'] as const).map((role) =>
      access(join(config.keysDirectory, `registry-${role}.key`)).then(
        () => open(role),
        () => undefined,
      ),
    ),
  )
  return snapshot && timestamp ? { snapshot, timestamp } : undefined
}

/** Both bureaus are asked: what one of them holds back, the other shows. */
function memberSources(known: OpenedRegistry | undefined, self: string): readonly string[] {
  if (!known) return []
  const { members, anchor } = known.trust
  return anchor.root.bureaus.flatMap((bureau) => {
    const base = members.get(bureau)?.endpoints.base
    return base === undefined || bureau === self ? [] : [`${base}/registry`]
  })
}

function httpSource(client: PeerClient, url: string, signal: AbortSignal): NamedSource {
  return {
    name: url,
    read: async (path, maxBytes) => {
      if (!isRegistryPath(path)) return undefined
      const { status, bytes } = await client.get(`${url}/${path}`, { maxBytes, timeout: 20_000, signal })
      return status === 200 ? bytes : undefined
    },
  }
}

/**
 * Finds this node and its newest log in the registry.
 *
 * @throws {ProtocolError} `CONFIG_INVALID` — not a member
 */
export function findSelf({ base }: Config, trust: Trust): Self {
  const did = formatDid(base)
  const member = trust.members.get(did)
  if (!member)
    throw fault(
      `the registry has no member ${did}`,
      'have both bureaus add member.json of this node, or correct it',
    )
  // Each epoch but the newest is closed; where that is closed too, it can be read.
  const newest = member.origins.at(-1)
  if (!newest) throw fault('the registry names no log of this node', 'have both bureaus name one')
  return { did, origin: newest.origin }
}

function fault(problem: string, remedy: string): ProtocolError {
  return new ProtocolError('CONFIG_INVALID', `CSX_BASE_URL: ${problem}`, {
    evidence: { faults: [{ variable: 'CSX_BASE_URL', problem, remedy }] },
  })
}
