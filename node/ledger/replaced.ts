import { ProtocolError } from '../../protocol/error.ts'
import { splitList } from '../../protocol/identifier/cell.ts'
import { canonicalKey, formatCover, parseStandardNumber } from '../../protocol/identifier/standard-number.ts'

export interface Replaced {
  readonly value: string
  readonly canonicalKey: string
  readonly extent: 'whole' | 'part'
}

export interface ReplacedCell {
  readonly replaces: readonly Replaced[]
  /** Parts that are no standard number, with why. */
  readonly unreadable: readonly { readonly text: string; readonly error: ProtocolError }[]
  /** `被 … 代替`: what happened to this edition is an event, not a fact about it. */
  readonly passive: boolean
}

/**
 * `代替 GB/T 1.1-2009、GB/T 1.2-2002；部分代替 GB/T 20000.2-2009`, `GB/T 1.1-2009（部分代替）`, or numbers alone. A verb
 * holds for the numbers after it.
 *
 * @see spec/import.md, IMP-20
 */
export function readReplaced(cell: string): ReplacedCell {
  const replaces = new Map<string, Replaced>()
  const unreadable: { text: string; error: ProtocolError }[] = []
  let verb: Replaced['extent'] = 'whole'
  if (/^(?:已)?被/.test(cell)) return { replaces: [], unreadable, passive: true }
  if (/^首次(?:发布|制定)。?$/.test(cell)) return { replaces: [], unreadable, passive: false }
  for (const part of splitList(cell, /[、,，;；\n]/)) {
    const [opening = '', extent] = /^(全部|部分)?(?:代替|替代|取代)\s*[:：]?/.exec(part) ?? []
    if (opening !== '') verb = extent === '部分' ? 'part' : 'whole'
    const bracket = /[(（](?:(部分)(?:代替)?|(?:全部)?代替)[)）]$/.exec(part)
    const text = part.slice(opening.length, bracket?.index ?? part.length).trim()
    if (text === '') continue
    try {
      const number = parseStandardNumber(text)
      const key = canonicalKey(number)
      const here = bracket === null ? verb : bracket[1] === undefined ? 'whole' : 'part'
      if (!replaces.has(key))
        replaces.set(key, { value: formatCover(number), canonicalKey: key, extent: here })
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      unreadable.push({ text, error })
    }
  }
  return { replaces: [...replaces.values()], unreadable, passive: false }
}
