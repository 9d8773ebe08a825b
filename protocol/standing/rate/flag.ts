import { addDays, legalDateOf } from '../../date.ts'
import type { ReportLine } from '../../record/implementation-report.ts'
import type { IndicatorSubject } from '../../record/indicator-set.ts'
import { indicatorDigest } from '../../record/indicator-set.ts'
import type { Label } from '../../record/vocabulary.ts'
import type { LineStanding } from './line.ts'
import type { Period } from './period.ts'
import type { Unproven } from './proof.ts'
import type { ChosenReport, PlacedReport } from './report.ts'

/** What somebody should look at. None of it changes a number. */
export const flagNames = {
  late: { zh: '逾期报送', en: 'reported late' },
  corrected: { zh: '已更正', en: 'corrected since' },
  'corrects-unseen': { zh: '所更正的报告不在手边', en: 'the report that it corrects is not at hand' },
  'corrects-other': {
    zh: '另有更正的不是本机关本期报告，未计',
    en: 'a correction of what is another agency’s or period’s, not counted',
  },
  'first-unproven': {
    zh: '未证明为本期首份',
    en: 'not proven to be the first of its period',
  },
  'newest-unproven': {
    zh: '未证明其后无更正',
    en: 'not proven that no correction came later',
  },
  duplicate: { zh: '同期重复报告，未计', en: 'a further report for the period, not counted' },
  'many-not-applicable': { zh: '“不适用”过多', en: 'many lines say "not applicable"' },
  'clauses-changed': {
    zh: '适用条款数与上期不同，未说明',
    en: 'another number of clauses applies than in the period before, and nobody says why',
  },
  'not-in-force': { zh: '本期内非现行，未计', en: 'not in force in the period, not counted' },
  'clause-unknown': { zh: '条款不在该标准记录中', en: 'a clause that the edition does not have' },
  'other-set': { zh: '报告所依指标体系不同', en: 'the report names another indicator set' },
} as const satisfies Record<string, Label>

export type FlagCode = keyof typeof flagNames

export interface Flag {
  readonly code: FlagCode
  /** The edition of the line that it is about. */
  readonly edition?: string
  /** What was found, in numbers and names. */
  readonly found?: Readonly<Record<string, string | number>>
}

/** @see spec/rate.md, RATE-11, RATE-12, RATE-14 to RATE-16 and RATE-34 */
export function flagsOf(
  { report, first, revisesUnseen, duplicates, misdirected }: ChosenReport,
  given: {
    readonly period: Period
    readonly indicators: IndicatorSubject
    readonly lines: readonly LineStanding[]
    /** The report of the agency for the period before. */
    readonly before: PlacedReport | undefined
    readonly unproven: readonly Unproven[]
  },
): readonly Flag[] {
  const { period, indicators, lines, before, unproven } = given
  const { code, digest } = report.subject.indicatorSet
  const due = addDays(period.last, indicators.reportWithinDays)
  const loggedOn = first.place && legalDateOf(Date.parse(first.at))
  const excluded = lines.filter(({ line }) => !line.applicable).length
  const earlier = new Map(before?.subject.lines.map((line) => [line.edition.id, line]))
  return [
    ...(loggedOn !== undefined && loggedOn > due
      ? [{ code: 'late' as const, found: { loggedOn, due } }]
      : []),
    ...(report.digest === first.digest ? [] : [{ code: 'corrected' as const, found: { first: first.id } }]),
    ...(revisesUnseen ? [{ code: 'corrects-unseen' as const }] : []),
    ...unproven.map((code) => ({ code })),
    ...misdirected.map(({ id }) => ({ code: 'corrects-other' as const, found: { id } })),
    ...duplicates.map(({ id }) => ({ code: 'duplicate' as const, found: { id } })),
    ...(code !== indicators.code || (digest ?? indicatorDigest(indicators)) !== indicatorDigest(indicators)
      ? [{ code: 'other-set' as const, found: { named: code, used: indicators.code } }]
      : []),
    ...(excluded * 100 > lines.length * indicators.notApplicableShare
      ? [{ code: 'many-not-applicable' as const, found: { lines: excluded, of: lines.length } }]
      : []),
    ...lines.flatMap((one) => flagsOfLine(one, earlier.get(one.line.edition.id))),
  ]
}

function flagsOfLine(
  { line, known, standing }: LineStanding,
  earlier: ReportLine | undefined,
): readonly Flag[] {
  if (!line.applicable) return []
  const before = earlier?.edition.digest === line.edition.digest ? earlier : undefined
  const edition = line.edition.id
  const flags: Flag[] = []
  if (standing === 'not-in-force') flags.push({ code: 'not-in-force', edition })
  const [now, then] = [line.clausesApplicable, before?.clausesApplicable]
  if (now !== undefined && then !== undefined && now !== then && line.changeReason === undefined)
    flags.push({ code: 'clauses-changed', edition, found: { before: then, now } })
  const strange = strangeClauses(line, known)
  if (strange.length > 0)
    flags.push({ code: 'clause-unknown', edition, found: { clause: strange[0] ?? '', of: strange.length } })
  return flags
}

/** An edition that lists no clauses says nothing of which there are. */
function strangeClauses({ clauses }: ReportLine, known: LineStanding['known']): readonly string[] {
  const listed = known?.facts.clauses
  if (!clauses || !listed) return []
  const has = new Set(listed.map(({ uid }) => uid))
  return clauses.map(({ uid }) => uid).filter((uid) => !has.has(uid))
}
