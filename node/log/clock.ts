import { formatMoment } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { maxSkew } from '../../protocol/verify.ts'
import type { Deps } from '../deps.ts'

/** The wall clock as far as the log may believe it. */
export interface LogClock {
  /**
   * The moment of the next entry: never before the last one.
   *
   * @throws {ProtocolError} `CLOCK_WENT_BACK` `TIME_IN_FUTURE`
   */
  nextMoment(lastAt: string): string
  /**
   * The time of the next cosignature in POSIX seconds: never before the last one, which is 0 where there is none.
   *
   * @throws {ProtocolError} as `nextMoment`
   */
  nextTime(last: number): number
}

/** How long a leap forward is doubted. A correction that was right stays right; a mistake is usually undone sooner. */
const doubtFor = 10 * 60_000

/**
 * Time never decreases, and a leap is not believed at once: one entry dated years ahead would stop the log until then, for its own
 * node and for every follower. Leaps are told by the monotonic clock, so only those after the start are seen.
 *
 * @see spec/durability.md, DUR-14 and DUR-15
 */
export function createLogClock(deps: Pick<Deps, 'now' | 'monotonic'>): LogClock {
  return startClock(deps, deps.now() - deps.monotonic())
}

/**
 * A clock for each log that is signed here for others. Each goes by the last time of its own log, and all by the wall clock of the
 * start, however late the first line over a log is.
 *
 * @see spec/witness.md, WIT-23 and WIT-50
 */
export function createLogClocks(deps: Pick<Deps, 'now' | 'monotonic'>): (origin: string) => LogClock {
  const atStart = deps.now() - deps.monotonic()
  const clocks = new Map<string, LogClock>()
  return (origin) => {
    const clock = clocks.get(origin) ?? startClock(deps, atStart)
    clocks.set(origin, clock)
    return clock
  }
}

function startClock({ now, monotonic }: Pick<Deps, 'now' | 'monotonic'>, atStart: number): LogClock {
  let offset = atStart
  let leaptAt: number | undefined

  function checkLeap(last: number): void {
    const leap = now() - monotonic() - offset
    // One that leads no further than the last entry does no harm: the clock had gone back, and is right again.
    if (leap <= maxSkew || now() <= last + maxSkew) {
      if (Math.abs(leap) > maxSkew) offset += leap
      leaptAt = undefined
      return
    }
    leaptAt ??= monotonic()
    if (monotonic() - leaptAt < doubtFor) {
      throw new ProtocolError(
        'TIME_IN_FUTURE',
        'the clock of this machine leapt forward; nothing is dated by it for ten minutes',
        {
          // Of this machine, and not of what was sent.
          evidence: { own: true, leapSeconds: Math.round(leap / 1000) },
        },
      )
    }
    offset += leap
    leaptAt = undefined
  }

  function next(last: number): number {
    checkLeap(last)
    if (now() + maxSkew < last) {
      throw new ProtocolError(
        'CLOCK_WENT_BACK',
        'the clock of this machine is far behind what was last dated by it for this log',
        { evidence: { lastAt: formatMoment(last), now: formatMoment(now()) } },
      )
    }
    return Math.max(now(), last)
  }

  return {
    nextMoment: (lastAt) => formatMoment(next(lastAt === '' ? 0 : Date.parse(lastAt))),
    nextTime: (last) => Math.floor(next(last * 1000) / 1000),
  }
}
