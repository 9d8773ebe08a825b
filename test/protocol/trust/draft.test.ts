import { describe, expect, test } from 'vitest'
import { syntheticMember, syntheticRegistry } from '../../../fixtures/synthetic/member.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { checkDraft } from '../../../protocol/trust/draft.ts'
import { parseRegistry, type Registry } from '../../../protocol/trust/registry.ts'
import { isLoopbackHost, openTrust } from '../../../protocol/trust/trust.ts'

const members = ['甲', '乙'].map((name, i) =>
  syntheticMember(`合成${name}局`, `http://localhost:${7431 + i}`),
)
const [one, two] = members.map(({ did }) => did)
const [log, other] = members.map(({ origin }) => origin)
const root = Buffer.alloc(32, 7).toString('base64')

function drafted(change: (registry: any) => void): Registry {
  const copy = JSON.parse(JSON.stringify(syntheticRegistry(members)))
  change(copy)
  return parseRegistry(encodeUtf8(JSON.stringify(copy))).registry
}

const pair = (more: object) => ({ id: 'one-two', nameZh: '合成结对', parties: [one, two], ...more })

describe('a draft', () => {
  const sound = drafted((registry) => {
    registry.projects = [pair({ from: '2026-01-01', to: '2026-12-31' })]
    registry.authority = [{ scheme: 'Q', prefix: 'Q/A', origin: log, from: 0 }]
    registry.members[0].origins[0].closed = { size: 9, root, reason: '合成' }
  })

  test.each<[string, string, (registry: any) => void]>([
    [
      'a status in the log of another',
      '/members/0/status/1/origin',
      (r) => r.members[0].status.push({ status: 'suspended', origin: other, size: 5 }),
    ],
    [
      'a key in the log of another',
      '/members/0/keys/0/valid',
      (r) => r.members[0].keys[0].valid.push({ origin: other, from: 0 }),
    ],
    [
      'a key that ends before it begins',
      '/members/0/keys/0/valid',
      (r) => Object.assign(r.members[0].keys[0].valid[0], { from: 9, to: 5 }),
    ],
    [
      'a log key that ends before it begins',
      '/members/0/origins/0/vkey',
      (r) => Object.assign(r.members[0].origins[0].vkey[0], { from: 9, to: 5 }),
    ],
    [
      'a cosigner that ends before it begins',
      '/members/0/cosigners/0',
      (r) => Object.assign(r.members[0].cosigners[0], { to: '2019-01-01T00:00:00Z' }),
    ],
    [
      'a record key for the purpose of a log',
      '/members/0/keys/0/purpose',
      (r) => Object.assign(r.members[0].keys[0], { purpose: 'log' }),
    ],
    [
      'a closed log without a tree',
      '/members/0/origins/0/closed/root',
      (r) =>
        Object.assign(r.members[0].origins[0], { closed: { size: 1, root: 'A'.repeat(44), reason: 'x' } }),
    ],
    ['a pair of one', '/projects/0/parties', (r) => r.projects.push(pair({ parties: [one, one] }))],
    [
      'a pair with a stranger',
      '/projects/0/parties',
      (r) => r.projects.push(pair({ parties: [one, 'did:web:nobody.example'] })),
    ],
    [
      'a pair that ends before it begins',
      '/projects/0',
      (r) => r.projects.push(pair({ from: '2026-02-01', to: '2026-01-01' })),
    ],
    [
      'a pair by an id that no entry can carry',
      '/projects/0/id',
      (r) => r.projects.push(pair({ id: '结对' })),
    ],
    ['two pairs of one id', '/projects/1/id', (r) => r.projects.push(pair({}), pair({ nameZh: '又一' }))],
    [
      'a group that ends before it begins',
      '/groups/0',
      (r) => Object.assign(r, { groups: [{ id: 'g', nameZh: '组', from: '2026-02-01', to: '2026-01-01' }] }),
    ],
    [
      'authority of a log that is not there',
      '/authority/0',
      (r) => r.authority.push({ scheme: 'Q', prefix: 'Q/A', origin: 'nobody.example/log/1', from: 0 }),
    ],
    [
      'a group that no entry can carry',
      '/members/0/group',
      (r) => Object.assign(r.members[0], { group: '组' }),
    ],
    [
      'authority twice',
      '/authority/1',
      (r) => r.authority.push(...[1, 2].map(() => ({ scheme: 'Q', prefix: 'Q/A', origin: log, from: 0 }))),
    ],
  ])('[REG-26] %s is refused, by the change alone', (_, pointer, change) => {
    const draft = drafted(change)
    expect(() =>
      checkDraft(
        drafted(() => {}),
        draft,
      ),
    ).toThrow(expect.objectContaining({ code: 'REGISTRY_MALFORMED', place: { pointer } }))
    expect(() => checkDraft(undefined, draft)).toThrow()
    // A kept registry still opens, and a version after it may have another change.
    expect(openTrust(draft, `sha256:${'0'.repeat(64)}`).registry).toBe(draft)
    expect(checkDraft(draft, { ...draft, version: 2 })).toBeUndefined()
  })

  test('[REG-26] one without any of that is taken, also where it is the first', () => {
    expect(checkDraft(undefined, sound)).toBeUndefined()
  })

  test('[REG-26] a production network has no loopback address', () => {
    const at = (base: string, url: string) =>
      drafted((registry) => {
        registry.network = 'production'
        for (const member of registry.members) Object.assign(member.endpoints, { base: 'https://a.example' })
        for (const member of registry.members) member.origins[0].url = 'https://a.example/log/1'
        registry.members[0].endpoints.base = base
        registry.members[0].origins[0].url = url
      })
    const fine = 'https://localhosting.example'
    expect(checkDraft(undefined, at(fine, `${fine}/log/1`))).toBeUndefined()
    for (const bad of [
      'https://localhost:8443',
      'https://127.0.0.1',
      'https://[::1]:8',
      'https://a.localhost/x',
    ]) {
      expect(() => checkDraft(undefined, at(bad, `${fine}/log/1`))).toThrow(/loopback/)
      expect(() => checkDraft(undefined, at(fine, `${bad}/log/1`))).toThrow(/loopback/)
    }
  })

  test('[TRUST-5] loopback is told by the whole host', () => {
    for (const host of ['localhost', 'a.localhost', '127.0.0.1', '[::1]', '%5B::1%5D', '0.0.0.0'])
      expect([host, isLoopbackHost(host)]).toEqual([host, true])
    for (const host of ['localhosting.example', 'localhost.example', '127.example', 'a-localhost.example'])
      expect([host, isLoopbackHost(host)]).toEqual([host, false])
  })

  test('[TRUST-5] a member whose host only begins like the loopback name is one of a production network', () => {
    const { entry } = syntheticMember('合成局', 'https://localhosting.example')
    const { synthetic: _s, ...member } = entry
    const registry = { ...syntheticRegistry([]), network: 'production' as const, members: [member] }
    expect(openTrust(registry, `sha256:${'0'.repeat(64)}`).members.has(member.id)).toBe(true)
  })
})
