import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '../../protocol/error.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { type OpenedCheckpoint, parseHead } from '../../protocol/log/checkpoint.ts'
import { findWitnesses, sightingsIn, witnessesFor } from '../../protocol/trust/cosigner.ts'
import type { Member } from '../../protocol/trust/registry.ts'
import type { Trust, TrustedLog } from '../../protocol/trust/trust.ts'
import { openWithTrust } from '../../protocol/verify-checkpoint.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../store/database.ts'
import { findLog, type StoredLog } from '../store/log-store.ts'
import { keepWitnessed, noteSightings } from '../store/witness-store.ts'
import type { PeerClient } from './client.ts'
import { findEvidence, servedTree, storedTree } from './evidence.ts'
import { isPermanent } from './failure.ts'
import { haltLog } from './halt.ts'
import { judgeOwn } from './own-judgement.ts'
import { createHttpSource, type LogSource } from './source.ts'

export interface CompareOptions {
  readonly deps: Deps
  readonly database: Database
  readonly trust: () => Trust
  readonly client: PeerClient
  /** The origin of this node's own log. */
  readonly own: string
  /** Milliseconds between two rounds. */
  readonly interval: number
  /** Told when the own log was frozen for what another showed. */
  readonly onFrozen: () => void
}

export interface Comparer {
  /** The round under way, or a new one. Never fails. */
  runOnce(): Promise<void>
  /** Asks one member what it witnessed of the own log, now. Never fails. */
  askWitness(member: Member): Promise<void>
  stop(): Promise<void>
}

const askedForEach = 2
/** Milliseconds for one answer with all that it takes to judge it: no member can draw a round out. */
const patience = 20_000

/**
 * Asks others what they were shown: every interval, for each log, two members drawn at random for the checkpoint that they hold, and
 * two witnesses of the policy for the one that they cosigned. What
 * they answer is believed as far as the log's own signature goes, and changes nothing unless it proves a second history.
 *
 * In a network of two there is nobody to ask.
 *
 * @see spec/sync.md, SYNC-31 to SYNC-33, SYNC-300 (R4, R19)
 */
export function compareLogs(options: CompareOptions): Comparer {
  const ending = new AbortController()
  const memory: Memory = { resting: new Map(), asking: new Set() }
  let running: Promise<void> | undefined

  function runOnce(): Promise<void> {
    running ??= runRound(options, memory).finally(() => {
      running = undefined
    })
    return running
  }

  async function loop(): Promise<void> {
    for (;;) {
      // At most one interval, so that a round and all it asks for end within two.
      const pause = options.interval * (0.5 + (options.deps.random(1)[0] ?? 0) / 512)
      await sleep(pause, undefined, { signal: ending.signal }).catch(() => {})
      if (ending.signal.aborted) return
      await runOnce()
    }
  }

  const looping = loop()
  return {
    runOnce,
    askWitness: async (member) => {
      const log = options.trust().logs.get(options.own)
      if (log) await askPatiently(options, { log, member, as: 'witness' }, memory)
    },
    stop: async () => {
      ending.abort()
      for (const asking of memory.asking) asking.abort()
      await Promise.all([looping, running])
    },
  }
}

interface Memory {
  /** Members that asked for patience, and until when. */
  readonly resting: Map<string, number>
  /** Questions under way. Each has a signal of its own: hundreds of listeners on one would be taken for a leak. */
  readonly asking: Set<AbortController>
}

/** All logs at once, so that a member who is slow holds up nobody else's answer. */
async function runRound(options: CompareOptions, memory: Memory): Promise<void> {
  const { deps, own } = options
  const trust = options.trust()
  const ownId = trust.logs.get(own)?.member.id
  if (trust.members.size <= 2) return
  const asks = [...trust.logs.values()].flatMap((log) => {
    const others = [...trust.members.values()].filter(({ id }) => id !== ownId && id !== log.member.id)
    const free = others.filter(({ id }) => (memory.resting.get(id) ?? 0) <= deps.monotonic())
    const bureaus = new Set(witnessesFor(trust, log.log.origin).map(({ member }) => member))
    return [
      ...draw(free, deps).map((member) => ({ log, member, as: 'mirror' as const })),
      ...draw(
        free.filter((member) => bureaus.has(member)),
        deps,
      ).map((member) => ({ log, member, as: 'witness' as const })),
    ]
  })
  await Promise.all(asks.map((ask) => askPatiently(options, ask, memory)))
}

async function askPatiently(
  options: CompareOptions,
  ask: Omit<Ask, 'signal'>,
  { resting, asking }: Memory,
): Promise<void> {
  const giving = new AbortController()
  const deadline = setTimeout(() => giving.abort(), patience)
  asking.add(giving)
  try {
    await askMember(options, { ...ask, signal: giving.signal })
  } catch (error) {
    noteSilence(options, { ...ask, error }, resting)
  } finally {
    clearTimeout(deadline)
    asking.delete(giving)
  }
}

function draw(from: readonly Member[], { random }: Pick<Deps, 'random'>): readonly Member[] {
  const left = [...from]
  const drawn: Member[] = []
  while (drawn.length < askedForEach && left.length > 0) {
    const [a = 0, b = 0] = random(2)
    drawn.push(...left.splice((a * 256 + b) % left.length, 1))
  }
  return drawn
}

/** An answer that could not be had, or not be judged, says nothing about the log. */
function noteSilence(
  { deps }: CompareOptions,
  { log, member, error }: { readonly log: TrustedLog; readonly member: Member; readonly error: unknown },
  resting: Map<string, number>,
): void {
  const facts = { origin: log.log.origin, member: member.id }
  if (!(error instanceof ProtocolError)) {
    deps.logger.error({ ...facts, err: error }, 'unforeseen failure of a comparison')
    return
  }
  const { retryAfter } = error.evidence
  if (typeof retryAfter === 'number') resting.set(member.id, deps.monotonic() + retryAfter * 1000)
  deps.logger.debug({ ...facts, code: error.code }, 'nothing to compare with')
}

interface Ask {
  readonly log: TrustedLog
  readonly member: Member
  /** Whether it is asked for what it holds, or for what it cosigned. */
  readonly as: 'mirror' | 'witness'
  readonly signal: AbortSignal
}

async function askMember(options: CompareOptions, { log, member, as, signal }: Ask): Promise<void> {
  const { database, trust, client } = options
  const { origin } = log.log
  const find = () => database.run((queries) => findLog(queries, origin))
  const before = await find()
  if (!before || !isComparable(before)) return
  const sourceBelow = (name: Ask['as']) =>
    createHttpSource(client, () => `${member.endpoints.base}/${name}/${sha256Hex(origin)}`, signal)
  // What a witness cosigned is shown there alone, and the tiles under it with what the member holds.
  const source = { ...sourceBelow('mirror'), fetchCheckpoint: sourceBelow(as).fetchCheckpoint }
  // A mirror has the tag of the original: where it holds the same note, it need not say so in full.
  const tag = as === 'mirror' && before.pending === before.checkpoint ? before.etag : null
  const answer = await source.fetchCheckpoint(tag ?? undefined)
  if (!answer) return
  const opened = openWithTrust(answer.note, origin, trust())
  // Read again: this node may have signed or taken over more, while the other answered.
  const now = await find()
  if (!now || !isComparable(now)) return
  const seen = { log: now, note: answer.note, source, member }
  if (now.own) {
    if (await judgeOwn(options, seen)) options.onFrozen()
  } else if (await judgeFollowed(options, seen)) await remember(options, now, opened, answer.note)
}

/** What a note that goes with the log says of when it was seen. */
async function remember(
  { database, trust }: CompareOptions,
  { id, size: held }: StoredLog,
  opened: OpenedCheckpoint,
  note: string,
): Promise<void> {
  const { size } = opened.checkpoint
  const counts = size <= held && findWitnesses(trust(), opened) !== undefined
  await database.run(async (queries) => {
    if (counts) await keepWitnessed(queries, id, { size, note })
    await noteSightings(queries, id, sightingsIn(trust(), opened))
  })
}

/** Something is held, and nothing is decided yet. */
function isComparable({ checkpoint, state, fault }: StoredLog): boolean {
  return checkpoint !== null && state !== 'frozen' && !(state === 'halted' && isPermanent(fault?.code ?? ''))
}

interface Seen {
  readonly log: StoredLog
  /** Signed by the log's key for its origin and size. */
  readonly note: string
  readonly source: LogSource
  readonly member: Member
}

/** @returns whether what was shown goes with what is held. @see spec/sync.md, SYNC-32 */
async function judgeFollowed(
  { deps, database, trust }: CompareOptions,
  { log, note, source, member }: Seen,
): Promise<boolean> {
  const { origin, pending, checkpoint } = log
  const sameSize = pending !== null && parseHead(pending).size === parseHead(note).size
  const ours = sameSize ? pending : checkpoint
  if (ours === null || ours === note) return ours !== null
  const evidence = await findEvidence(trust(), storedTree(database, log, ours), servedTree(source, note))
  if (evidence === undefined) return true
  const fault = {
    code: 'LOG_EQUIVOCATION',
    detail: 'the key of this log signed another history, which another member was shown',
    notes: [ours, note],
    evidence,
  }
  if (await haltLog(database, origin, fault))
    deps.logger.error(
      { origin, code: fault.code, shownTo: member.id },
      'log halted: others were shown another one',
    )
  return false
}
