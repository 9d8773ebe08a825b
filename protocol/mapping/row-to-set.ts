import { ProtocolError } from '../error.ts'
import type { MappingRow, NamedRow, Pin } from '../record/mapping-row.ts'
import {
  justificationIris,
  type OwnExtension,
  ownExtensions,
  ownPrefixes,
  predicateIris,
  rowNamespace,
} from './set-word.ts'
import { compareCodePoints } from './sssom/code-point.ts'
import { orderColumns } from './sssom/propagate.ts'
import { type MappingRecord, type MappingSet, noTermFound, type SlotValue } from './sssom/set.ts'
import { rowSlots } from './sssom/slot.ts'
import { formatDouble, joinValues } from './sssom/value.ts'

export interface SetOptions {
  /** The IRI of the set. */
  readonly setId: string
  /** Where none is given, the IRI that says so. */
  readonly license?: string
  readonly title?: string
  /** The heading of a clause or the title of an edition, for people who read the table. */
  readonly labelOf?: (pin: Pin) => string | undefined
}

export const unspecifiedLicense = 'https://w3id.org/sssom/license/unspecified'

const columns = [...rowSlots.keys(), ...ownExtensions.keys()]
const indexOf = new Map(columns.map((name, i) => [name, i]))

/**
 * Rows as a mapping set of SSSOM 1.1: nothing that a row says is lost, and nothing is added but the labels.
 *
 * @throws {ProtocolError} `DUPLICATE_ID` — two rows of one name
 * @see spec/mapping.md, MAP-21
 */
export function setOfRows(rows: readonly NamedRow[], options: SetOptions): MappingSet {
  const names = new Set<string>()
  const records = rows.map(({ row, mapping }) => {
    if (names.has(row)) throw new ProtocolError('DUPLICATE_ID', 'two rows of one name', { evidence: { row } })
    names.add(row)
    return recordOf(row, mapping, options)
  })
  const table = orderColumns(columns, records, ownExtensions)
  const { setId, license = unspecifiedLicense, title } = options
  const metadata = new Map([
    ['mapping_set_id', setId],
    ...(title === undefined ? [] : [['mapping_set_title', title] as const]),
    ['license', license],
  ])
  const extensions = new Map([...ownExtensions].filter(([name]) => table.columns.includes(name)))
  return { ...table, metadata, prefixes: prefixesOf(rows), extensions, extra: new Map() }
}

/** One for each place that editions come from, numbered in the order of their names. */
function prefixesOf(rows: readonly NamedRow[]): ReadonlyMap<string, string> {
  const namespaces = new Set<string>()
  for (const { mapping } of rows)
    for (const pin of [mapping.subject, mapping.object, mapping.objectSource])
      if (pin) namespaces.add(pin.edition.slice(0, pin.edition.lastIndexOf('/') + 1))
  const numbered = [...namespaces]
    .toSorted(compareCodePoints)
    .map((namespace, i) => [`n${i + 1}`, namespace] as const)
  return new Map([...ownPrefixes, ...numbered])
}

export function iriOfPin({ edition, clause }: Pin): string {
  return clause === undefined ? edition : `${edition}#${clause}`
}

function recordOf(
  row: string,
  mapping: MappingRow,
  { labelOf = () => undefined }: SetOptions,
): MappingRecord {
  const record = new Array<SlotValue | undefined>(columns.length).fill(undefined)
  const put = (name: string, value: SlotValue | undefined) => {
    record[indexOf.get(name) ?? -1] = value
  }
  const { subject, object, objectSource, certainty } = mapping
  put('record_id', rowNamespace + row)
  put('subject_id', iriOfPin(subject))
  put('subject_label', labelOf(subject))
  put('subject_source', subject.edition)
  put('subject_source_version', subject.digest)
  put('predicate_id', predicateIris.get(mapping.predicate))
  put('object_id', object ? iriOfPin(object) : noTermFound)
  put('object_label', object && labelOf(object))
  const source = object ? { edition: object.edition, digest: object.digest } : objectSource
  put('object_source', source && iriOfPin(source))
  put('object_source_version', source?.digest)
  put('mapping_justification', justificationIris.get(mapping.justification))
  put('author_id', listOf(mapping.author))
  put('author_label', listOf(mapping.authorLabel))
  put('reviewer_id', listOf(mapping.reviewer))
  put('reviewer_label', listOf(mapping.reviewerLabel))
  put('mapping_date', mapping.mappedOn)
  const reviewed = mapping.reviewer !== undefined || mapping.reviewerLabel !== undefined
  put('review_date', reviewed ? mapping.reviewedOn : undefined)
  put('confidence', certainty === undefined ? undefined : Number(formatDouble(Number(certainty))))
  put('comment', mapping.comment)
  for (const [name, value] of ownValues(mapping, reviewed)) put(name, value)
  return record
}

function ownValues(
  mapping: MappingRow,
  reviewed: boolean,
): readonly (readonly [OwnExtension, string | undefined])[] {
  const { object, objectSource, certainty } = mapping
  const exact = certainty !== undefined && formatDouble(Number(certainty)) !== certainty
  return [
    ['ext_basis', mapping.basis],
    ['ext_certainty', exact ? certainty : undefined],
    ['ext_conditions', mapping.conditions && joinValues(mapping.conditions)],
    ['ext_derived_from', mapping.derivedFrom && joinValues(mapping.derivedFrom)],
    ['ext_difference', mapping.differences && joinValues(mapping.differences)],
    ['ext_effect', mapping.effect],
    ['ext_object_source', object && objectSource && `${iriOfPin(objectSource)} ${objectSource.digest}`],
    ['ext_object_value', mapping.objectValue],
    ['ext_rationale', mapping.rationale],
    ['ext_relation', mapping.relation],
    ['ext_reviewed_on', reviewed ? undefined : mapping.reviewedOn],
    ['ext_state', mapping.state],
    ['ext_strength', mapping.strength === undefined ? undefined : String(mapping.strength)],
    ['ext_subject_value', mapping.subjectValue],
  ]
}

function listOf(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value]
}
