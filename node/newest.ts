import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '../protocol/error.ts'
import { asksForWitnesses } from '../protocol/trust/cosigner.ts'
import type { Deps } from './deps.ts'
import { isHealable, type LookOptions, lookForNewest } from './heal.ts'
import { checkContinuity } from './log/continuity.ts'
import { openLog, type StoredLog } from './store/log-store.ts'
import { freezeLog } from './sync/halt.ts'

export type GuardOptions = Pick<LookOptions, 'database' | 'trust' | 'own' | 'memory'> & {
  readonly deps: Pick<Deps, 'logger' | 'random' | 'monotonic'>
}

/** What it takes to ask others. */
export type Means = Pick<LookOptions, 'client' | 'ports'> & {
  /** Who may hold a copy of the own log, by the registry of now. */
  readonly sources: () => LookOptions['sources']
  /** The log may be written from now on: it was not known to be the newest before, or not all of it was here. */
  readonly onProven: (log: StoredLog) => void
  /** More of the log can be read. */
  readonly onRecovered: () => void
}

/** What is known of the own log only when others have answered; and how that is looked after. Made by `guardNewest`. */
export interface NewestGuard {
  /**
   * Holds the stored log, which is whole, against what this node remembers to have signed; freezes one that lacks some of it.
   *
   * @see spec/durability.md, DUR-600
   */
  confirm(log: StoredLog): Promise<StoredLog>
  /** @throws {ProtocolError} `LOG_UNPROVEN`; of a frozen log the store says so */
  require(): void
  /** For who comes before the answers: when those that are under way are in. */
  settled(): Promise<void>
  /** @throws {ProtocolError} `LOG_UNPROVEN` — the node is being stopped */
  proven(): Promise<void>
  /** The own log was frozen. */
  wake(): void
  /** Another member shows that it is up: it may answer now. */
  nudge(): void
  start(means: Means): void
  stop(): Promise<void>
}

const shortestPause = 250
const longestPause = 10_000
/** Whoever shows himself again and again does not have everybody asked more often. */
const leastPause = 1_000

/**
 * Keeps a node from signing before it is known to have the newest state that it ever signed, and heals its log when it has not: by
 * itself, while it runs and serves what it has.
 *
 * @see spec/sync.md, SYNC-600 to SYNC-603
 */
export function guardNewest(options: GuardOptions): NewestGuard {
  const { deps, database, trust, own, memory } = options
  const ending = new AbortController()
  const waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = []
  let begun = false
  let proven = false
  let frozen = false
  let means: Means | undefined
  let again = false
  /** How often the log was frozen: what a look found before is of another log. */
  let wakes = 0
  let beyondHelp = false
  let looking: Promise<void> | undefined
  let looping: Promise<void> | undefined
  let hurry: () => void = () => {}
  let looked = Number.NEGATIVE_INFINITY
  let told = false

  function isClosed(): boolean {
    return trust().logs.get(own)?.log.closed !== undefined
  }

  function unproven(): ProtocolError {
    return new ProtocolError('LOG_UNPROVEN', 'too few have said yet what they were shown of this log')
  }

  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => {
      looking = undefined
      looked = deps.monotonic()
    })
    return looking
  }

  async function lookOnce(): Promise<void> {
    if (!means) return
    const before = wakes
    try {
      const asked = { ...options, ...means, sources: means.sources(), signal: ending.signal }
      const { log, proven: found, healed } = await lookForNewest(asked)
      if (healed.length > 0) means.onRecovered()
      if (wakes !== before) return
      frozen = log.state === 'frozen'
      beyondHelp = frozen && !isHealable(log)
      if (!found) return
      proven = true
      deps.logger.info(
        { origin: own, size: log.checkpointSize },
        'the own log is the newest that was ever signed',
      )
      means.onProven(log)
      for (const { resolve } of waiting.splice(0)) resolve()
    } catch (error) {
      if (!ending.signal.aborted) deps.logger.error({ err: error }, 'the own log could not be compared')
    }
  }

  async function loop(): Promise<void> {
    for (let tries = 0; !proven && !ending.signal.aborted && !isClosed(); tries += 1) {
      again = false
      await look()
      if (proven || beyondHelp) return
      if (!told) deps.logger.warn({ origin: own, frozen }, unproven().message)
      told = true
      const bound = Math.min(longestPause, shortestPause * 2 ** Math.min(tries, 10))
      const pause = bound * (0.5 + (deps.random(1)[0] ?? 0) / 512)
      await Promise.race([sleep(pause, undefined, { signal: ending.signal }).catch(() => {}), hurried()])
    }
  }

  function hurried(): Promise<void> {
    return new Promise((resolve) => {
      hurry = resolve
    })
  }

  function run(): void {
    if (!means || proven || ending.signal.aborted) return
    looping ??= loop().finally(() => {
      looping = undefined
      if (again) run()
    })
  }

  function wake(): void {
    proven = false
    frozen = true
    again = true
    wakes += 1
    hurry()
    run()
  }

  async function confirm(log: StoredLog): Promise<StoredLog> {
    const broken = log.state === 'active' && (await checkContinuity(database, log, memory.head)) === 'broken'
    if (broken) {
      const fault = {
        code: 'LOG_FROZEN',
        detail: 'this node signed more entries, or others, than its database holds',
        notes: log.checkpoint === null ? [] : [log.checkpoint],
      }
      deps.logger.error({ origin: own, size: log.size, signed: memory.head?.size }, fault.detail)
      await freezeLog(database, own, fault)
    }
    const now = broken ? await openLog(database, own, true) : log
    frozen = now.state === 'frozen'
    if (!begun) proven = !frozen && (!asksForWitnesses(trust()) || isClosed())
    else if (broken) wake()
    begun = true
    return now
  }

  return {
    confirm,
    require: () => {
      if (!proven && !frozen) throw unproven()
    },
    settled: async () => {
      if (proven || frozen || !means) return
      // Whoever asks again and again must not have everybody asked again and again.
      const rest = looked + shortestPause - deps.monotonic()
      const before = looking
      if (!before && rest > 0) await sleep(rest, undefined, { signal: ending.signal }).catch(() => {})
      // Who was asked before may be up only now.
      for (let rounds = before ? 2 : 1; rounds > 0; rounds -= 1)
        if (!proven && !frozen && !ending.signal.aborted) await look()
    },
    proven: () =>
      proven
        ? Promise.resolve()
        : new Promise((resolve, reject) => {
            if (ending.signal.aborted) reject(unproven())
            else waiting.push({ resolve, reject })
          }),
    wake,
    nudge: () => {
      if (!proven && deps.monotonic() - looked > leastPause) hurry()
    },
    start: (given) => {
      means = given
      run()
    },
    stop: async () => {
      ending.abort()
      hurry()
      for (const { reject } of waiting.splice(0)) reject(unproven())
      await Promise.all([looping, looking])
    },
  }
}
