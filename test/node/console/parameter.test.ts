import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandLine, quoteArgument } from '../../../node/console/command.ts'
import { addressWith, readParameters } from '../../../node/console/parameter.ts'
import { isCalendarDate } from '../../../protocol/date.ts'
import { findForbiddenCharacter } from '../../../protocol/identifier/text.ts'

const label = { zh: '条件', en: 'condition' }
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'toString', '\ud800', '\u0000', '2026-02-30'),
)

describe('what a form says', () => {
  test('[CONSOLE-30] is read or left out, and said to be left out, whatever it is', () => {
    fc.assert(
      fc.property(anyText, (written) => {
        const parameters = readParameters(() => written)
        const text = parameters.text('q', label)
        expect(text.isWellFormed() && findForbiddenCharacter(text) === undefined && text.length <= 512).toBe(
          true,
        )
        expect(isCalendarDate(parameters.day('at', label, '2026-07-01'))).toBe(true)
        expect([undefined, 'one']).toContain(parameters.choice('c', label, { one: 1 }))
        const page = parameters.page('page', label)
        expect(Number.isInteger(page) && page >= 1 && page <= 1_000_000).toBe(true)
        const understood = [text === written.trim(), isCalendarDate(written.trim()) || written.trim() === '']
        expect(parameters.ignored.length).toBeGreaterThanOrEqual(understood.filter((known) => !known).length)
      }),
    )
  })

  test('[CONSOLE-30] an address holds what was asked, and comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        const url = new URL(addressWith('/compare', { a, b, at: undefined }), 'http://localhost')
        expect(url.searchParams.get('a') ?? '').toBe(a)
        expect(url.searchParams.get('b') ?? '').toBe(b)
        expect(url.searchParams.has('at')).toBe(false)
      }),
    )
  })
})

describe('commands', () => {
  test('[CONSOLE-30] a shell takes each word as it was, whatever it holds', () => {
    const word = fc
      .string({ unit: 'grapheme' })
      .filter((text) => !text.includes('\u0000') && text.isWellFormed())
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const out = execFileSync('sh', ['-c', `printf '%s\\n.\\n' ${commandLine(words)}`], {
          encoding: 'utf8',
        })
        expect(out).toBe(words.map((one) => `${one}\n.\n`).join(''))
      }),
      { numRuns: 40 },
    )
    expect(quoteArgument('sha256:00')).toBe('sha256:00')
    expect(quoteArgument("a'$(rm -rf ~)")).toBe("'a'\\''$(rm -rf ~)'")
  })
})
