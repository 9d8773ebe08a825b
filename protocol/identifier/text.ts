import { ProtocolError } from '../error.ts'

/**
 * Explicit ranges, not `\p{Cf}`: two engines with two Unicode versions must refuse the same text.
 * Variation selectors stay allowed: names of people and places need them.
 */
const forbidden = new RegExp(
  `[${[
    '\\u0000-\\u001f\\u007f-\\u009f', // C0, DEL, C1
    '\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u3164\\uffa0', // soft hyphen, fillers and other invisible ones
    '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069', // bidirectional controls
    '\\u180e\\u200b-\\u200d\\u2060-\\u2065\\u206a-\\u206f\\ufeff', // zero width
    '\\u2028\\u2029\\ufff9-\\ufffb', // line and paragraph separators, annotation marks
    '\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e007f}', // shorthand and musical controls, tags
  ].join('')}]`,
  'u',
)

/**
 * UTF-16 index of the first character that a name or identifier may not hold: one that is invisible, reorders
 * what is seen, or ends a line.
 *
 * @see spec/identifier.md, ID-1
 */
export function findForbiddenCharacter(text: string): number | undefined {
  const index = text.search(forbidden)
  return index < 0 ? undefined : index
}

/**
 * Does not prove that two texts which look alike are one: letters of other scripts pass.
 *
 * @throws {ProtocolError} `TEXT_FORBIDDEN_CHAR` — place: UTF-16 index of the first such character
 * @see spec/identifier.md, ID-1
 */
export function refuseForbiddenText(text: string): void {
  const index = findForbiddenCharacter(text)
  if (index === undefined) return
  const point = (text.codePointAt(index) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  throw new ProtocolError('TEXT_FORBIDDEN_CHAR', `U+${point} is not allowed in a name or identifier`, {
    place: { index },
    evidence: { character: `U+${point}` },
  })
}
