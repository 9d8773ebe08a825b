import type { Spelling } from './spelling.ts'

/** National, industry, provincial and municipal local, group, enterprise (internal) standards. */
export type Scheme = 'GB' | 'HB' | 'DB-P' | 'DB-M' | 'T' | 'Q'

/** The letters before a number: `GB/T`, `DB50/T`, `DB51/` (mandatory), `DBJ50/T`, `T/GZPMA`, `Q/JGSW-HQ`. */
export interface StandardCode {
  readonly scheme: Scheme
  readonly code: string
}

const division = '[1-8]\\d'
const local = new RegExp(`^DB ?(${division}(?:(?!00)\\d{2})?)(?:/([TZ]?) ?| )(?=\\d)`)
const foodSafety = new RegExp(`^DBS ?(${division})[/ ](?=\\d)`)
const construction = new RegExp(`^DBJ ?(${division})(?:(/T)[- ]?|[-/ ])(?=\\d)`)
const national = /^(GB(?:\/[TZ])?|GBZ(?:\/T)?|GBN|GBJ|GSB|GJB(?:\/Z)?) ?(?=\d)/
const industry = /^(DB\/[TZ]|(?!DB|GB|XG|BS|EN|KS|NF|UL)[A-Z]{2}(?:\/[TZ])?|(?:JGJ|CJJ)(?:\/T)?) ?(?=\d)/
/**
 * With its space, a code may hold digits anywhere; without, it ends at its last letter. A year is no 区分, or two
 * numbers with a space between them would read as one.
 */
const group = /^(T\/(?=\d*[A-Z])[0-9A-Z]+) (?=\d)|^(T\/\d*[A-Z]+)-?(?=\d)/
const enterprise =
  /^(Q\/(?=\d*[A-Z])[0-9A-Z]+(?:-(?!(?:19|20)\d\d )[0-9A-Z]+)?) (?=\d)|^(Q\/\d*[A-Z]+(?:-\d*[A-Z]+)?)-?(?=\d)/

/**
 * Reads the code and the space or hyphen after it, up to the first digit of the number.
 *
 * @throws {ProtocolError} `IDENTIFIER_INVALID`
 * @see spec/identifier.md, ID-5 to ID-9
 */
export function readCode(spelling: Spelling): StandardCode {
  const found =
    readLocal(spelling) ??
    readPlain(spelling, national, 'GB') ??
    readPlain(spelling, group, 'T') ??
    readPlain(spelling, enterprise, 'Q') ??
    readPlain(spelling, industry, 'HB')
  if (!found) throw spelling.fault('no code of a Chinese standard with a number after it')
  return found
}

function readLocal(spelling: Spelling): StandardCode | undefined {
  const [, digits, kind = ''] = spelling.take(local) ?? []
  if (digits !== undefined)
    return { scheme: digits.length === 2 ? 'DB-P' : 'DB-M', code: `DB${digits}/${kind}` }
  const [, food] = spelling.take(foodSafety) ?? []
  if (food !== undefined) return { scheme: 'DB-P', code: `DBS${food}/` }
  const [, building, mark = ''] = spelling.take(construction) ?? []
  return building === undefined ? undefined : { scheme: 'DB-P', code: `DBJ${building}${mark}` }
}

function readPlain(spelling: Spelling, pattern: RegExp, scheme: Scheme): StandardCode | undefined {
  const [, spaced, joined] = spelling.take(pattern) ?? []
  const code = spaced ?? joined
  return code === undefined ? undefined : { scheme, code: code === 'GBN' ? 'GBn' : code }
}

/** Letters that mark a revised edition (`GJB 9001C`) stand after the numbers of these codes alone. */
export function takesRevisionLetter({ scheme, code }: StandardCode): boolean {
  return scheme === 'HB' || code.startsWith('GJB')
}

/** `DBJ50/T-047-2024` in Chongqing, `DBJ51/T 014-2013` in Sichuan; `DB51/ 278.059-1998`. */
export function numberSeparator(code: string): string {
  return code.startsWith('DBJ50') ? '-' : ' '
}
