import { ProtocolError } from '../protocol/error.ts'
import { sha256Hex } from '../protocol/hash.ts'
import { type OpenedCheckpoint, parseHead } from '../protocol/log/checkpoint.ts'
import {
  asksForWitnesses,
  findWitnesses,
  requireWitnesses,
  type Witnessed,
} from '../protocol/trust/cosigner.ts'
import { nameAt } from '../protocol/trust/registry.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { findLog } from '../protocol/trust/validity.ts'
import { openWithTrust, requireClosedSize } from '../protocol/verify-checkpoint.ts'
import { momentOf } from '../protocol/verify-witness.ts'
import type { LogReader } from './log-reader.ts'
import type { Derivation } from './monitor-log.ts'
import { formatDone, formatError } from './print.ts'

/** A log below the address of a node. */
export interface ServedLog {
  readonly base: string
  /** `/log/1`, `/mirror/<hex>`. */
  readonly path: string
  /** By the trust file, which log is served there. */
  readonly expected: string | undefined
}

/** The node below whose address a log lies. */
export function nodeOf(url: string): string {
  return /^(.*?)(?:\/log\/[1-9]\d*|\/mirror\/[0-9a-f]{64})$/.exec(url)?.[1] ?? url
}

/** The log named, or the newest that the trust file has of that node. */
export function locateLog(url: string, trust: Trust): ServedLog {
  const [, named, below] = /^(.*?)(\/log\/[1-9]\d*|\/mirror\/[0-9a-f]{64})$/.exec(url) ?? []
  const logs = [...trust.logs.values()].map(({ log }) => log)
  const base = named ?? url
  const own = logs.filter((log) => log.url.startsWith(`${url}/log/`)).at(-1)
  const path = below ?? own?.url.slice(url.length) ?? '/log/1'
  return { base, path, expected: logs.find((log) => log.url === `${base}${path}`)?.origin }
}

/**
 * The checkpoint that is served there, signed by the key of the log that must be.
 *
 * @throws {ProtocolError} `LOG_ORIGIN_MISMATCH`, and as `openWithTrust`
 */
export function openServed(note: string, { path, expected }: ServedLog, trust: Trust): OpenedCheckpoint {
  const { origin } = parseHead(note)
  const held = /^\/mirror\/(.*)$/.exec(path)?.[1]
  if (held !== undefined && sha256Hex(origin) !== held)
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'another log than the one whose copy this is', {
      evidence: { origin },
    })
  return openWithTrust(note, expected ?? origin, trust)
}

export interface VouchingTask {
  readonly reader: LogReader
  readonly served: ServedLog
  readonly trust: Trust
  /** Holds two signed notes against each other, or throws. */
  readonly compare: (kept: string, seen: string) => Promise<void>
  readonly say: (line: string) => void
}

/**
 * Whether the tree counts by itself: whole where the registry closed the log, and seen by those whom the registry asks for. The newest
 * note may still be on its way round them; then the newest that they have all seen is asked for, and counts for this one as well when it
 * holds all of it. To be asked last, so that they have had their time.
 *
 * @returns what is missing, which was said
 * @throws {ProtocolError} as `openServed` and `compare`
 * @see protocol/spec/verify.md, VERIFY-302
 */
export async function findGap(
  note: string,
  opened: OpenedCheckpoint,
  task: VouchingTask,
): Promise<ProtocolError | undefined> {
  const { trust, say } = task
  const newest = asksForWitnesses(trust) ? await findNewest(note, opened, task) : undefined
  const gap = gapOf(trust, opened, newest?.size ?? 0)
  if (newest) sayWitnessed(newest, say)
  if (gap) say(`? ${formatError(gap).slice(2)}`)
  if (gap?.code === 'NOT_WITNESSED') {
    const { missing } = gap.evidence
    say(
      `  规模${opened.checkpoint.size}尚缺 ${missing}；请稍后再试，久缺则请联系该机关 / size ${opened.checkpoint.size} lacks ${missing}: look again in a minute, and where it stays so, ask them`,
    )
  }
  return gap
}

/** A tree that has its quorum. */
interface WitnessedTree {
  readonly size: number
  readonly by: Witnessed
}

async function findNewest(
  note: string,
  opened: OpenedCheckpoint,
  { reader, served, trust, compare }: VouchingTask,
): Promise<WitnessedTree | undefined> {
  const { size } = opened.checkpoint
  const own = findWitnesses(trust, opened)
  if (own) return { size, by: own }
  const other = await reader.fetchWitnessed()
  const found = other === undefined ? undefined : openServed(other, served, trust)
  const by = found && findWitnesses(trust, found)
  if (!other || !found || !by) return undefined
  await (found.checkpoint.size < size ? compare(other, note) : compare(note, other))
  return { size: found.checkpoint.size, by }
}

function gapOf(trust: Trust, opened: OpenedCheckpoint, witnessedSize: number): ProtocolError | undefined {
  const { origin, size } = opened.checkpoint
  try {
    requireClosedSize(findLog(trust, origin), size)
    if (asksForWitnesses(trust) && witnessedSize < size) requireWitnesses(trust, opened)
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

function sayWitnessed({ size, by: { by, since } }: WitnessedTree, say: (line: string) => void): void {
  const names = by.map(({ cosigner }) => nameAt(cosigner.member.profile, '9999-12-31')).join('、')
  const keys = by.map(({ cosigner }) => cosigner.key.name).join(', ')
  const moment = momentOf(since)
  say(
    formatDone(
      `规模${size}已由${names}见证，最迟 ${moment}`,
      `size ${size} witnessed by ${keys}, at ${moment} at the latest`,
    ),
  )
}

/** What became of the records. */
export function sayDerived(
  { verified, withheld, faulty, missing, faults }: Derivation,
  say: (line: string) => void,
): void {
  for (const { index, error } of faults) {
    const mark = error.code === 'RECORD_UNAVAILABLE' ? '?' : '✗'
    say(`${mark} 第${index}条 / entry ${index}  ${formatError(error).slice(2)}`)
  }
  if (faulty + missing > faults.length)
    say(`…（另有${faulty + missing - faults.length}条 / ${faulty + missing - faults.length} more）`)
  say(
    `${faulty > 0 ? '✗' : missing > 0 ? '?' : '✓'} 记录 ${verified} 条有效，${faulty} 条有误，${missing} 条取不到，${withheld} 条非公开 / ${verified} records verified, ${faulty} faulty, ${missing} unavailable, ${withheld} not public`,
  )
}
