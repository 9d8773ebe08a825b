import { foldUnitText } from './fold.ts'
import { divide, multiply, one, type Rational } from './rational.ts'

/** How much of the first unit of its kind one of this unit is, as numerator and denominator. */
type Row = readonly [names: string, numerator: number, denominator?: number]

/**
 * Units that convert into one another, a line for each, exactly. What stands in no line is a kind of its own: it compares with itself
 * alone. `月` is no number of days, `工作日` no day, `%` no plain number, standard coal no coal.
 */
const kinds: Readonly<Record<string, readonly Row[]>> = {
  area: [
    ['m2 平方米 平米 sqm m^2', 1],
    ['cm2 平方厘米', 1, 10_000],
    ['mm2 平方毫米', 1, 1_000_000],
    ['km2 平方公里 平方千米', 1_000_000],
    ['hm2 ha 公顷', 10_000],
    ['亩', 2000, 3],
  ],
  money: [
    ['元 人民币元 元人民币 CNY RMB ¥ ￥', 1],
    ['角', 1, 10],
    ['千元', 1000],
    ['万元', 10_000],
    ['百万元', 1_000_000],
    ['亿元', 100_000_000],
  ],
  length: [
    ['m 米', 1],
    ['mm 毫米', 1, 1000],
    ['cm 厘米 公分', 1, 100],
    ['dm 分米', 1, 10],
    ['km KM 公里 千米', 1000],
    ['万km 万公里 万千米', 10_000_000],
  ],
  volume: [
    ['L l 升 公升 dm3 立方分米', 1],
    ['mL ml 毫升 cm3 立方厘米', 1, 1000],
    ['m3 立方米 立方 m^3', 1000],
  ],
  mass: [
    ['kg KG Kg 千克 公斤', 1],
    ['g 克', 1, 1000],
    ['mg 毫克', 1, 1_000_000],
    ['μg ug 微克', 1, 1_000_000_000],
    ['斤', 1, 2],
    ['t 吨', 1000],
    ['万t 万吨', 10_000_000],
  ],
  time: [
    ['s 秒 秒钟', 1],
    ['ms 毫秒', 1, 1000],
    ['min 分钟', 60],
    ['h 小时 个小时', 3600],
    ['d 天 日 自然日', 86_400],
    ['周 星期 个星期', 604_800],
  ],
  calendar: [
    ['月 个月', 1],
    ['季度 季 个季度', 3],
    ['半年', 6],
    ['年 a', 12],
  ],
  working: [['工作日 个工作日', 1]],
  share: [
    ['% 百分之', 1],
    ['‰', 1, 10],
  ],
  coal: [
    ['kgce 千克标准煤 公斤标准煤 千克标煤', 1],
    ['gce 克标准煤', 1, 1000],
    ['tce 吨标准煤 吨标煤', 1000],
  ],
  energy: [
    ['MJ 兆焦', 1],
    ['J 焦耳', 1, 1_000_000],
    ['kJ 千焦', 1, 1000],
    ['GJ 吉焦', 1000],
    ['kW·h kWh KWh KWH kw·h kwh 千瓦时 千瓦·时 千瓦小时', 36, 10],
    ['MW·h MWh 兆瓦时', 3600],
    ['万kW·h 万kWh 万千瓦时', 36_000],
  ],
  power: [
    ['W w 瓦', 1],
    ['kW kw KW 千瓦', 1000],
    ['MW 兆瓦', 1_000_000],
  ],
  temperature: [['°C ℃ 摄氏度', 1]],
  illuminance: [['lx lux Lux 勒克斯', 1]],
  sound: [['dB 分贝', 1]],
  soundWeighted: [['dB(A) dBA', 1]],
  pressure: [
    ['Pa 帕', 1],
    ['kPa 千帕', 1000],
    ['MPa 兆帕', 1_000_000],
  ],
  person: [
    ['人 名 位', 1],
    ['万人', 10_000],
  ],
  visit: [['人次', 1]],
  occasion: [['次', 1]],
  vehicle: [['辆', 1]],
}

interface Unit {
  readonly kind: string
  readonly factor: Rational
}

const table: ReadonlyMap<string, Unit> = new Map(
  Object.entries(kinds).flatMap(([kind, rows]) =>
    rows.flatMap(([names, numerator, denominator = 1]) =>
      names
        .split(' ')
        .flatMap((name) => [name, foldUnitText(name)])
        .map((name) => [
          name,
          { kind, factor: { numerator: BigInt(numerator), denominator: BigInt(denominator) } },
        ]),
    ),
  ),
)

/** A unit as a product of kinds over a product of kinds, and what one of it is in the first units of those. */
export interface Measure {
  /** Equal for units that convert into one another. */
  readonly kind: string
  readonly factor: Rational
}

const none: Measure = { kind: '', factor: one }

/**
 * What a unit, and what it is counted by, are: `元` by `m²`, or `元/m²` written as one; `元/(人·天)`.
 *
 * Proves nothing about whether such a unit is in use; a name that is not in the table is a kind of its own.
 *
 * @see spec/mapping.md, MAP-51
 */
export function measureOf(unit: string | undefined, per: string | undefined): Measure {
  const [plain, counted] = [table.get(unit ?? ''), table.get(per ?? '')]
  if (plain && (counted || per === undefined)) return counted ? quotient(plain, counted) : plain
  const [above, ...below] = splitUnit(unit ?? '')
  const numerator = productOf(above ?? '')
  const denominator = productOf([...below, ...splitUnit(per ?? '')].filter((part) => part !== '').join('·'))
  return denominator.kind === '' ? numerator : quotient(numerator, denominator)
}

function quotient(above: Measure, below: Measure): Measure {
  return { kind: `${above.kind}/${below.kind}`, factor: divide(above.factor, below.factor) }
}

function splitUnit(text: string): readonly string[] {
  const folded = foldUnitText(text)
  return table.has(folded) ? [folded] : folded.split('/').map(withoutBrackets)
}

function withoutBrackets(text: string): string {
  return text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1) : text
}

/** The longest name first, so that `kW·h` is not a product of two. */
function productOf(text: string): Measure {
  if (text === '') return none
  const whole = table.get(text)
  if (whole) return whole
  const names = text.split('·')
  const parts: Unit[] = []
  for (let at = 0; at < names.length; ) {
    let end = names.length
    while (end > at + 1 && !table.has(names.slice(at, end).join('·'))) end -= 1
    const name = names.slice(at, end).join('·')
    parts.push(table.get(name) ?? { kind: `?${name}`, factor: one })
    at = end
  }
  return {
    kind: parts
      .map(({ kind }) => kind)
      .toSorted()
      .join('·'),
    factor: parts.reduce((factor, part) => multiply(factor, part.factor), one),
  }
}
