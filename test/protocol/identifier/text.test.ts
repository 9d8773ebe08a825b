import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStandardNumber } from '../../../protocol/identifier/standard-number.ts'
import { findForbiddenCharacter, refuseForbiddenText } from '../../../protocol/identifier/text.ts'
import { codeOf } from './code-of.ts'

const forbidden = [
  ...[0x00, 0x09, 0x0a, 0x0d, 0x1f, 0x7f, 0x80, 0x85, 0x9f, 0xad, 0x61c, 0x115f, 0x180e],
  ...[0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2064],
  ...[0x2066, 0x2069, 0x206f, 0x3164, 0xfeff, 0xfff9, 0xe0001, 0xe007f],
].map((point) => String.fromCodePoint(point))

test('[ID-1] characters that are invisible, reorder or end a line are refused at their place', () => {
  for (const character of forbidden) {
    expect(findForbiddenCharacter(`璧山𠮷${character}`)).toBe(4)
    expect(codeOf(() => refuseForbiddenText(`璧山${character}区`))).toBe('TEXT_FORBIDDEN_CHAR')
    expect(codeOf(() => parseStandardNumber(`DB50/T${character}1055-2020`))).toBe('TEXT_FORBIDDEN_CHAR')
  }
})

test('[ID-1] what officials write in names is allowed', () => {
  for (const text of [
    '',
    '重庆市璧山区机关事务管理中心',
    'Nan’an Qu',
    '（合成样例）',
    '葛󠄀',
    '𠮷',
    'A　B',
    '“十四五”规划',
    '〔2021〕',
  ])
    expect(findForbiddenCharacter(text)).toBeUndefined()
})

test('[ID-1] no text makes the check fail otherwise', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect([undefined, 'TEXT_FORBIDDEN_CHAR']).toContain(codeOf(() => refuseForbiddenText(text)))
    }),
  )
})
