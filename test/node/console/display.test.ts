import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coverForm, formatCount, formatDay, formatTime, safeLink } from '../../../node/console/display.ts'
import { html, renderPage, revealText } from '../../../node/console/markup.ts'
import { addressOf, readSearch } from '../../../node/console/query.ts'
import { findForbiddenCharacter } from '../../../protocol/identifier/text.ts'
import { readPage } from './element.ts'

test('dates are written as in Chinese documents, times in those of Beijing', () => {
  expect(formatDay('2023-01-29')).toBe('2023年1月29日')
  expect(formatDay('2023-02-30')).toBe('2023-02-30')
  expect(formatTime('2025-12-31T16:00:01.000Z')).toBe('2026年1月1日 00:00:01')
  expect(formatTime('2026-06-20 08:00:00.123+00')).toBe('2026年6月20日 16:00:00')
  expect(formatTime('yesterday')).toBe('yesterday')
  expect(formatTime('+275760-09-13T00:00:00.000Z')).toBe('+275760-09-13T00:00:00.000Z')
})

test('numbers stand in cover form whatever their spelling; what is no number stays', () => {
  expect(coverForm('db50/t1055-2020')).toBe('DB50/T 1055—2020')
  expect(coverForm('川机管发〔2015〕53号')).toBe('川机管发〔2015〕53号')
  expect(formatCount(1234567)).toBe('1,234,567')
})

test.each([
  ['https://a.example/b', true],
  ['http://a.example', true],
  ['javascript:alert(1)', false],
  ['JaVaScRiPt:alert(1)', false],
  [' javascript:alert(1)', false],
  ['data:text/html,x', false],
  ['//a.example', false],
  ['https://u:p@a.example', false],
  ['file:///etc/passwd', false],
  ['', false],
])('the address %s may be a link: %s', (address, linked) => {
  expect(safeLink(address) !== undefined).toBe(linked)
})

test('any text comes back out of a page as it went in, in content and in an attribute', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      const page = readPage(await renderPage(html`<p class="${text}">${text}</p>`))
      const [p] = page.children
      if (typeof p !== 'object') throw new Error('no element')
      expect(p.attributes.get('class')).toBe(revealText(text))
      expect(p.children.join('')).toBe(revealText(text))
    }),
    { numRuns: 300 },
  )
})

test('nothing that cannot be seen is left in what is sent, and what can be seen is untouched', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = revealText(text)
      expect(findForbiddenCharacter(shown.replace(/[\n\t]/g, ''))).toBeUndefined()
      if (findForbiddenCharacter(text) === undefined) expect(shown).toBe(text)
    }),
  )
})

test('any query is read without a fault, and its address reads back as the same search', () => {
  const value = fc.option(fc.string({ unit: 'binary' }), { nil: undefined })
  fc.assert(
    fc.property(fc.record({ q: value, class: value, level: value, state: value, page: value }), (asked) => {
      const search = readSearch((name) =>
        new Map<string, string | undefined>(Object.entries(asked)).get(name),
      )
      expect(search.q.isWellFormed()).toBe(true)
      const address = new URL(addressOf(search, search.page), 'https://a.example/')
      const again = readSearch((name) => address.searchParams.get(name) ?? undefined)
      expect(again).toEqual({ ...search, ignored: [] })
    }),
  )
})
