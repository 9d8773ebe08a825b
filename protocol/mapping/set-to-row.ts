import type { ProblemCode } from '../error.ts'
import { isDigest } from '../hash.ts'
import { mappingRow, type NamedRow, rowId } from '../record/mapping-row.ts'
import { rowIdOf } from './row-id.ts'
import { columnOfMember, type Fault, type OpenRecord, recordOpener } from './set-record.ts'
import { justificationOf, ownExtensions, predicateOf, rowNamespace } from './set-word.ts'
import { type MappingSet, noTermFound } from './sssom/set.ts'
import { formatDouble, splitValues } from './sssom/value.ts'

export interface ImportOptions {
  /** Where a record of the set stands: `row 17`. */
  readonly placeOf: (index: number) => string
  /** The digest of an edition that the caller knows, for sets that do not pin what they speak of. */
  readonly digestOf?: (edition: string) => string | undefined
}

export interface RowFault {
  readonly code: ProblemCode
  readonly cell: string
  readonly detail: string
}

export interface RowsOfSet {
  readonly rows: readonly NamedRow[]
  /** Records that are no rows of ours. Whoever imports takes all or nothing. */
  readonly faults: readonly RowFault[]
  /** Columns that rows of ours have no place for. */
  readonly dropped: readonly string[]
}

/**
 * The rows that a mapping set states. A record without `ext_state` is foreign: it becomes a candidate, its relation is what the
 * predicate says by itself and else open, and it is named by what it relates (MAP-3).
 *
 * Says nothing about whether the editions exist, or whether the rules M1 to M7 hold.
 *
 * @see spec/mapping.md, MAP-22, MAP-23
 */
export function rowsOfSet(
  set: MappingSet,
  { placeOf, digestOf = () => undefined }: ImportOptions,
): RowsOfSet {
  const rows: NamedRow[] = []
  const faults: RowFault[] = []
  const names = new Set<string>()
  const open = recordOpener(set, digestOf)
  for (const [i, record] of set.records.entries()) {
    const read = readRow(open(record))
    const fault = 'column' in read ? read : names.has(read.row) ? twice : undefined
    if (fault)
      faults.push({ code: fault.code, cell: `${placeOf(i)}, column ${fault.column}`, detail: fault.detail })
    else if ('row' in read) {
      names.add(read.row)
      rows.push(read)
    }
  }
  return { rows, faults, dropped: set.columns.filter((name) => !kept.has(name) && !ownExtensions.has(name)) }
}

const twice: Fault = {
  code: 'DUPLICATE_ID',
  column: 'record_id',
  detail: 'a row of this name or with this content again',
}

const kept: ReadonlySet<string> = new Set(
  'record_id subject_id subject_label subject_source subject_source_version predicate_id object_id object_label object_source object_source_version mapping_justification author_id author_label reviewer_id reviewer_label mapping_date review_date confidence comment'.split(
    ' ',
  ),
)

function foreign(column: string, detail: string): Fault {
  return { code: 'SSSOM_ROW_FOREIGN', column, detail }
}

function readRow(open: OpenRecord): NamedRow | Fault {
  const { text, own } = open
  if (text('predicate_modifier') !== undefined) return foreign('predicate_modifier', 'a negated statement')
  for (const side of ['subject', 'object'])
    if (text(`${side}_type`) === 'rdfs literal') return foreign(`${side}_type`, 'a literal is no clause')
  const predicate = predicateOf.get(text('predicate_id') ?? '')
  if (predicate === undefined) return foreign('predicate_id', 'not one of the five SKOS matches')
  const subject = open.pin('subject')
  if (subject === undefined) return foreign('subject_id', 'neither an edition nor a clause of one')
  const absent = text('object_id') === noTermFound
  const object = absent ? undefined : open.pin('object')
  if (!absent && object === undefined) return foreign('object_id', 'neither an edition nor a clause of one')
  for (const [side, pin] of [
    ['subject', subject],
    ['object', object],
  ] as const)
    if (pin && !isDigest(pin.digest))
      return foreign(`${side}_source_version`, 'the edition is not pinned by its digest')
  const source = open.source(absent)
  if (source === 'unknown') return foreign('object_source', 'not an edition pinned by its digest')
  const ours = own('ext_state') !== undefined
  const said = ours ? own('ext_relation') : (own('ext_relation') ?? relationSaid(predicate, absent))
  const author = open.party('author')
  const reviewer = open.party('reviewer')
  if (author === 'many') return foreign('author_id', 'several authors')
  if (reviewer === 'many') return foreign('reviewer_id', 'several reviewers')
  const candidate = {
    subject,
    object,
    objectSource: source,
    predicate,
    relation: said,
    justification: justificationOf.get(text('mapping_justification') ?? '') ?? 'unspecified',
    state: own('ext_state') ?? 'candidate',
    rationale: own('ext_rationale'),
    strength: numberOf(own('ext_strength')),
    certainty: certaintyOf(own('ext_certainty'), open.share('confidence')),
    differences: listOf(own('ext_difference')),
    subjectValue: own('ext_subject_value'),
    objectValue: own('ext_object_value'),
    effect: own('ext_effect'),
    conditions: listOf(own('ext_conditions')),
    author: author.did,
    authorLabel: author.label,
    mappedOn: text('mapping_date'),
    reviewer: reviewer.did,
    reviewerLabel: reviewer.label,
    reviewedOn: text('review_date') ?? own('ext_reviewed_on'),
    derivedFrom: listOf(own('ext_derived_from')),
    basis: own('ext_basis'),
    comment: text('comment'),
  }
  const parsed = mappingRow.safeParse(
    Object.fromEntries(Object.entries(candidate).filter(([, v]) => v !== undefined)),
  )
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { code: 'SCHEMA_INVALID', column: columnOfMember(issue?.path[0]), detail: issue?.message ?? '' }
  }
  return { row: nameOf(text('record_id')) ?? rowIdOf(parsed.data), mapping: parsed.data }
}

function nameOf(recordId: string | undefined): string | undefined {
  if (!recordId?.startsWith(rowNamespace)) return undefined
  const name = rowId.safeParse(recordId.slice(rowNamespace.length))
  return name.success ? name.data : undefined
}

/** What a predicate says by itself: exact and close matches are of several relations. */
function relationSaid(predicate: string, absent: boolean): string | undefined {
  if (absent) return 'none'
  if (predicate === 'broad-match') return 'broader'
  if (predicate === 'narrow-match') return 'narrower'
  return predicate === 'related-match' ? 'related' : undefined
}

/** The exact number only beside its own three digits: people edit those, and leave what they do not know. */
function certaintyOf(exact: string | undefined, confidence: string | undefined): string | undefined {
  if (exact === undefined) return confidence
  const value = Number(exact)
  return Number.isNaN(value) || formatDouble(value) === confidence ? exact : confidence
}

function numberOf(value: string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value)
}

function listOf(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : splitValues(value)
}
