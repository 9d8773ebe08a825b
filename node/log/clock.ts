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
}

/** How long a leap forward is doubted. A correction that was right stays right; a mistake is usually undone sooner. */
const doubtFor = 10 * 60_000

/**
 * Time never decreases, and a leap is not believed at once: one entry dated years ahead would stop the log until then, for its own
 * node and for every follower. Leaps are told by the monotonic clock, so only those after the start are seen.
 *
 * @see spec/durability.md, DUR-14 and DUR-15
 */
export function createLogClock({ now, monotonic }: Pick<Deps, 'now' | 'monotonic'>): LogClock {
  let offset = now() - monotonic()
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
          evidence: { leapSeconds: Math.round(leap / 1000) },
        },
      )
    }
    offset += leap
    leaptAt = undefined
  }

  return {
    nextMoment(lastAt) {
      const last = lastAt === '' ? 0 : Date.parse(lastAt)
      checkLeap(last)
      if (now() + maxSkew < last) {
        throw new ProtocolError(
          'CLOCK_WENT_BACK',
          'the clock of this machine is far behind the last entry of the log',
          { evidence: { lastAt, now: formatMoment(now()) } },
        )
      }
      return formatMoment(Math.max(now(), last))
    },
  }
}
