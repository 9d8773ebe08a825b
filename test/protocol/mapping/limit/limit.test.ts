import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../../protocol/error.ts'
import {
  compareClauseLimits,
  compareLimits,
  inverseRelations,
} from '../../../../protocol/mapping/limit/compare.ts'
import type { Limit } from '../../../../protocol/mapping/limit/interval.ts'
import {
  type Bound,
  formatLimit,
  parseLimitText,
  readLimitText,
} from '../../../../protocol/mapping/limit/text.ts'
import { describeLimits, describeQuantity, ownSides } from '../../../../protocol/mapping/limit/words.ts'

const units = [
  undefined,
  '元',
  '万元',
  'm²',
  '㎡',
  'cm³',
  'h',
  'min',
  '%',
  '桌',
  'dB(A)',
  'kW·h',
  '人·天',
] as const
const bound = fc
  .record({
    op: fc.constantFrom('le' as const, 'ge' as const, 'eq' as const),
    whole: fc.integer({ min: -2000, max: 2000 }),
    fraction: fc.constantFrom('', '.5', '.05'),
    unit: fc.constantFrom(...units),
    per: fc.constantFrom(undefined, 'm²', '人·天', '平方米', 'kW·h', '天', 'm²·a'),
  })
  .map(({ op, whole, fraction, unit, per }): Bound => {
    const value = `${whole}${fraction}`
    return { op, value, ...(unit ? { unit } : {}), ...(per ? { per } : {}) }
  })

/** A limit as the examples of the specification write it. */
function of(text: string, quantity = '数值'): Limit {
  const [op = '', value = '', unit, per] = text.split(' ')
  if (op !== 'le' && op !== 'ge' && op !== 'eq') throw new Error(op)
  return { quantity, op, value, ...(unit ? { unit } : {}), ...(per ? { per } : {}) }
}

describe('two limits', () => {
  test.each([
    ['le 1200 元 m²', 'le 1500 元 m²', 'stricter'],
    ['le 1500 元 m²', 'le 1200 元 m²', 'looser'],
    ['le 10 天', 'ge 20 天', 'conflicting'],
    ['eq 5 %', 'le 3 %', 'conflicting'],
    ['eq 3 %', 'le 3 %', 'stricter'],
    ['le 10 天', 'ge 5 天', 'overlapping'],
    ['le 10 天', 'ge 10 天', 'overlapping'],
    ['ge 30 min', 'ge 0.5 h', 'equal'],
    ['ge 30', 'ge 20', 'stricter'],
    ['eq 5', 'eq 5', 'equal'],
    ['eq 5', 'eq 6', 'conflicting'],
    ['le 9007199254740993', 'le 9007199254740992', 'looser'],
    ['le 0.30000000000000000000000000000000001', 'le 0.3', 'looser'],
  ])('[MAP-50] %s against %s is %s', (a, b, relation) => {
    expect(compareLimits(of(a), of(b))).toBe(relation)
  })

  test('[MAP-50] turned round, the answer is turned round', () => {
    fc.assert(
      fc.property(bound, bound, (a, b) => {
        expect(compareLimits(b, a)).toBe(inverseRelations[compareLimits(a, b)])
      }),
    )
  })

  test.each([
    ['le 1200 元 m²', 'le 0.12 万元 ㎡', 'equal'],
    ['le 1200 元/m²', 'le 1200 元 平方米', 'equal'],
    ['le 1200 元／㎡', 'le 1200 元 m2', 'equal'],
    ['le 3 亩', 'le 2000 m²', 'equal'],
    ['le 1 t', 'le 1000 公斤', 'equal'],
    ['le 1 升', 'le 1000 mL', 'equal'],
    ['le 1 km', 'le 1 公里', 'equal'],
    ['le 1 天', 'le 1440 分钟', 'equal'],
    ['le 12 月', 'le 1 年', 'equal'],
    ['le 10 kgce m²·a', 'le 10 千克标准煤/(平方米·年)', 'equal'],
    ['le 100 kW·h', 'le 360 MJ', 'equal'],
    ['le 50 元/人·天', 'le 50 元/天·人', 'equal'],
    ['le 26 ℃', 'le 26 摄氏度', 'equal'],
    ['le 5 ％', 'le 50 ‰', 'equal'],
    ['le 5 桌', 'le 5 桌', 'equal'],
    ['le 5 天', 'le 5 工作日', 'incomparable'],
    ['le 1 月', 'le 30 天', 'incomparable'],
    ['le 5 桌', 'le 5 席', 'incomparable'],
    ['le 5 %', 'le 5', 'incomparable'],
    ['le 1 kgce', 'le 1 kg', 'incomparable'],
    ['le 5 元 m²', 'le 5 元 人', 'incomparable'],
    ['le 5 constructor', 'le 5 toString', 'incomparable'],
  ])('[MAP-51] the units of %s and %s: %s', (a, b, relation) => {
    expect(compareLimits(of(a), of(b))).toBe(relation)
  })
})

describe('the limits of two clauses', () => {
  const all = (...texts: readonly string[]) =>
    texts.map((text) => of(text.slice(text.indexOf(':') + 1), text.slice(0, text.indexOf(':'))))

  test('[MAP-52] limits of one quantity are one range, however it is spelled', () => {
    const a = all('室温:ge 18 ℃', '室 温:le 26 ℃')
    expect(compareClauseLimits(a, all('室温:ge 16 ℃', '室温:le 28 ℃')).relation).toBe('stricter')
    expect(compareClauseLimits(a, all('室温:le 20 摄氏度')).relation).toBe('overlapping')
    expect(compareClauseLimits(a, all('室温:le 10 ℃')).relation).toBe('conflicting')
    const torn = compareClauseLimits(all('x:ge 5', 'x:le 3'), all('x:le 9'))
    expect(torn).toMatchObject({ relation: 'incomparable', quantities: [{ obstacle: 'empty' }] })
  })

  test('[MAP-52] a mark between letters or digits tells names apart, and no other does', () => {
    const relation = (a: string, b: string) =>
      compareClauseLimits(all(`${a}:le 1`), all(`${b}:le 1`)).relation
    for (const [a, b] of [
      ['PM1.0', 'PM10'],
      ['A-11', 'A1-1'],
      ['1,5', '15'],
    ] as const)
      expect(relation(a, b)).toBe('incomparable')
    for (const [a, b] of [
      ['PM₁₀', 'PM10'],
      ['pm 2.5', 'ＰＭ２．５'],
      ['维修-费', '维修费'],
      ['室温（夏季）。', '室温夏季'],
      ['-x-', 'X'],
    ] as const)
      expect(relation(a, b)).toBe('equal')
  })

  test.each([
    [['x:le 1', 'y:le 2'], ['x:le 1', 'y:le 2'], 'equal'],
    [['x:le 1', 'y:le 2'], ['x:le 2', 'y:le 2'], 'stricter'],
    [['x:le 1', 'y:le 3'], ['x:le 2', 'y:le 2'], 'overlapping'],
    [['x:le 1', 'y:le 3'], ['x:ge 2', 'y:le 2'], 'conflicting'],
    [['x:le 1', 'y:le 3 h'], ['x:le 1', 'y:le 2 m'], 'incomparable'],
    [['x:le 1', 'y:le 3'], ['x:le 1'], 'stricter'],
    [['x:le 1', 'y:le 3'], ['x:le 1', 'z:le 3'], 'overlapping'],
    [['x:le 1'], ['z:le 1'], 'incomparable'],
    [[], ['z:le 1'], 'incomparable'],
  ])('[MAP-53] %j against %j is %s', (a, b, relation) => {
    const found = compareClauseLimits(all(...a), all(...b))
    expect(found.relation).toBe(relation)
    expect(found.onlyA.length + found.onlyB.length + 2 * found.quantities.length).toBe(a.length + b.length)
  })
})

describe('a limit in words', () => {
  test.each([
    ['≤1200 元/m²', { op: 'le', value: '1200', unit: '元', per: 'm²' }],
    ['不超过1200元/平方米', { op: 'le', value: '1200', unit: '元', per: '平方米' }],
    ['≥30分钟', { op: 'ge', value: '30', unit: '分钟' }],
    ['＜＝１，２００．５０　元／㎡', { op: 'le', value: '1200.5', unit: '元', per: 'm²' }],
    ['30分钟以内', { op: 'le', value: '30', unit: '分钟' }],
    ['18℃以上', { op: 'ge', value: '18', unit: '℃' }],
    ['不应少于 2 人', { op: 'ge', value: '2', unit: '人' }],
    ['= 5%', { op: 'eq', value: '5', unit: '%' }],
    ['≥-5 ℃', { op: 'ge', value: '-5', unit: '℃' }],
    ['≤40 元/(人·天)', { op: 'le', value: '40', unit: '元', per: '人·天' }],
    ['至多3', { op: 'le', value: '3' }],
    ['15日内', { op: 'le', value: '15', unit: '日' }],
    ['≤12 kgce/(m2·a)', { op: 'le', value: '12', unit: 'kgce', per: 'm²·a' }],
    ['≤65 dB(A)', { op: 'le', value: '65', unit: 'dB(A)' }],
    ['≤5/天', { op: 'le', value: '5', per: '天' }],
    ['≤5 ｍ³/h', { op: 'le', value: '5', unit: 'm³', per: 'h' }],
    ['≤10 ㎝²', { op: 'le', value: '10', unit: 'cm²' }],
    ['≤10 ㎢', { op: 'le', value: '10', unit: 'km²' }],
    ['≤3 ㎏', { op: 'le', value: '3', unit: 'kg' }],
    ['≤3 eV', { op: 'le', value: '3', unit: 'eV' }],
  ])('[MAP-54] %s is read', (text, expected) => {
    expect(parseLimitText(text)).toEqual(expected)
  })

  test.each([
    '',
    '1200 元',
    '<1200 元',
    '小于30分钟',
    '≤',
    '≤约30分钟',
    '≤30分钟，特殊情况除外',
    '≤30分钟或1小时',
    '≤1,20 元',
    '≤007 元',
    '≤1.2.3',
    '≤10～20 元',
    '≤1 200 元',
    '≤3 0 分钟',
    '≤5 人2',
    '≤1e9 元',
    '≤1E元',
    '≤1E',
    '≤10³ 元',
    '≤10² m',
    '≤10₂',
    '≤5⁵',
    '≤m³5',
    '≤①②天',
    '≤⑤',
    '≤㏠',
    '≤1㍘',
    '≤½天',
    '≤5 人²',
    '≤𝟏𝟐 元',
    '≤5/',
    '≤5/2',
    '≤0x10',
    '不超过30分钟以内',
    '5内内',
    '30分钟内以上',
    '≤30 分钟每次',
    '≤30 元//m²',
    `≤${'9'.repeat(300)}`,
    '按需',
  ])('[MAP-54] %j is refused as a whole', (text) => {
    expect(() => parseLimitText(text)).toThrow(ProtocolError)
    expect(readLimitText(text)).toBeUndefined()
  })

  test('[MAP-54] what is written is read back, and nothing makes the reader fail otherwise', () => {
    fc.assert(
      fc.property(bound, (limit) => {
        const read = parseLimitText(formatLimit(limit))
        expect(compareLimits(read, limit)).toBe('equal')
        expect(parseLimitText(formatLimit(read))).toEqual(read)
      }),
    )
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'≤≥=不超过以内1205.,-元/m²³①½人·天()每 eE') }),
        (text) => {
          const read = readLimitText(text)
          if (read) expect(parseLimitText(formatLimit(read))).toEqual(read)
          else expect(read).toBeUndefined()
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('in words', () => {
  test.each([
    ['le 1200 元 m²', 'le 1500 元 m²', '我方更严：≤1200 对 ≤1500 元/m²'],
    ['le 1500 元 m²', 'le 1200 元 ㎡', '对方更严：≤1200 对 ≤1500 元/m²'],
    ['le 1200 元 m²', 'le 0.15 万元 m²', '我方更严：≤1200 元/m² 对 ≤0.15 万元/m²'],
    ['ge 30 min', 'ge 0.5 h', '一致：≥30 min 即 ≥0.5 h'],
    ['le 10', 'ge 20', '冲突，不能同时满足：我方 ≤10，对方 ≥20'],
    ['le 10', 'ge 5', '部分交叉：我方 ≤10，对方 ≥5'],
    ['le 5 天', 'le 5 工作日', '无法比较，单位不可换算：我方 ≤5 天，对方 ≤5 工作日'],
  ])('[MAP-55] %s against %s: %s', (a, b, zh) => {
    const [found] = compareClauseLimits([of(a)], [of(b)]).quantities
    expect(found && describeQuantity(found, ownSides).zh).toBe(zh)
  })

  test('[MAP-55] sides are neutral unless one of them reads, and lone limits are named', () => {
    const found = compareClauseLimits([of('le 1 h', '时限'), of('le 2', '人数')], [of('le 2 h', '时限')])
    expect(describeLimits(found)).toEqual([
      { zh: '时限：甲方更严：≤1 对 ≤2 h', en: '时限: A stricter: ≤1 against ≤2 h' },
      { zh: '人数：仅甲方有限值 ≤2', en: '人数: a limit of A alone, ≤2' },
    ])
  })
})
