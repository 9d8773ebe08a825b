import { heavySet, type SyntheticLine, syntheticReport } from '../../../../fixtures/synthetic/report.ts'
import { syntheticStandard } from '../../../../fixtures/synthetic/standard.ts'
import { digestOf } from '../../../../protocol/hash.ts'
import type { ReportSubject } from '../../../../protocol/record/implementation-report.ts'
import type { EventSubject } from '../../../../protocol/record/lifecycle-event.ts'
import type { KnownEdition } from '../../../../protocol/standing/rate/edition.ts'
import { formatRate } from '../../../../protocol/standing/rate/format.ts'
import { type RateCase, type RegionRate, rateOf } from '../../../../protocol/standing/rate/rate.ts'
import type { PlacedReport } from '../../../../protocol/standing/rate/report.ts'

export { heavySet }

export const edition = (n: number) => ({
  id: `https://bishan.example/id/00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  digest: digestOf(`edition ${n}`),
})

/** In force since 2020; `important` as asked. */
export function known(n: number, extra: object = {}, events: readonly EventSubject[] = []): KnownEdition {
  const draft = syntheticStandard(n, { publishedOn: '2020-01-01', effectiveOn: '2020-06-01', ...extra })
  if (draft.type !== 'StandardRecord') throw new Error('a standard was expected')
  return {
    facts: draft.credentialSubject,
    events: events.map((subject, index) => ({
      origin: 'bishan.example/log/1',
      index,
      recordId: edition(900 + index).id,
      subject,
    })),
  }
}

export function eventOn(n: number, eventKind: EventSubject['eventKind'], date: string): EventSubject {
  return { eventKind, edition: edition(n), date }
}

let made = 0
export interface ReportOptions extends Partial<ReportSubject> {
  readonly revisionOf?: PlacedReport
  readonly index?: number
  readonly at?: string
  readonly unplaced?: true
}

/** Each is another record, the later made the later logged. */
export function report(
  agency: string,
  lines: readonly SyntheticLine[],
  { revisionOf, index, at = '2026-04-10T01:00:00.000Z', unplaced, ...extra }: ReportOptions = {},
): PlacedReport {
  made += 1
  const draft = syntheticReport(extra.period ?? '2026-Q1', lines, extra)
  if (draft.type !== 'ImplementationReport') throw new Error('a report was expected')
  return {
    agency: `did:web:${agency}.example`,
    id: `https://${agency}.example/id/00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    digest: digestOf(`report ${made}`),
    subject: draft.credentialSubject,
    ...(revisionOf ? { revisionOf: { id: revisionOf.id, digest: revisionOf.digest } } : {}),
    at,
    ...(unplaced ? {} : { place: { origin: `${agency}.example/log/1`, index: index ?? made } }),
  }
}

/** With editions by number. */
export function rate(
  reports: readonly PlacedReport[],
  editions: Readonly<Record<number, KnownEdition>>,
  extra: Partial<RateCase> = {},
): RegionRate {
  const byName = new Map(
    Object.entries(editions).map(([n, one]) => [
      `${edition(Number(n)).id} ${edition(Number(n)).digest}`,
      one,
    ]),
  )
  return rateOf({
    period: '2026-Q1',
    reports,
    editionOf: ({ id, digest }) => byName.get(`${id} ${digest}`),
    ...extra,
  })
}

/** As JSON, which has every number and no fraction of the machine. */
export const shown = (region: RegionRate): any => formatRate(region)
