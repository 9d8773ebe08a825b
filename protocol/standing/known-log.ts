import type { CalendarDate } from '../date.ts'
import type { HolderWord } from '../trust/cosigner.ts'
import type { Member } from '../trust/registry.ts'
import type { Trust } from '../trust/trust.ts'
import type { Statement } from './log-statement.ts'

/** A log from an index on. */
export interface LogRange {
  readonly origin: string
  readonly from: number
}

/** All that was read of the logs that have a say, each up to one place. */
export interface KnownLogs {
  readonly trust: Trust
  /** Sound statements, each log in its order. */
  readonly statements: readonly Statement[]
  /** Of each log that is at hand, the index from which everything is. */
  readonly covered: ReadonlyMap<string, number>
  /** Of each, the index from which every entry and every act is; `covered` where it is absent. */
  readonly acted?: ReadonlyMap<string, number>
  /** Logs that have entries for other readers, whose records are not at hand. */
  readonly unopened?: ReadonlySet<string>
  /** The legal date by which an entry was logged, by the word of witnesses; where none is asked for, by the log's own. */
  readonly loggedOn: (place: {
    readonly origin: string
    readonly index: number
    readonly at: string
  }) => CalendarDate | undefined
  /** What holders said of logs, each over a beginning of the tree that is at hand. */
  readonly holders?: readonly HolderWord[]
  /** The text of a file by its digest. */
  readonly file: (digest: string) => string | undefined
  /** What opens a commitment to a mapping set, in hexadecimal. */
  readonly mappingSalt?: string
}

/**
 * Where a member's statements about a thing may stand from an entry on: that log from there, and each later one whole. Where nobody can
 * tell whether the entry is the first of its id, that log whole, too: what ended it may stand before a copy.
 *
 * @see spec/agreement.md, AGREE-44
 */
export function laterLogs(
  member: Member | undefined,
  place: { readonly origin: string; readonly index: number; readonly mayRepeat?: boolean },
): readonly LogRange[] {
  const from = place.mayRepeat ? 0 : place.index
  const origins = member?.origins.map(({ origin }) => origin) ?? []
  const at = origins.indexOf(place.origin)
  if (at < 0) return [{ origin: place.origin, from }]
  return origins.slice(at).map((origin, i) => ({ origin, from: i === 0 ? from : 0 }))
}

/**
 * The logs of their members that come before these, each by its entries alone: an id counts at its first use over all epochs. What is
 * said there comes before what it could speak about.
 *
 * @see spec/agreement.md, AGREE-44
 */
export function earlierLogs({ logs }: Pick<Trust, 'logs'>, ranges: readonly LogRange[]): readonly LogRange[] {
  const named = new Set(ranges.map(({ origin }) => origin))
  return ranges.flatMap((range) => {
    const origins = logs.get(range.origin)?.member.origins.map(({ origin }) => origin) ?? []
    const before = origins.slice(0, Math.max(0, origins.indexOf(range.origin)))
    return before.flatMap((origin) => (named.has(origin) ? [] : [{ origin, from: noRecord }]))
  })
}

const noRecord = Number.MAX_SAFE_INTEGER

/** Every log of a member, whole. */
export function wholeLogs(member: Member | undefined): readonly LogRange[] {
  return (member?.origins ?? []).map(({ origin }) => ({ origin, from: 0 }))
}

/** Those of the ranges that are not at hand as far as they are needed, each named once. */
export function missingOf(
  { covered }: Pick<KnownLogs, 'covered'>,
  needed: readonly LogRange[],
): readonly string[] {
  const lacking = needed.filter(
    ({ origin, from }) => (covered.get(origin) ?? Number.POSITIVE_INFINITY) > from,
  )
  return [...new Set(lacking.map(({ origin }) => origin))].toSorted()
}

/** Whether a statement stands where it may speak. */
export function isWithin(
  ranges: readonly LogRange[],
  { origin, index }: { readonly origin: string; readonly index: number },
): boolean {
  return ranges.some((range) => range.origin === origin && index >= range.from)
}
