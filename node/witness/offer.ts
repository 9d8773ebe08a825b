import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '../../protocol/error.ts'
import type { NoteSignature } from '../../protocol/log/signature-line.ts'
import { findWitnesses, witnessesFor } from '../../protocol/trust/cosigner.ts'
import type { Member } from '../../protocol/trust/registry.ts'
import type { Trust, TrustedCosigner } from '../../protocol/trust/trust.ts'
import { openWithTrust } from '../../protocol/verify-checkpoint.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../store/database.ts'
import { keepHolding } from '../store/holding-store.ts'
import { findLog, type StoredLog } from '../store/log-store.ts'
import { noteSightings, storeCosigned } from '../store/witness-store.ts'
import { findHolding } from './collect.ts'
import { adjustLanes, isDue, type Lane } from './lane.ts'
import { addTo, noteOf, openRound, type Round } from './round.ts'
import { type Post, submitOffer } from './submit.ts'

export interface OfferOptions {
  readonly deps: Pick<Deps, 'now' | 'monotonic' | 'random' | 'logger'>
  readonly database: Database
  readonly trust: () => Trust
  /** The origin of the own log, which is offered. */
  readonly own: string
  readonly post: Post
  /** The note of the own log that a member holds, as it serves it; `undefined` where it holds none. */
  readonly fetchMirror: (member: Member, signal: AbortSignal) => Promise<string | undefined>
  /** Told that a witness says it cosigned more than is signed here, or another tree: its note, if it shows one, decides. */
  readonly onDoubt: (cosigner: TrustedCosigner) => Promise<void>
  /** Milliseconds after which an unchanged tree is offered again. */
  readonly refresh?: number
}

export interface Offerer {
  /** There may be something new to offer. */
  wake(): void
  stop(): Promise<void>
}

const hour = 3_600_000
const longestPause = 60_000
/** Milliseconds. */
const collectAfter = [300, 1_500, 6_000] as const

/**
 * Offers the own log to its witnesses: those of the policy, and the partners of its projects. Each witness has one offer under way
 * and is offered the newest note after it, so that a burst of publications is few offers; a slow one delays nobody.
 *
 * A quorum is of one note, and witnesses who each sign the newest would never meet over a busy log. So those of the policy are
 * offered the same one until its quorum is there or nobody is asked for it any more, and then the newest. Partners, who are waiting
 * for the entries, always get the newest, and the note again when it has its quorum.
 *
 * @see spec/witness.md, WIT-30 to WIT-35, WIT-51
 */
export function createOfferer(options: OfferOptions): Offerer {
  const { deps, database, own } = options
  const refresh = options.refresh ?? hour
  const ending = new AbortController()
  const lanes = new Map<string, Lane>()
  const underWay = new Set<Promise<void>>()
  let round: Round | undefined
  let newest: Round | undefined
  let stepping: Promise<void> | undefined
  let again = false
  let storing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  function wake(): void {
    again = true
    if (ending.signal.aborted) return
    stepping ??= run().finally(() => {
      stepping = undefined
      if (again) wake()
    })
  }

  async function run(): Promise<void> {
    while (again && !ending.signal.aborted) {
      again = false
      try {
        await step()
      } catch (error) {
        deps.logger.warn({ err: error }, 'the own log could not be offered')
        arm(longestPause)
      }
    }
  }

  async function step(): Promise<void> {
    const log = await database.run((queries) => findLog(queries, own))
    adjustLanes(options, lanes)
    if (!log?.checkpoint || log.state !== 'active' || lanes.size === 0) return
    if (!newest || newest.size < log.checkpointSize) newest = openRound(log.checkpoint)
    if (!round || (round.size < newest.size && (round.witnessed || round.asked === 0))) round = newest
    const now = deps.monotonic()
    let next = refresh
    for (const lane of lanes.values()) {
      const target = lane.policy ? round : newest
      if (lane.running) continue
      if (now < lane.restsUntil) next = Math.min(next, lane.restsUntil - now)
      else if (isDue(lane, target, now - refresh)) start(log, lane, target)
    }
    arm(next)
  }

  function arm(pause: number): void {
    clearTimeout(timer)
    timer = setTimeout(wake, Math.max(20, pause))
    timer.unref()
  }

  function start(log: StoredLog, lane: Lane, target: Round): void {
    lane.running = true
    // A newer registry may say otherwise before it is done.
    const { policy } = lane
    if (policy) target.asked += 1
    const offering: Promise<void> = offerOne(log, lane, target)
      .then(
        () => {
          lane.failures = 0
        },
        (error: unknown) => noteFailure(options, lane, error, ending.signal.aborted),
      )
      .finally(() => {
        lane.running = false
        if (policy) target.asked -= 1
        underWay.delete(offering)
        wake()
      })
    underWay.add(offering)
  }

  async function offerOne(log: StoredLog, lane: Lane, target: Round): Promise<void> {
    const { size, text, witnessed } = target
    const { cosigner, old } = lane
    const note = noteOf(target, rankingOf(options))
    const { signal } = ending
    const answer = await submitOffer({
      ...options,
      logId: log.id,
      cosigner,
      size,
      text,
      note,
      old,
      signal,
    }).catch(async (error: unknown) => {
      if (isContradiction(error)) await options.onDoubt(cosigner)
      throw error
    })
    if (answer.kind === 'ahead') return judgeAhead(lane, answer.size)
    lane.old = size
    lane.done = { size, witnessed, at: deps.monotonic() }
    if (lane.policy)
      await database.run((queries) =>
        noteSightings(queries, log.id, [
          { key: cosigner.key.key.multibase, size, time: answer.cosigned.time },
        ]),
      )
    await addLine(target, answer.line)
    if (!lane.policy) void collect(lane, target)
  }

  /** A partner holds what it was offered a moment later; asked a few times, and then with the next offer. */
  async function collect({ cosigner: { member } }: Lane, target: Round): Promise<void> {
    for (const pause of collectAfter) {
      await sleep(pause, undefined, { signal: ending.signal, ref: false }).catch(() => {})
      if (ending.signal.aborted || target !== newest) return
      try {
        const note = await options.fetchMirror(member, ending.signal)
        const { text } = target
        const line =
          note === undefined ? note : findHolding({ trust: options.trust(), own, member, text, note })
        if (!line) continue
        await keep(target, line)
        return await addLine(target, line)
      } catch (error) {
        deps.logger.debug({ holder: member.id, err: error }, 'no line of a holder could be had')
      }
    }
  }

  async function keep(target: Round, line: NoteSignature): Promise<void> {
    const note = noteOf(target, rankingOf(options))
    await database.run(async (queries) => {
      const log = await findLog(queries, own)
      if (log) await keepHolding(queries, log.id, { note, line })
    })
  }

  /** One after the other, so that a note with fewer lines never takes the place of one with more. */
  function addLine(target: Round, line: NoteSignature): Promise<void> {
    addTo(target, line)
    const stored = storing.then(() => store(target))
    storing = stored.catch(() => {})
    return stored
  }

  async function store(target: Round): Promise<void> {
    const note = noteOf(target, rankingOf(options))
    const witnessed = findWitnesses(options.trust(), openWithTrust(note, own, options.trust())) !== undefined
    await storeCosigned(database, own, { size: target.size, note, witnessed })
    target.witnessed ||= witnessed
  }

  /** A newer note of our own that it had from elsewhere is no matter. */
  async function judgeAhead(lane: Lane, size: number): Promise<void> {
    const log = await database.run((queries) => findLog(queries, own))
    if (log && log.checkpointSize >= size) {
      lane.old = size
      return
    }
    await options.onDoubt(lane.cosigner)
    throw new ProtocolError('PEER_UNAVAILABLE', 'the witness says it cosigned more than is signed here', {
      evidence: { size },
    })
  }

  return {
    wake,
    stop: async () => {
      ending.abort()
      clearTimeout(timer)
      await Promise.all([stepping, ...underWay])
      clearTimeout(timer)
    },
  }
}

/** It has signed a tree of this log that the stored tiles do not lead from. */
function isContradiction(error: unknown): boolean {
  return error instanceof ProtocolError && error.evidence.status === 422
}

function rankingOf({ trust, own }: OfferOptions) {
  return {
    log: (trust().logs.get(own)?.keys ?? []).map(({ key }) => key),
    policy: witnessesFor(trust(), own).map(({ key }) => key),
  }
}

function noteFailure({ deps }: OfferOptions, lane: Lane, error: unknown, ended: boolean): void {
  lane.failures += 1
  const asked =
    error instanceof ProtocolError && typeof error.evidence.retryAfter === 'number'
      ? error.evidence.retryAfter * 1000
      : 0
  const [a = 0, b = 0] = deps.random(2)
  const bound = Math.min(longestPause, 250 * 2 ** Math.min(lane.failures, 10))
  lane.restsUntil = deps.monotonic() + Math.min(Math.max(asked, (bound * (a * 256 + b)) / 65_536), hour)
  if (ended) return
  const facts = { witness: lane.cosigner.key.name }
  if (!(error instanceof ProtocolError))
    deps.logger.error({ ...facts, err: error }, 'unforeseen failure of an offer')
  else
    deps.logger[lane.failures === 1 ? 'warn' : 'debug'](
      { ...error.evidence, ...facts, code: error.code },
      error.message,
    )
}
