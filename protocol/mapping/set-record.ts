import type { ProblemCode } from '../error.ts'
import { isDigest } from '../hash.ts'
import { did, recordId, uid } from '../record/field.ts'
import { type OwnExtension, ownExtensions } from './set-word.ts'
import type { MappingRecord, MappingSet, SlotValue } from './sssom/set.ts'
import { formatDouble } from './sssom/value.ts'

export interface Fault {
  readonly code: ProblemCode
  readonly column: string
  readonly detail: string
}

interface Party {
  readonly did?: string
  readonly label?: string
}

/** One record of a set, asked by the names of its slots. */
export interface OpenRecord {
  text(name: string): string | undefined
  /** Of an extension that is ours by name and property. */
  own(name: OwnExtension): string | undefined
  share(name: string): string | undefined
  /** `undefined`: it names nothing of ours. A digest that is not known is empty. */
  pin(side: 'subject' | 'object'): LoosePin | undefined
  source(absent: boolean): LoosePin | 'unknown' | undefined
  party(role: 'author' | 'reviewer'): Party | 'many'
}

interface Place {
  readonly edition: string
  readonly clause?: string
}

interface LoosePin extends Place {
  readonly digest: string
}

/** Reads records of one set by the names of their columns. */
export function recordOpener(
  set: MappingSet,
  digestOf: (edition: string) => string | undefined,
): (record: MappingRecord) => OpenRecord {
  const at = new Map(set.columns.map((name, i) => [name, i]))
  const mine = new Set(
    [...ownExtensions.values()]
      .filter(({ name, property }) => set.extensions.get(name)?.property === property)
      .map(({ name }) => name),
  )
  return (record) => openRecord((name) => record[at.get(name) ?? -1], mine, digestOf)
}

function openRecord(
  value: (name: string) => SlotValue | undefined,
  mine: ReadonlySet<string>,
  digestOf: (edition: string) => string | undefined,
): OpenRecord {
  const text = (name: string) => {
    const found = value(name)
    return typeof found === 'string' ? found : undefined
  }
  const texts = (name: string): readonly string[] => {
    const found = value(name)
    return typeof found === 'object' ? found : []
  }
  const own = (name: OwnExtension) => (mine.has(name) ? text(name) : undefined)
  const pinned = (place: Place, version: string | undefined) => ({
    ...place,
    digest: version !== undefined && isDigest(version) ? version : (digestOf(place.edition) ?? ''),
  })
  return {
    text,
    own,
    share: (name) => {
      const found = value(name)
      return typeof found === 'number' ? formatDouble(found) : undefined
    },
    pin: (side) => {
      const place = placeOf(text(`${side}_id`))
      const source = text(`${side}_source`)
      if (!place || (source !== undefined && source !== place.edition)) return undefined
      return pinned(place, text(`${side}_source_version`))
    },
    source: (absent) => {
      const stated = own('ext_object_source')
      const [iri, version] = stated === undefined ? [] : stated.split(' ')
      const [where, which] = absent ? [text('object_source'), text('object_source_version')] : [iri, version]
      if (where === undefined) return undefined
      const place = placeOf(where)
      const pin = place && pinned(place, which)
      return pin && isDigest(pin.digest) ? pin : 'unknown'
    },
    party: (role) => {
      const [ids, labels] = [texts(`${role}_id`), texts(`${role}_label`)]
      const [id] = ids
      if (ids.length > 1 || labels.length > 1) return 'many'
      const known = id !== undefined && did.safeParse(id).success
      const label = labels[0] ?? (known ? undefined : id)
      return { ...(known ? { did: id } : {}), ...(label === undefined ? {} : { label }) }
    },
  }
}

function placeOf(iri: string | undefined): Place | undefined {
  if (iri === undefined) return undefined
  const hash = iri.indexOf('#')
  const edition = hash < 0 ? iri : iri.slice(0, hash)
  if (!recordId.safeParse(edition).success) return undefined
  if (hash < 0) return { edition }
  const clause = iri.slice(hash + 1)
  return uid.safeParse(clause).success ? { edition, clause } : undefined
}

const columnOf: Readonly<Record<string, string>> = {
  subject: 'subject_id',
  object: 'object_id',
  objectSource: 'object_source',
  predicate: 'predicate_id',
  relation: 'ext_relation',
  justification: 'mapping_justification',
  state: 'ext_state',
  rationale: 'ext_rationale',
  strength: 'ext_strength',
  certainty: 'confidence',
  differences: 'ext_difference',
  subjectValue: 'ext_subject_value',
  objectValue: 'ext_object_value',
  effect: 'ext_effect',
  conditions: 'ext_conditions',
  author: 'author_id',
  authorLabel: 'author_label',
  mappedOn: 'mapping_date',
  reviewer: 'reviewer_id',
  reviewerLabel: 'reviewer_label',
  reviewedOn: 'review_date',
  derivedFrom: 'ext_derived_from',
  basis: 'ext_basis',
  comment: 'comment',
}

export function columnOfMember(member: unknown): string {
  return columnOf[String(member)] ?? 'record_id'
}
