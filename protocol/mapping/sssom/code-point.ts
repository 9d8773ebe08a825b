const surrogate = /[\ud800-\udfff]/

export function hasSurrogate(text: string): boolean {
  return surrogate.test(text)
}

/** By code points, as UTF-8 sorts: UTF-16 puts what lies beyond its first plane before U+E000. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0
  if (!hasSurrogate(a) && !hasSurrogate(b)) return a < b ? -1 : 1
  let i = 0
  while (a.charCodeAt(i) === b.charCodeAt(i)) i += 1
  const [x, y] = [rank(a.charCodeAt(i)), rank(b.charCodeAt(i))]
  return x < y ? -1 : 1
}

/** A surrogate after everything else, the end of a text before. */
function rank(unit: number): number {
  if (Number.isNaN(unit)) return -1
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}
