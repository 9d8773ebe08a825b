import { describe, expect, test } from 'vitest'
import {
  namedKeys,
  registryBytes,
  type SyntheticBureau,
  signAll,
  syntheticBureau,
} from '../../../fixtures/synthetic/ceremony.ts'
import { cosign } from '../../../fixtures/synthetic/cosign.ts'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import {
  syntheticMember,
  syntheticPolicy,
  syntheticRegistry,
  syntheticTrust,
} from '../../../fixtures/synthetic/member.ts'
import { decodeUtf8, encodeBase64 } from '../../../protocol/bytes.ts'
import { canonicalBytes } from '../../../protocol/canonical.ts'
import { digestOf } from '../../../protocol/hash.ts'
import type { JsonObject } from '../../../protocol/json-value.ts'
import { formatTlogProof } from '../../../protocol/log/tlog-proof.ts'
import { proveInclusion } from '../../../protocol/log/tree.ts'
import type { Registry } from '../../../protocol/trust/registry.ts'
import { openRegistryChain } from '../../../protocol/trust/registry-chain.ts'
import { composeRoot, composeTargets } from '../../../protocol/trust/tuf-make.ts'
import type { VerifyOptions } from '../../../protocol/verdict.ts'
import { verifyBundle } from '../../../protocol/verify-bundle.ts'
import { judge, member, now, openSample, redigest, sampleLog } from './sample.ts'

const bureaus = [1, 2].map((n) => syntheticMember(`合成主管局${n}`, `http://localhost:741${n}`))
const [one, two] = bureaus.map(({ did }) => syntheticBureau(did)) as [SyntheticBureau, SyntheticBureau]
const expires = now + 86_400_000
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

const registry = (version: number, change: Partial<Registry> = {}): Registry => ({
  ...syntheticRegistry([member, ...bureaus]),
  version,
  ...change,
})

/** A root signed by the keys of these, of whom the last two hold it. */
const rootOf = (version: number, ...by: SyntheticBureau[]) =>
  signAll(
    composeRoot(by.slice(-2).flatMap(namedKeys), { version, expires }),
    by.flatMap(({ root }) => root),
  )

async function chainOf(
  roots: readonly JsonObject[],
  value: Registry,
  { signers = [one, two], until = expires }: { signers?: SyntheticBureau[]; until?: number } = {},
) {
  const targets = composeTargets(registryBytes(value), { version: value.version, expires: until })
  return {
    roots,
    targets: await signAll(
      targets,
      signers.map(({ targets }) => targets),
    ),
    registry: plain(value),
    logged: [] as { entry: string; proof: string; record: JsonObject }[],
  }
}

type Chain = Awaited<ReturnType<typeof chainOf>>

/** The chain with its entries in the logs of both bureaus, each witnessed by the other at this time. */
async function logged(chain: Chain, at = now - 60_000): Promise<Chain> {
  const entries = bureaus.map(async (bureau, i) => {
    const log = new SyntheticLog(bureau)
    const { entry, document } = await log.publish({
      type: 'RegistryVersion',
      tier: 'public',
      synthetic: true,
      credentialSubject: {
        version: chain.registry.version,
        digest: digestOf(canonicalBytes(chain.registry)),
        root: { version: 1, digest: digestOf(canonicalBytes(chain.roots.at(-1)!)) },
        targets: digestOf(canonicalBytes(chain.targets)),
      },
    } as never)
    const checkpoint = await cosign(await log.checkpoint(), bureaus[1 - i]!, { at })
    const proof = formatTlogProof({ index: 0, path: proveInclusion(0, 1, log.readTile), checkpoint })
    return { entry: decodeUtf8(entry), proof, record: document, checkpoint }
  })
  const made = await Promise.all(entries)
  return { ...chain, logged: made.map(({ checkpoint: _c, ...entry }) => entry) }
}

const log = await sampleLog(2)
const root = await rootOf(1, one, two)
const pinned = digestOf(canonicalBytes(root))

/** The second record of the sample in a file with this chain, under a note that both bureaus cosigned. */
async function judged(chain: Chain, options: Partial<VerifyOptions>): Promise<string> {
  let note = await log.checkpoint()
  for (const bureau of bureaus) note = await cosign(note, bureau, { at: now - 1000 })
  const bundle = await openSample(log, 1)
  bundle.ranges[0].checkpoint = note
  bundle.proofs[0].proof = formatTlogProof({
    index: 1,
    path: proveInclusion(1, 2, log.readTile),
    checkpoint: note,
  })
  return judge(redigest({ ...bundle, registry: chain }), { trust: undefined, ...options })
}

describe('the registry that comes with a file', () => {
  const policy = syntheticPolicy(bureaus)

  test('[REG-9] it is gone by when both bureaus logged it, and not before', async () => {
    const chain = await chainOf([root], registry(1, { policy }))
    expect(await judged(await logged(chain), { pinned })).toBe('verified')
    expect(await judged(chain, { pinned })).toMatch(/^undecided INCLUSION_MISSING/)
  })

  test('[REG-703] roots made with keys that were taken out do not count for who knows the root that took them out, whatever their numbers', async () => {
    const next = syntheticBureau(two.did, 2)
    const thief = syntheticBureau(two.did, 3)
    const second = await rootOf(2, one, two, one, next)
    const known = openRegistryChain(
      await chainOf([root, second], registry(2), { signers: [one, next] }),
      pinned,
    )
    const options = { trust: known }
    const forked = [root, await rootOf(2, one, two, one, thief), await rootOf(3, one, thief)]
    const stolen = await chainOf(forked, registry(3), { signers: [one, thief] })
    expect(await judged(stolen, options)).toMatch(/^rejected THRESHOLD_NOT_MET/)
    const before = await chainOf([root], registry(3))
    expect(await judged(before, options)).toMatch(/^rejected THRESHOLD_NOT_MET/)
    const third = [root, second, await rootOf(3, one, next)]
    expect(await judged(await chainOf(third, registry(3), { signers: [one, next] }), options)).toBe(
      'verified',
    )
  })

  test('[REG-703] a root is the same one whichever of its keys signed the file that somebody has', async () => {
    const next = syntheticBureau(two.did, 2)
    const signed = async (...keys: SyntheticBureau['targets'][]) =>
      signAll(composeRoot([one, next].flatMap(namedKeys), { version: 2, expires }), [...one.root, ...keys])
    const [early, late] = [await signed(two.root[0]!, next.root[0]!), await signed(...two.root, ...next.root)]
    const by = { signers: [one, next] }
    const known = openRegistryChain(await chainOf([root, early], registry(2), by), pinned)
    for (const roots of [
      [root, late],
      [root, late, await rootOf(3, one, next)],
    ])
      expect(await judged(await chainOf(roots, registry(3), by), { trust: known })).toBe('verified')
    expect(await judged(await chainOf([root, late], registry(2), by), { trust: known })).toBe('verified')
  })

  test('[VERIFY-700] of a reader who has the same version or a newer one his own counts, and it needs no entries', async () => {
    const chain = await chainOf([root], registry(2, { policy }))
    const trust = openRegistryChain(chain, pinned)
    expect(await judged(chain, { trust })).toBe('verified')
    expect(await judged(await chainOf([root], registry(1, { policy })), { trust })).toBe('verified')
    const other = await chainOf(
      [root],
      registry(2, {
        policy,
        projects: [],
        authority: [{ scheme: 'Q', prefix: 'Q', origin: member.origin, from: 0 }],
      }),
    )
    expect(await judged(other, { trust })).toMatch(/^rejected REGISTRY_ROLLBACK/)
    const newer = await chainOf([root], registry(3, { policy }))
    expect(await judged(newer, { trust })).toMatch(/^undecided INCLUSION_MISSING/)
  })

  test('[VERIFY-14] one that is not gone by is said not to be', async () => {
    const line = async (change: object, options: Partial<VerifyOptions>) => {
      const bytes = redigest({ ...(await openSample(log, 1)), ...change })
      const { verdict, findings } = verifyBundle(bytes, { trust: undefined, now, ...options })
      return [verdict, findings.find(({ check }) => check === 'trust')?.detail.zh.includes('未采用')]
    }
    const chain = await chainOf([root], registry(2))
    const beside = { registry: { ...chain, registry: { of: 'nobody' } } }
    const laboratory = { trust: syntheticTrust([member]) }
    expect(await line({}, laboratory)).toEqual(['verified', false])
    expect(await line({ registry: chain }, laboratory)).toEqual(['verified', true])
    expect(await line(beside, laboratory)).toEqual(['verified', true])
    expect(await line({ registry: chain }, { pinned })).toEqual(['verified', false])
    const own = openRegistryChain(chain, pinned)
    expect(await line({ registry: chain }, { trust: own })).toEqual(['verified', true])
  })

  test('[REG-704] one that its witnesses are shown to have seen only after it expired is undecided: an earlier note may show it', async () => {
    const chain = await chainOf([root], registry(1, { policy }), { until: now - 120_000 })
    expect(await judged(await logged(chain, now - 180_000), { pinned })).toBe('verified')
    expect(await judged(await logged(chain), { pinned })).toMatch(/^undecided REGISTRY_STALE/)
  })

  test('[REG-705] an entry under a smaller tree of a closed log does not show that a bureau logged it', async () => {
    const [first, ...others] = registry(1).members
    const closed = others.map((entry, i) => ({
      ...entry,
      origins: entry.origins.map((item) => ({
        ...item,
        ...(i === 0 ? { closed: { size: 5, root: encodeBase64(new Uint8Array(32)), reason: '泄露' } } : {}),
      })),
    }))
    const chain = await chainOf([root], registry(1, { policy, members: [first!, ...closed] }))
    expect(await judged(await logged(chain), { pinned })).toMatch(/^undecided INCLUSION_MISSING/)
  })

  test('[REG-706] a production network asks for witnesses, however a policy spells that it asks for none', async () => {
    const real = ['one', 'two'].map((name) => syntheticMember(name, `https://${name}.example`))
    const keys = real.map(({ did }) => syntheticBureau(did)) as [SyntheticBureau, SyntheticBureau]
    const first = await rootOf(1, ...keys)
    const members = real.map(({ entry: { synthetic: _s, ...entry } }) => entry)
    const open = async (text: string) => {
      const chain = await chainOf([first], registry(1, { policy: text, network: 'production', members }), {
        signers: keys,
      })
      return openRegistryChain(chain, digestOf(canonicalBytes(first))).registry.network
    }
    expect(await open(syntheticPolicy(real))).toBe('production')
    for (const text of ['none', 'quorum none\n', '# nobody\nquorum none\n'])
      await expect(open(text)).rejects.toMatchObject({ code: 'REGISTRY_MALFORMED' })
  })
})
