import { compareText } from '../../canonical.ts'
import type { ReportSubject } from '../../record/implementation-report.ts'

/** A report and where it stands. That it is its agency's own, and that it stands there, is taken for granted. */
export interface PlacedReport {
  readonly agency: string
  readonly id: string
  readonly digest: string
  readonly subject: ReportSubject
  readonly revisionOf?: { readonly id: string; readonly digest: string }
  /** When the log took it, or, without a place, when it says that it was signed. */
  readonly at: string
  /** Absent of a record that nobody shows the place of. */
  readonly place?: { readonly origin: string; readonly index: number }
}

/** The one report of an agency and a period that counts. */
export interface ChosenReport {
  readonly report: PlacedReport
  /** The earliest that is at hand. */
  readonly first: PlacedReport
  /** The report that it corrects is not at hand. */
  readonly revisesUnseen: boolean
  /** Further reports of the same agency and period that correct nothing: they count for nothing. */
  readonly duplicates: readonly PlacedReport[]
  /** Corrections of what is another agency's or another period's: they count for nothing. */
  readonly misdirected: readonly PlacedReport[]
}

/** The reports of one agency and period, in order. */
interface OwnReports {
  readonly sound: readonly PlacedReport[]
  readonly misdirected: readonly PlacedReport[]
}

/**
 * For each agency the report of a period that counts: the newest that corrects one, else the first. A correction comes after what it
 * corrects, in the log of the same agency and for the same period; one of whatever else counts for nothing.
 *
 * @param seen reports that are known without being given, of any period: what a correction names may be among them
 * @see spec/rate.md, RATE-11 and RATE-12
 */
export function chooseReports(
  reports: readonly PlacedReport[],
  period: string,
  seen: readonly PlacedReport[] = [],
): ReadonlyMap<string, ChosenReport> {
  const known = new Map([...seen, ...reports].map((report) => [nameOf(report), report]))
  const chosen = new Map<string, ChosenReport>()
  for (const [agency, own] of reportsByAgency(reports, period, known)) {
    const one = chooseAmong(own, known)
    if (one) chosen.set(agency, one)
  }
  return chosen
}

/** Corrections for a period of what is another agency's or another period's, by agency and in order. @see spec/rate.md, RATE-11 */
export function misdirectedReports(
  reports: readonly PlacedReport[],
  period: string,
  seen: readonly PlacedReport[] = [],
): readonly PlacedReport[] {
  const known = new Map([...seen, ...reports].map((report) => [nameOf(report), report]))
  return reportsByAgency(reports, period, known).flatMap(([, { misdirected }]) => misdirected)
}

function reportsByAgency(
  reports: readonly PlacedReport[],
  period: string,
  known: ReadonlyMap<string, PlacedReport>,
): readonly (readonly [string, OwnReports])[] {
  const byAgency = new Map<string, Map<string, PlacedReport>>()
  for (const report of reports) {
    if (report.subject.period !== period) continue
    const own = byAgency.get(report.agency) ?? new Map<string, PlacedReport>()
    const before = own.get(report.digest)
    // The same record with and without its place: the place tells more.
    if (!before || compareReports(report, before) < 0) own.set(report.digest, report)
    byAgency.set(report.agency, own)
  }
  return [...byAgency.keys()].toSorted().map((agency) => {
    const own = [...(byAgency.get(agency)?.values() ?? [])].toSorted(compareReports)
    const stray = new Set<string>()
    for (const { agency: by, revisionOf, digest } of own) {
      const target = revisionOf && known.get(nameOf(revisionOf))
      // What corrects a stray one is as stray.
      if (target && (target.agency !== by || target.subject.period !== period || stray.has(target.digest)))
        stray.add(digest)
    }
    return [
      agency,
      {
        sound: own.filter(({ digest }) => !stray.has(digest)),
        misdirected: own.filter(({ digest }) => stray.has(digest)),
      },
    ] as const
  })
}

function chooseAmong(
  { sound: own, misdirected }: OwnReports,
  known: ReadonlyMap<string, PlacedReport>,
): ChosenReport | undefined {
  const [first] = own
  if (!first) return undefined
  const names = new Map(own.map((report, i) => [nameOf(report), i]))
  const corrections = own.filter((report, i) => {
    if (!report.revisionOf) return false
    const target = names.get(nameOf(report.revisionOf))
    return target === undefined || target < i
  })
  const report = corrections.at(-1) ?? first
  return {
    report,
    first,
    revisesUnseen: report.revisionOf !== undefined && !known.has(nameOf(report.revisionOf)),
    duplicates: own.slice(1).filter((other) => !corrections.includes(other)),
    misdirected,
  }
}

function nameOf({ id, digest }: { readonly id: string; readonly digest: string }): string {
  return `${id} ${digest}`
}

/** In the order of the agency's logs; what has no place comes after, by the time it states. */
function compareReports(a: PlacedReport, b: PlacedReport): number {
  return (
    orderOf(a) - orderOf(b) ||
    (a.place?.index ?? 0) - (b.place?.index ?? 0) ||
    compareText(a.at, b.at) ||
    compareText(a.digest, b.digest)
  )
}

function orderOf({ place }: PlacedReport): number {
  const epoch = place && /\/log\/([1-9]\d{0,8})$/.exec(place.origin)?.[1]
  return place === undefined ? Number.MAX_SAFE_INTEGER : Number(epoch ?? 0)
}
