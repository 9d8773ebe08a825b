import { encodeUtf8 } from '../../bytes.ts'
import type { JsonObject, JsonValue } from '../../json-value.ts'
import { isReferenceType, xsd } from './extension.ts'
import { printJson } from './json.ts'
import { builtInPrefixes, type Contraction, contractor } from './prefix.ts'
import { propagate } from './propagate.ts'
import type { Extension, MappingSet, SlotValue } from './set.ts'
import { enums, rowSlots, type Slot, setSlots } from './slot.ts'
import { versionOf } from './write.ts'

/** Prefixes of properties in the schema, beside the built-in ones. */
const schemaPrefixes: ReadonlyMap<string, string> = new Map([
  ['dcterms', 'http://purl.org/dc/terms/'],
  ['pav', 'http://purl.org/pav/'],
  ['prov', 'http://www.w3.org/ns/prov#'],
])

/**
 * A set as JSON: the `MappingSet` of the schema, propagated, with CURIEs and the map of their prefixes. The specification leaves the
 * format open; member names and types are those of the schema.
 *
 * @throws {ProtocolError} `SSSOM_PREFIX_INVALID` — an identifier for which no prefix is declared
 * @see spec/mapping.md, MAP-20
 */
export function formatSssomJson(set: MappingSet): Uint8Array {
  const contraction = jsonContractor(set.prefixes)
  const members = membersOf(set, contraction)
  return encodeUtf8(printJson({ ...members, curie_map: usedPrefixes(set, contraction.used) }))
}

/**
 * The same with a context of its own and types, so that its expansion is the set in RDF as SSSOM 1.1 has it: enumerated words as
 * their IRIs, extensions as their properties, a row with an id as that resource.
 *
 * @throws {ProtocolError} `SSSOM_PREFIX_INVALID`
 * @see spec/mapping.md, MAP-20 (SSSOM 1.1, SSSOM/RDF)
 */
export function formatSssomJsonLd(set: MappingSet): Uint8Array {
  const contraction = jsonContractor(set.prefixes)
  const members = membersOf(set, contraction)
  const mappings = recordsOf(set, contraction).map((record) => ({ ...record, '@type': 'owl:Axiom' }))
  const context = contextOf(set, usedPrefixes(set, contraction.used))
  return encodeUtf8(printJson({ ...members, mappings, '@context': context, '@type': 'sssom:MappingSet' }))
}

/** `a://b` in JSON is an IRI and no CURIE. */
function jsonContractor(prefixes: ReadonlyMap<string, string>): Contraction {
  const { used, contract } = contractor(prefixes)
  const short = (iri: string) => {
    const curie = contract(iri)
    return curie.startsWith('//', curie.indexOf(':') + 1) ? iri : curie
  }
  return { used, contract: short, column: () => short }
}

function usedPrefixes(set: MappingSet, used: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(
    [...set.prefixes].filter(([prefix]) => used.has(prefix) && !builtInPrefixes.has(prefix)),
  )
}

function membersOf(set: MappingSet, contraction: Contraction): JsonObject {
  const { metadata } = propagate(set, set.extensions)
  const { contract } = contraction
  const definitions = [...set.extensions.values()].map(({ name, property, type }) => ({
    slot_name: name,
    ...(property.startsWith('http://sssom.invalid/') ? {} : { property: contract(property) }),
    type_hint: contract(type),
  }))
  const slots = [...setSlots.values()].flatMap((slot) => {
    const value = metadata.get(slot.name)
    return value === undefined ? [] : [[slot.name, jsonOf(slot, value, contraction)] as const]
  })
  const extra = [...set.extra].map(
    ([name, value]) => [name, extensionOf(set.extensions.get(name), value, contraction)] as const,
  )
  return Object.fromEntries<JsonValue>([
    ...(versionOf(set) === '1.1' ? [['sssom_version', '1.1'] as const] : []),
    ...slots,
    ...extra,
    ...(definitions.length === 0 ? [] : [['extension_definitions', definitions] as const]),
    ['mappings', recordsOf(set, contraction)],
  ])
}

function recordsOf(set: MappingSet, contraction: Contraction): readonly JsonObject[] {
  const { columns, records } = propagate(set, set.extensions)
  return records.map((record) =>
    Object.fromEntries<JsonValue>(
      columns.flatMap((name, i) => {
        const value = record[i]
        if (value === undefined) return []
        const slot = rowSlots.get(name)
        const written = slot
          ? jsonOf(slot, value, contraction)
          : extensionOf(set.extensions.get(name), String(value), contraction)
        return [[name, written] as const]
      }),
    ),
  )
}

function jsonOf({ type }: Slot, value: SlotValue, { contract }: Contraction): JsonValue {
  if (typeof value === 'number' || type !== 'entity') return value
  return typeof value === 'string' ? contract(value) : value.map(contract)
}

function extensionOf(extension: Extension | undefined, value: string, { contract }: Contraction): string {
  return extension && isReferenceType(extension.type) ? contract(value) : value
}

function contextOf(set: MappingSet, prefixes: JsonObject): JsonObject {
  const prefix = (iri: JsonValue | undefined) => ({ '@id': iri ?? '', '@prefix': true })
  const slots = [...rowSlots.values(), ...setSlots.values()].map((slot) => [slot.name, termOf(slot)] as const)
  const extensions = [...set.extensions.values()].map(
    ({ name, property, type }) =>
      [name, { '@id': property, '@type': isReferenceType(type) ? '@id' : typeIri(type) }] as const,
  )
  return Object.fromEntries<JsonValue>([
    ['@version', 1.1],
    ...[...builtInPrefixes, ...schemaPrefixes].map(([name, iri]) => [name, prefix(iri)] as const),
    ...slots,
    ...['mappings', 'extension_definitions', 'slot_name'].map(
      (name) => [name, `https://w3id.org/sssom/${name}`] as const,
    ),
    ...['property', 'type_hint'].map(
      (name) => [name, { '@id': `https://w3id.org/sssom/${name}`, '@type': '@id' }] as const,
    ),
    ['mapping_set_id', '@id'],
    ['record_id', '@id'],
    ...extensions,
    ...Object.entries(prefixes).map(([name, iri]) => [name, prefix(iri)] as const),
  ])
}

function typeIri(type: string): string {
  return type === `${xsd}datetime` ? `${xsd}dateTime` : type
}

function termOf({ name, type, property = `sssom:${name}` }: Slot): JsonObject {
  if (type === 'entity' || type === 'uri') return { '@id': property, '@type': '@id' }
  if (type === 'date' || type === 'double') return { '@id': property, '@type': `xsd:${type}` }
  if (type === 'string') return { '@id': property, '@type': 'xsd:string' }
  const meanings = Object.entries(enums[type]).filter(([, iri]) => iri !== '')
  if (meanings.length === 0) return { '@id': property, '@type': 'xsd:string' }
  return { '@id': property, '@type': '@vocab', '@context': Object.fromEntries(meanings) }
}
