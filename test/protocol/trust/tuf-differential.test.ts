import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  namedKeys,
  registryBytes,
  signAll,
  syntheticBureau,
  syntheticRepository,
} from '../../../fixtures/synthetic/ceremony.ts'
import { syntheticMember, syntheticRegistry } from '../../../fixtures/synthetic/member.ts'
import { openFiles } from '../../../node/trust/chain-files.ts'
import { refreshRegistry } from '../../../node/trust/refresh.ts'
import { canonicalBytes } from '../../../protocol/canonical.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf, sha256Hex } from '../../../protocol/hash.ts'
import {
  composeRoot,
  composeSnapshot,
  composeTargets,
  composeTimestamp,
  signTuf,
} from '../../../protocol/trust/tuf-make.ts'

/**
 * Whole repositories, changed anywhere and signed again by whoever is at hand, in the hands of `tuf-js` and of our verifier. Ours may
 * refuse what TUF takes, since the profile is narrower; what it takes, TUF takes, and it is the same registry.
 */
const members = [7401, 7402].map((port) => syntheticMember(`合成${port}`, `http://localhost:${port}`))
const [one, two] = members.map(({ did }) => syntheticBureau(did))
const next = syntheticBureau(two!.did, 2)
const expires = Date.now() + 30 * 86_400_000
const registry = (version: number) => ({ ...syntheticRegistry(members), version })

const { files: first, fingerprint: pinned } = await syntheticRepository({
  bureaus: [one!, two!],
  registries: [registry(1)],
  expires,
})
const root = canonicalBytes(
  await signAll(composeRoot([...namedKeys(one!), ...namedKeys(next)], { version: 2, expires }), [
    ...one!.root,
    ...two!.root,
    ...next.root,
  ]),
)
const bytes = registryBytes(registry(2))
const whole = new Map([
  ...first,
  ['2.root.json', root],
  [`targets/${sha256Hex(bytes)}.registry.json`, bytes],
  [
    '2.targets.json',
    canonicalBytes(
      await signAll(composeTargets(bytes, { version: 2, expires }), [one!.targets, next.targets]),
    ),
  ],
  [
    '2.snapshot.json',
    canonicalBytes(await signTuf(composeSnapshot(2, { version: 2, expires }), next.snapshot)),
  ],
  [
    'timestamp.json',
    canonicalBytes(await signTuf(composeTimestamp(2, { version: 2, expires }), next.timestamp)),
  ],
])
const signers = [one!, two!, next].flatMap(({ root, targets, snapshot, timestamp }) => [
  ...root,
  targets,
  snapshot,
  timestamp,
])

type Files = ReadonlyMap<string, Uint8Array>

async function byTuf(files: Files): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'csx-differential-'))
  try {
    const read = async (path: string) => files.get(path)
    const taken = await refreshRegistry(read, { root: first.get('1.root.json')! })
    const [, target] = [...taken].find(([path]) => path.startsWith('targets/')) ?? []
    return target ? digestOf(target) : 'nothing'
  } catch (error) {
    return error instanceof Error ? 'refused' : 'thrown'
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function byOurs(files: Files): Promise<string> {
  try {
    const opened = await openFiles(async (path) => files.get(path), pinned)
    return opened ? digestOf(opened.registry) : 'nothing'
  } catch (error) {
    if (error instanceof ProtocolError) return 'refused'
    throw error
  }
}

function change(value: any, path: readonly number[], put: unknown): void {
  let node = value
  for (const [i, n] of path.entries()) {
    const keys = Object.keys(node)
    const key = keys[n % keys.length]
    if (key === undefined) return
    const child = node[key]
    if (i < path.length - 1 && typeof child === 'object' && child !== null) node = child
    else {
      if (put === 'remove') delete node[key]
      else if (put === 'double' && Array.isArray(node)) node.push(child)
      else if (put === 'count' && typeof child === 'number') node[key] = child + 1
      else if (put === 'earlier' && typeof child === 'string') node[key] = child.replace(/^20../, '2020')
      else if (put === 'swap') node[key] = node[keys[(n + 1) % keys.length]!]
      else node[key] = put
      return
    }
  }
}

const mutation = fc.record({
  file: fc.constantFrom(...[...whole.keys()].filter((path) => path !== '1.root.json')),
  path: fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }),
  put: fc.constantFrom<unknown>('remove', 'double', 'count', 'earlier', 'swap', 1, 2, 'x', null, [], {}),
  /** Whoever signs what was changed again; nobody, or everybody, or some. */
  sign: fc.subarray(signers),
  all: fc.boolean(),
})

test('[REG-712] what our verifier takes, an unmodified TUF takes too, and it is the same registry', async () => {
  expect([await byTuf(whole), await byOurs(whole)]).toEqual([digestOf(bytes), digestOf(bytes)])
  const seen = { taken: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
      const files = new Map(whole)
      for (const { file, path, put, sign, all } of mutations) {
        const value = JSON.parse(Buffer.from(files.get(file)!).toString())
        if (file.startsWith('targets/')) change(value, path, put)
        else change(value.signed ?? {}, path, put)
        const again = all ? signers : sign
        const signed =
          value.signed && again.length > 0 ? await signAll({ ...value, signatures: [] }, again) : value
        files.set(file, canonicalBytes(signed))
      }
      // The targets name the registry as it is now, half of the time.
      const ours = await byOurs(files)
      seen[ours === 'refused' || ours === 'nothing' ? 'refused' : 'taken'] += 1
      if (ours === 'refused' || ours === 'nothing') return
      const tuf = await byTuf(files)
      // Expiry is for live refresh alone.
      const expired = [...files.values()].some((file) => Buffer.from(file).includes('"expires":"2020'))
      if (!(expired && tuf === 'refused')) expect(tuf).toBe(ours)
    }),
    { numRuns: 600 },
  )
  expect(seen.taken).toBeGreaterThan(20)
  expect(seen.refused).toBeGreaterThan(20)
}, 60_000)
