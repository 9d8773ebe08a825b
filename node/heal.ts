import { equalBytes } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { sha256Hex } from '../protocol/hash.ts'
import { type Checkpoint, parseHead } from '../protocol/log/checkpoint.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { openWithTrust } from '../protocol/verify-checkpoint.ts'
import { type HealReport, hasTree, healLog } from './admin/heal.ts'
import type { RepairPorts, RepairSource } from './admin/port.ts'
import type { Deps } from './deps.ts'
import { checkContinuity } from './log/continuity.ts'
import type { Database } from './store/database.ts'
import { openLog, type StoredLog } from './store/log-store.ts'
import type { SignedMemory } from './store/signed-head.ts'
import type { PeerClient } from './sync/client.ts'
import { accusing } from './sync/evidence.ts'
import { adoptNote, thawLog } from './sync/halt.ts'
import { askWhatIsNewest, type Heard, isEnough } from './sync/newest.ts'
import { judgeOwn } from './sync/own-judgement.ts'
import { createHttpSource } from './sync/source.ts'

export interface LookOptions {
  readonly deps: Pick<Deps, 'logger'>
  readonly database: Database
  readonly trust: () => Trust
  /** The origin of this node's own log. */
  readonly own: string
  readonly memory: SignedMemory
  readonly client: PeerClient
  /** Who may hold a copy of the own log. */
  readonly sources: readonly RepairSource[]
  readonly ports: RepairPorts
  /** Whether the sources were named by the operator, and their notes are asked for as well. */
  readonly given?: boolean
  readonly signal: AbortSignal
}

export interface Looked {
  /** As it is now. */
  readonly log: StoredLog
  /** Those who answered prove that nothing beyond this was signed, and all of it is here. */
  readonly proven: boolean
  /** What was taken from others. */
  readonly healed: readonly HealReport[]
}

/**
 * One look at what others know of the own log. Whoever shows more than is here freezes it; a frozen log takes what it lacks from those
 * who hold it, one that signed two histories excepted; and when enough have answered, and nothing is missing, it is active again.
 *
 * 1. freeze, by the note that was shown. A crash leaves a frozen log, and each start looks again.
 * 2. recover entries (`healLog`), then adopt the note over them.
 * 3. note the head as the largest that was signed, apart from the database. A crash leaves a frozen log that lacks nothing.
 * 4. thaw.
 *
 * @see spec/sync.md, SYNC-600 to SYNC-603
 */
export async function lookForNewest(options: LookOptions): Promise<Looked> {
  const { database, trust, own, memory } = options
  const heard = await askWhatIsNewest({ ...options, trust: trust() })
  await judgeShown(options, heard)
  const before = await openLog(database, own, true)
  const known = knownNotes(options, before, [
    ...heard.shown.map(({ note }) => note),
    ...(options.given ? await notesOf(options.sources) : []),
  ])
  const healed = isHealable(before) ? await recoverEntries(options, before, known) : []
  const log = await openLog(database, own, true)
  const whole = await isWhole(options, log, [...known.map(parseHead), ...(memory.head ? [memory.head] : [])])
  const kept = (await checkContinuity(database, log, memory.head)) === 'kept'
  if (!whole || !isEnough(trust(), own, { ...heard, kept })) return { log, proven: false, healed }
  if (log.checkpoint !== null && !kept) await memory.remember(parseHead(log.checkpoint))
  if (log.state === 'active') return { log, proven: true, healed }
  const proven = await thawLog(database, own, log.checkpointSize)
  return { log: await openLog(database, own, true), proven, healed }
}

/** Frozen, and not for two histories. */
export function isHealable({ state, fault }: StoredLog): boolean {
  return state === 'frozen' && fault?.evidence === undefined
}

async function judgeShown(options: LookOptions, { shown }: Heard): Promise<void> {
  const { database, client, own, signal } = options
  const judged = new Set<string>()
  for (const { member, note } of shown) {
    const { size, root } = parseHead(note)
    const name = `${size} ${root.join()}`
    const log = await openLog(database, own, true)
    // Of what is not here only who has the tiles can prove anything, and he may be the second to show it.
    if (judged.has(name) && size <= log.checkpointSize) continue
    judged.add(name)
    const mirror = `${member.endpoints.base}/mirror/${sha256Hex(own)}`
    await judgeOwn(options, { log, note, member, source: createHttpSource(client, mirror, signal) })
  }
}

/** Notes by the own key that somebody shows, or that the log was frozen for. The largest first. */
function knownNotes(
  { trust, own }: LookOptions,
  { fault }: StoredLog,
  shown: readonly string[],
): readonly string[] {
  const ours = [...shown, ...(fault?.notes ?? [])].filter((note) => {
    try {
      return openWithTrust(note, own, trust()) !== undefined
    } catch (error) {
      if (error instanceof ProtocolError) return false
      throw error
    }
  })
  const heads = new Map(ours.map((note) => [headOf(note), note]))
  return [...heads.values()].toSorted((a, b) => parseHead(b).size - parseHead(a).size)
}

async function notesOf(sources: readonly RepairSource[]): Promise<readonly string[]> {
  const notes = await Promise.all(sources.map((source) => source.fetchNote().catch(() => undefined)))
  return notes.filter((note) => note !== undefined)
}

function headOf(note: string): string {
  return note.slice(0, note.indexOf('\n\n'))
}

/** Towards the largest note first; where that is not to be had, as far as somebody has it. */
async function recoverEntries(
  { deps, database, trust, own, sources, ports }: LookOptions,
  { checkpointSize }: StoredLog,
  known: readonly string[],
): Promise<readonly HealReport[]> {
  const healed: HealReport[] = []
  for (const note of known) {
    const target = parseHead(note)
    if (target.size <= checkpointSize) break
    try {
      const report = await healLog(database, { origin: own, note, sources, ports })
      healed.push(report)
      deps.logger[report.recovered > 0 ? 'warn' : 'debug'](
        { origin: own, ...report, target: target.size },
        'recovering own entries from others',
      )
    } catch (error) {
      if (!(error instanceof ProtocolError) || /^(?:STORAGE_|INTERNAL$)/.test(error.code)) throw error
      deps.logger.error({ origin: own, code: error.code, ...error.place }, error.message)
      continue
    }
    if (!(await hasTree(database, await openLog(database, own, true), target))) continue
    const keys = (trust().logs.get(own)?.keys ?? []).map(({ key }) => key)
    await adoptNote(database, own, { size: target.size, note: accusing(note, keys) })
    break
  }
  return healed
}

/** Whether all that is known to be signed is here and signed here. */
async function isWhole(
  { database }: LookOptions,
  log: StoredLog,
  heads: readonly Pick<Checkpoint, 'size' | 'root'>[],
): Promise<boolean> {
  const signed = log.checkpoint === null ? undefined : parseHead(log.checkpoint)
  for (const head of heads) {
    if (signed?.size === head.size && equalBytes(signed.root, head.root)) continue
    // What was remembered and not stored yet is signed by the next step of the normal path.
    if (head.size > log.size || !(await hasTree(database, log, head))) return false
  }
  return true
}
