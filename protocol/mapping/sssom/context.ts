import type { JsonObject, JsonValue } from '../../json-value.ts'
import { isReferenceType, xsd } from './extension.ts'
import { builtInPrefixes, expandCurie } from './prefix.ts'
import type { Extension, MappingSet } from './set.ts'
import { enums, rowSlots, type Slot, setSlots } from './slot.ts'

/** Prefixes of properties in the schema, beside the built-in ones. */
const schemaPrefixes: ReadonlyMap<string, string> = new Map([
  ...builtInPrefixes,
  ['dcterms', 'http://purl.org/dc/terms/'],
  ['pav', 'http://purl.org/pav/'],
  ['prov', 'http://www.w3.org/ns/prov#'],
])

export function schemaIri(curie: string): string {
  return expandCurie(curie, schemaPrefixes)
}

const definitionTerms = ['slot_name', 'property', 'type_hint']

/** Names that are no prefix in a context, whatever the set declares: each is a member of a document. */
const memberNames: ReadonlySet<string> = new Set([
  ...rowSlots.keys(),
  ...setSlots.keys(),
  'curie_map',
  'mappings',
  'extension_definitions',
  ...definitionTerms,
])

/** What a context can name without taking an IRI apart that stands whole. */
export interface ContextNames {
  readonly prefixes: ReadonlyMap<string, string>
  readonly extensions: readonly Extension[]
}

/**
 * The prefixes and extensions of a set that a context can declare: all but what is called like the scheme of an IRI that stands whole,
 * and no prefix that is called like a member. `did` for `did:` is one: a processor of JSON-LD would look for what `did:` stands for
 * without end. `__proto__` is no name to processors in JavaScript, which refuse the whole document.
 */
export function contextNames(set: MappingSet): ContextNames {
  const all = new Map([...builtInPrefixes, ...set.prefixes])
  const schemes = new Set([...wholeIris(set, all)].flatMap((iri) => schemeOf(iri) ?? []))
  const isFree = (name: string) => name !== '__proto__' && !schemes.has(name)
  const isMember = (name: string) => memberNames.has(name) || set.extensions.has(name)
  return {
    prefixes: new Map([...all].filter(([prefix]) => isFree(prefix) && !isMember(prefix))),
    extensions: [...set.extensions.values()].filter(({ name }) => isFree(name)),
  }
}

/** What may stand in a document without being shortened. */
function* wholeIris(
  { metadata, columns, records, extensions }: MappingSet,
  prefixes: ReadonlyMap<string, string>,
): Generator<string> {
  yield* prefixes.values()
  for (const { property, type } of extensions.values()) yield* [property, type]
  for (const [name, value] of metadata)
    if (setSlots.get(name)?.type === 'uri') yield* [value].flat().map(String)
  for (const [i, name] of columns.entries())
    if (rowSlots.get(name)?.type === 'uri')
      for (const record of records) yield* [record[i] ?? []].flat().map(String)
}

/** `a://b` is an IRI to every reader, `a:b` to those alone that know no prefix `a`. */
function schemeOf(iri: string): string | undefined {
  const colon = iri.indexOf(':')
  return colon < 1 || iri.startsWith('//', colon + 1) ? undefined : iri.slice(0, colon)
}

/**
 * A context in which every member means what SSSOM 1.1 says, by its whole IRI: nothing that a set names can give another meaning to
 * anything else.
 *
 * @see spec/mapping.md, MAP-20 (SSSOM 1.1, SSSOM/RDF)
 */
export function contextOf({ prefixes, extensions }: ContextNames): JsonObject {
  const slots = [...rowSlots.values(), ...setSlots.values()].map((slot) => [slot.name, termOf(slot)] as const)
  const own = extensions.map(
    ({ name, property, type }) =>
      [name, { '@id': property, '@type': isReferenceType(type) ? '@id' : typeIri(type) }] as const,
  )
  return Object.fromEntries<JsonValue>([
    ['@version', 1.1],
    ...slots,
    ['mappings', schemaIri('sssom:mappings')],
    ['extension_definitions', definitionsTerm],
    ['mapping_set_id', '@id'],
    ['record_id', '@id'],
    ...own,
    ...[...prefixes].map(([name, iri]) => [name, { '@id': iri, '@prefix': true }] as const),
  ])
}

/** Apart, since an extension may have the name of one of these. */
const definitionsTerm: JsonObject = {
  '@id': schemaIri('sssom:extension_definitions'),
  '@context': Object.fromEntries(
    definitionTerms.map((name) => [
      name,
      name === 'slot_name'
        ? schemaIri('sssom:slot_name')
        : { '@id': schemaIri(`sssom:${name}`), '@type': '@id' },
    ]),
  ),
}

function typeIri(type: string): string {
  return type === `${xsd}datetime` ? `${xsd}dateTime` : type
}

/** The property of a slot in RDF. */
export function propertyOf({ name, property = `sssom:${name}` }: Slot): string {
  return schemaIri(property)
}

function termOf(slot: Slot): JsonObject {
  const { type } = slot
  const id = propertyOf(slot)
  if (type === 'entity' || type === 'uri') return { '@id': id, '@type': '@id' }
  if (type === 'date' || type === 'double') return { '@id': id, '@type': xsd + type }
  if (type === 'string') return { '@id': id, '@type': `${xsd}string` }
  const meanings = Object.entries(enums[type]).flatMap(([word, iri]) =>
    iri === '' ? [] : [[word, schemaIri(iri)] as const],
  )
  if (meanings.length === 0) return { '@id': id, '@type': `${xsd}string` }
  return { '@id': id, '@type': '@vocab', '@context': Object.fromEntries(meanings) }
}
