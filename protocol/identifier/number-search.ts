import { ProtocolError } from '../error.ts'
import { foldUnit, isAlphanumeric } from './spelling.ts'
import { formatDatabase, parseStandardNumbers, type StandardNumber } from './standard-number.ts'

const longestQuery = 512

/**
 * What a store keeps beside a number so that a loose query finds it: its runs of letters and digits between
 * spaces, without the marks `T` and `Z`. Several keys may be joined as they are.
 *
 * For finding alone: `GB 5296.4` and `GB/T 5296.4` have the same one.
 *
 * @see spec/identifier.md, ID-22
 */
export function searchKey(number: StandardNumber): string {
  const { allParts: _, ...plain } = number
  return ` ${runsOf(formatDatabase(plain)).join(' ')} `
}

/**
 * What to look for, as a substring, in search keys; the last run may be the beginning of one. `undefined` when
 * the query is no number: no digit in it, or words beside letters, digits and their marks.
 *
 * @see spec/identifier.md, ID-22
 */
export function searchNeedle(query: string): string | undefined {
  if (query.length > longestQuery) return undefined
  const exact = readExactly(query)
  if (exact) return searchKey(exact).trimEnd()
  const runs = runsOf(query)
  return runs.some((run) => /\d/.test(run)) ? ` ${runs.join(' ')}` : undefined
}

/** A query that is a number in full also has its two-digit year and its amendment understood. */
function readExactly(query: string): StandardNumber | undefined {
  try {
    return parseStandardNumbers(query)[0]
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

/** `GBT` is how `GB/T` is typed in haste, so the last `T` of a longer run goes too; keys lose it alike. */
function runsOf(text: string): readonly string[] {
  let spaced = ''
  for (const original of text) {
    const unit = foldUnit(original)
    if (isAlphanumeric(unit)) spaced += isDigit(unit) === isDigit(spaced.at(-1)) ? unit : ` ${unit}`
    else if (' -/.=()'.includes(unit)) spaced += ' '
    else return []
  }
  return spaced
    .split(' ')
    .map((run) => run.replace(/^([A-Z]{2,})T$/, '$1'))
    .filter((run) => !['', 'T', 'Z'].includes(run))
}

function isDigit(unit: string | undefined): boolean {
  return unit !== undefined && unit >= '0' && unit <= '9'
}
