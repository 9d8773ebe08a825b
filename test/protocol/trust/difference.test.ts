import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { namedKeys, syntheticBureau } from '../../../fixtures/synthetic/ceremony.ts'
import { syntheticMember, syntheticPolicy, syntheticRegistry } from '../../../fixtures/synthetic/member.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalBytes, canonicalize } from '../../../protocol/canonical.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { describeRegistryChanges } from '../../../protocol/trust/difference.ts'
import { parseRegistry, type Registry } from '../../../protocol/trust/registry.ts'
import { readRoot } from '../../../protocol/trust/root.ts'
import { describeRootChanges } from '../../../protocol/trust/root-difference.ts'
import { parseTuf } from '../../../protocol/trust/tuf.ts'
import { composeRoot, type NamedKey } from '../../../protocol/trust/tuf-make.ts'

const members = ['甲', '乙', '丙'].map((name, i) =>
  syntheticMember(`合成${name}局`, `http://localhost:${7401 + i}`),
)
const [a, b, c] = members.map(({ entry }) => entry)
const registry = {
  ...syntheticRegistry(members),
  policy: syntheticPolicy(members.slice(0, 2)),
  members: [
    {
      ...a!,
      profile: [{ from: '2020-01-01', to: '2024-01-01', nameZh: '旧名' }, ...a!.profile],
      group: '组',
      projects: ['a-b'],
      keys: a!.keys.map((key) => ({ ...key, valid: [{ ...key.valid[0]!, to: 100 }] })),
    },
    {
      ...b!,
      status: [...b!.status, { status: 'suspended' as const, origin: members[1]!.origin, size: 5 }],
      origins: [
        { ...b!.origins[0]!, closed: { size: 9, root: Buffer.alloc(32).toString('base64'), reason: '泄露' } },
      ],
    },
    { ...c!, succeededBy: [{ id: a!.id, on: '2026-01-01' }] },
  ],
  projects: [{ id: 'a-b', nameZh: '结对', parties: [a!.id, b!.id] as [string, string], from: '2026-01-01' }],
  authority: [{ scheme: 'Q', prefix: 'Q/A', origin: members[0]!.origin, from: 0 }],
}
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))
const read = (value: unknown): Registry | undefined => {
  try {
    return parseRegistry(encodeUtf8(JSON.stringify(value))).registry
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
const before = read(registry)!
const told = (was: Registry | undefined, now: unknown) =>
  describeRegistryChanges(was, read(now)!)
    .map(({ zh, en, history }) => `${history ? '! ' : ''}${zh} / ${en}`)
    .join('\n')

type Path = readonly (string | number)[]
const paths: Path[] = []
const lists: Path[] = []
const walk = (value: unknown, path: Path) => {
  if (Array.isArray(value)) lists.push(path)
  if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value))
      walk(member, [...path, Array.isArray(value) ? Number(key) : key])
  else if (path[0] !== 'version') paths.push(path)
}
walk(plain(registry), [])
const nodeAt = (root: any, path: Path) => path.reduce((node, key) => node[key], root)

describe('what is told before a registry is signed', () => {
  test('[REG-702] every member that changes is told with its new value, wherever it stands', () => {
    let differing = 0
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.nat(9999), (path, n) => {
        const copy = plain(registry)
        const holder = nodeAt(copy, path.slice(0, -1))
        const last = path.at(-1)!
        const was = holder[last]
        const value =
          typeof was === 'number'
            ? was + 1 + n
            : /^\d{4}-/.test(was)
              ? was.replace(/^\d{4}/, String(2030 + (n % 60)))
              : `did:web:changed-${n}.example`
        for (const change of [value, 'left', `https://changed-${n}.example/x`]) {
          holder[last] = change
          if (change === was || !read(copy)) continue
          differing += 1
          expect(told(before, copy)).toContain(String(change))
        }
      }),
      { numRuns: 600 },
    )
    expect(differing).toBeGreaterThan(300)
  })

  test('[REG-702] nothing is added, taken out, doubled or moved unseen', () => {
    let differing = 0
    fc.assert(
      fc.property(fc.constantFrom(...lists), fc.nat(3), fc.nat(5), (path, how, n) => {
        const copy = plain(registry)
        const list: any[] = nodeAt(copy, path)
        if (list.length === 0) return
        const i = n % list.length
        if (how === 0) list.splice(i, 1)
        else if (how === 1) list.push(plain(list[i]))
        else if (how === 2) list.unshift(plain(list[i]))
        else list.reverse()
        if (!read(copy) || canonicalize(copy) === canonicalize(plain(registry))) return
        differing += 1
        expect(told(before, copy)).not.toBe('')
      }),
      { numRuns: 600 },
    )
    expect(differing).toBeGreaterThan(100)
  })

  test('[REG-702] a key that has ended is not made valid again by a second range in front of the ended one', () => {
    const copy = plain(registry)
    const [range] = copy.members[0].keys[0].valid
    copy.members[0].keys[0].valid.unshift({ origin: range.origin, from: range.from })
    expect(told(before, copy)).toMatch(/! .*no longer ends/)
  })

  test('[REG-702] of a new member all is told: each key, log, address and state', () => {
    for (const was of [undefined, read({ ...registry, members: registry.members.slice(1) })]) {
      const text = told(was, registry)
      const { keys, cosigners, origins, endpoints, group } = registry.members[0]!
      for (const { multikey } of keys) expect(text).toContain(multikey)
      for (const { key } of cosigners) expect(text).toContain(key)
      for (const { url, vkey } of origins) {
        expect(text).toContain(url)
        expect(text).toContain(vkey[0]!.key)
      }
      expect(text).toContain(endpoints.base)
      expect(text).toContain(group)
      expect(text).toMatch(/to 100/)
    }
    expect(told(undefined, registry)).toMatch(/suspended from entry 5/)
    expect(told(undefined, registry)).toMatch(/Q\/A/)
  })
})

describe('what is told before a root is signed', () => {
  const [one, two] = members.slice(0, 2).map(({ did }) => syntheticBureau(did))
  const keys = [...namedKeys(one!), ...namedKeys(two!)]
  const root = (list: readonly NamedKey[]) =>
    readRoot(parseTuf('root', canonicalBytes(composeRoot(list, { version: 1, expires: 0 }))))
  const changes = (list: readonly NamedKey[]) =>
    describeRootChanges(root(keys), root(list))
      .map(({ en }) => en)
      .join('\n')

  test('[REG-702] a key that takes another role, or another holder, is told as one that goes and one that comes', () => {
    const swap = (key: NamedKey, role: NamedKey['role'], by: NamedKey['role']) =>
      key.controller === one!.did && key.role === role ? { ...key, role: by } : key
    const swapped = keys.map((key) => {
      const other = swap(key, 'targets', 'timestamp')
      return other === key ? swap(key, 'timestamp', 'targets') : other
    })
    expect(changes(swapped)).toMatch(
      /new targets key .*\nnew timestamp key|new timestamp key .*\nnew targets key/,
    )
    const held = keys.map((key) => ({
      ...key,
      controller: key.controller === one!.did ? two!.did : one!.did,
    }))
    expect(changes(held).split('\n')).toHaveLength(1 + 2 * keys.length)
    expect(changes(keys).split('\n')).toHaveLength(1)
  })
})
