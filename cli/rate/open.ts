import { compareText } from '../../protocol/canonical.ts'
import { unproven } from '../../protocol/standing/rate/proof.ts'
import type { RegionRate } from '../../protocol/standing/rate/rate.ts'
import { chooseReports, type PlacedReport } from '../../protocol/standing/rate/report.ts'
import type { Material } from './material.ts'

/** A report that counts, by what is shown of the logs, and is not among the files. */
export interface Dropped {
  readonly id: string
  readonly isCorrection: boolean
}

/** An agency of which the report that counts is known and not given is left out: its number would be another's. @see protocol/spec/rate.md, RATE-31 */
export function withoutOpen(
  material: Material,
  seen: readonly PlacedReport[],
): { readonly material: Material; readonly dropped: readonly Dropped[] } {
  const given = new Set(material.reports.map(({ digest }) => digest))
  const periods = [...new Set(material.reports.map(({ subject }) => subject.period))].toSorted()
  const open = periods.flatMap((period) =>
    [...chooseReports([...material.reports, ...seen], period).values()]
      .map(({ report }) => report)
      .filter(({ digest }) => !given.has(digest)),
  )
  const names = new Set(open.map(({ agency, subject }) => `${agency} ${subject.period}`))
  const isNamed = ({ agency, subject }: PlacedReport) => names.has(`${agency} ${subject.period}`)
  const reports = material.reports.filter((report) => !isNamed(report))
  const wanted = open.filter(({ agency, subject }) =>
    material.reports.some((one) => one.agency === agency && one.subject.period === subject.period),
  )
  return {
    material: { ...material, reports },
    dropped: wanted
      .map(({ id, revisionOf }) => ({ id, isCorrection: revisionOf !== undefined }))
      .toSorted((a, b) => compareText(a.id, b.id)),
  }
}

const open: ReadonlySet<string> = new Set([...unproven, 'corrects-unseen'])

/** The agencies of which nobody can tell from the files that the report is the one that counts. @see protocol/spec/rate.md, RATE-34 */
export function unprovenIn({ agencies }: RegionRate): readonly string[] {
  return agencies.filter(({ flags }) => flags.some(({ code }) => open.has(code))).map(({ agency }) => agency)
}
