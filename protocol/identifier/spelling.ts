import { ProtocolError } from '../error.ts'
import { refuseForbiddenText } from './text.ts'

/** Far above any real number, joint ones included; it bounds the work on hostile text. */
const longestText = 512

const dashes = '-\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63'
const slashes = '/_\u2044\u2215'
const spaces =
  ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000'

const folds: ReadonlyMap<string, string> = new Map([
  ...Array.from(dashes, (dash) => [dash, '-'] as const),
  ...Array.from(slashes, (slash) => [slash, '/'] as const),
  ...Array.from(spaces, (space) => [space, ' '] as const),
  ['\u3001', '='],
])

/**
 * One UTF-16 unit to one: width, dashes, slashes, spaces and ASCII case. Not NFKC, which also turns `²` into
 * `2` and `ſ` into `s`: what is not a spelling of the character stays and is refused by the grammar.
 */
export function foldUnit(unit: string): string {
  const code = unit.charCodeAt(0)
  const narrow = code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : unit
  return folds.get(narrow) ?? (narrow >= 'a' && narrow <= 'z' ? narrow.toUpperCase() : narrow)
}

export function isAlphanumeric(unit: string | undefined): boolean {
  return unit !== undefined && ((unit >= '0' && unit <= '9') || (unit >= 'A' && unit <= 'Z'))
}

/** Reads folded text piece by piece; its faults point into the text as it was given. */
export interface Spelling {
  /** The match of an anchored pattern at the current place, which is then passed; else `undefined`. */
  take(pattern: RegExp): RegExpExecArray | undefined
  isAtEnd(): boolean
  fault(message: string): ProtocolError
}

/**
 * Folds a written number and opens it for reading: a space stays only between two letters or digits, and a run
 * of dashes is one dash (`——` is what a Chinese keyboard types for `—`).
 *
 * @throws {ProtocolError} `TEXT_FORBIDDEN_CHAR`
 * @throws {ProtocolError} `IDENTIFIER_INVALID` — longer than 512 UTF-16 units
 * @see spec/identifier.md, ID-2, ID-3
 */
export function openSpelling(text: string): Spelling {
  if (text.length > longestText) throw invalid('longer than any standard number', longestText)
  refuseForbiddenText(text)
  let plain = ''
  const places: number[] = []
  let spaceBefore = false
  for (let place = 0; place < text.length; place += 1) {
    const unit = foldUnit(text.charAt(place))
    if (unit === ' ') {
      spaceBefore = true
      continue
    }
    if (unit === '-' && plain.endsWith('-')) continue
    if (spaceBefore && isAlphanumeric(unit) && isAlphanumeric(plain.at(-1))) {
      plain += ' '
      places.push(place)
    }
    spaceBefore = false
    plain += unit
    places.push(place)
  }
  let at = 0
  return {
    take(pattern) {
      const match = pattern.exec(plain.slice(at)) ?? undefined
      at += match?.[0].length ?? 0
      return match
    },
    isAtEnd: () => at === plain.length,
    fault: (message) => invalid(message, places[at] ?? text.length),
  }
}

function invalid(message: string, index: number): ProtocolError {
  return new ProtocolError('IDENTIFIER_INVALID', message, { place: { index } })
}
