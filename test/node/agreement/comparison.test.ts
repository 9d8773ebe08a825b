import { describe, expect, test } from 'vitest'
import { syntheticMember, syntheticRegistry } from '../../../fixtures/synthetic/member.ts'
import { compareNamed, suggestNamed } from '../../../node/agreement/comparison.ts'
import type { NameOptions } from '../../../node/agreement/named.ts'
import type { StandardDetail } from '../../../node/projection/port.ts'
import type { JsonObject } from '../../../protocol/json-value.ts'
import { openTrust } from '../../../protocol/trust/trust.ts'
import { clause, pin, row, subjectOf } from '../../protocol/mapping/sample.ts'

const members = ['合成甲', '合成乙'].map((name, n) => syntheticMember(name, `http://localhost:${7600 + n}`))
const [ours, theirs] = [members[0]!.did, members[1]!.did]
const registry = syntheticRegistry(members)
const trust = openTrust(registry, `sha256:${'0'.repeat(64)}`)

function detail(n: number, issuer: string, uids: readonly string[], state = 'in-force'): StandardDetail {
  const subject = subjectOf(uids.map((uid) => clause(uid, { heading: `保洁要求${uid}` })))
  return {
    id: pin(n).edition,
    digest: pin(n).digest,
    issuer,
    issuerName: issuer,
    titleZh: subject.titleZh,
    numbers: [`DB50/T 99000${n}—2020`],
    keys: [],
    state,
    synthetic: true,
    record: JSON.parse(JSON.stringify({ credentialSubject: subject })) as JsonObject,
    events: [],
  } as unknown as StandardDetail
}

const held = [detail(1, ours, ['c1', 'c2']), detail(2, theirs, ['c1', 'd2']), detail(3, theirs, [])]

function optionsOf(details: readonly StandardDetail[] = held): NameOptions {
  return {
    trust: () => trust,
    day: '2026-06-01',
    catalogue: {
      findStandard: async (digest) => details.find((each) => each.digest === digest),
      findPlace: async (which) => {
        const found = details.find((each) => 'id' in which && each.id === which.id)
        return found && ({ digest: found.digest } as never)
      },
      searchStandards: async ({ number }) => {
        const items = details.filter(({ numbers }) => numbers.includes(number ?? ''))
        return { total: items.length, items }
      },
      listEditions: async (issuer) =>
        details
          .filter((each) => each.issuer === issuer)
          .map(({ record, events: _, ...summary }) => ({ record, summary })),
    },
  }
}

const rows = async () => [
  row('r1', { subject: pin(1, 'c1'), object: pin(2, 'c1') }),
  row('r2', {
    subject: pin(1, 'c2'),
    object: pin(2, 'd2'),
    state: 'in-review',
    predicate: 'close-match',
    relation: 'subset',
  }),
]

describe('what a name means', () => {
  const compare = (a: string, b: string, details = held) =>
    compareNamed(a, b, { ...optionsOf(details), rows })

  test('[MAP-76] a digest, an id and a number name one edition', async () => {
    const first = await compare(pin(1).digest, pin(2).digest)
    expect(first).toMatchObject({
      kind: 'editions',
      a: { id: pin(1).edition },
      clauses: [{ outcome: 'equal' }, { outcome: 'looser', state: 'in-review' }],
      coverage: { accepted: 1, inReview: 1, total: 2, share: { numerator: 1, denominator: 2 } },
    })
    expect(await compare(pin(1).edition, pin(2).edition)).toEqual(first)
    expect(await compare('DB50/T 990001—2020', 'DB50/T 990002—2020')).toEqual(first)
  })

  test('[MAP-76] of several records with one number that alone which is in force is meant, else none', async () => {
    const twin = (state: string) => ({ ...detail(4, ours, [], state), numbers: ['DB50/T 990001—2020'] })
    const number = 'DB50/T 990001—2020'
    expect(await compare(number, pin(2).digest, [...held, twin('superseded')])).toMatchObject({
      a: { id: pin(1).edition },
    })
    await expect(compare(number, pin(2).digest, [...held, twin('in-force')])).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      place: { pointer: '/a' },
    })
  })

  test.each([
    [`sha256:${'f'.repeat(64)}`, 'NOT_FOUND'],
    ['https://host-9.example/id/00000000-0000-4000-8000-000000000009', 'NOT_FOUND'],
    ['DB50/T 990009—2020', 'NOT_FOUND'],
    ['hello', 'NOT_FOUND'],
    ['did:web:nobody.example', 'NOT_FOUND'],
    [ours, 'QUERY_INVALID'],
  ])('[MAP-76] %s beside an edition: %s', async (name, code) => {
    await expect(compare(pin(1).digest, name)).rejects.toMatchObject({ code, place: { pointer: '/b' } })
  })

  test('[MAP-76] two agencies are compared with all their editions', async () => {
    expect(await compare(ours, theirs)).toMatchObject({
      kind: 'agencies',
      a: { nameZh: '合成甲', editions: 1 },
      b: { nameZh: '合成乙', editions: 2 },
      pairs: [{ a: { id: pin(1).edition }, b: { id: pin(2).edition }, coverage: { total: 2 } }],
      aloneA: [],
      aloneB: [{ id: pin(3).edition }],
      coverage: { accepted: 1, inReview: 1 },
    })
  })
})

test('[MAP-84] proposals come with the row that people may take up', async () => {
  const clauses = await suggestNamed(pin(1).digest, pin(2).digest, { ...optionsOf(), most: 1 })
  expect(clauses).toMatchObject({
    kind: 'editions',
    suggestions: [
      {
        a: { uid: 'c1' },
        b: { uid: 'c1' },
        score: '1.00',
        row: { mapping: { state: 'candidate', subject: pin(1, 'c1'), object: pin(2, 'c1') } },
      },
      { a: { uid: 'c2' } },
    ],
  })
  const standards = await suggestNamed(ours, theirs, { ...optionsOf(), most: undefined })
  expect(standards).toMatchObject({
    kind: 'agencies',
    suggestions: [{ row: { mapping: { subject: pin(1) } } }, { b: { id: pin(3).edition } }],
  })
})
