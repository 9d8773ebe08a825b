import { formatMoment, legalDateOf } from './date.ts'
import { ProtocolError } from './error.ts'
import type { OpenedCheckpoint } from './log/checkpoint.ts'
import type { Entry } from './log/entry.ts'
import { asksForWitnesses, type Cosigned, requireWitnesses, type Witnessed } from './trust/cosigner.ts'
import type { LogTime } from './trust/log-time.ts'
import { nameAt } from './trust/registry.ts'
import type { Trust } from './trust/trust.ts'
import type { Argument } from './verdict.ts'
import { maxSkew } from './verify.ts'

/**
 * Those whom the registry asks for have seen the tree. Where it asks for nobody, nothing is argued: the line of the root of trust has
 * said so.
 *
 * @see spec/verify.md, VERIFY-300; spec/witness.md, WIT-10 to WIT-12
 */
export function argueWitness(
  argument: Argument,
  opening: OpenedCheckpoint | undefined,
  trust: Trust | undefined,
): Witnessed | undefined {
  if (!trust || !asksForWitnesses(trust)) return undefined
  if (!opening) {
    argument.skip('witness')
    return undefined
  }
  return argument.step(
    'witness',
    () => requireWitnesses(trust, opening),
    ({ by, since }) => ({
      zh: `已由${by.map(nameOf).join('、')}见证，最迟 ${momentOf(since)}`,
      en: `witnessed by ${by.map(({ cosigner }) => cosigner.key.name).join(', ')}, at ${momentOf(since)} at the latest`,
    }),
  )
}

/**
 * The entry states a time at which it can have been logged, by the word of the witnesses and give or take what two clocks may differ.
 *
 * @throws {ProtocolError} `TIME_CONTRADICTED`
 * @see spec/witness.md, WIT-41
 */
export function checkLogTime({ at, index }: Entry, { after, by }: LogTime): void {
  const stated = Date.parse(at)
  const late = by !== undefined && stated > by * 1000 + maxSkew
  const early = after !== undefined && stated < after * 1000 - maxSkew
  if (!late && !early) return
  const evidence = {
    at,
    ...(early ? { loggedAfter: momentOf(after) } : {}),
    ...(late ? { loggedBy: momentOf(by) } : {}),
  }
  const message = late ? 'dated after its witnesses had seen it' : 'dated before they had not seen it yet'
  throw new ProtocolError('TIME_CONTRADICTED', `the entry is ${message}`, { place: { index }, evidence })
}

export function momentOf(seconds: number): string {
  return formatMoment(seconds * 1000)
}

function nameOf({ cosigner, time }: Cosigned): string {
  return nameAt(cosigner.member.profile, legalDateOf(time * 1000))
}
