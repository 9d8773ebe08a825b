import { foldWidth } from '../../protocol/identifier/cell.ts'
import type { confidences } from '../../protocol/record/vocabulary.ts'

/** What of the envelope's `sourceNote` a cell 备注 can say. */
export interface SourceNote {
  readonly text: string
  readonly url?: string
  readonly confidence?: keyof typeof confidences
}

export interface Remark {
  readonly note?: SourceNote
  /** `强制依据:专门法律`: why a local standard may be mandatory, which no number tells (rule ST3). */
  readonly specialLaw: boolean
  /** A 置信 that is none of the three; it stays in the text. */
  readonly unknownConfidence?: string
}

const confidenceWords: ReadonlyMap<string, keyof typeof confidences> = new Map([
  ['H', 'high'],
  ['高', 'high'],
  ['M', 'medium'],
  ['中', 'medium'],
  ['L', 'low'],
  ['低', 'low'],
])

const original = /(?:^|; )原文: [^;]*$/

/**
 * `来源:封面; 置信:H; 说明:…`: source and confidence are told apart, everything else stays as it was written. A remark
 * without the two is a text.
 *
 * @see spec/import.md, IMP-23
 */
export function readRemark(cell: string): Remark {
  const parts = splitParts(cell)
  const unknownConfidence = parts.find(({ name, confidence }) => name === '置信' && !confidence)?.value
  const confidence = parts.find((part) => part.confidence)?.confidence
  const link = findLink(parts.find(({ name }) => name === '来源')?.value ?? '')
  const structured = parts.some(({ name, confidence }) => name === '来源' || confidence)
  const note = {
    text: (structured && textOf(parts)) || cell,
    ...(link === undefined ? {} : { url: link }),
    ...(confidence === undefined ? {} : { confidence }),
  }
  return {
    specialLaw: parts.some(({ name, value }) => name === '强制依据' && /专门法|特别法/.test(value)),
    ...(cell === '' ? {} : { note }),
    ...(unknownConfidence === undefined ? {} : { unknownConfidence }),
  }
}

/** One part of a remark with the separator before it, so that the rest can be put together again as it was. */
interface Part {
  readonly before: string
  readonly part: string
  readonly name: string | undefined
  readonly value: string
  readonly confidence: keyof typeof confidences | undefined
}

function splitParts(cell: string): readonly Part[] {
  const pieces = cell.split(/([;；]\s*)/)
  return pieces.flatMap((piece, i) => {
    const part = piece.trim()
    return i % 2 === 1 || part === '' ? [] : [readPart(part, pieces[i - 1] ?? '')]
  })
}

function readPart(part: string, before: string): Part {
  const [, name, value = ''] = /^(来源|置信度?|强制依据)\s*[:：]\s*(.*)$/s.exec(part) ?? []
  const confidence = name?.startsWith('置信')
    ? confidenceWords.get(foldWidth(value).trim().toUpperCase())
    : undefined
  return { before, part, name: name === '置信度' ? '置信' : name, value, confidence }
}

function textOf(parts: readonly Part[]): string {
  return parts
    .filter(({ confidence, name, value }) => !confidence && !(name === '来源' && value === ''))
    .map(({ before, part, name, value }, i) => (i === 0 ? '' : before) + (name === '来源' ? value : part))
    .join('')
}

function findLink(text: string): string | undefined {
  const link = /https?:\/\/[^\s<>"\\^`{|}，。、；（）【】《》“”]{1,2000}/.exec(text)?.[0]
  return link?.replace(/[.,;:)\]]{1,8}$/, '')
}

/** Adds how a number was written, where it is signed in another spelling. @see spec/import.md, IMP-22 */
export function withOriginal(note: SourceNote | undefined, written: string): SourceNote {
  const rest = withoutOriginal(note?.text ?? '')
  return { ...note, text: `${rest}${rest === '' ? '' : '; '}原文: ${written}` }
}

/** How a number was spelled is no difference between two statements of the same facts. */
export function withoutOriginal(text: string): string {
  return text.replace(original, '')
}
