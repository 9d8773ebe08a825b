import { syntheticReuse } from '../../../fixtures/synthetic/interconnection.ts'
import { digestOf } from '../../../protocol/hash.ts'
import type { ReuseAgreement } from '../../../protocol/record/agreement.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { foldConsent } from '../../../protocol/standing/consent.ts'
import { reuseAt } from '../../../protocol/standing/reuse.ts'
import type { ReuseFacts } from '../../../protocol/standing/reuse-facts.ts'
import { act, east, edition, factsOf, agreement as recognition, west } from './recognition-sample.ts'

export const pinned = edition('west')
const cites = { recognition: { id: recognition.id, digest: agreementDigest(recognition) } }

export function reuseOf(change: Parameters<typeof syntheticReuse>[1] = {}): ReuseAgreement {
  return syntheticReuse(
    {
      project: 'bishan-meishan',
      parties: [west, east],
      edition: { id: pinned.id, digest: digestOf('west') },
      basis: digestOf('basis'),
      ground: cites,
    },
    change,
  )
}

export function factsFor(agreement: ReuseAgreement, change: Partial<ReuseFacts> = {}): ReuseFacts {
  const acts = [
    act({ act: 'propose', by: 'west', index: 5, on: '2026-02-03', agreement: agreement as any }),
    act({ act: 'accept', by: 'east', index: 9, on: '2026-02-11', agreement: agreement as any }),
  ]
  return {
    consent: foldConsent(agreementDigest(agreement), acts),
    editions: [pinned],
    basis: { documentNo: '合成发〔2026〕1号', issuedOn: '2026-01-02', events: [] },
    missing: [],
    recognition: { agreement: recognition, facts: factsOf() },
    ...change,
  }
}

export function reuseOn(day: string, agreement = reuseOf(), facts = factsFor(agreement)) {
  const { conditions, ...rest } = reuseAt(facts, agreement, day)
  const reasons = conditions.flatMap(({ outcome, condition, code }) =>
    outcome === 'passed' ? [] : [`${condition} ${code}`],
  )
  return { ...rest, reasons }
}

export const withRecognition = (facts: any, agreement = reuseOf(), about = recognition) =>
  factsFor(agreement, { recognition: { agreement: about, facts } })
