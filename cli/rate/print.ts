import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { indicators } from '../../protocol/standing/rate/figure.ts'
import { type FlagCode, flagNames } from '../../protocol/standing/rate/flag.ts'
import { escapeText, formatTable, verdictNames } from '../print.ts'
import type { FileUse } from './material.ts'

/** Words for a rate, from its JSON: whoever computed it, it reads alike. */

const names: readonly (keyof typeof indicators)[] = [
  'utilisation',
  'implementation',
  'full-implementation',
  'coverage',
  'mutual-use',
]

/** @see protocol/spec/rate.md, RATE-32 */
export function describeRate(answer: JsonObject, from: 'files' | 'node'): string {
  const { reporting, indicatorSet } = answer
  const nameOf = namer(answer)
  const { reported, expected, missing, misdirected } = objectOf(reporting)
  const of = typeof expected === 'number' ? `${expected}家应报` : '应报家数未知'
  const { code, digest } = objectOf(indicatorSet)
  const head = [
    `${quarterOf(answer.period)} 标准综合运用率（指标体系 ${textIn(code)} ${textIn(digest)}）`,
    `已报 ${textIn(reported)} 家，${of} / ${textIn(reported)} of ${typeof expected === 'number' ? expected : 'an unknown number'} reported`,
    ...(Array.isArray(missing) && missing.length > 0
      ? [`未报（不计0，也不计100%）/ missing: ${missing.map((id) => nameOf(id)).join('、')}`]
      : []),
    from === 'node'
      ? '此数由节点计算，未在本机复核 / computed by the node, not checked here'
      : answer.unverified === true
        ? '! 含未核实的记录，此数未经证明 / rests on records that are not verified: not proven'
        : '由所给文件在本机计算 / computed here from the files',
  ]
  const agencies = listOf(answer.agencies)
  const table = formatTable([
    ['', ...names.map((name) => indicators[name].zh), '提示'],
    ['已报机关合计', ...names.map((name) => figureOf(answer.figures, name)), ''],
    ...agencies.map((one) => [
      nameOf(one.agency),
      ...names.map((name) => figureOf(one.figures, name)),
      flagsIn(one).join('、'),
    ]),
  ])
  const { utilisation } = objectOf(answer.figures)
  const open = Array.isArray(answer.unproven) ? answer.unproven : []
  const tail = [
    `综合运用率精确值 / exact: ${exactOf(objectOf(utilisation))}`,
    ...listOf(answer.leaders).map(
      ({ indicator, value, agencies: who, contested }) =>
        `领跑者 / leader: ${labelOf(indicator)} ${textIn(objectOf(value).shown)} ${Array.isArray(who) ? who.map((id) => nameOf(id)).join('、') : ''}${contested === true ? '（待定 / contested）' : ''}`,
    ),
    ...listOf(answer.assumptions).map(({ code: what, edition }) =>
      what === 'edition-unknown'
        ? `? 标准记录不在手边，是否现行、是否重要未知 / the edition is not at hand: ${textIn(edition)}`
        : `? 标准在本期内的状态不可判定 / the state of the edition is undetermined: ${textIn(edition)}`,
    ),
    ...listOf(misdirected).map(
      ({ agency, id }) =>
        `! 更正的不是本机关本期的报告，未计 / a correction of what is another agency’s or period’s, not counted: ${nameOf(agency)} ${textIn(id)}`,
    ),
    ...(open.length > 0
      ? [
          `? 不能证明所给报告是应计的那一份 / not proven to be the reports that count: ${open.map((id) => nameOf(id)).join('、')}`,
          '　 请一并给出其日志自第0条起、且足够新的证据包，以及所更正的报告 / add bundles of its logs from entry 0 on, as new as the rest, and the reports that are corrected',
        ]
      : []),
    ...(agencies.some((one) => objectOf(objectOf(one.figures)['mutual-use']).state === 'determined')
      ? ['互用率按报告所述，声明效力未核 / mutual use as the reports state it']
      : []),
  ]
  return `${linesOf(head)}\n${table}\n${linesOf(tail)}`
}

/** What changed since another period. */
export function describeDifference(answer: JsonObject, difference: JsonObject): string {
  const nameOf = namer(answer)
  const changeIn = (figures: JsonValue | undefined) => {
    const { before, after, change } = objectOf(objectOf(figures).utilisation)
    const [one, other] = [objectOf(before), objectOf(after)]
    const by = isJsonObject(change) ? signed(textIn(change.shown)) : '—'
    return [shownOf(one), shownOf(other), by]
  }
  const once: Readonly<Record<string, string>> = { before: '仅上期报送', after: '仅本期报送' }
  const rows = listOf(difference.agencies).map(({ agency, reported, figures }) =>
    reported === 'both'
      ? [nameOf(agency), ...changeIn(figures)]
      : [nameOf(agency), once[textIn(reported)] ?? ''],
  )
  return `\n${formatTable([
    ['综合运用率变化', textIn(difference.from), textIn(difference.to), '增减（百分点）'],
    ['已报机关合计', ...changeIn(difference.figures)],
    ...rows,
  ])}`
}

/** The files that did not go in, each with why; those that did in one line. */
export function describeUses(uses: readonly FileUse[]): string {
  const kinds = { report: '报告', edition: '标准', 'indicator-set': '指标体系', other: '其他' } as const
  const proven = uses.filter(({ counted, word }) => counted && word === 'verified')
  const others = uses.filter((use) => !proven.includes(use))
  if (uses.length === 0) return ''
  return `\n${linesOf([
    `已核实并采用 / verified and used: ${proven.length} / ${uses.length}`,
    ...others.map(({ file, word, counted, what, code, detail }) => {
      const use = counted ? '采用（未核实）/ used, not verified' : '未采用 / not used'
      const why = detail ? `  ${detail.zh} / ${detail.en}` : ''
      return `${verdictNames[word]}  ${file}（${kinds[what]}）${use}${code === undefined ? '' : `  ${code}`}${why}`
    }),
  ])}`
}

function figureOf(figures: JsonValue | undefined, name: string): string {
  return shownOf(objectOf(objectOf(figures)[name]))
}

/** One number, the two that it lies between, or none. */
function shownOf(figure: JsonObject): string {
  if (figure.state === 'determined') return textIn(figure.shown)
  if (figure.state === 'none') return '无'
  const [lower, upper] = [objectOf(figure.lower), objectOf(figure.upper)]
  return `${textIn(lower.shown)}～${textIn(upper.shown)}?`
}

function exactOf(figure: JsonObject): string {
  const fraction = (of: JsonObject) => `${textIn(of.numerator)}/${textIn(of.denominator)}`
  if (figure.state === 'determined') return `${fraction(figure)}（${textIn(figure.shown)}）`
  if (figure.state === 'none') return '无可计入的标准 / nothing counts'
  return `不可判定，介于 ${fraction(objectOf(figure.lower))} 与 ${fraction(objectOf(figure.upper))} 之间 / undecided, between the two`
}

function flagsIn({ flags }: JsonObject): readonly string[] {
  const codes = new Set(listOf(flags).map(({ code }) => textIn(code)))
  return [...codes].map((code) => (isFlag(code) ? flagNames[code].zh : code))
}

function isFlag(code: string): code is FlagCode {
  return Object.hasOwn(flagNames, code)
}

function labelOf(indicator: JsonValue | undefined): string {
  const name = names.find((known) => known === indicator)
  return name === undefined ? textIn(indicator) : indicators[name].zh
}

function quarterOf(period: JsonValue | undefined): string {
  const [, year, quarter] = /^(\d{4})-Q([1-4])$/.exec(textIn(period)) ?? []
  return `${year ?? ''}年第${quarter ?? ''}季度`
}

/** Points, not per cent of anything. */
function signed(percent: string): string {
  const points = percent.replace('%', '')
  return points.startsWith('-') || points === '0.00' ? points : `+${points}`
}

function namer({ names: known }: JsonObject): (id: JsonValue | undefined) => string {
  const table = objectOf(known)
  return (id) => {
    const name = typeof id === 'string' && Object.hasOwn(table, id) ? table[id] : undefined
    return typeof name === 'string' ? name : textIn(id)
  }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function listOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

function textIn(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${escapeText(line)}\n`).join('')
}
