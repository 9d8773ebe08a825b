import { sheetLimit } from './xml-part.ts'

/** Why what a cell says cannot be known: it holds something that is no text, or another cell lies over it. */
export type Unread = 'formula' | 'error' | 'text' | 'number' | 'merged'

/** A cell as its part states it. */
export interface StatedCell {
  readonly type: string
  readonly value: string
  readonly inline: string
  /** Whether a formula stands in it. */
  readonly formula: boolean
}

/** What it says: text, of a number too; or why it says nothing that could be known. */
export type CellReading = { readonly text: string; readonly number: boolean } | { readonly unread: Unread }

/** Formulas are what they were last worked out to, and are never worked out here. */
export function readCell(
  { type, value, inline, formula }: StatedCell,
  shared: readonly string[],
): CellReading {
  if (type === 'inlineStr') return said(inline)
  if (type === 'e') return { unread: 'error' }
  if (type === 's') {
    const text = /^\d{1,9}$/.test(value) ? shared[Number(value)] : undefined
    return text === undefined ? { unread: 'text' } : said(text)
  }
  if (type === 'b') return said(value === '' ? '' : value === '1' ? 'TRUE' : 'FALSE')
  if (type === 'd') return said(value.replace(/T00:00(?::00(?:\.0+)?)?Z?$/, ''))
  if (type !== 'n') return said(value)
  if (value.trim() === '') return formula ? { unread: 'formula' } : said('')
  const number = Number(value)
  if (!Number.isFinite(number)) return { unread: 'number' }
  // A spreadsheet keeps seventeen digits of what was typed as fifteen.
  return { text: String(Number(number.toPrecision(15))), number: true }
}

function said(text: string): CellReading {
  return { text, number: false }
}

/** What a cell may hold, in characters. */
export const cellLength = 32_767

/** The text of `t` elements, without those that only say how it is pronounced. */
export function createTextReader() {
  let [text, inText, aside] = ['', false, 0]
  return {
    open: (name: string) => {
      if (name === 'rPh') aside += 1
      if (name === 't') inText = aside === 0
    },
    text: (part: string) => {
      if (inText) text += part
      if (text.length > 4 * cellLength) throw sheetLimit(`a cell has more than ${cellLength} characters`)
    },
    close: (name: string) => {
      if (name === 'rPh') aside -= 1
      if (name === 't') inText = false
    },
    take: () => {
      const whole = text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      )
      text = ''
      return whole
    },
  }
}
