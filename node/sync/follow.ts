import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '../../protocol/error.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../store/database.ts'
import { openLog } from '../store/log-store.ts'
import { classOf, isPermanent } from './failure.ts'
import { haltLog } from './halt.ts'
import { type PullOptions, type PullResult, pullLog } from './pull.ts'
import { createRechecker, type Rechecker } from './recheck.ts'
import type { LogSource } from './source.ts'

export interface FollowOptions extends Omit<PullOptions, 'signal' | 'deps' | 'source'> {
  readonly deps: Pick<Deps, 'now' | 'monotonic' | 'random' | 'logger'>
  /** What is under way is given up when the signal comes. */
  readonly openSource: (signal: AbortSignal) => LogSource
  /** Told after each good look, when everything that could be had is stored. */
  readonly onLooked?: (origin: string) => Promise<void>
  /** Milliseconds between two looks at a peer that answers. */
  readonly interval: number
}

export interface Follower {
  readonly origin: string
  /** Looks now instead of at the next interval; a run that is under way is followed by one more. */
  wake(): void
  /** The run under way, or a new one; fails as `pullLog` does. One run at a time (R22). */
  runOnce(): Promise<PullResult>
  stop(): Promise<void>
}

/**
 * However long a peer was away, everybody must have found it again two intervals and half a minute after it came back (R23); a request
 * that hangs from before, and the pull itself, take their part of that.
 */
const patience = 10_000

/**
 * Follows one log until stopped. Each peer has a follower of its own, so that a bad one delays no other. What a pull left in
 * quarantine for want of a record, or of a newer program, is looked at again after it.
 *
 * Pauses are drawn at random: around the interval while the peer answers, below a doubling bound while it does not, and never
 * shorter than it asked for.
 *
 * @see spec/sync.md, SYNC-14 to SYNC-16 (R18, R22)
 */
export function followLog(options: FollowOptions): Follower {
  const ending = new AbortController()
  let waking = new AbortController()
  let running: Promise<PullResult> | undefined
  let failures = 0
  const pulling: PullOptions = {
    ...options,
    source: options.openSource(ending.signal),
    signal: ending.signal,
  }
  const memory: Memory = {
    rechecker: createRechecker({ ...pulling, deps: options.deps, interval: options.interval }),
    trouble: undefined,
  }

  function runOnce(): Promise<PullResult> {
    running ??= pull(pulling, memory, options.onLooked).finally(() => {
      running = undefined
    })
    return running
  }

  async function loop(): Promise<void> {
    while (!ending.signal.aborted) {
      let pause: number
      try {
        await runOnce()
        failures = 0
        pause = options.interval * (0.5 + fraction(options.deps))
      } catch (error) {
        failures += 1
        pause = pauseAfter(error, failures, options)
      }
      await sleep(pause, undefined, { signal: waking.signal }).catch(() => {})
      waking = new AbortController()
    }
  }

  const looping = loop()
  return {
    origin: options.origin,
    wake: () => waking.abort(),
    runOnce,
    stop: async () => {
      ending.abort()
      waking.abort()
      await looping
    },
  }
}

interface Memory {
  readonly rechecker: Rechecker
  /** The code of the last failure while it lasts; the operator is told of it once. */
  trouble: string | undefined
}

/** A log condemned for good is not asked again; one run's failure is noted with the log before it is thrown. */
async function pull(
  options: PullOptions,
  memory: Memory,
  onLooked: FollowOptions['onLooked'],
): Promise<PullResult> {
  const { deps, database, origin } = options
  const before = await openLog(database, origin, false)
  if (before.state === 'halted' && isPermanent(before.fault?.code ?? '')) {
    const halted = new ProtocolError(
      'LOG_EQUIVOCATION',
      'this log is halted: it signed two versions of itself',
    )
    if (memory.trouble !== halted.code) deps.logger.error({ origin, code: halted.code }, halted.message)
    memory.trouble = halted.code
    throw halted
  }
  try {
    const result = await pullLog(options)
    if (result.applied > 0) deps.logger.info({ origin, ...result }, 'entries taken over')
    await memory.rechecker.run(result.applied)
    await onLooked?.(origin)
    if (memory.trouble !== undefined || before.state !== 'active')
      deps.logger.info({ origin, ...result }, 'the log is followed again')
    memory.trouble = undefined
    return result
  } catch (error) {
    if (!options.signal?.aborted) {
      const known = memory.trouble
      memory.trouble = error instanceof ProtocolError ? error.code : 'INTERNAL'
      await noteFailure(database, { origin, error, deps, known })
    }
    throw error
  }
}

interface Failure {
  readonly origin: string
  readonly error: unknown
  readonly deps: Pick<Deps, 'logger'>
  /** What the operator was told last. */
  readonly known: string | undefined
}

/** @see spec/sync.md, SYNC-10 and SYNC-27 */
async function noteFailure(database: Database, { origin, error, deps, known }: Failure): Promise<void> {
  const problem = error instanceof ProtocolError ? error : undefined
  if (problem && classOf(problem) === 'log') {
    const notes = Array.isArray(problem.evidence.notes) ? problem.evidence.notes.map(String) : []
    const { proof } = problem.evidence
    const halted = await haltLog(database, origin, {
      code: problem.code,
      detail: problem.message,
      notes,
      ...(typeof proof === 'string' ? { evidence: proof } : {}),
    })
    if (halted) deps.logger.error({ origin, code: problem.code }, 'log halted at its last good checkpoint')
    return
  }
  if (problem) {
    const level = problem.code === known ? 'debug' : 'warn'
    deps.logger[level]({ ...problem.evidence, origin, code: problem.code }, problem.message)
  } else deps.logger.error({ origin, err: error }, 'unforeseen failure of a pull')
}

function pauseAfter(error: unknown, failures: number, { deps, interval }: FollowOptions): number {
  const asked =
    error instanceof ProtocolError && typeof error.evidence.retryAfter === 'number'
      ? error.evidence.retryAfter * 1000
      : 0
  const bound = Math.min(interval + patience, Math.max(interval, 1_000) * 2 ** Math.min(failures - 1, 10))
  return Math.min(Math.max(asked, fraction(deps) * bound, 100), 24 * 3_600_000)
}

/** Between 0 and 1. */
function fraction({ random }: Pick<Deps, 'random'>): number {
  const [a = 0, b = 0] = random(2)
  return (a * 256 + b) / 65_536
}
