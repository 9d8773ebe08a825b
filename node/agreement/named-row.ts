import { compareClauseLimits, type LimitRelation } from '../../protocol/mapping/limit/compare.ts'
import type { Clause } from '../../protocol/mapping/limit/interval.ts'
import { describeLimits, type SideNames, type Words } from '../../protocol/mapping/limit/words.ts'
import { statedRelation } from '../../protocol/mapping/rule/relation.ts'
import type { MappingRow, Pin } from '../../protocol/record/mapping-row.ts'
import type { Relation } from '../../protocol/record/mapping-word.ts'
import { isStandardRecord } from '../../protocol/record/schema.ts'
import type { StandardSubject } from '../../protocol/record/standard-record.ts'
import type { Statement } from '../../protocol/standing/log-statement.ts'

/** A pinned edition as its record has it. */
export interface KnownEdition {
  readonly id: string
  readonly digest: string
  readonly issuer: string
  readonly subject: StandardSubject
}

/** Editions by id and digest. */
export type EditionTable = ReadonlyMap<string, KnownEdition>

export type Side = 'ours' | 'theirs' | 'other'

/** One end of a row, with the names that people know it by as far as its record is here. */
export interface NamedPin {
  readonly edition: string
  readonly digest: string
  readonly side: Side
  readonly number?: string
  readonly titleZh?: string
  readonly class?: string
  /** Absent: the edition as a whole. */
  readonly clause?: {
    readonly uid: string
    readonly locator?: string
    readonly heading?: string
    readonly clauseType?: string
    readonly limits: NonNullable<Clause['limits']>
    readonly textDigest?: string
  }
}

/** What a row says, with names, and with what the limits of both clauses say beside it. */
export interface SpelledRow {
  readonly subject: NamedPin
  /** Absent: no counterpart in `objectSource`. */
  readonly object?: NamedPin
  readonly objectSource?: NamedPin
  readonly relation?: Relation
  readonly limits?: { readonly relation: LimitRelation; readonly words: readonly Words[] }
  readonly text: 'equal' | 'different' | 'unknown'
}

/** The editions among some statements. */
export function tableOf(statements: readonly Statement[]): EditionTable {
  return new Map(
    statements.flatMap(({ record, digest }) =>
      isStandardRecord(record)
        ? [
            [
              `${record.id} ${digest}`,
              { id: record.id, digest, issuer: record.issuer, subject: record.credentialSubject },
            ] as const,
          ]
        : [],
    ),
  )
}

/**
 * A row in words. Limits are told as those of the subject against those of the object.
 *
 * @see protocol/spec/console.md, CONSOLE-12
 */
export function spellRow(
  mapping: MappingRow,
  editions: EditionTable,
  sideOf: (issuer: string) => Side,
): SpelledRow {
  const named = (pin: Pin) => namePin(pin, editions, sideOf)
  const [subject, object] = [named(mapping.subject), mapping.object && named(mapping.object)]
  const relation = mapping.object ? statedRelation(mapping) : 'none'
  const [one, other] = [subject.clause, object?.clause]
  const limits =
    one && other && one.limits.length > 0 && other.limits.length > 0
      ? compareClauseLimits(one.limits, other.limits)
      : undefined
  return {
    subject,
    ...(object ? { object } : {}),
    ...(mapping.objectSource ? { objectSource: named(mapping.objectSource) } : {}),
    ...(relation === undefined ? {} : { relation }),
    ...(limits
      ? { limits: { relation: limits.relation, words: describeLimits(limits, namesOf(subject, object)) } }
      : {}),
    text: compareTexts(one?.textDigest, other?.textDigest),
  }
}

const sideNames = {
  ours: { zh: '我方', en: 'ours' },
  theirs: { zh: '对方', en: 'theirs' },
} as const

/** 我方 and 对方 where it is clear who is who, else 甲方 and 乙方. */
function namesOf(subject: NamedPin, object: NamedPin | undefined): SideNames {
  if (subject.side === 'ours' && object?.side === 'theirs') return { a: sideNames.ours, b: sideNames.theirs }
  if (subject.side === 'theirs' && object?.side === 'ours') return { a: sideNames.theirs, b: sideNames.ours }
  return { a: { zh: '甲方', en: 'A' }, b: { zh: '乙方', en: 'B' } }
}

function namePin(
  { edition, digest, clause: uid }: Pin,
  editions: EditionTable,
  sideOf: (issuer: string) => Side,
): NamedPin {
  const known = editions.get(`${edition} ${digest}`)
  const place = { edition, digest }
  if (!known)
    return { ...place, side: 'other', ...(uid === undefined ? {} : { clause: { uid, limits: [] } }) }
  const { subject, issuer } = known
  return {
    ...place,
    side: sideOf(issuer),
    number: subject.identifiers.map(({ value }) => value).join(' / '),
    titleZh: subject.titleZh,
    class: subject.class,
    ...(uid === undefined ? {} : { clause: nameClause(uid, subject) }),
  }
}

function nameClause(uid: string, { clauses = [] }: StandardSubject): NonNullable<NamedPin['clause']> {
  const found = clauses.find((one) => one.uid === uid)
  if (!found) return { uid, limits: [] }
  const { locator, heading, clauseType, limits = [], textDigest } = found
  return {
    uid,
    locator,
    heading,
    limits,
    ...(clauseType === undefined ? {} : { clauseType }),
    ...(textDigest === undefined ? {} : { textDigest }),
  }
}

function compareTexts(a: string | undefined, b: string | undefined): SpelledRow['text'] {
  if (a === undefined || b === undefined) return 'unknown'
  return a === b ? 'equal' : 'different'
}
