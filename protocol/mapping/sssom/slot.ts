/** The slots of the SSSOM 1.1 schema, in its order: one table, from which reader, writer and contexts take all they know. */

export type SlotType = 'entity' | 'string' | 'uri' | 'date' | 'double' | EnumName

export const enums = {
  entityType: {
    'owl class': 'owl:Class',
    'owl object property': 'owl:ObjectProperty',
    'owl data property': 'owl:DataProperty',
    'owl annotation property': 'owl:AnnotationProperty',
    'owl named individual': 'owl:NamedIndividual',
    'skos concept': 'skos:Concept',
    'rdfs resource': 'rdfs:Resource',
    'rdfs class': 'rdfs:Class',
    'rdfs literal': 'rdfs:Literal',
    'rdfs datatype': 'rdfs:Datatype',
    'rdf property': 'rdf:Property',
    'composed entity expression': 'sssom:ComposedEntityExpression',
  },
  modifier: { Not: 'sssom:NegatedPredicate' },
  cardinality: { '1:1': '', '1:n': '', 'n:1': '', 'n:n': '', '1:0': '', '0:1': '', '0:0': '' },
  version: { '1.0': 'sssom:version1.0', '1.1': 'sssom:version1.1' },
} as const

export type EnumName = keyof typeof enums

export interface Slot {
  readonly name: string
  readonly type: SlotType
  readonly many: boolean
  /** In the set it speaks for each of its rows. */
  readonly propagated: boolean
  /** Of version 1.1; in the set alone for those that rows had before. */
  readonly added: 'rows' | 'set' | 'both' | undefined
  /** The property in RDF, where it is not `sssom:` and the name. */
  readonly property: string | undefined
  readonly range: readonly [least: number, most: number] | undefined
}

interface Traits {
  readonly many?: true
  readonly propagated?: true
  readonly added?: 'rows' | 'set' | 'both'
  readonly property?: string
  readonly range?: readonly [number, number]
}

function slot(name: string, type: SlotType, traits: Traits = {}): Slot {
  const { many = false, propagated = false, added, property, range } = traits
  return { name, type, many, propagated, added, property, range }
}

const many = { many: true } as const
const propagated = { propagated: true } as const
const propagatedMany = { many: true, propagated: true } as const
const share = [0, 1] as const

/** Everything a row or a set can have, but `mappings`, `curie_map` and `extension_definitions`. */
const all = [
  slot('record_id', 'entity', { added: 'both' }),
  slot('subject_id', 'entity', { property: 'owl:annotatedSource' }),
  slot('subject_label', 'string'),
  slot('subject_category', 'string'),
  slot('predicate_id', 'entity', { property: 'owl:annotatedProperty' }),
  slot('predicate_label', 'string'),
  slot('predicate_modifier', 'modifier'),
  slot('object_id', 'entity', { property: 'owl:annotatedTarget' }),
  slot('object_label', 'string'),
  slot('object_category', 'string'),
  slot('mapping_justification', 'entity'),
  slot('author_id', 'entity', { many: true, property: 'pav:authoredBy' }),
  slot('author_label', 'string', many),
  slot('reviewer_id', 'entity', many),
  slot('reviewer_label', 'string', many),
  slot('creator_id', 'entity', { many: true, property: 'dcterms:creator' }),
  slot('creator_label', 'string', many),
  slot('license', 'uri', { property: 'dcterms:license' }),
  slot('subject_type', 'entityType', propagated),
  slot('subject_source', 'entity', propagated),
  slot('subject_source_version', 'string', propagated),
  slot('object_type', 'entityType', propagated),
  slot('object_source', 'entity', propagated),
  slot('object_source_version', 'string', propagated),
  slot('predicate_type', 'entityType', { propagated: true, added: 'both' }),
  slot('mapping_provider', 'uri', propagated),
  slot('mapping_source', 'entity'),
  slot('mapping_cardinality', 'cardinality'),
  slot('cardinality_scope', 'string', { many: true, propagated: true, added: 'both' }),
  slot('mapping_tool', 'string', propagated),
  slot('mapping_tool_id', 'entity', { propagated: true, added: 'both' }),
  slot('mapping_tool_version', 'string', propagated),
  slot('mapping_date', 'date', { propagated: true, property: 'dcterms:created' }),
  slot('publication_date', 'date', { property: 'dcterms:issued' }),
  slot('review_date', 'date', { added: 'both' }),
  slot('confidence', 'double', { range: share }),
  slot('reviewer_agreement', 'double', { added: 'both', range: [-1, 1] }),
  slot('curation_rule', 'entity', { many: true, propagated: true, added: 'set' }),
  slot('curation_rule_text', 'string', { many: true, propagated: true, added: 'set' }),
  slot('subject_match_field', 'entity', propagatedMany),
  slot('object_match_field', 'entity', propagatedMany),
  slot('match_string', 'string', many),
  slot('subject_preprocessing', 'entity', propagatedMany),
  slot('object_preprocessing', 'entity', propagatedMany),
  slot('similarity_score', 'double', { range: share }),
  slot('similarity_measure', 'string', { propagated: true, added: 'set' }),
  slot('see_also', 'uri', { many: true, property: 'rdfs:seeAlso' }),
  slot('issue_tracker_item', 'entity'),
  slot('other', 'string'),
  slot('comment', 'string', { property: 'rdfs:comment' }),
  slot('sssom_version', 'version', { added: 'both' }),
  slot('mapping_set_id', 'uri'),
  slot('mapping_set_version', 'string', { property: 'owl:versionInfo' }),
  slot('mapping_set_source', 'uri', { many: true, property: 'prov:wasDerivedFrom' }),
  slot('mapping_set_title', 'string', { property: 'dcterms:title' }),
  slot('mapping_set_description', 'string', { property: 'dcterms:description' }),
  slot('mapping_set_confidence', 'double', { added: 'both', range: share }),
  slot('issue_tracker', 'uri'),
]

const byName = new Map(all.map((each) => [each.name, each]))

function named(names: string): ReadonlyMap<string, Slot> {
  return new Map(
    names
      .trim()
      .split(/\s+/)
      .map((name) => {
        const found = byName.get(name)
        if (!found) throw new TypeError(`no slot ${name}`)
        return [name, found]
      }),
  )
}

/** Slots of a row, in the order of the schema. */
export const rowSlots: ReadonlyMap<string, Slot> = new Map(
  all
    .slice(
      0,
      all.findIndex(({ name }) => name === 'sssom_version'),
    )
    .map((each) => [each.name, each]),
)

/** Slots of a set, in the order of the schema; `curie_map` stands after the first. */
export const setSlots: ReadonlyMap<string, Slot> = named(`
  sssom_version mapping_set_id mapping_set_version mapping_set_source mapping_set_title mapping_set_description
  mapping_set_confidence creator_id creator_label license subject_type subject_source subject_source_version
  object_type object_source object_source_version predicate_type mapping_provider cardinality_scope mapping_tool
  mapping_tool_id mapping_tool_version mapping_date publication_date subject_match_field object_match_field
  subject_preprocessing object_preprocessing similarity_measure curation_rule curation_rule_text see_also
  issue_tracker other comment`)

export const propagatedSlots: readonly Slot[] = [...setSlots.values()].filter((each) => each.propagated)

/** Names that no extension can have. */
export function isStandardName(name: string): boolean {
  return byName.has(name) || ['curie_map', 'mappings', 'extension_definitions'].includes(name)
}
