import { syntheticRecognition } from '../../../fixtures/synthetic/agreement.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { digestOf } from '../../../protocol/hash.ts'
import type { ActWord, RecognitionAgreement, Seen } from '../../../protocol/record/agreement.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import type { MappingRow } from '../../../protocol/record/mapping-row.ts'
import { foldConsent, type PlacedAct } from '../../../protocol/standing/consent.ts'
import type { PlacedEvent } from '../../../protocol/standing/lifecycle.ts'
import type { PinnedEdition } from '../../../protocol/standing/pinned-edition.ts'
import { recognitionAt } from '../../../protocol/standing/recognition.ts'
import type { RecognitionFacts } from '../../../protocol/standing/recognition-facts.ts'

/** A recognition of two synthetic editions, by hand: the folds alone are looked at. */

export const [west, east] = ['did:web:bishan.example', 'did:web:meishan.example'] as const
export const logs = { west: 'bishan.example/log/1', east: 'meishan.example/log/1' } as const

const id = (host: string, n: number) =>
  `https://${host}.example/id/00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
export const ids = { west: id('bishan', 1), east: id('meishan', 1) } as const

export function edition(of: 'west' | 'east', change: Partial<PinnedEdition> = {}): PinnedEdition {
  const draft: any = syntheticStandard(1)
  const clauses = ['c1', 'c2', 'c3'].map((uid, i) => ({ uid, locator: `5.${i + 1}`, heading: '合成条款' }))
  return {
    id: ids[of],
    digest: digestOf(of),
    issuer: of === 'west' ? west : east,
    subject: { ...draft.credentialSubject, publishedOn: '2024-01-01', effectiveOn: '2024-02-01', clauses },
    events: [],
    revisions: [],
    authority: logs[of],
    ...change,
  }
}

export function eventOf(
  of: 'west' | 'east',
  eventKind: string,
  date: string,
  affected?: readonly string[],
): PlacedEvent {
  const subject: any = { eventKind, date, edition: { id: ids[of], digest: digestOf(of) } }
  return {
    origin: logs[of],
    index: 50,
    recordId: id(of === 'west' ? 'bishan' : 'meishan', 50),
    subject: affected ? { ...subject, affectedClauses: affected } : subject,
  }
}

const mapping = (clause: string): MappingRow => ({
  subject: { edition: ids.west, digest: digestOf('west'), clause },
  object: { edition: ids.east, digest: digestOf('east'), clause },
  predicate: 'exact-match',
  relation: 'equal',
  justification: 'manual-curation',
  state: 'accepted',
})

export const rows = new Map([
  ['r1', mapping('c1')],
  ['r2', mapping('c2')],
])

export const agreement = syntheticRecognition({
  project: 'bishan-meishan',
  parties: [west, east],
  editions: [
    { id: ids.west, digest: digestOf('west') },
    { id: ids.east, digest: digestOf('east') },
  ],
  mapping: digestOf('set'),
  basis: digestOf('basis'),
  rows: ['r1', 'r2'],
})

export interface ActPart {
  readonly act: ActWord
  readonly by: 'west' | 'east'
  readonly index: number
  readonly on: string
  readonly agreement?: RecognitionAgreement
  readonly seen?: Partial<Seen>
  readonly unwitnessed?: true
}

export function act({
  act: word,
  by,
  index,
  on,
  agreement: about = agreement,
  seen,
  unwitnessed,
}: ActPart): PlacedAct {
  const carries = word === 'propose' || word === 'accept'
  const sees = {
    origin: logs.west,
    size: 10,
    root: `${'A'.repeat(43)}=`,
    index: 5,
    digest: digestOf('propose 5'),
    ...seen,
  }
  return {
    origin: logs[by],
    index,
    at: `${on}T01:00:00.000Z`,
    recordId: id(by === 'west' ? 'bishan' : 'meishan', index),
    digest: digestOf(`${word} ${index}`),
    issuer: by === 'west' ? west : east,
    subject: {
      id: about.id,
      act: word,
      ...(carries ? { agreement: about } : {}),
      agreementDigest: agreementDigest(about),
      ...(word === 'propose' ? {} : { seen: sees }),
    },
    ...(unwitnessed ? {} : { loggedOn: on }),
  }
}

export const proposal = act({ act: 'propose', by: 'west', index: 5, on: '2026-02-01' })
export const acceptance = act({ act: 'accept', by: 'east', index: 7, on: '2026-02-10' })

export function factsOf(
  change: Partial<RecognitionFacts> = {},
  acts: readonly PlacedAct[] = [proposal, acceptance],
): RecognitionFacts {
  return {
    consent: foldConsent(agreementDigest(agreement), acts),
    editions: [edition('west'), edition('east')],
    mapping: { rows, errors: [] },
    basis: { documentNo: '合成发〔2026〕1号', issuedOn: '2026-01-02', events: [] },
    missing: [],
    missingActs: change.missing ?? [],
    ...change,
  }
}

export function on(
  day: string,
  facts: RecognitionFacts = factsOf(),
  about: RecognitionAgreement = agreement,
) {
  const { answer, state, conditions, rows: standing, ...rest } = recognitionAt(facts, about, day)
  const reasons = conditions.flatMap(({ outcome, condition, code }) =>
    outcome === 'passed' ? [] : [`${condition} ${code}`],
  )
  return {
    answer,
    state,
    reasons,
    rows: Object.fromEntries(standing.map((row) => [row.row, row.state])),
    ...rest,
  }
}
