import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { namedKeys, registryBytes, signAll, syntheticBureau } from '../../../fixtures/synthetic/ceremony.ts'
import { syntheticMember, syntheticRegistry } from '../../../fixtures/synthetic/member.ts'
import { encodeHex, encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalBytes, canonicalize } from '../../../protocol/canonical.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { type Digest, digestOf } from '../../../protocol/hash.ts'
import type { Registry } from '../../../protocol/trust/registry.ts'
import { openRegistryChain, parseRegistryChain } from '../../../protocol/trust/registry-chain.ts'
import { parseRoot } from '../../../protocol/trust/root.ts'
import { parseTuf } from '../../../protocol/trust/tuf.ts'
import { composeRoot, composeTargets, type NamedKey, signTuf } from '../../../protocol/trust/tuf-make.ts'

const members = [
  syntheticMember('合成甲局', 'http://localhost:7401'),
  syntheticMember('合成乙局', 'http://localhost:7402'),
]
const one = syntheticBureau(members[0]!.did)
const two = syntheticBureau(members[1]!.did)
const expires = Date.parse('2029-01-01T00:00:00Z')
const registry: Registry = syntheticRegistry(members)

const rootKeys = () => [...namedKeys(one), ...namedKeys(two)]
const makeRoot = (version = 1, keys: readonly NamedKey[] = rootKeys()) =>
  composeRoot(keys, { version, expires })

let root: any
let targets: any
let pinned: Digest

beforeAll(async () => {
  root = await signAll(makeRoot(), [...one.root, two.root[0]])
  targets = await signAll(composeTargets(registryBytes(registry), { version: 1, expires }), [
    one.targets,
    two.targets,
  ])
  pinned = digestOf(canonicalBytes(root))
})

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error)
  }
  return 'passed'
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value))
const open = (parts: { roots?: any[]; targets?: any; registry?: any; pinned?: Digest } = {}) =>
  openRegistryChain(
    {
      roots: parts.roots ?? [root],
      targets: parts.targets ?? targets,
      registry: parts.registry ?? plain(registry),
    },
    parts.pinned ?? pinned,
  )

async function targetsOf(changed: unknown, version = 1, signers = [one.targets, two.targets]) {
  return signAll(composeTargets(canonicalBytes(plain(changed)), { version, expires }), signers)
}

describe('a registry that two bureaus signed', () => {
  test('[REG-6] opens from the pinned root, and says what vouches for it', () => {
    const trust = open()
    expect(trust.anchor).toMatchObject({ pinned, root: { version: 1, bureaus: [one.did, two.did] } })
    expect([trust.registry.version, trust.members.size]).toEqual([1, 2])
  })

  test('[REG-4] neither bureau alone makes one, however many of its keys sign', async () => {
    for (const signers of [
      [one.targets],
      [two.targets],
      [one.targets, ...one.root, one.snapshot, one.timestamp],
    ]) {
      const alone = await targetsOf(registry, 1, signers)
      expect(codeOf(() => open({ targets: alone }))).toBe('THRESHOLD_NOT_MET')
    }
  })

  test('[REG-4] a signature of other words, or by a key of another role, counts for nothing', async () => {
    const other = await targetsOf({ ...registry, version: 2 }, 2)
    const mixed = { ...targets, signatures: other.signatures }
    expect(codeOf(() => open({ targets: mixed }))).toBe('THRESHOLD_NOT_MET')
    const twice = { ...targets, signatures: [targets.signatures[0], targets.signatures[0]] }
    expect(codeOf(() => open({ targets: twice }))).toBe('REGISTRY_MALFORMED')
  })

  test('[REG-6] another registry, length or version than the signed one is refused', async () => {
    expect(codeOf(() => open({ registry: plain({ ...registry, policy: 'any' }) }))).toBe('DIGEST_MISMATCH')
    const longer = plain(targets)
    longer.signed.targets['registry.json'].length += 1
    expect(codeOf(() => open({ targets: longer }))).toBe('THRESHOLD_NOT_MET')
    const second = await targetsOf(registry, 2)
    expect(codeOf(() => open({ targets: second }))).toBe('REGISTRY_MALFORMED')
  })

  test('[REG-7] who asks for witnesses has both bureaus as members; production asks for them', async () => {
    const asking = { ...registry, policy: 'quorum none\n' }
    const lone = { ...asking, members: asking.members.slice(0, 1) }
    const all = await targetsOf(asking)
    const few = await targetsOf(lone)
    expect(codeOf(() => open({ registry: plain(lone), targets: few }))).toBe('REGISTRY_MALFORMED')
    expect(['passed', 'REGISTRY_MALFORMED']).toContain(
      codeOf(() => open({ registry: plain(asking), targets: all })),
    )
    const real = {
      ...registry,
      network: 'production',
      members: [],
    }
    const signed = await targetsOf(real)
    expect(codeOf(() => open({ registry: plain(real), targets: signed }))).toBe('REGISTRY_MALFORMED')
  })

  test('[REG-3] no key of the root stands in the registry, in whatever use', async () => {
    const [first, ...others] = registry.members
    const multikey = one.targets.publicKey.multibase
    const changed = {
      ...registry,
      members: [{ ...first!, keys: [...first!.keys, { ...first!.keys[0]!, multikey }] }, ...others],
    }
    const signed = await targetsOf(changed)
    expect(codeOf(() => open({ registry: plain(changed), targets: signed }))).toBe('REGISTRY_MALFORMED')
  })

  test('[REG-8] as a file it is read strictly', () => {
    const file = {
      format: 'csx-registry-chain',
      v: 1,
      roots: [root],
      targets,
      registry: plain(registry),
      logged: [],
    }
    const bytes = (value: unknown) => encodeUtf8(JSON.stringify(value))
    expect(openRegistryChain(parseRegistryChain(bytes(file)), pinned).anchor.pinned).toBe(pinned)
    for (const wrong of [
      { ...file, extra: 1 },
      { ...file, roots: [] },
      { ...file, v: 2 },
      { ...file, targets: 1 },
      [],
    ])
      expect(codeOf(() => parseRegistryChain(bytes(wrong)))).toBe('REGISTRY_MALFORMED')
  })

  test('[REG-1] nothing in it can be changed unseen', () => {
    const whole = { root, targets, registry: plain(registry) }
    const paths: (string | number)[][] = []
    const walk = (value: unknown, path: (string | number)[]) => {
      if (typeof value === 'object' && value !== null)
        for (const [key, member] of Object.entries(value))
          walk(member, [...path, Array.isArray(value) ? Number(key) : key])
      else paths.push(path)
    }
    walk(whole, [])
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.constantFrom('x', 7, null, 'did:web:other.example'),
        (path, value) => {
          const copy = plain(whole)
          const at = path.slice(0, -1).reduce((node: any, key) => node[key], copy)
          const last = path.at(-1)!
          fc.pre(canonicalize(at[last]) !== canonicalize(value as never))
          // One signature of the root is more than it needs; without it the file has another fingerprint all the same.
          at[last] = value
          expect(
            codeOf(() => open({ roots: [copy.root], targets: copy.targets, registry: copy.registry })),
          ).not.toBe('passed')
        },
      ),
      { numRuns: 600 },
    )
  })
})

describe('the chain of roots', () => {
  const next = syntheticBureau(two.did, 2)
  const nextKeys = () => [...namedKeys(one), ...namedKeys(next)]

  test('[REG-5] a rotation is signed by the outgoing keys and by its own', async () => {
    const second = makeRoot(2, nextKeys())
    const withOutgoing = await signAll(second, [...one.root, two.root[0], next.root[0]])
    const replaced = await targetsOf(registry, 1, [one.targets, next.targets])
    expect(open({ roots: [root, withOutgoing], targets: replaced }).anchor.root.version).toBe(2)
    const without = await signAll(second, [...one.root, ...next.root])
    expect(codeOf(() => open({ roots: [root, without], targets: replaced }))).toBe('THRESHOLD_NOT_MET')
    const unsigned = await signAll(second, [...one.root, two.root[0], two.root[1]])
    expect(codeOf(() => open({ roots: [root, unsigned], targets: replaced }))).toBe('THRESHOLD_NOT_MET')
    // What the outgoing key of targets signed does not count under the new root.
    expect(codeOf(() => open({ roots: [root, withOutgoing] }))).toBe('THRESHOLD_NOT_MET')
  })

  test('[REG-5] no root is left out, doubled or put before the pinned one', async () => {
    const third = await signAll(makeRoot(3), [...one.root, ...two.root])
    const second = await signAll(makeRoot(2), [...one.root, ...two.root])
    expect(codeOf(() => open({ roots: [root, third] }))).toBe('REGISTRY_MALFORMED')
    expect(codeOf(() => open({ roots: [root, second, second] }))).toBe('REGISTRY_MALFORMED')
    expect(codeOf(() => open({ roots: [second, third] }))).toBe('NOT_TRUSTED')
    expect(open({ roots: [root, second, third] }).anchor.root.version).toBe(3)
    const later = digestOf(canonicalBytes(second))
    expect(open({ roots: [root, second, third], pinned: later }).anchor.pinned).toBe(later)
  })

  const count = (keys: readonly NamedKey[], change: (list: NamedKey[]) => NamedKey[]) => change([...keys])
  const spare = (name: string) => encodeHex(syntheticBureau(`did:web:${name}.example`).root[0].publicKey.raw)

  test.each<[string, (keys: NamedKey[]) => NamedKey[]]>([
    ['a third bureau', ([first, ...rest]) => [{ ...first!, controller: 'did:web:third.example' }, ...rest]],
    ['one bureau with three keys', (keys) => keys.map((key) => ({ ...key, controller: one.did }))],
    [
      'a key of the other bureau taken over',
      (keys) => keys.map((key, i) => (i === 5 ? { ...key, controller: one.did } : key)),
    ],
    ['a fifth key', (keys) => [...keys, { public: spare('fifth'), role: 'root', controller: one.did }]],
    [
      'no timestamp of one bureau',
      (keys) => keys.filter(({ role, controller }) => role !== 'timestamp' || controller === one.did),
    ],
    [
      'one key in two roles',
      (keys) =>
        keys.map((key) =>
          key.role === 'targets' && key.controller === one.did ? { ...key, public: keys[0]!.public } : key,
        ),
    ],
  ])('[REG-2] %s is no root', async (_, change) => {
    const wrong = await signAll(makeRoot(1, count(rootKeys(), change)), [...one.root, ...two.root])
    expect(codeOf(() => parseRoot(canonicalBytes(wrong)))).toBe('REGISTRY_MALFORMED')
  })

  test.each<[string, (signed: any) => void]>([
    [
      'another threshold',
      (signed) => {
        signed.roles.targets.threshold = 1
      },
    ],
    [
      'another threshold of root',
      (signed) => {
        signed.roles.root.threshold = 2
      },
    ],
    [
      'no consistent snapshots',
      (signed) => {
        signed.consistent_snapshot = false
      },
    ],
    [
      'a key under another id',
      (signed) => {
        const [id] = signed.roles.root.keyids
        signed.keys[id].keyval.public = spare('other')
      },
    ],
    [
      'a key of small order',
      (signed) => {
        const [id] = signed.roles.root.keyids
        signed.keys[id].keyval.public = '00'.repeat(32)
      },
    ],
    [
      'a key without a role',
      (signed) => {
        signed.keys['ab'.repeat(32)] = {
          keytype: 'ed25519',
          scheme: 'ed25519',
          keyval: { public: spare('strange') },
        }
      },
    ],
    [
      'another key type',
      (signed) => {
        const [id] = signed.roles.root.keyids
        signed.keys[id].keytype = 'rsa'
      },
    ],
    [
      'text that is not ASCII',
      (signed) => {
        const [id] = signed.roles.root.keyids
        signed['x-csx-controller'][id] = 'did:web:例.example'
      },
    ],
    [
      'a member nobody knows',
      (signed) => {
        signed.extra = true
      },
    ],
    ...['2029-13-01T00:00:00Z', '2029-02-30T00:00:00Z', '2029-01-31T24:00:00Z', '2029-01-01T00:00:60Z'].map(
      (text): [string, (signed: any) => void] => [
        `${text}, a moment that there is not,`,
        (signed) => {
          signed.expires = text
        },
      ],
    ),
  ])('[REG-1] %s is refused', async (_, change) => {
    const wrong = plain(makeRoot())
    change(wrong.signed)
    const signed = await signAll(wrong, [...one.root, ...two.root])
    expect(codeOf(() => parseRoot(canonicalBytes(signed)))).toBe('REGISTRY_MALFORMED')
  })

  test('[REG-4] a second signature of one key takes the place of the first', async () => {
    const signed = await signTuf(await signTuf(makeRoot(), one.root[0]), one.root[0])
    expect(parseTuf('root', canonicalBytes(signed)).signatures).toHaveLength(1)
  })

  test('[REG-1] whatever the bytes, it ends with a code', () => {
    fc.assert(
      fc.property(fc.constantFrom('root', 'targets', 'snapshot', 'timestamp'), fc.json(), (role, text) => {
        expect(codeOf(() => parseTuf(role, encodeUtf8(text)))).toMatch(/^[A-Z_]+$/)
      }),
    )
  })
})
