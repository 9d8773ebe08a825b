import { describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { changeOf, unchangedCondition } from '../../../protocol/standing/edition-change.ts'
import { findEdition } from '../../../protocol/standing/edition-evidence.ts'
import { basisCondition } from '../../../protocol/standing/known-basis.ts'
import type { KnownLogs } from '../../../protocol/standing/known-log.ts'
import type { PlacedEvent } from '../../../protocol/standing/lifecycle.ts'
import type { Statement } from '../../../protocol/standing/log-statement.ts'
import { editionAt } from '../../../protocol/standing/pinned-edition.ts'
import { agreement, edition, eventOf, factsOf, logs, on } from './recognition-sample.ts'

const { credentialSubject: subject }: any = syntheticStandard(1)
const [west, bureau] = ['did:web:west.example', 'did:web:bureau.example']
const digest = (name: string) => digestOf(name)

/** A statement by hand: `log` is `west 9` for the ninth log of the west. */
function statement(name: string, log: string, index: number, change: object): Statement {
  const [host, epoch] = log.split(' ')
  const record: any = {
    id: name,
    issuer: host === 'west' ? west : bureau,
    tier: 'public',
    type: ['VerifiableCredential', 'StandardRecord'],
    credentialSubject: subject,
    ...change,
  }
  return {
    origin: `${host}.example/log/${epoch}`,
    index,
    at: '2026-01-05T01:00:00.000Z',
    digest: digest(name),
    record,
  }
}

const revision = (name: string, of: string, log: string, index: number) =>
  statement(name, log, index, { revisionOf: { id: of, digest: digest(of) } })

const abolition = (name: string, of: string, log: string, index: number) =>
  statement(name, log, index, {
    type: ['VerifiableCredential', 'LifecycleEvent'],
    credentialSubject: {
      eventKind: 'abolished',
      date: '2026-02-01',
      edition: { id: of, digest: digest(of) },
    },
  })

function findIn(statements: readonly Statement[], authority: readonly object[] = []) {
  const member = (name: string, count: number) => ({
    origins: Array.from({ length: count }, (_, i) => ({ origin: `${name}.example/log/${i + 1}` })),
  })
  const members = new Map([
    [west, member('west', 10)],
    [bureau, member('bureau', 2)],
  ])
  const owners = [...members.values()].flatMap((one) =>
    one.origins.map(({ origin }) => [origin, { member: one }] as const),
  )
  const trust: any = { registry: { authority }, members, logs: new Map(owners) }
  const known: KnownLogs = {
    trust,
    statements,
    covered: new Map(),
    loggedOn: () => '2026-01-05',
    file: () => undefined,
  }
  const found = findEdition(known, { id: 'e', digest: digest('e') })
  if (!found) throw new Error('the edition was expected')
  return found
}

const authority = [{ scheme: 'DB-P', prefix: 'DB50', origin: 'bureau.example/log/1', from: 3 }]

describe('what the logs say of an edition', () => {
  test('[AGREE-32] the later logs of an authority speak as the one that the registry names', () => {
    const pinned = statement('e', 'west 1', 0, {})
    const found = findIn([pinned, abolition('a', 'e', 'bureau 2', 1)], authority)
    expect(found.edition.events).toMatchObject([{ recordId: 'a', authoritative: true }])
    expect(found.needed).toEqual(
      expect.arrayContaining([
        { origin: 'bureau.example/log/1', from: 3 },
        { origin: 'bureau.example/log/2', from: 0 },
      ]),
    )
    const early = findIn([pinned, abolition('a', 'e', 'bureau 1', 2)], authority)
    expect(early.edition.events).toEqual([])
  })

  test('[AGREE-32] what is said of a revision is said of the edition, over all epochs and in whatever order', () => {
    const statements = [
      statement('e', 'west 1', 0, {}),
      abolition('a', 'r2', 'bureau 1', 7),
      abolition('b', 'r2', 'west 10', 2),
      revision('r2', 'r1', 'west 10', 1),
      revision('r1', 'e', 'west 9', 4),
    ]
    for (const order of [statements, statements.toReversed()]) {
      const { edition: found } = findIn(order, authority)
      expect(found.revisions.map(({ recordId }) => recordId)).toEqual(['r1', 'r2'])
      expect(Object.fromEntries(found.events.map((one) => [one.recordId, one.authoritative]))).toEqual({
        a: true,
        b: false,
      })
    }
  })

  test('[AGREE-33] between the log’s own date of a revision and that of the witnesses nobody can tell', () => {
    const changed = { recordId: 'r', origin: logs.west, index: 60, changed: ['c1', 'c2'] }
    const at = (day: string, revision: object, about = agreement) =>
      on(
        day,
        factsOf({
          editions: [edition('west', { revisions: [{ ...changed, ...revision }] }), edition('east')],
        }),
        about,
      )
    const lapse = { ...agreement, onRevision: 'lapse', graceDays: 0 } as const
    const late = { from: '2026-04-01', on: '2026-09-01' }
    expect(at('2026-03-31', late, lapse).answer).toBe('effective')
    for (const day of ['2026-04-01', '2026-08-31'])
      expect(at(day, late, lapse)).toMatchObject({
        answer: 'undecided',
        reasons: ['E4 NOT_WITNESSED'],
        rows: { r1: 'open', r2: 'open' },
      })
    expect(at('2026-09-01', late, lapse)).toMatchObject({
      answer: 'not-effective',
      reasons: ['E4 SUPERSEDED'],
    })
    expect(at('2026-09-01', { from: '2026-04-01' }, lapse).answer).toBe('undecided')
    // One of two rows is certain.
    expect(at('2026-08-31', { ...late, changed: ['c1'] }, lapse)).toMatchObject({
      answer: 'effective',
      rows: { r1: 'open', r2: 'effective' },
    })
    // In grace by either date it is relied on.
    expect(agreement.graceDays).toBe(30)
    expect(at('2026-04-30', late).answer).toBe('effective')
    expect(at('2026-05-01', late).answer).toBe('undecided')
    expect(at('2026-09-30', late).answer).toBe('undecided')
    expect(at('2026-10-01', late).answer).toBe('not-effective')
  })

  test('[AGREE-33] [AGREE-73] nor when an agreement about the edition as it is would end by it', () => {
    const revised = edition('west', {
      revisions: [
        { recordId: 'r', origin: logs.west, index: 60, changed: [], from: '2026-04-01', on: '2026-09-01' },
      ],
    })
    const stands = { condition: 'E3', outcome: 'passed', zh: '', en: '' } as const
    const at = (day: string) => {
      const change = changeOf([editionAt(revised, day)], () => true)
      const { outcome, code } = unchangedCondition(stands, change, { agreement, day })
      return [outcome, code]
    }
    expect(at('2026-04-30')).toEqual(['passed', undefined])
    expect(at('2026-05-01')).toEqual(['unknown', 'NOT_WITNESSED'])
    expect(at('2026-09-30')).toEqual(['unknown', 'NOT_WITNESSED'])
    expect(at('2026-10-01')).toEqual(['failed', 'SUPERSEDED'])
  })

  test('[AGREE-25] a review that was logged after the beginning lengthens nothing, whatever its date', () => {
    const overdue = { ...edition('west').subject, publishedOn: '2020-01-01', effectiveOn: '2020-02-01' }
    const reviewed = (logged: Partial<PlacedEvent>) =>
      edition('west', {
        subject: overdue,
        events: [{ ...eventOf('west', 'review', '2026-02-15'), ...logged }],
      })
    const due = (logged: Partial<PlacedEvent>) =>
      editionAt(reviewed(logged), agreement.effectiveFrom).lifecycle.reviewDue
    expect(due({ loggedOn: '2026-02-16', loggedFrom: '2026-02-15' })).toBe('2031-02-15')
    expect(due({ loggedOn: '2027-07-01', loggedFrom: '2027-07-01' })).toBe('2025-01-01')
  })

  test('[AGREE-37] a basis is issued by the day asked, and ended by its logs in the order of their epochs', () => {
    const basis = (events: readonly PlacedEvent[]) => ({
      documentNo: '合成发〔2026〕1号',
      issuedOn: '2026-03-01',
      events,
    })
    expect(basisCondition(basis([]), '2026-02-28')).toMatchObject({
      outcome: 'failed',
      code: 'NOT_YET_VALID',
    })
    expect(basisCondition(basis([]), '2026-03-01').outcome).toBe('passed')
    const event = (kind: string, log: string, index: number) => ({
      ...eventOf('west', kind, '2026-05-01'),
      origin: `bishan.example/log/${log}`,
      index,
    })
    const back = [event('abolished', '9', 9), event('reinstated', '10', 1)]
    const again = [event('reinstated', '9', 9), event('abolished', '10', 1)]
    expect(basisCondition(basis(back), '2026-06-01').outcome).toBe('passed')
    expect(basisCondition(basis(again), '2026-06-01')).toMatchObject({ outcome: 'failed', code: 'REVOKED' })
  })
})
