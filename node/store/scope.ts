import { type SQL, sql } from './drizzle.ts'

/** What beyond tier public one reader may have of the own log. */
export interface ScopeGrant {
  readonly tier: string
  /** For a group and a pair alone. */
  readonly audience?: string
}

/**
 * What one reader may have of the records that are stored here. Every query over records takes one, and `readable` is the only place
 * that says what it means.
 */
export interface Scope {
  /** Of the own log: tier public and these, or everything. */
  readonly own: readonly ScopeGrant[] | 'all'
  /** Of logs that are held for others: tier public, or everything that came here. */
  readonly held: 'public' | 'all'
  /** Origins of held logs of which everything goes back to whose logs they are. */
  readonly returned?: readonly string[]
}

/** Whatever everybody may have. */
export const publicScope: Scope = { own: [], held: 'public' }

/** For the node itself and its operator: all that is here. */
export const wholeScope: Scope = { own: 'all', held: 'all' }

/** Whether the reader may have whatever is here, named by a record or not. */
export function isWhole({ own, held }: Scope): boolean {
  return own === 'all' && held === 'all'
}

/** The name of a row in a query. */
type RowAlias = 'e' | 's' | 'r' | 'v' | 'w' | 't'

/**
 * The condition under which a row may be told to a reader. The row has `log_id`, `index`, `tier` and `audience`, whatever its table; a
 * record that was disclosed is as public from then on.
 *
 * @param alias of the row in the query
 * @see spec/tier.md, TIER-20
 */
export function readable(scope: Scope, alias: RowAlias): SQL {
  if (isWhole(scope)) return sql.raw('true')
  const { returned = [] } = scope
  const open =
    returned.length === 0
      ? granted([], alias)
      : sql`(${granted([], alias)} or ${sql.raw(`${alias}.log_id`)} in (select id from log where not own
          and origin in (select value from json_array_elements_text(${JSON.stringify(returned)}::json))))`
  if (scope.own !== 'all' && scope.own.length === 0) return open
  const ours = sql.raw(`${alias}.log_id in (select id from log where own)`)
  return sql`(${open} or (${ours} and ${scope.own === 'all' ? sql.raw('true') : granted(scope.own, alias)}))`
}

/**
 * Of an attachment `a`: the log's own member has the file, and it is here. Whoever names a digest need not have what it stands for, and
 * opens, hides and keeps nobody else's file by it.
 *
 * @see spec/tier.md, TIER-101
 */
export const fileIsHere: SQL = sql.raw(
  `exists (select 1 from blob b where b.digest = a.digest and b.size is not null
    and ((b.attached and a.log_id in (select id from log where own))
      or exists (select 1 from blob_source f where f.log_id = a.log_id and f.digest = a.digest)))`,
)

/** The condition under which the log's own member gives a row to a reader with these grants. */
export function granted(grants: readonly ScopeGrant[], alias: RowAlias): SQL {
  const row = (column: string) => sql.raw(`${alias}.${column}`)
  const others = grants.map(({ tier, audience }) =>
    audience === undefined
      ? sql`${row('tier')} = ${tier}`
      : sql`(${row('tier')} = ${tier} and ${row('audience')} = ${audience})`,
  )
  const disclosed = sql`exists (select 1 from disclosure x where x.log_id = ${row('log_id')} and x.disclosed = ${row('index')})`
  return sql`(${sql.join([sql`${row('tier')} = 'public'`, ...others, disclosed], sql` or `)})`
}
