import { encodeUtf8 } from '../../bytes.ts'
import type { JsonObject, JsonValue } from '../../json-value.ts'
import { contextNames, contextOf, schemaIri } from './context.ts'
import { type Contract, contractor } from './contraction.ts'
import { isReferenceType, isUndeclaredProperty } from './extension.ts'
import { printJson } from './json.ts'
import { builtInPrefixes } from './prefix.ts'
import { propagate } from './propagate.ts'
import type { Extension, MappingSet, SlotValue } from './set.ts'
import { rowSlots, type Slot, setSlots } from './slot.ts'
import { versionOf } from './write.ts'

/**
 * A set as JSON: the `MappingSet` of the schema, propagated, with CURIEs and the map of their prefixes. The specification leaves the
 * format open; member names and types are those of the schema.
 *
 * @throws {ProtocolError} `SSSOM_PREFIX_INVALID` — an identifier for which no prefix is declared
 * @see spec/mapping.md, MAP-20
 */
export function formatSssomJson(set: MappingSet): Uint8Array {
  const members = membersOf(set, shorten(set))
  return encodeUtf8(printJson({ ...members, curie_map: declaredBut(set, new Map()) }))
}

/**
 * The same with a context of its own and types, so that its expansion is the set in RDF as SSSOM 1.1 has it: enumerated words as
 * their IRIs, extensions as their properties, a row with an id as that resource. Identifiers of prefixes that no context can
 * declare stand whole, and those prefixes in `curie_map`, which is no part of the graph; nor is an extension that no context can
 * declare, because it is called like the scheme of an IRI that stands whole.
 *
 * @throws {ProtocolError} `SSSOM_PREFIX_INVALID`
 * @see spec/mapping.md, MAP-20 (SSSOM 1.1, SSSOM/RDF)
 */
export function formatSssomJsonLd(set: MappingSet): Uint8Array {
  const names = contextNames(set)
  const { prefixes } = names
  const { mappings, extension_definitions: definitions, ...members } = membersOf(set, shorten(set, prefixes))
  const apart = declaredBut(set, prefixes)
  return encodeUtf8(
    printJson({
      ...members,
      ...(definitions ? { extension_definitions: typed(definitions, 'sssom:ExtensionDefinition') } : {}),
      mappings: typed(mappings, 'owl:Axiom'),
      ...(Object.keys(apart).length === 0 ? {} : { curie_map: apart }),
      '@context': contextOf(names),
      '@type': schemaIri('sssom:MappingSet'),
    }),
  )
}

function typed(objects: readonly JsonObject[], type: string): readonly JsonObject[] {
  return objects.map((object) => ({ ...object, '@type': schemaIri(type) }))
}

/** `a://b` in JSON is an IRI and no CURIE; and so is what has a prefix that the context does not declare. */
function shorten({ prefixes }: MappingSet, context?: ReadonlyMap<string, string>): Contract {
  const { contract } = contractor(prefixes)
  return (iri) => {
    const curie = contract(iri)
    const colon = curie.indexOf(':')
    const isWhole = curie.startsWith('//', colon + 1) || context?.has(curie.slice(0, colon)) === false
    return isWhole ? iri : curie
  }
}

/** All that the set declares, used or not, so that it can be turned back. */
function declaredBut({ prefixes }: MappingSet, others: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(
    [...prefixes].filter(([prefix]) => !others.has(prefix) && !builtInPrefixes.has(prefix)),
  )
}

interface Members {
  readonly [member: string]: JsonValue | undefined
  readonly mappings: readonly JsonObject[]
  readonly extension_definitions?: readonly JsonObject[]
}

function membersOf(set: MappingSet, contract: Contract): Members {
  const { metadata, columns, records } = propagate(set, set.extensions)
  const definitions = [...set.extensions.values()].map((extension) => ({
    slot_name: extension.name,
    ...(isUndeclaredProperty(extension) ? {} : { property: contract(extension.property) }),
    type_hint: contract(extension.type),
  }))
  const slots = [...setSlots.values()].flatMap((slot) => {
    const value = metadata.get(slot.name)
    return value === undefined ? [] : [[slot.name, jsonOf(slot, value, contract)] as const]
  })
  const extra = [...set.extra].map(
    ([name, value]) => [name, extensionOf(set.extensions.get(name), value, contract)] as const,
  )
  return {
    ...Object.fromEntries<JsonValue>([
      ...(versionOf(set) === '1.1' ? [['sssom_version', '1.1'] as const] : []),
      ...slots,
      ...extra,
    ]),
    ...(definitions.length === 0 ? {} : { extension_definitions: definitions }),
    mappings: records.map((record) => recordOf(columns, record, { set, contract })),
  }
}

function recordOf(
  columns: readonly string[],
  record: readonly (SlotValue | undefined)[],
  { set, contract }: { readonly set: MappingSet; readonly contract: Contract },
): JsonObject {
  return Object.fromEntries<JsonValue>(
    columns.flatMap((name, i) => {
      const value = record[i]
      if (value === undefined) return []
      const slot = rowSlots.get(name)
      const written = slot
        ? jsonOf(slot, value, contract)
        : extensionOf(set.extensions.get(name), String(value), contract)
      return [[name, written] as const]
    }),
  )
}

function jsonOf({ type }: Slot, value: SlotValue, contract: Contract): JsonValue {
  if (typeof value === 'number' || type !== 'entity') return value
  return typeof value === 'string' ? contract(value) : value.map(contract)
}

function extensionOf(extension: Extension | undefined, value: string, contract: Contract): string {
  return extension && isReferenceType(extension.type) ? contract(value) : value
}
