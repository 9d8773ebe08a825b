import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type SyntheticRepository,
  syntheticBureau,
  syntheticRepository,
} from '../../fixtures/synthetic/ceremony.ts'
import {
  registryText,
  type SyntheticMember,
  syntheticMember,
  syntheticRegistry,
} from '../../fixtures/synthetic/member.ts'
import type { Registry } from '../../protocol/trust/registry.ts'
import { type NodeOptions, startTestNode, type TestNode, writeRepository } from './node.ts'
import type { Peer } from './peer.ts'

/** Two bureaus without nodes sign for a network that asks for no witnesses; else these two members, or the first two, are bureaus. */
export function labRepository(
  registries: readonly Registry[],
  members: readonly { readonly did: string }[] = [],
): Promise<SyntheticRepository> {
  const [one, two] = registries[0]?.policy === 'none' ? [] : members
  const bureaus = [
    syntheticBureau(one?.did ?? 'did:web:one.example'),
    syntheticBureau(two?.did ?? 'did:web:two.example'),
  ] as const
  return syntheticRepository({ bureaus, registries, expires: Date.now() + 365 * 86_400_000 })
}

/** Members that know each other, some of them real nodes, some hostile peers. */
export interface Network {
  readonly members: readonly SyntheticMember[]
  readonly directories: readonly string[]
  /** The registry's text. */
  readonly trust: string
  readonly registry: Registry
  /** Fingerprint of the root. */
  readonly root: string
  /** Both bureaus sign a later version, and the n-th node publishes it. */
  publishRegistry(later: Registry, n?: number): Promise<void>
  /** Starts the node of the n-th name, in the directory it had before. */
  start(n: number, options?: NodeOptions): Promise<TestNode>
  /** Both bureaus sign a newer registry; nodes that look at its directory learn of it. */
  renew(change: (registry: Registry) => Registry): Promise<void>
  /** Where newer versions of the registry are put. */
  readonly registrySource: string
  /** Stops what still runs, and removes the directories. */
  close(): Promise<void>
}

export interface NetworkOptions {
  readonly peers?: readonly Peer[]
  /** The base of the n-th node: `/jgj`, or nothing. */
  readonly baseOf?: (n: number) => string
  readonly scheme?: 'http' | 'https'
  /** Who signs the registry; the first two members by default. */
  readonly bureaus?: readonly SyntheticMember[]
  /** What the registry says beyond the members: groups, projects. */
  readonly change?: (registry: Registry, members: readonly SyntheticMember[]) => Registry
  /** What else the registry says. */
  readonly registry?: (members: readonly SyntheticMember[]) => Partial<Registry>
}

export async function createNetwork(
  names: readonly string[],
  {
    peers = [],
    baseOf = () => '',
    scheme = 'http',
    bureaus,
    registry = () => ({}),
    change = (said) => said,
  }: NetworkOptions = {},
): Promise<Network> {
  const members: SyntheticMember[] = []
  for (const [n, name] of names.entries())
    members.push(syntheticMember(name, `${scheme}://localhost:${await freePort()}${baseOf(n)}`))
  const all = [...members, ...peers.map(({ member }) => member)]
  const said = change({ ...syntheticRegistry(all), ...registry(all) }, members)
  const trust = registryText(said)
  const repository = await labRepository([said], bureaus ?? all)
  const directories = await Promise.all(names.map(() => mkdtemp(join(tmpdir(), 'csx-node-'))))
  // The embedded database may run as another user.
  await Promise.all(directories.map((directory) => chmod(directory, 0o755)))
  const started: TestNode[] = []
  const registries = [said]
  const registrySource = await mkdtemp(join(tmpdir(), 'csx-registry-'))
  await writeRepository(repository, registrySource)
  return {
    members,
    directories,
    trust,
    registry: said,
    root: repository.fingerprint,
    async publishRegistry(later, n = 0) {
      const published = await labRepository([said, later], bureaus ?? all)
      for (const [path, bytes] of published.files)
        await writeFile(join(directories[n]!, 'registry', path), bytes)
    },
    registrySource,
    async renew(changeAgain) {
      const newest = registries.at(-1) ?? said
      registries.push({ ...changeAgain(structuredClone(newest)), version: newest.version + 1 })
      await writeRepository(await labRepository(registries, bureaus ?? all), registrySource, 'w')
    },
    async start(n, options) {
      const node = await startTestNode(
        { member: members[n]!, directory: directories[n]!, trust, repository },
        options,
      )
      started.push(node)
      return node
    },
    async close() {
      await Promise.all(started.map((node) => node.stop()))
      await Promise.all(
        [...directories, registrySource].map((directory) => rm(directory, { recursive: true, force: true })),
      )
    },
  }
}

/** Below the range that the system gives to outgoing connections, so that none takes it before it is used; above those that `fetch` refuses (10080). */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_100 + Math.floor(Math.random() * 20_000)
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (free) return port
  }
}
