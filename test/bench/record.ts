import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { canonicalKey, parseStandardNumber } from '../../protocol/identifier/standard-number.ts'
import type { Draft } from '../../protocol/record/draft.ts'

const reference = 'GB/T 1.1—2020'

/**
 * The record that all figures are about, after the test record of the measurements before the design: some 35 kinds of property,
 * three clauses, one document, a list of five; 2.3 KB unsigned, 2.7 KB signed. Each has a number, title and values of its own.
 */
export function benchDraft(n: number, extra: object = cover(n)): Draft {
  return syntheticStandard(n, {
    titleEn: `Service specification no. ${n} (synthetic)`,
    systemNo: `JG-${n}`,
    matters: ['meetings', 'office-space', 'official-vehicles', 'reception', 'property'],
    filingNo: `合成备${100_000 + n}`,
    custodians: [{ nameZh: '合成机关事务管理局' }],
    drafters: [{ nameZh: '合成标准化研究院' }],
    abolishedOn: '2031-12-31',
    important: true,
    draftedUnder: reference,
    textAccess: 'open',
    normativeRefs: [
      { value: reference, canonicalKey: canonicalKey(parseStandardNumber(reference)), dated: true },
    ],
    clauses: ['4.1', '4.2', '5.1'].map((locator, i) => ({
      uid: `c${locator.replace('.', '-')}`,
      locator,
      heading: `第${i + 1}项要求（合成样例）`,
      clauseType: 'requirement',
      textDigest: `sha256:${sha256Hex(`text ${n} ${locator}`)}`,
      ...(i === 0
        ? {
            limits: [
              { quantity: '年度运行费用', op: 'le', value: String(1000 + (n % 500)), unit: '元', per: 'm²' },
            ],
          }
        : {}),
    })),
    ...extra,
  })
}

function cover(n: number): object {
  const digest = `sha256:${sha256Hex(`cover ${n}`)}`
  return { media: [{ digest, mediaType: 'application/pdf', name: '封面（合成样例）' }] }
}

/** The same as a publisher sends it, but for the cover: nobody hands that in, and followers would ask for it. */
export function benchBody(n: number): object {
  const plain: object = JSON.parse(JSON.stringify(benchDraft(n, {})))
  return plain
}
