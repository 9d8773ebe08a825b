import { type EventSubject, eventSubject } from '../../protocol/record/lifecycle-event.ts'
import { type LifecycleState, lifecycleAt } from '../../protocol/standing/lifecycle.ts'
import type { Database } from '../store/database.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { select } from '../store/log-store.ts'
import { readable, type Scope } from '../store/scope.ts'
import { isAbout } from './reference.ts'

/** A standard in the read model. */
export type StandardKey = {
  readonly logId: number
  readonly index: number
}

type DatedRow = StandardKey & {
  readonly origin: string
  readonly publishedOn: string | null
  readonly effectiveOn: string | null
  readonly abolishedOn: string | null
  readonly events:
    | readonly (StandardKey & { readonly recordId: string; readonly subject: EventSubject })[]
    | null
}

/**
 * The standards of a state, in the order of the list. A state is a fold and is stored nowhere, so every standard that is asked about
 * is folded: by its dates and events alone, without its record, so that a hundred thousand are told in a moment.
 *
 * @see spec/node.md, NODE-16
 */
export async function listByState(
  database: Database,
  {
    where,
    order,
    day,
    state,
    scope,
  }: {
    readonly where: SQL
    readonly order: SQL
    readonly day: string
    readonly state: LifecycleState
    readonly scope: Scope
  },
): Promise<readonly StandardKey[]> {
  const rows = await select<DatedRow>(
    database,
    sql`select s.log_id as "logId", s.index, l.origin, s.published_on::text as "publishedOn", s.effective_on::text as "effectiveOn",
        s.abolished_on::text as "abolishedOn", about.events
      from standard s join log l on l.id = s.log_id left join (
        select s.log_id, s.index, json_agg(json_build_object('logId', v.log_id, 'index', v.index, 'recordId', v.record_id, 'subject', v.body)) as events
        from event v join standard s on ${isAbout} where ${readable(scope, 'v')} group by s.log_id, s.index
      ) about on about.log_id = s.log_id and about.index = s.index
      where ${where} order by ${order}`,
  )
  return rows.filter((row) => stateOf(row, day) === state)
}

function stateOf(row: DatedRow, day: string): LifecycleState {
  const { origin, publishedOn, effectiveOn, abolishedOn } = row
  const facts = {
    ...(publishedOn === null ? {} : { publishedOn }),
    ...(effectiveOn === null ? {} : { effectiveOn }),
    ...(abolishedOn === null ? {} : { abolishedOn }),
  }
  const events = (row.events ?? []).map(({ index, recordId, subject }) => ({
    origin,
    index,
    recordId,
    subject: eventSubject.parse(subject),
  }))
  return lifecycleAt(facts, events, day).state
}
