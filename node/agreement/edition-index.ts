import { ProtocolError } from '../../protocol/error.ts'
import { canonicalKey, parseStandardNumber } from '../../protocol/identifier/standard-number.ts'
import type { JsonValue } from '../../protocol/json-value.ts'
import type { Pin } from '../../protocol/record/mapping-row.ts'
import { isStandardRecord, parseRecord } from '../../protocol/record/schema.ts'
import type { StandardSubject } from '../../protocol/record/standard-record.ts'
import { classes, levels } from '../../protocol/record/vocabulary.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { digestText, select } from '../store/log-store.ts'
import { readable, type Scope } from '../store/scope.ts'
import type { FindPin, Near } from './sheet/mapping-cell.ts'
import type { NamePin } from './sheet/mapping-column.ts'
import type { StandardCells } from './sheet/mapping-workbook.ts'

/** One edition of a party, by its id and digest. */
export interface Edition {
  readonly id: string
  readonly digest: string
  /** Who logged it. */
  readonly party: string
  readonly subject: StandardSubject
}

/** How people call what rows pin, and what they mean by it. */
export interface EditionIndex {
  readonly namePin: NamePin
  readonly findPin: FindPin
  /** A line of the sheet 标准明细 for each edition that is pinned. */
  listStandards(pins: readonly Pin[]): readonly StandardCells[]
}

/** The editions that the parties of a project logged, as far as the scope lets them be told. */
export async function readEditions(
  database: Database,
  parties: readonly string[],
  scope: Scope,
): Promise<EditionIndex> {
  const rows = await select<{
    recordId: string
    digest: Uint8Array
    issuer: string
    record: string
  }>(
    database,
    sql`select s.record_id as "recordId", s.digest, s.issuer, e.record from standard s join entry e on e.log_id = s.log_id and e.index = s.index
      where s.issuer in (select value from json_array_elements_text(${JSON.stringify(parties)}::json)) and e.record is not null and ${readable(scope, 's')}
      order by s.log_id, s.index`,
  )
  const revised = new Set<string>()
  const editions = rows.flatMap(({ recordId, digest, issuer, record: text }): readonly Edition[] => {
    const value: JsonValue = JSON.parse(text)
    const record = parseRecord(value)
    if (!isStandardRecord(record)) return []
    if (record.revisionOf) revised.add(record.revisionOf.id)
    return [{ id: recordId, digest: digestText(digest), party: issuer, subject: record.credentialSubject }]
  })
  return indexEditions(editions, { revised, parties })
}

/** What is to be known of a project beside its editions. */
export interface ProjectEditions {
  /** Ids of records that a later one took the place of: their names mean that one. */
  readonly revised: ReadonlySet<string>
  /** As the project names them: first the one whose clauses stand on the left. */
  readonly parties: readonly string[]
}

/**
 * Editions by their names. A row stays in the edition that it pins as long as its number says so; of one number that several parties logged
 * the record of the side's own party is meant, and of several of one party none.
 *
 * @see protocol/spec/mapping.md, MAP-95
 */
export function indexEditions(
  editions: readonly Edition[],
  { revised, parties }: ProjectEditions,
): EditionIndex {
  const known = new Map(editions.map((edition) => [nameOf(edition.id, edition.digest), edition]))
  const byKey = new Map<string, Edition[]>()
  for (const edition of editions) {
    if (revised.has(edition.id)) continue
    for (const key of new Set(edition.subject.identifiers.map(({ canonicalKey: own }) => own))) {
      const others = byKey.get(key)
      if (others) others.push(edition)
      else byKey.set(key, [edition])
    }
  }
  const pinned = (pin: Pin | undefined) => pin && known.get(nameOf(pin.edition, pin.digest))

  /** Whose the other side is not; else whose clauses this project has on this side. */
  function partyOf({ side, pin, across }: Near): string | undefined {
    const theirs = new Set((byKey.get(keyOf(across)) ?? []).map(({ party }) => party))
    const ours = theirs.size === 1 ? parties.find((party) => !theirs.has(party)) : undefined
    return pinned(pin)?.party ?? ours ?? parties[side === 'subject' ? 0 : 1]
  }

  return {
    namePin: ({ edition, digest, clause }) => {
      const subject = known.get(nameOf(edition, digest))?.subject
      const found = subject?.clauses?.find(({ uid }) => uid === clause)
      return {
        number: subject?.identifiers[0]?.value ?? edition,
        clause: clause === undefined ? '' : (found?.locator ?? clause),
        title: found?.heading ?? subject?.titleZh ?? '',
      }
    },
    findPin: (number, clause, near) => {
      const key = keyOf(number)
      const now = pinned(near.pin)
      if (now?.subject.identifiers.some(({ canonicalKey: own }) => own === key)) return pinIn(now, clause)
      const found = byKey.get(key) ?? []
      const own = found.length < 2 ? found : found.filter(({ party }) => party === partyOf(near))
      const [edition] = own
      return edition && own.length === 1 ? pinIn(edition, clause) : undefined
    },
    listStandards: (pins) => {
      const named = new Set(pins.map(({ edition, digest }) => nameOf(edition, digest)))
      return [...named].flatMap((name) => known.get(name) ?? []).map(({ subject }, i) => cellsOf(subject, i))
    },
  }
}

function nameOf(id: string, digest: string): string {
  return `${id} ${digest}`
}

function keyOf(number: string): string {
  try {
    return canonicalKey(parseStandardNumber(number))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return ''
  }
}

function pinIn({ id, digest, subject }: Edition, clause: string): Pin | undefined {
  // Both came out of a verified record.
  const edition: Pin = { edition: id, digest: digestOfRow(digest) }
  if (clause === '') return edition
  const found = (subject.clauses ?? []).filter(({ uid, locator }) => locator === clause || uid === clause)
  const [only] = found
  return only && found.length === 1 ? { ...edition, clause: only.uid } : undefined
}

function digestOfRow(text: string): Pin['digest'] {
  return `sha256:${text.slice('sha256:'.length)}`
}

function cellsOf(subject: StandardSubject, i: number): StandardCells {
  return {
    序号: String(i + 1),
    标准号: subject.identifiers.map(({ value }) => value).join('、'),
    标准名称: subject.titleZh,
    级别: levels[subject.level].zh,
    类别: classes[subject.class].zh,
    发布日期: subject.publishedOn ?? '',
    实施日期: subject.effectiveOn ?? '',
    归口单位: (subject.custodians ?? []).map(({ nameZh }) => nameZh).join('、'),
  }
}
