import { setTimeout as sleep } from 'node:timers/promises'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { parseEntry } from '../../protocol/log/entry.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import type { Deps } from '../deps.ts'
import { applyBatch } from '../projection/apply.ts'
import type { Database } from '../store/database.ts'
import { openLog, readEntries, type StoredEntry } from '../store/log-store.ts'
import { formatPage } from './page.ts'
import type { CheckingPool } from './pool.ts'
import { recheckStored } from './recheck.ts'

export interface OwnOptions {
  readonly deps: Pick<Deps, 'now' | 'logger'>
  readonly database: Database
  readonly pool: CheckingPool
  readonly origin: string
  /** Told when the read model took entries, before anybody who waits for them. */
  readonly onVisible?: () => Promise<void>
}

/** Brings own entries to the read model. Made by `followOwnLog`. */
export interface OwnFollower {
  wake(): void
  /**
   * Resolves when everything below `size` is visible.
   *
   * @throws {ProtocolError} `STORAGE_UNAVAILABLE` — not now; it is logged all the same, and becomes visible later
   */
  waitFor(size: number): Promise<void>
  stop(): Promise<void>
}

const retryAfter = 2_000
const gatherFor = 150

/**
 * The node is its own first peer: its signed entries reach the read model by the same checks and the same apply as foreign ones, so
 * that the two cannot drift. Only what a signed checkpoint covers is taken. What fails is tried again until it is stopped.
 *
 * @see spec/sync.md, SYNC-17
 */
export function followOwnLog(options: OwnOptions): OwnFollower {
  let stopped = false
  let running: Promise<void> | undefined
  let again = false
  let rechecked = false
  let retry: NodeJS.Timeout | undefined
  let visible = 0
  let hurry: () => void = () => {}
  const waiting: {
    readonly size: number
    readonly resolve: () => void
    readonly reject: (error: unknown) => void
  }[] = []

  async function run(): Promise<void> {
    try {
      if (!rechecked) await recheckStored(options, { kind: 'outdated' })
      rechecked = true
      do {
        // Nobody waits for it: entries that come one by one are taken together.
        if (waiting.length === 0) await Promise.race([sleep(gatherFor), hurried()])
        again = false
        visible = await projectOwn(options, () => stopped)
        await options.onVisible?.()
        settle()
      } while (again && !stopped)
    } catch (error) {
      options.deps.logger.error({ err: error }, 'own entries could not be brought to the read model')
      for (const { reject } of waiting.splice(0)) reject(error)
      // Nobody else would: the next publication may be days away.
      retry = setTimeout(wake, retryAfter)
    } finally {
      running = undefined
    }
  }

  function hurried(): Promise<void> {
    return new Promise((resolve) => {
      hurry = resolve
    })
  }

  function settle(): void {
    for (const entry of waiting.splice(0)) {
      if (entry.size <= visible) entry.resolve()
      else waiting.push(entry)
    }
  }

  function wake(): void {
    clearTimeout(retry)
    again = true
    if (!stopped) running ??= run()
  }

  return {
    wake,
    waitFor: (size) =>
      new Promise((resolve, reject) => {
        if (stopped) return reject(stopping())
        waiting.push({ size, resolve, reject })
        hurry()
        wake()
      }),
    stop: async () => {
      stopped = true
      hurry()
      clearTimeout(retry)
      await running
      clearTimeout(retry)
      for (const { reject } of waiting.splice(0)) reject(stopping())
    },
  }
}

function stopping(): ProtocolError {
  return new ProtocolError('STORAGE_UNAVAILABLE', 'the node is being stopped; the record is logged')
}

/** At most a bundle at a time, like a peer would. @returns the next index that the read model wants */
async function projectOwn(
  { deps, database, pool, origin }: OwnOptions,
  isStopped: () => boolean,
): Promise<number> {
  let log = await openLog(database, origin, true)
  let lastAt = await momentBefore(database, log)
  while (log.visible < log.checkpointSize && !isStopped()) {
    const end = Math.min(log.checkpointSize, (Math.floor(log.visible / fullWidth) + 1) * fullWidth)
    const stored = await readEntries(database, log.id, { from: log.visible, end })
    const checked = await pool.check({
      origin,
      start: log.visible,
      entries: stored.map(({ bytes }) => bytes),
      pages: [formatPage(recordsOf(stored))],
      lastAt,
      now: deps.now(),
    })
    for (const { index, fault } of checked.entries)
      if (fault) deps.logger.error({ index, code: fault.code }, 'an own record does not pass the checks')
    log = await applyBatch(database, checked)
    lastAt = checked.lastAt
  }
  return log.visible
}

async function momentBefore(
  database: Database,
  log: { readonly id: number; readonly visible: number },
): Promise<string> {
  const [last] =
    log.visible === 0 ? [] : await readEntries(database, log.id, { from: log.visible - 1, end: log.visible })
  return last ? parseEntry(last.bytes).at : ''
}

function recordsOf(entries: readonly StoredEntry[]): Parameters<typeof formatPage>[0] {
  return entries.flatMap(({ index, record, salt }) =>
    record === null ? [] : [{ index, record: encodeUtf8(record), salt }],
  )
}
