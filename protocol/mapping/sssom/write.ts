import { encodeUtf8 } from '../../bytes.ts'
import { ProtocolError } from '../../error.ts'
import { compareCodePoints, hasSurrogate } from './code-point.ts'
import { type Contract, type Contraction, contractor } from './contraction.ts'
import { isReferenceType, isUndeclaredProperty, xsd } from './extension.ts'
import { builtInPrefixes } from './prefix.ts'
import { condense, propagate } from './propagate.ts'
import { type Extension, type MappingRecord, type MappingSet, type SlotValue, sssomLimits } from './set.ts'
import { rowSlots, type Slot, setSlots } from './slot.ts'
import { formatDouble, joinValues, readOne } from './value.ts'
import { formatScalar } from './yaml-scalar.ts'

export interface WriteOptions {
  /** Not in the canonical form, but every writer must offer it: each row says all that holds for it. */
  readonly condensed?: boolean
}

/** What a set without rows has for a header. */
const bareColumns = ['subject_id', 'predicate_id', 'object_id', 'mapping_justification']

/**
 * The canonical SSSOM/TSV of a set: condensed, slots in the order of the schema, extensions after them by property, rows in the order
 * of their cells by code points (an empty cell first), the lowest version that has everything used.
 *
 * Two sets that say the same under the same prefixes have the same bytes. Fractions keep three digits, as the format demands.
 *
 * @throws {ProtocolError} `SSSOM_PREFIX_INVALID` — an identifier for which no prefix is declared
 *   `SSSOM_VALUE_INVALID` — a relative reference of version 1.0 beside what only version 1.1 has
 *   `SIZE_LIMIT` — a cell, or what stands above the table, is longer than a reader takes
 * @see spec/mapping.md, MAP-19 (SSSOM 1.1, Canonical SSSOM/TSV format)
 */
export function formatSssomTsv(set: MappingSet, { condensed = true }: WriteOptions = {}): Uint8Array {
  const propagated = propagate(set, set.extensions)
  const table = condensed ? condense(propagated) : propagated
  const contraction = contractor(set.prefixes)
  const lines = formatRecords(table.columns, table.records, { extensions: set.extensions, contraction })
  const extensions = [...set.extensions.values()].toSorted((a, b) =>
    compareCodePoints(a.property, b.property),
  )
  const used = extensions.filter(({ name }) => table.columns.includes(name) || set.extra.has(name))
  const body = [
    ...formatSlots(table.metadata, contraction),
    ...formatDefinitions(used, contraction),
    ...used.flatMap((extension) => formatExtra(extension, set.extra.get(extension.name), contraction)),
  ]
  const version = versionOf(table)
  if (version === '1.1') checkUris(table)
  const head = [
    ...(version === '1.1' ? ['sssom_version: "1.1"'] : []),
    ...formatPrefixes(set.prefixes, contraction.used),
    ...body,
  ]
  checkLength(head.join('\n'), sssomLimits.metadataBytes)
  const header = table.columns.length > 0 ? table.columns : bareColumns
  return encodeUtf8(`${[...head.map((line) => `#${line}`), header.join('\t'), ...lines].join('\n')}\n`)
}

/** What no reader would take is not written. */
function checkLength(text: string, most: number): void {
  if (text.length > most) throw new ProtocolError('SIZE_LIMIT', `longer than the ${most} that a reader takes`)
}

type Table = Pick<MappingSet, 'metadata' | 'columns' | 'records'>

/** The lowest version that defines all that is used. */
export function versionOf({ metadata, columns, records }: Table): '1.0' | '1.1' {
  const inRows = columns.some((name) => ['rows', 'both'].includes(rowSlots.get(name)?.added ?? ''))
  const inSet = [...metadata.keys()].some((name) => ['set', 'both'].includes(setSlots.get(name)?.added ?? ''))
  if (inRows || inSet) return '1.1'
  const newWord = (value: SlotValue | undefined) => value === 'composed entity expression' || value === '0:0'
  const typed = columns.flatMap((name, i) => (/_type$|^mapping_cardinality$/.test(name) ? [i] : []))
  const said = [...metadata].some(([name, value]) => /_type$/.test(name) && newWord(value))
  return said || records.some((record) => typed.some((i) => newWord(record[i]))) ? '1.1' : '1.0'
}

function checkUris({ metadata, columns, records }: Table): void {
  const rules = { expand: (text: string) => text, relative: false }
  const check = (slot: Slot | undefined, value: SlotValue | undefined) => {
    if (slot?.type !== 'uri' || value === undefined) return
    for (const text of Array.isArray(value) ? value : [value]) readOne(slot, String(text), rules)
  }
  for (const [name, value] of metadata) check(setSlots.get(name), value)
  for (const [i, name] of columns.entries())
    if (rowSlots.get(name)?.type === 'uri') for (const record of records) check(rowSlots.get(name), record[i])
}

interface CellOptions {
  readonly extensions: ReadonlyMap<string, Extension>
  readonly contraction: Contraction
}

function formatRecords(
  columns: readonly string[],
  records: readonly MappingRecord[],
  { extensions, contraction }: CellOptions,
): readonly string[] {
  const formats = columns.map((name) => {
    const slot = rowSlots.get(name)
    const extension = extensions.get(name)
    if (slot) return columnFormat(slot, contraction.column())
    if (extension) return remember((value) => formatExtension(extension, String(value), contraction))
    throw new TypeError(`no column ${name}`)
  })
  const keyed = records.map((record) => {
    const cells = formats.map((format, i) => {
      const value = record[i]
      const cell = value === undefined ? '' : format(value)
      if (cell.length > sssomLimits.cell) checkLength(cell, sssomLimits.cell)
      return cell
    })
    const plain = cells.join('\t')
    const line =
      plain.includes('"') ||
      plain.includes('\n') ||
      plain.includes('\r') ||
      plain.split('\t').length > cells.length
        ? cells.map(quote).join('\t')
        : plain
    return { key: cells.join('\0'), line }
  })
  return sortByKey(keyed).map(({ line }) => line)
}

interface Keyed {
  readonly key: string
  readonly line: string
}

/** Rows mostly come in order, and mostly without characters for which the order of UTF-16 is another. */
function sortByKey(keyed: readonly Keyed[]): readonly Keyed[] {
  if (keyed.some(({ key }) => hasSurrogate(key)))
    return keyed.toSorted((a, b) => compareCodePoints(a.key, b.key))
  const inOrder = keyed.every(({ key }, i) => i === 0 || (keyed[i - 1]?.key ?? '') <= key)
  return inOrder ? keyed : keyed.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

function quote(cell: string): string {
  return /["\t\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** Identifiers and words come again and again. */
function remember(format: (value: SlotValue) => string): (value: SlotValue) => string {
  const known = new Map<SlotValue, string>()
  return (value) => {
    const found = known.get(value)
    if (found !== undefined) return found
    const text = format(value)
    if (known.size < 512) known.set(value, text)
    return text
  }
}

function columnFormat({ type, many }: Slot, contract: Contract): (value: SlotValue) => string {
  if (type === 'string' && !many) return String
  return remember((value) => {
    if (typeof value === 'number') return formatDouble(value)
    const texts = typeof value === 'string' ? [value] : value
    const written = type === 'entity' ? texts.map(contract) : texts
    return many ? joinValues(written) : written.join('|')
  })
}

function formatExtension({ type }: Extension, value: string, { contract }: Contraction): string {
  if (isReferenceType(type)) return contract(value)
  return type === `${xsd}double` ? formatDouble(Number(value)) : value
}

function formatSlots(metadata: ReadonlyMap<string, SlotValue>, { contract }: Contraction): readonly string[] {
  return [...setSlots.values()].flatMap(({ name, type, many }) => {
    const value = metadata.get(name)
    if (value === undefined || name === 'sssom_version') return []
    if (typeof value === 'number') return [`${name}: ${formatDouble(value)}`]
    const scalars = (typeof value === 'string' ? [value] : value).map((text) =>
      formatScalar(type === 'entity' ? contract(text) : text),
    )
    return many ? [`${name}:`, ...scalars.map((text) => `  - ${text}`)] : [`${name}: ${scalars.join('')}`]
  })
}

function formatDefinitions(used: readonly Extension[], { contract }: Contraction): readonly string[] {
  const lines = used.flatMap((extension) => {
    const { name, property, type } = extension
    const named = isUndeclaredProperty(extension) ? [] : [`    property: ${formatScalar(contract(property))}`]
    const typed = type === `${xsd}string` ? [] : [`    type_hint: ${formatScalar(contract(type))}`]
    return named.length + typed.length === 0
      ? []
      : [`  - slot_name: ${formatScalar(name)}`, ...named, ...typed]
  })
  return lines.length === 0 ? [] : ['extension_definitions:', ...lines]
}

function formatExtra(
  extension: Extension,
  value: string | undefined,
  contraction: Contraction,
): readonly string[] {
  if (value === undefined) return []
  const text = formatExtension(extension, value, contraction)
  const number = extension.type === `${xsd}double`
  return [`${formatScalar(extension.name)}: ${number ? text : formatScalar(text)}`]
}

function formatPrefixes(prefixes: ReadonlyMap<string, string>, used: ReadonlySet<string>): readonly string[] {
  const named = [...prefixes].filter(([prefix]) => used.has(prefix) && !builtInPrefixes.has(prefix))
  if (named.length === 0) return []
  const sorted = named.toSorted(([a], [b]) => compareCodePoints(a, b))
  return [
    'curie_map:',
    ...sorted.map(([prefix, namespace]) => `  ${formatScalar(prefix)}: ${formatScalar(namespace)}`),
  ]
}
