import { parseEntry } from '../../protocol/log/entry.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import type { Grant } from '../../protocol/trust/audience.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { RecordOpening } from '../../protocol/verify-entry.ts'
import type { Deps } from '../deps.ts'
import type { CheckedEntry } from '../projection/checked.ts'
import {
  listQuarantined,
  listWithheld,
  type QuarantinedLeaf,
  type Recheckable,
  reapplyEntries,
} from '../projection/reapply.ts'
import type { Database } from '../store/database.ts'
import { openLog } from '../store/log-store.ts'
import { fetchRecordPages } from './fetch.ts'
import { formatPage } from './page.ts'
import type { CheckingPool } from './pool.ts'
import { sightingsFor } from './sighting.ts'
import type { LogSource } from './source.ts'

export interface RecheckOptions {
  readonly deps: Pick<Deps, 'now' | 'monotonic' | 'random' | 'logger'>
  readonly database: Database
  readonly trust: () => Trust
  readonly pool: CheckingPool
  readonly origin: string
  readonly source: LogSource
  /** Milliseconds between two pulls. */
  readonly interval: number
  /** What this node may read of the log beyond tier public, as of now. */
  readonly grants: () => readonly Grant[]
  readonly signal?: AbortSignal
}

/** Looks again at what one followed log has in quarantine. Made by `createRechecker`. */
export interface Rechecker {
  /** After a pull. Never fails for what the peer does: that only puts off the next look. */
  run(applied: number): Promise<void>
}

const longestPause = 5 * 60_000
/** A log full of holes must not cost more than this at a time. */
const bundlesAtOnce = 16

/**
 * Public records that were missing, and others that this node may read by now, are asked for again, at first with the next pull and then less and less often while they stay
 * away; entries dated ahead are judged by the clock of today; and what another version of the program refused is judged by this one.
 *
 * @see spec/sync.md, SYNC-7 (R18)
 */
export function createRechecker(options: RecheckOptions): Rechecker {
  const { deps } = options
  let started = false
  let waiting = true
  const after = { unavailable: -1, withheld: -1 }
  let failures = 0
  let due = 0
  let known = ''

  async function look(): Promise<void> {
    const before = await recheckStored(options, { kind: 'future' })
    let found = before
    for (const kind of ['unavailable', 'withheld'] as const) {
      const progress = await recheckAbsent(options, kind, after[kind])
      after[kind] = progress.more ? progress.last : -1
      found += progress.found
    }
    failures = found > 0 ? 0 : failures + 1
    waiting = await hasWaiting(options)
    if (!waiting) failures = 0
  }

  return {
    async run(applied) {
      if (!started) await recheckStored(options, { kind: 'outdated' })
      started = true
      if (applied > 0) waiting = true
      // What may be read changes with the registry and with the day, and is asked for at once.
      const grants = JSON.stringify(options.grants())
      if (grants !== known) [waiting, due, known] = [true, 0, grants]
      if (!waiting || deps.monotonic() < due) return
      try {
        await look()
      } catch (error) {
        failures += 1
        deps.logger.debug({ origin: options.origin, err: error }, 'what was missing could not be asked for')
      }
      const bound = Math.min(longestPause, options.interval * 2 ** Math.min(failures, 12))
      due = deps.monotonic() + bound * (0.5 + 0.5 * ((deps.random(1)[0] ?? 0) / 256))
    },
  }
}

async function hasWaiting({ database, origin, grants }: RecheckOptions): Promise<boolean> {
  const withheld = { grants: grants(), after: -1, limit: 1 }
  if ((await listWithheld(database, origin, withheld)).length > 0) return true
  const kinds: readonly Recheckable[] = [{ kind: 'unavailable', after: -1 }, { kind: 'future' }]
  for (const which of kinds)
    if ((await listQuarantined(database, origin, { which, limit: 1 })).length > 0) return true
  return false
}

type CheckOptions = Pick<RecheckOptions, 'database' | 'pool' | 'origin'> & {
  /** Of a followed log: its entries are judged by the times of their witnesses too. */
  readonly trust?: () => Trust
  readonly deps: Pick<Deps, 'now'>
}

/** Judges again what is stored, with what was received for it. @returns how many are sound now */
export async function recheckStored(options: CheckOptions, which: Recheckable): Promise<number> {
  let sound = 0
  for (;;) {
    const leaves = await listQuarantined(options.database, options.origin, { which, limit: fullWidth })
    const checked: CheckedEntry[] = []
    for (const leaf of leaves) checked.push(await checkLeaf(options, leaf, sentOf(leaf)))
    sound += await reapplyEntries(options.database, options.origin, checked)
    // Outdated ones bear this version now; the others would be the same again.
    if (leaves.length < fullWidth || which.kind !== 'outdated') return sound
  }
}

function sentOf({ record, salt }: QuarantinedLeaf): RecordOpening | undefined {
  return record === null ? undefined : { bytes: record, ...(salt === null ? {} : { salt }) }
}

async function checkLeaf(
  { deps, database, pool, origin, trust }: CheckOptions,
  { index, bytes, before }: QuarantinedLeaf,
  sent: RecordOpening | undefined,
): Promise<CheckedEntry> {
  const sightings = trust
    ? await sightingsFor({ database, trust }, await openLog(database, origin, false), {
        from: index,
        end: index + 1,
      })
    : []
  const { entries } = await pool.check({
    origin,
    start: index,
    entries: [bytes],
    pages: sent ? [formatPage([{ index, record: sent.bytes, salt: sent.salt }])] : [],
    lastAt: before === null ? '' : parseEntry(before).at,
    now: deps.now(),
    sightings,
  })
  const [entry] = entries
  if (!entry) throw new TypeError('one entry gives one answer')
  return entry
}

/** Records that were missing, and records of other tiers that may be had by now; these are asked for with a proof of who asks. */
async function recheckAbsent(
  options: RecheckOptions,
  kind: 'unavailable' | 'withheld',
  after: number,
): Promise<Progress> {
  const { database, origin } = options
  const limit = bundlesAtOnce * fullWidth
  const absent =
    kind === 'unavailable'
      ? await listQuarantined(database, origin, { which: { kind, after }, limit })
      : await listWithheld(database, origin, { grants: options.grants(), after, limit })
  if (absent.length === 0) return { found: 0, more: false, last: -1 }
  const { size } = await openLog(database, origin, false)
  let found = 0
  let last = after
  let asked = 0
  for (const [index, leaves] of groupByBundle(absent)) {
    if (asked === bundlesAtOnce || options.signal?.aborted) return { found, more: true, last }
    asked += 1
    const width = Math.min(fullWidth, size - index * fullWidth)
    const indices = leaves.map((leaf) => leaf.index)
    const wanted = { bundle: { index, width }, indices, proven: kind === 'withheld' }
    for await (const records of fetchRecordPages(options.source, wanted)) {
      const checked: CheckedEntry[] = []
      for (const leaf of leaves) {
        const record = records.get(leaf.index)
        if (record && (kind === 'unavailable' || record.salt))
          checked.push(await checkLeaf(options, leaf, record))
      }
      found += await reapplyEntries(database, origin, checked)
    }
    last = leaves.at(-1)?.index ?? last
  }
  return { found, more: absent.length === limit, last }
}

interface Progress {
  readonly found: number
  readonly more: boolean
  readonly last: number
}

function groupByBundle(leaves: readonly QuarantinedLeaf[]): ReadonlyMap<number, readonly QuarantinedLeaf[]> {
  const bundles = new Map<number, QuarantinedLeaf[]>()
  for (const leaf of leaves) {
    const bundle = Math.floor(leaf.index / fullWidth)
    bundles.set(bundle, [...(bundles.get(bundle) ?? []), leaf])
  }
  return bundles
}
