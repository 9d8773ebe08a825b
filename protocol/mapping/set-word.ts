import { vocabulary } from '../context/name.ts'
import { justifications, predicates } from '../record/mapping-word.ts'
import { keysOf } from '../record/vocabulary.ts'
import { builtInPrefixes, expandCurie } from './sssom/prefix.ts'
import type { Extension } from './sssom/set.ts'

/** Our names in a mapping set: prefixes, extensions, and the words of rows as IRIs. */

export const rowNamespace = 'https://w3id.org/chuanyu-standards/row/'

export const ownPrefixes: ReadonlyMap<string, string> = new Map([
  ['csx', vocabulary],
  ['did', 'did:'],
  ['row', rowNamespace],
])

const text = 'http://www.w3.org/2001/XMLSchema#string'
const types: ReadonlyMap<string, string> = new Map([
  ['ext_strength', 'http://www.w3.org/2001/XMLSchema#integer'],
  ['ext_reviewed_on', 'http://www.w3.org/2001/XMLSchema#date'],
])

/** What a row has beyond the slots of SSSOM. Lists stand as in slots with several values. */
const extensionNames = [
  'ext_basis',
  'ext_certainty',
  'ext_conditions',
  'ext_derived_from',
  'ext_difference',
  'ext_effect',
  'ext_object_source',
  'ext_object_value',
  'ext_rationale',
  'ext_relation',
  'ext_reviewed_on',
  'ext_state',
  'ext_strength',
  'ext_subject_value',
] as const

export type OwnExtension = (typeof extensionNames)[number]

export const ownExtensions: ReadonlyMap<string, Extension> = new Map(
  extensionNames.map((name) => {
    const property = vocabulary + name.slice(4).replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
    return [name, { name, property, type: types.get(name) ?? text }]
  }),
)

function irisOf<K extends string>(
  table: Readonly<Record<K, { readonly zh: string; readonly en: string }>>,
): ReadonlyMap<K, string> {
  return new Map(keysOf(table).map((key) => [key, expandCurie(table[key].en, builtInPrefixes)]))
}

function turned<K>(iris: ReadonlyMap<K, string>): ReadonlyMap<string, K> {
  return new Map([...iris].map(([key, iri]) => [iri, key]))
}

export const predicateIris = irisOf(predicates)
export const predicateOf = turned(predicateIris)
export const justificationIris = irisOf(justifications)
export const justificationOf = turned(justificationIris)
