import { canonicalize } from '../../canonical.ts'
import { atPointer, ProtocolError, pointerStep } from '../../error.ts'
import { readJson } from '../../json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts'
import type { Column } from './column.ts'
import { isExtensionName, readExtensionValue, undeclaredExtension } from './extension.ts'
import { type Head, type RulesOf, readHead } from './head.ts'
import { isIri, ncName } from './prefix.ts'
import { assemble, checkSize } from './read.ts'
import { type MappingRecord, type ReadSet, type Remark, type SlotValue, sssomLimits } from './set.ts'
import { rowSlots } from './slot.ts'
import { invalid, iriRules, joinValues, readTexts } from './value.ts'
import type { YamlValue } from './yaml-block.ts'
import { formatScalar } from './yaml-scalar.ts'

/** A hundred thousand rows have some two million. */
const maxValues = 4_000_000

/**
 * A mapping set from JSON or JSON-LD: the `MappingSet` of the schema as an object, with identifiers as IRIs or as CURIEs of prefixes
 * that `curie_map` or `@context` declares. A `@context` is read for its prefixes alone, and never fetched.
 *
 * Proves what `parseSssomTsv` proves.
 *
 * @throws {ProtocolError} what `readJson` throws · `SSSOM_MALFORMED` `SSSOM_PREFIX_INVALID` `SSSOM_SLOT_MISSING`
 *   `SSSOM_VALUE_INVALID` `SSSOM_VERSION_UNKNOWN`
 * @see spec/mapping.md, MAP-20
 */
export function parseSssomJson(bytes: Uint8Array): ReadSet {
  const document = readJson(bytes, sssomLimits.bytes, maxValues).value
  if (!isJsonObject(document)) return malformed('not an object')
  // What stands in a graph would be passed over with all that begins with `@`, and the set be read as an empty one.
  if (Object.hasOwn(document, '@graph')) return malformed('a graph, and not one set as an object', '/@graph')
  const { mappings = [], ...rest } = document
  if (!isList(mappings)) return malformed('the mappings are not a list', '/mappings')
  const remarks: Remark[] = []
  const terms = prefixesOf(rest['@context'] ?? {})
  const rulesOf: RulesOf = (prefixes, relative) => iriRules(prefixes, relative, terms)
  const raw = rawOf(rest, terms)
  checkHead(raw)
  const head = readHead(raw, rulesOf, remarks)
  const columns = new Map<string, JsonColumn>()
  const objects = mappings.map((item, i) => {
    if (!isJsonObject(item)) return malformed('a mapping that is not an object', `/mappings/${i}`)
    for (const name of Object.keys(item)) if (!columns.has(name)) openColumn(name, head, { columns, remarks })
    return item
  })
  checkSize(mappings.length, columns.size)
  const used = [...columns.values()].filter(({ name }) => name !== '')
  const records = objects.map((item, i) => atPointer(`/mappings/${i}`, () => recordOf(item, used)))
  const placeOf = (index: number) => `mappings/${index}`
  return { set: assemble(head, used, records, placeOf), remarks, placeOf }
}

function malformed(message: string, pointer = ''): never {
  throw new ProtocolError('SSSOM_MALFORMED', message, { place: { pointer } })
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

interface JsonColumn extends Pick<Column, 'name' | 'extension'> {
  readonly read: (value: JsonValue) => SlotValue | undefined
}

interface Columns {
  readonly columns: Map<string, JsonColumn>
  readonly remarks: Remark[]
}

function openColumn(name: string, { rules, definitions }: Head, { columns, remarks }: Columns): void {
  if (columns.size === sssomLimits.columns) throw new ProtocolError('SIZE_LIMIT', 'too many columns')
  const slot = rowSlots.get(name)
  if (slot) {
    const read = (value: JsonValue) => {
      const texts = isList(value) ? value.map(textOf) : [textOf(value)]
      checkCell(slot.many ? joinValues(texts) : texts.join(''))
      return texts.length === 0 || (texts.length === 1 && texts[0] === '')
        ? undefined
        : readTexts(slot, texts, rules)
    }
    columns.set(name, { name, read })
  } else if (isExtensionName(name)) {
    const extension = definitions.get(name) ?? undeclaredExtension(name)
    const read = (value: JsonValue) => {
      if (value === '') return undefined
      const text = textOf(value)
      checkCell(text)
      return readExtensionValue(extension, text, rules.expand)
    }
    columns.set(name, { name, extension, read })
  } else {
    columns.set(name, { name: '', read: () => undefined })
    if (!name.startsWith('@')) remarks.push({ what: 'not a slot', pointer: `/mappings${pointerStep(name)}` })
  }
}

/** What a table cannot hold is not read from JSON either. */
function checkCell(text: string): void {
  if (text.length > sssomLimits.cell)
    throw new ProtocolError('SIZE_LIMIT', `a cell has more than ${sssomLimits.cell} characters`)
  if (text.includes('\0')) throw new ProtocolError('SSSOM_MALFORMED', 'a NUL character')
}

/** The same of what would stand above the table, by how long its lines would be. */
function checkHead(raw: ReadonlyMap<string, YamlValue>): void {
  let size = 0
  const walk = (value: YamlValue): void => {
    if (typeof value === 'string') {
      if (value.includes('\0')) malformed('a NUL character')
      size += formatScalar(value).length + 4
    } else if (value instanceof Map) for (const entry of value) entry.forEach(walk)
    else if (Array.isArray(value)) value.forEach(walk)
  }
  for (const [name, value] of raw) {
    if (name.length > sssomLimits.key) malformed('a name longer than a key of a metadata block can be')
    walk(name)
    walk(value)
  }
  if (size > sssomLimits.metadataBytes)
    throw new ProtocolError('SIZE_LIMIT', `the metadata is longer than ${sssomLimits.metadataBytes}`)
}

function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : invalid('not a value of this slot')
}

function recordOf(item: JsonObject, columns: readonly JsonColumn[]): MappingRecord {
  return columns.map(({ name, read }) => {
    const value = Object.hasOwn(item, name) ? item[name] : undefined
    if (value === undefined || value === null) return undefined
    try {
      return read(value)
    } catch (error) {
      return atPointer(pointerStep(name), () => {
        throw error
      })
    }
  })
}

/** As a metadata block has it: numbers and booleans as text, `null` left out. */
function rawOf(document: JsonObject, terms: ReadonlyMap<string, string>): ReadonlyMap<string, YamlValue> {
  const raw = new Map(rawEntries(document))
  const declared = raw.get('curie_map')
  if (declared === undefined) raw.set('curie_map', terms)
  else if (declared instanceof Map) raw.set('curie_map', new Map([...terms, ...declared]))
  return raw
}

/** What begins with `@` is for processors of JSON-LD. */
function rawEntries(document: JsonObject): readonly (readonly [string, YamlValue])[] {
  return Object.entries(document).flatMap(([name, value]) => {
    const read = name.startsWith('@') ? undefined : rawValue(value)
    return read === undefined ? [] : [[name, read] as const]
  })
}

function rawValue(value: JsonValue): YamlValue | undefined {
  if (value === null) return undefined
  if (isList(value)) return value.map(rawValue).filter((item) => item !== undefined)
  if (!isJsonObject(value)) return String(value)
  return new Map(rawEntries(value))
}

/** Terms that stand for an IRI and can begin a compact IRI (JSON-LD 1.1, 9.3). */
function prefixesOf(context: JsonValue): ReadonlyMap<string, string> {
  const parts = isList(context) ? context : [context]
  return new Map(
    parts.filter(isJsonObject).flatMap((part) =>
      Object.entries(part).flatMap(([name, value]) => {
        const [iri, fits] = isJsonObject(value)
          ? [value['@id'], value['@prefix'] === true]
          : [value, typeof value === 'string' && /[^A-Za-z0-9]$/.test(value)]
        return typeof iri === 'string' && fits && ncName.test(name) && isIri(iri)
          ? [[name, iri] as const]
          : []
      }),
    ),
  )
}

/** One line of JSON, members in canonical order (RFC 8785), with a line feed at the end. */
export function printJson(value: JsonValue): string {
  return `${canonicalize(value)}\n`
}
