import {
  canonicalKey,
  formatCover,
  formatDatabase,
  isSyntheticNumber,
  mandateOf,
  parseStandardNumbers,
  type StandardNumber,
} from '../../protocol/identifier/standard-number.ts'
import type { Level, Mandate } from './word.ts'

/** What the cell 标准号 says: one edition, with several numbers where it is a joint standard (rule ST2). */
export interface EditionNumbers {
  readonly first: StandardNumber
  readonly all: readonly StandardNumber[]
  readonly keys: readonly string[]
  /** How it was written, where that is neither the form of covers nor that of databases. */
  readonly written?: string
}

const levelOfScheme = {
  GB: 'national',
  HB: 'industry',
  'DB-P': 'provincial',
  'DB-M': 'municipal',
  T: 'group',
  Q: 'enterprise',
} as const satisfies Record<StandardNumber['scheme'], Level>

/** A joint number over two lines has its line break for a separator; any other line break is a blank. */
export function readNumbers(cell: string): EditionNumbers {
  const lines = cell.split(/\s*\n\s*/)
  const all = lines.length > 1 ? readLines(lines) : parseStandardNumbers(cell)
  const [first] = all
  if (first === undefined) throw new TypeError('a number or a fault')
  const plain = lines.join(' ')
  const usual = [formatCover, formatDatabase].some((print) => all.map(print).join(' / ') === plain)
  return { first, all, keys: all.map(canonicalKey), ...(usual ? {} : { written: plain }) }
}

function readLines(lines: readonly string[]): readonly StandardNumber[] {
  try {
    return parseStandardNumbers(lines.join('、'))
  } catch {
    return parseStandardNumbers(lines.join(' '))
  }
}

export function identifiersOf({ all }: EditionNumbers): readonly Readonly<Record<string, string>>[] {
  return all.map((number) => ({
    scheme: number.scheme,
    value: formatCover(number),
    canonicalKey: canonicalKey(number),
  }))
}

export function levelOf({ scheme }: StandardNumber): Level {
  return levelOfScheme[scheme]
}

/** Chongqing's own 地方标准 are 市级 in its usage, and of a province by their number. */
export function isOfMunicipality(number: StandardNumber): boolean {
  return number.scheme === 'DB-P' && /^DB[SJ]?(?:11|12|31|50)/.test(number.code)
}

/** The mandate that the number shows, and for a local standard why it may be mandatory (rule ST3). */
export interface NumberMandate {
  readonly mandate: Mandate
  readonly mandateGround?: 'legacy' | 'special-law'
  /** The code does not say; 推荐性 is put down. */
  readonly assumed: boolean
}

/** @see spec/import.md, IMP-21 */
export function readMandate(
  number: StandardNumber,
  { publishedOn, specialLaw }: { readonly publishedOn: string | undefined; readonly specialLaw: boolean },
): NumberMandate {
  const written = mandateOf(number)
  const mandate = written ?? 'recommended'
  const assumed = written === undefined && number.scheme === 'GB'
  const local = number.scheme === 'DB-P' || number.scheme === 'DB-M'
  if (!local || mandate !== 'mandatory') return { mandate, assumed }
  if (specialLaw || number.code.startsWith('DBS')) return { mandate, mandateGround: 'special-law', assumed }
  const old = publishedOn === undefined ? (number.year ?? 9999) < 2018 : publishedOn < '2018-01-01'
  return old ? { mandate, mandateGround: 'legacy', assumed } : { mandate, assumed }
}

export function isSynthetic({ all }: EditionNumbers): 'all' | 'some' | 'none' {
  const made = all.filter(isSyntheticNumber).length
  return made === 0 ? 'none' : made === all.length ? 'all' : 'some'
}
