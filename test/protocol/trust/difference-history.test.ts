import { describe, expect, test } from 'vitest'
import { syntheticMember, syntheticRegistry } from '../../../fixtures/synthetic/member.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { describeRegistryChanges } from '../../../protocol/trust/difference.ts'
import { parseRegistry, type Registry } from '../../../protocol/trust/registry.ts'

const members = ['甲', '乙'].map((name, i) =>
  syntheticMember(`合成${name}局`, `http://localhost:${7441 + i}`),
)
const [one, two] = members.map(({ did }) => did)
const log = members[0]!.origin
const next = log.replace('/log/1', '/log/2')
const fresh = syntheticMember('合成新钥', 'http://localhost:7449')
const root = Buffer.alloc(32, 7).toString('base64')

function drafted(...changes: readonly ((registry: any) => void)[]): Registry {
  const copy = JSON.parse(JSON.stringify(syntheticRegistry(members)))
  for (const change of changes) change(copy)
  return parseRegistry(encodeUtf8(JSON.stringify(copy))).registry
}

/** Suspended at 100, and its first publish key ended there. */
const base = (registry: any) => {
  const [member] = registry.members
  member.status.push({ status: 'suspended', origin: log, size: 100 })
  member.keys[0].valid[0].to = 100
  member.keys.push({
    multikey: fresh.publish.publicKey.multibase,
    purpose: 'publish',
    valid: [{ origin: log, from: 100 }],
  })
  registry.projects = [1, 2].map((n) => ({ id: 'one-two', nameZh: `结对${n}`, parties: [one, two] }))
  registry.authority = ['A', 'B'].map((prefix) => ({ scheme: 'Q', prefix, origin: log, from: 0 }))
}
const lines = (change: (registry: any) => void, before: (registry: any) => void = base) =>
  describeRegistryChanges(drafted(before), drafted(before, change)).map(
    ({ zh, en, history }) => `${history ? '! ' : ''}${zh} / ${en}`,
  )
const key = (registry: any, i = 0) => registry.members[0].keys[i]
const open = (registry: any) => {
  registry.members[0].origins[0].closed = { size: 150, root, reason: '合成' }
  registry.members[0].origins.push({
    origin: next,
    url: 'http://localhost:7441/log/2',
    vkey: [{ key: registry.members[0].origins[0].vkey[0].key, from: 0 }],
  })
}

describe('what is marked as rewriting the past', () => {
  test.each<[string, (registry: any) => void]>([
    [
      'a member active again from where it was suspended',
      (r) => r.members[0].status.push({ status: 'active', origin: log, size: 100 }),
    ],
    [
      'a member that left at the beginning',
      (r) => r.members[0].status.push({ status: 'left', origin: log, size: 0 }),
    ],
    ['an ended key that counts once more', (r) => key(r).valid.push({ origin: log, from: 100 })],
    [
      'an ended key that counts once more, later',
      (r) => key(r).valid.push({ origin: log, from: 500, to: 600 }),
    ],
    ['a range that ends where it begins', (r) => Object.assign(key(r, 1).valid[0], { from: 0, to: 0 })],
    ['a range moved to its beginning', (r) => Object.assign(key(r, 1 + 1).valid[0], { to: 0 })],
    [
      'a key in the place of another from its beginning on',
      (r) =>
        r.members[0].keys.push({
          multikey: fresh.attest.publicKey.multibase,
          purpose: 'attest',
          valid: [{ origin: log, from: 0 }],
        }),
    ],
    ['an end that is moved', (r) => Object.assign(key(r).valid[0], { to: 200 })],
    [
      'an ended key in the next log',
      (r) => {
        open(r)
        key(r).valid.push({ origin: next, from: 0 })
      },
    ],
    [
      'a log closed before its first entry',
      (r) => {
        r.members[0].origins[0].closed = { size: 0, root, reason: '合成' }
      },
    ],
    [
      'a pair taken out',
      (r) => {
        r.projects = []
      },
    ],
  ])('[REG-20] %s', (_, change) => {
    expect(lines(change).filter((line) => line.startsWith('! '))).not.toEqual([])
  })

  test.each<[string, (registry: any) => void]>([
    [
      'a suspension lifted later',
      (r) => r.members[0].status.push({ status: 'active', origin: log, size: 101 }),
    ],
    ['a key that ends later than it begins', (r) => Object.assign(key(r, 3).valid[0], { to: 120 })],
    [
      'a new key from then on',
      (r) =>
        r.members[0].keys.push({
          multikey: fresh.attest.publicKey.multibase,
          purpose: 'attest',
          valid: [{ origin: log, from: 120 }],
        }),
    ],
    [
      'a log closed, whose keys go on in the next',
      (r) => {
        open(r)
        key(r, 3).valid.push({ origin: next, from: 0 })
        r.members[0].status.push({ status: 'suspended', origin: next, size: 0 })
      },
    ],
    [
      'a new member, also one that is suspended',
      (r) =>
        r.members.push({
          ...fresh.entry,
          status: [...fresh.entry.status, { status: 'suspended', origin: fresh.origin, size: 0 }],
        }),
    ],
  ])('[REG-20] not so: %s', (_, change) => {
    expect(lines(change)).not.toEqual([])
    expect(lines(change).filter((line) => line.startsWith('! '))).toEqual([])
  })
})

describe('what is told', () => {
  test('[REG-702] one of two pairs of one id that goes, beside another change', () => {
    const told = lines((r) => {
      r.projects.pop()
      r.members[1].endpoints.base = 'https://elsewhere.example'
    })
    expect(told).toContainEqual(expect.stringMatching(/^! 删除结对 结对2/))
  })

  test('[REG-702] a line of authority that stands once more, or once less, and what changes places beside another change', () => {
    const other = (r: any) => {
      r.members[1].endpoints.base = 'https://elsewhere.example'
    }
    const twice = (r: any) => r.authority.push({ ...r.authority[0] })
    expect(lines((r) => [other(r), twice(r)])).toContainEqual(expect.stringMatching(/^新标准号归口/))
    const less = lines(
      (r) => r.authority.pop(),
      (r) => [base(r), twice(r)],
    )
    expect(less).toContainEqual(expect.stringMatching(/^! 删除标准号归口/))
    for (const move of [(r: any) => r.authority.reverse(), (r: any) => r.members[0].keys.reverse()])
      expect(lines((r) => [other(r), move(r)])).toContainEqual(expect.stringContaining('顺序改变'))
  })

  test('[REG-702] what closes a log is told in both languages, with its root; so is a change of it, and a new log', () => {
    const [closed] = lines((r) => open(r)).filter((line) => line.includes('关闭日志'))
    expect(closed?.split(' / ')[0]).toContain(root)
    expect(closed?.split(' / ')[1]).toContain(root)
    const changed = lines(
      (r) => Object.assign(r.members[0].origins[0].closed, { size: 149 }),
      (r) => [base(r), open(r)],
    )
    for (const part of changed[0]!.split(' / ')) expect(part).toMatch(/150 → 149/)
    const [opened] = lines((r) => open(r)).filter((line) => line.includes('新日志'))
    expect(opened).not.toContain('改为')
    const added = lines((r) => r.members.push(fresh.entry))[0]
    for (const part of added!.split(' / ')) expect(part).toContain(fresh.origin)
  })

  test('[REG-20] the group that a member joins, leaves or goes to is told in words', () => {
    const to = (group: string | undefined) => (r: any) => Object.assign(r.members[0], { group })
    expect(lines(to('g1'))[0]).toMatch(/加入协作组 g1.*joins group g1/)
    expect(lines(to(undefined), (r) => [base(r), to('g1')(r)])[0]).toMatch(/退出协作组 g1/)
    expect(lines(to('g2'), (r) => [base(r), to('g1')(r)])).toEqual([
      expect.stringMatching(/由协作组 g1 转入 g2/),
    ])
  })
})
