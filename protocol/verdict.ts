import { type ProblemCode, ProtocolError } from './error.ts'
import type { Digest } from './hash.ts'
import type { Entry } from './log/entry.ts'
import { messageOf } from './message.ts'
import type { ExchangeRecord } from './record/envelope.ts'
import type { Lifecycle } from './standing/lifecycle.ts'
import type { LaterRecords } from './standing/range.ts'
import type { Trust } from './trust/trust.ts'

/** The steps of the argument, in its order (PROTOCOL section 11). */
export const checks = [
  'form',
  'trust',
  'issuer',
  'checkpoint',
  'witness',
  'inclusion',
  'entry',
  'schema',
  'proof',
  'time',
  'readers',
  'receipt',
  'range',
  'standing',
  'holding',
  'validity',
  'freshness',
] as const

export type Check = (typeof checks)[number]

export type Outcome = 'passed' | 'failed' | 'unknown'

/** Chinese first, English beside it. */
export interface Text {
  readonly zh: string
  readonly en: string
}

/** One line of the argument: which check, how it came out, what a reviewer should read. */
export interface Finding {
  readonly check: Check
  readonly outcome: Outcome
  readonly code?: ProblemCode
  readonly detail: Text
}

export type VerdictWord = 'verified' | 'rejected' | 'undecided'

export interface VerifyOptions {
  /** From outside the file, always. Without it, or `pinned`, nothing is decided. */
  readonly trust: Trust | undefined
  /** The fingerprint of a root of trust, from outside too; a registry that leads from it may come with the file. */
  readonly pinned?: Digest
  /** The least version of the registry that the reader asks for. */
  readonly registryAtLeast?: number
  /** The reader's clock, milliseconds since the epoch. */
  readonly now: number
  /** The moment asked about; the reader's now by default. */
  readonly at?: number
  /** Milliseconds; asked for, a verdict on an older log is undecided. */
  readonly freshWithin?: number
}

/** What the verdict rests on: it says nothing about what was logged after this. */
export interface AsOf {
  readonly origin: string
  readonly size: number
  readonly root: string
  /** The log's own time of its newest entry in the file. */
  readonly loggedAt: string
  /** The witnesses' word for when the subject was in the log at the latest; absent where no policy asks for them. */
  readonly loggedBy?: string
  readonly at: string
  readonly registry: {
    readonly version: number
    readonly fingerprint: Digest
    /** Fingerprint of the root from which it was reached; absent for a plain file. */
    readonly root?: Digest
  }
  /** Of evidence that rests on several logs, each of them: what the answer is known as at. */
  readonly logs?: readonly {
    readonly origin: string
    readonly size: number
    readonly root: string
    readonly loggedBy?: string
  }[]
}

export interface Verdict {
  readonly verdict: VerdictWord
  readonly findings: readonly Finding[]
  readonly asOf?: AsOf
  readonly record?: ExchangeRecord
  /** Of a bundle: its entry, and what the range says later of the record, sound or not. */
  readonly entry?: Entry
  readonly later?: LaterRecords
  readonly lifecycle?: Lifecycle
}

/**
 * Codes that say "could not be checked", never "is wrong": the reader lacks something, or the file asks for more than a reader
 * will spend.
 *
 * @see spec/verify.md, VERIFY-2
 */
const undecidedCodes: ReadonlySet<ProblemCode> = new Set([
  'NOT_TRUSTED',
  'NOT_A_MEMBER',
  'NOT_WITNESSED',
  'INCLUSION_MISSING',
  'RANGE_MISSING',
  'CHECKPOINT_STALE',
  'RECORD_UNAVAILABLE',
  'RECEIPT_MISSING',
  'MAPPING_MISSING',
  'BASIS_MISSING',
  'CONFORMANCE_MISSING',
  'PENDING_DEPENDENCY',
  'STATUS_UNAVAILABLE',
  'STATUS_STALE',
  'REGISTRY_STALE',
  'PEER_UNAVAILABLE',
  'PEER_TIMEOUT',
  'PEER_TOO_SLOW',
  'TLS_FAILED',
  'RATE_LIMITED',
  'REDIRECT_REFUSED',
  'ADDRESS_FORBIDDEN',
  'PAGE_MALFORMED',
  'TILE_MALFORMED',
  'SIZE_LIMIT',
  'RESPONSE_TOO_LARGE',
  'CURSOR_AHEAD',
])

export function outcomeOf(code: ProblemCode): Outcome {
  return undecidedCodes.has(code) ? 'unknown' : 'failed'
}

/**
 * Any failure rejects; failing that, any gap leaves it undecided; only then is it verified.
 *
 * @see spec/verify.md, VERIFY-1
 */
export function verdictOf(findings: readonly Finding[]): VerdictWord {
  if (findings.some(({ outcome }) => outcome === 'failed')) return 'rejected'
  if (findings.length === 0 || findings.some(({ outcome }) => outcome === 'unknown')) return 'undecided'
  return 'verified'
}

/** Collects findings, so that a verifier reads as the list of its checks. */
export class Argument {
  private readonly list: Finding[] = []

  /** In the order of the argument, whatever was looked at first. */
  get findings(): readonly Finding[] {
    return this.list.toSorted((a, b) => checks.indexOf(a.check) - checks.indexOf(b.check))
  }

  /** Runs one check; a `ProtocolError` becomes its finding and `undefined` its value. */
  step<T>(check: Check, run: () => T, say: (value: T) => Text): T | undefined {
    try {
      const value = run()
      this.list.push({ check, outcome: 'passed', detail: say(value) })
      return value
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.list.push(findingOf(check, error))
      return undefined
    }
  }

  /** Notes a check that came to this end elsewhere. */
  note(finding: Finding): void {
    this.list.push(finding)
  }

  /** Notes a check that could not run, because an earlier one gave it nothing to stand on. */
  skip(check: Check): void {
    this.list.push({
      check,
      outcome: 'unknown',
      detail: { zh: '前面的步骤未通过，无法核验', en: 'could not be checked: an earlier step failed' },
    })
  }
}

/** Whether a file is what was written, by the digest in it: that finds accidents, and proves nothing else. */
export function argueDigest(
  argument: Argument,
  { statedDigest, actualDigest }: { readonly statedDigest: Digest; readonly actualDigest: Digest },
): void {
  argument.step(
    'form',
    () => {
      if (statedDigest !== actualDigest)
        throw new ProtocolError('DIGEST_MISMATCH', 'not what was written', {
          place: { pointer: '/digest' },
          evidence: { stated: statedDigest, actual: actualDigest },
        })
    },
    () => ({ zh: `摘要相符 ${actualDigest}`, en: 'the file has the digest that it states' }),
  )
}

/** A check that ended in this error. */
export function findingOf(check: Check, error: ProtocolError): Finding {
  return { check, outcome: outcomeOf(error.code), code: error.code, detail: describe(error) }
}

/** The catalogue's words for the code, then the place and the facts a reader can check. */
function describe(error: ProtocolError): Text {
  const { zh, en } = messageOf(error.code)
  const { pointer, cell, index } = error.place
  const place = [pointer, cell, index === undefined ? '' : `#${index}`].filter(
    (part) => part !== undefined && part !== '',
  )
  const facts = Object.entries(error.evidence)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value) && value !== '')
    .map(([name, value]) => `${name}=${String(value)}`)
  const all = [...place, ...facts].join(', ')
  const tail = all === '' ? '' : ` (${all})`
  return { zh: `${zh}${tail}`, en: error.message.startsWith(en) ? error.message : `${en}: ${error.message}` }
}
