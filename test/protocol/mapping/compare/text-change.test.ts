import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changesBetween } from '../../../../protocol/mapping/compare/text-change.ts'

const side = (kind: 'removed' | 'added', changes: ReturnType<typeof changesBetween>) =>
  changes.flatMap((change) => (change.kind === 'same' || change.kind === kind ? [change.text] : [])).join('')

const show = (a: string, b: string) =>
  changesBetween(a, b)
    .map(({ kind, text }) => ({ same: text, removed: `[-${text}]`, added: `[+${text}]` })[kind])
    .join('')

test.each([
  ['保洁每日一次', '保洁每日两次', '保洁每日[-一][+两]次'],
  ['不超过1500元', '不超过1200元', '不超过[-1500][+1200]元'],
  ['', '新增', '[+新增]'],
  ['删去', '', '[-删去]'],
  ['相同', '相同', '相同'],
  ['应在30分钟内到场', '应当在15分钟内到达现场', '应[+当]在[-30][+15]分钟内到[+达现]场'],
])('[MAP-74] %j and %j', (a, b, expected) => {
  expect(show(a, b)).toBe(expected)
})

test('[MAP-74] both texts come out again, whatever they are, and the difference is a shortest one', () => {
  const text = fc.string({ unit: fc.constantFrom(...'保洁每日一次两12 a𠮷'), maxLength: 24 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const changes = changesBetween(a, b)
      expect(side('removed', changes)).toBe(a)
      expect(side('added', changes)).toBe(b)
    }),
    { numRuns: 1000 },
  )
  const plain = fc.string({ unit: fc.constantFrom(...'保洁每日一次'), maxLength: 12 })
  fc.assert(
    fc.property(plain, plain, (a, b) => {
      const common = changesBetween(a, b).filter(({ kind }) => kind === 'same')
      expect(common.reduce((sum, { text: run }) => sum + run.length, 0)).toBe(longestCommon(a, b))
    }),
  )
})

test('[MAP-74] texts that have nothing in common are no work without end', () => {
  const [a, b] = ['甲'.repeat(20_000), '乙'.repeat(20_000)]
  expect(changesBetween(a, b)).toEqual([
    { kind: 'removed', text: a },
    { kind: 'added', text: b },
  ])
})

function longestCommon(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, () => 0)
  for (const char of a) {
    const next = [0]
    for (let n = 0; n < b.length; n += 1)
      next.push(b[n] === char ? row[n]! + 1 : Math.max(row[n + 1]!, next[n]!))
    row = next
  }
  return row.at(-1)!
}
