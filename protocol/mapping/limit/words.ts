import type { LimitComparison, QuantityComparison } from './compare.ts'
import { foldUnitText } from './fold.ts'
import type { Limit } from './interval.ts'
import { formatLimit, formatUnit } from './text.ts'

/** Words for people: Chinese first. */
export interface Words {
  readonly zh: string
  readonly en: string
}

/** What the two sides are called. */
export interface SideNames {
  readonly a: Words
  readonly b: Words
}

export const neutralSides: SideNames = { a: { zh: '甲方', en: 'A' }, b: { zh: '乙方', en: 'B' } }
/** For whoever the first side is. */
export const ownSides: SideNames = { a: { zh: '我方', en: 'ours' }, b: { zh: '对方', en: 'theirs' } }

/**
 * The outcome for one quantity in words, the stricter side first: `我方更严：≤1200 对 ≤1500 元/m²`.
 *
 * @see spec/mapping.md, MAP-55
 */
export function describeQuantity(comparison: QuantityComparison, sides: SideNames = neutralSides): Words {
  const { relation, a, b, obstacle } = comparison
  if (relation === 'stricter') return stricter(sides.a, pairOf(a, b))
  if (relation === 'looser') return stricter(sides.b, pairOf(b, a))
  if (relation === 'equal') {
    const [one, other] = [formatAll(a), formatAll(b)]
    if (one === other) return { zh: `一致：${one}`, en: `the same: ${one}` }
    return { zh: `一致：${one} 即 ${other}`, en: `the same: ${one} is ${other}` }
  }
  const both = {
    zh: `${sides.a.zh} ${formatAll(a)}，${sides.b.zh} ${formatAll(b)}`,
    en: `${sides.a.en} ${formatAll(a)}, ${sides.b.en} ${formatAll(b)}`,
  }
  if (relation === 'overlapping') return { zh: `部分交叉：${both.zh}`, en: `overlapping: ${both.en}` }
  if (relation === 'conflicting')
    return { zh: `冲突，不能同时满足：${both.zh}`, en: `conflicting, none meets both: ${both.en}` }
  return obstacle === 'empty'
    ? {
        zh: `无法比较，一方的限值自相矛盾：${both.zh}`,
        en: `not comparable, one side contradicts itself: ${both.en}`,
      }
    : { zh: `无法比较，单位不可换算：${both.zh}`, en: `not comparable, units do not convert: ${both.en}` }
}

/** All quantities in words, those that one side alone limits at the end. */
export function describeLimits(
  comparison: LimitComparison,
  sides: SideNames = neutralSides,
): readonly Words[] {
  const { quantities, onlyA, onlyB } = comparison
  return [
    ...quantities.map((each) => {
      const { zh, en } = describeQuantity(each, sides)
      return { zh: `${each.quantity}：${zh}`, en: `${each.quantity}: ${en}` }
    }),
    ...onlyA.map((limit) => alone(limit, sides.a)),
    ...onlyB.map((limit) => alone(limit, sides.b)),
  ]
}

function alone(limit: Limit, side: Words): Words {
  return {
    zh: `${limit.quantity}：仅${side.zh}有限值 ${formatLimit(limit)}`,
    en: `${limit.quantity}: a limit of ${side.en} alone, ${formatLimit(limit)}`,
  }
}

function stricter(side: Words, pair: { readonly strict: string; readonly loose: string }): Words {
  return {
    zh: `${side.zh}更严：${pair.strict} 对 ${pair.loose}`,
    en: `${side.en} stricter: ${pair.strict} against ${pair.loose}`,
  }
}

/** A unit that both share stands once, at the end. */
function pairOf(strict: readonly Limit[], loose: readonly Limit[]) {
  const units = new Set([...strict, ...loose].map((limit) => foldUnitText(formatUnit(limit))))
  const bare = ({ op, value }: Limit) => formatLimit({ op, value })
  return {
    strict: units.size === 1 ? strict.map(bare).join(' 且 ') : formatAll(strict),
    loose: formatAll(loose),
  }
}

function formatAll(limits: readonly Limit[]): string {
  return limits.map(formatLimit).join(' 且 ')
}
