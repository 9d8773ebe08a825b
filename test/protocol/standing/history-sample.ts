import fc from 'fast-check'
import { syntheticReuse } from '../../../fixtures/synthetic/interconnection.ts'
import { recognitionTrust, startRecognition } from '../../../fixtures/synthetic/recognition.ts'
import { addDays } from '../../../protocol/date.ts'
import { digestOf } from '../../../protocol/hash.ts'
import type { ActWord, Agreement, RecognitionAgreement } from '../../../protocol/record/agreement.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { withForeseenEnd } from '../../../protocol/standing/foreseen-end.ts'
import type { KnownLogs } from '../../../protocol/standing/known-log.ts'
import type { Statement } from '../../../protocol/standing/log-statement.ts'
import { recognitionAt } from '../../../protocol/standing/recognition.ts'
import { findRecognition } from '../../../protocol/standing/recognition-evidence.ts'
import { reuseAt } from '../../../protocol/standing/reuse.ts'
import { findReuse } from '../../../protocol/standing/reuse-facts.ts'

/** Random histories of a recognition, what takes its place and a reuse on it: statements as a verifier finds them, without signatures. */

const world = await startRecognition()
const sides = { west: world.west, east: world.east, bureau: world.bureau } as const
type Side = keyof typeof sides

export interface Step {
  readonly gap: number
  readonly side: 'west' | 'east'
  readonly kind: 'act' | 'event' | 'revision' | 'basis'
  readonly about: 0 | 1 | 2
  readonly act: ActWord
  readonly event: string
  readonly edition: 'west' | 'east'
  /** Days from its logging to its date. */
  readonly ahead: number
  readonly clauses: readonly string[] | undefined
  /** How many entries of the other log, of the newest, were not seen. */
  readonly behind: number
}

export const step: fc.Arbitrary<Step> = fc.record({
  gap: fc.integer({ min: 0, max: 70 }),
  side: fc.constantFrom('west', 'east'),
  kind: fc.constantFrom('act', 'act', 'act', 'event', 'event', 'revision', 'basis'),
  about: fc.constantFrom(0, 0, 1, 2),
  act: fc.constantFrom('propose', 'accept', 'accept', 'withdraw', 'reject'),
  event: fc.constantFrom(
    'superseded',
    'abolished',
    'reinstated',
    'amendment',
    'partly-superseded',
    'review',
    'publication',
    'entry-into-force',
  ),
  edition: fc.constantFrom('west', 'east'),
  ahead: fc.integer({ min: 0, max: 120 }),
  clauses: fc.constantFrom(undefined, ['c4-1'], ['c4-1', 'c4-2'], ['c5-1']),
  behind: fc.constantFrom(0, 0, 0, 1, 2),
})

export interface Terms {
  readonly onRevision: 'grace' | 'lapse'
  readonly notice: number
  readonly acceptBy: string
  readonly years: 1 | 3
  readonly to: string | undefined
}

export const terms: fc.Arbitrary<Terms> = fc.record({
  onRevision: fc.constantFrom('grace', 'lapse'),
  notice: fc.constantFrom(0, 30),
  acceptBy: fc.constantFrom('2026-02-28', '2026-12-31'),
  years: fc.constantFrom(1, 3),
  to: fc.constantFrom(undefined, undefined, '2026-06-01'),
})

export function agreementsOf({ onRevision, notice, acceptBy, years, to }: Terms) {
  const shared = {
    onRevision,
    graceDays: onRevision === 'grace' ? 30 : 0,
    noticeDays: notice,
    acceptBy,
    validUntil: years === 1 ? '2027-03-01' : '2029-03-01',
  } as const
  const recognition: RecognitionAgreement = { ...world.agreement, ...shared }
  const [first, second] = recognition.parties
  const cites = { id: recognition.id, digest: agreementDigest(recognition) }
  const renewal: RecognitionAgreement = {
    ...recognition,
    id: 'urn:uuid:00000000-0000-4000-8000-0000000000a2',
    effectiveFrom: '2026-07-01',
    acceptBy: '2026-12-31',
    supersedes: cites,
  }
  const reuse = syntheticReuse(
    {
      project: recognition.project,
      parties: [first.id, second.id],
      edition: recognition.scope.editions[0]!,
      basis: digestOf('none'),
      ground: { recognition: cites },
    },
    { ...shared, acceptBy: '2026-12-31', basis: recognition.basis },
  )
  const [project] = recognitionTrust().registry.projects
  const trust = recognitionTrust({ projects: [{ ...project, ...(to === undefined ? {} : { to }) }] })
  return { agreements: [recognition, renewal, reuse] as const, trust }
}

const kinds = { recognition: 'RecognitionAttestation', reuse: 'ReuseAttestation' } as const

const act = (side: 'west' | 'east', about: 0 | 2, word: ActWord): Step => ({
  gap: 3,
  side,
  kind: 'act',
  about,
  act: word,
  event: '',
  edition: 'west',
  ahead: 0,
  clauses: undefined,
  behind: 0,
})
const consent = [act('west', 0, 'propose'), act('east', 0, 'accept')]
const reused = [act('east', 2, 'propose'), act('west', 2, 'accept')]

/** What anybody may do in whatever order, most often after both have consented, to the reuse as well. */
export const history = fc.record({
  terms,
  steps: fc
    .tuple(fc.constantFrom([], consent, [...consent, ...reused]), fc.array(step, { maxLength: 9 }))
    .map(([first, rest]) => [...first, ...rest]),
})

/** What was logged, in order of time; the standards and the basis first. */
export function logOf(steps: readonly Step[], agreements: readonly Agreement[]): readonly Statement[] {
  const told: Statement[] = []
  let day = '2026-01-10'
  const log = (side: Side, type: string, subject: object, change: object = {}) => {
    const { did, origin } = sides[side].member
    const index = told.filter((one) => one.origin === origin).length
    const record: any = {
      id: `${did}#${index}`,
      type: ['VerifiableCredential', type],
      issuer: did,
      tier: 'public',
      credentialSubject: subject,
      ...change,
    }
    told.push({ origin, index, at: `${day}T02:00:00.000Z`, digest: digestOf(`${origin} ${index}`), record })
  }
  for (const side of ['west', 'east', 'bureau'] as const) {
    const [first] = sides[side].logged
    const record: any = first?.document
    const { origin } = sides[side].member
    told.push({ origin, index: 0, at: `${day}T01:00:00.000Z`, digest: first!.digest, record })
  }
  const nameOf = (side: Side) => ({ id: sides[side].logged[0]!.id, digest: sides[side].logged[0]!.digest })
  for (const one of steps) {
    day = addDays(day, one.gap)
    const date = addDays(day, one.ahead)
    if (one.kind === 'event') {
      const affectedClauses = ['amendment', 'partly-superseded'].includes(one.event) ? one.clauses : undefined
      log(one.edition, 'LifecycleEvent', {
        eventKind: one.event,
        date,
        edition: nameOf(one.edition),
        ...(affectedClauses ? { affectedClauses } : {}),
      })
    } else if (one.kind === 'basis') {
      const eventKind = one.event === 'reinstated' ? 'reinstated' : 'abolished'
      log('bureau', 'LifecycleEvent', { eventKind, date, edition: nameOf('bureau') })
    } else if (one.kind === 'revision') {
      const subject: any = sides[one.edition].logged[0]!.document.credentialSubject
      const clauses = subject.clauses.filter(({ uid }: any) => !one.clauses?.includes(uid))
      log(one.edition, 'StandardRecord', { ...subject, clauses }, { revisionOf: nameOf(one.edition) })
    } else {
      const agreement = agreements[one.about]!
      const digest = agreementDigest(agreement)
      const proposals = told.filter(
        ({ record }: any) =>
          record.credentialSubject.act === 'propose' && record.credentialSubject.agreementDigest === digest,
      )
      const seen = proposals.at(-1)
      if (one.act !== 'propose' && !seen) continue
      const size = told.filter(({ origin }) => origin === seen?.origin).length - one.behind
      log(one.side, kinds[agreement.kind as 'reuse'], {
        id: agreement.id,
        act: one.act,
        agreementDigest: digest,
        ...(one.act === 'propose' || one.act === 'accept' ? { agreement } : {}),
        ...(one.act === 'propose'
          ? {}
          : {
              seen: {
                origin: seen?.origin,
                index: seen?.index,
                digest: seen?.digest,
                size: Math.max(size, (seen?.index ?? 0) + 1),
              },
            }),
      })
    }
  }
  return told
}

/** What is known of some statements; `dated` says on which day each was seen, or nothing. */
export function knownOf(
  statements: readonly Statement[],
  trust: KnownLogs['trust'],
  dated: (at: { readonly origin: string; readonly index: number; readonly at: string }) => string | undefined,
): KnownLogs {
  return {
    trust,
    statements: statements.toSorted((a, b) =>
      a.origin === b.origin ? a.index - b.index : a.origin < b.origin ? -1 : 1,
    ),
    covered: new Map(Object.values(sides).map(({ member }) => [member.origin, 0])),
    loggedOn: dated,
    file: (digest) => (digest === digestOf(world.set) ? world.set : undefined),
  }
}

export const onDay = ({ at }: { readonly at: string }) => at.slice(0, 10)

/** The standing on any day, with what is found in the logs found once. */
export function standingsOf(known: KnownLogs, agreement: Agreement): (day: string) => any {
  const digest = agreementDigest(agreement)
  if (agreement.kind === 'recognition') {
    const facts = findRecognition(known, agreement, digest)
    return (day) => withForeseenEnd((on) => recognitionAt(facts, agreement, on), [{ agreement, facts }], day)
  }
  if (agreement.kind !== 'reuse') throw new Error('no history of it')
  const facts = findReuse(known, agreement, digest)
  const behind = facts.recognition ? [facts.recognition] : []
  return (day) =>
    withForeseenEnd((on) => reuseAt(facts, agreement, on), [{ agreement, facts }, ...behind], day)
}
