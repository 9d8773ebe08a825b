/** What the core schema of YAML 1.2 takes for something else than text (section 10.3). */
const notText =
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?\d+|0o[0-7]+|0x[\da-fA-F]+|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

/** White space that readers of YAML 1.1 take for a line break or lose, and everything that is not printable. */
const unprintable = /[\u0000-\u001f\u007f-\u00a0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/

const pairs = /[\ud800-\udbff][\udc00-\udfff]/g

const escapes: ReadonlyMap<string, string> = new Map([
  ['\0', '\\0'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\v', '\\v'],
  ['\f', '\\f'],
  ['\r', '\\r'],
  ['\x1b', '\\e'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\u0085', '\\N'],
  ['\u00a0', '\\_'],
  ['\u2028', '\\L'],
  ['\u2029', '\\P'],
])

/**
 * Text as a YAML scalar on one line: plain where a reader of the core schema reads the same text back, else in double quotes.
 *
 * @see spec/mapping.md, MAP-19 (SSSOM 1.1, Canonical format; YAML 1.2, 7.3)
 */
export function formatScalar(text: string): string {
  if (isPlain(text)) return text
  const escaped = text.replace(
    /["\\\u0000-\u001f\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => escapes.get(character) ?? byCode(character.charCodeAt(0)),
  )
  return `"${escaped}"`
}

function byCode(unit: number): string {
  return unit < 0x100
    ? `\\x${unit.toString(16).padStart(2, '0')}`
    : `\\u${unit.toString(16).padStart(4, '0')}`
}

function isPlain(text: string): boolean {
  if (text === '' || notText.test(text) || text.trim() !== text) return false
  if (/^[,[\]{}#&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text)) return false
  if (/:(?:\s|$)|\s#/.test(text)) return false
  return !unprintable.test(text.replace(pairs, ''))
}
