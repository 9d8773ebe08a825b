import type { HeldLog } from './agreement-bundle.ts'
import { decodeBase64, encodeBase64, encodeUtf8, equalBytes } from './bytes.ts'
import { type CalendarDate, formatMoment, legalDateOf } from './date.ts'
import { ProtocolError } from './error.ts'
import type { OpenedCheckpoint } from './log/checkpoint.ts'
import { leafHash } from './log/merkle.ts'
import { createFrontier } from './log/range.ts'
import type { Seen } from './record/agreement.ts'
import {
  asksForWitnesses,
  cosignaturesIn,
  type HolderWord,
  holdersIn,
  quorumFor,
  requireWitnesses,
  type Witnessed,
} from './trust/cosigner.ts'
import { type LogTime, logTimesOf, type Sighting } from './trust/log-time.ts'
import type { Trust } from './trust/trust.ts'
import { findLog } from './trust/validity.ts'
import { type Argument, findingOf } from './verdict.ts'
import { openWithTrust, requireClosedSize } from './verify-checkpoint.ts'

/** One log of a file, proven up to its checkpoint. */
export interface ProvenLog {
  readonly held: HeldLog
  readonly size: number
  readonly root: string
  readonly witnessed: Witnessed | undefined
  /** When an entry was logged, by the word of the witnesses at hand. */
  readonly timeOf: (index: number) => LogTime
  /** Who says that he holds a beginning of this very tree that reaches into the range. */
  readonly holders: readonly HolderWord[]
  /** Base64 root of the tree at each size that was asked for and lies within the range. */
  readonly roots: ReadonlyMap<number, string>
}

/**
 * The log's checkpoint is its own and, where witnesses are asked for, theirs; the entries from `from` on are all there are, for they give
 * its root; and each older note is over a beginning of that very tree.
 *
 * @see spec/agreement.md, AGREE-42
 */
export function argueLog(
  argument: Argument,
  held: HeldLog,
  { trust, sizes }: { readonly trust: Trust; readonly sizes: readonly number[] },
): ProvenLog | undefined {
  const { origin } = held
  const opened = argument.step(
    'checkpoint',
    () => {
      const opening = openWithTrust(held.checkpoint, origin, trust)
      requireClosedSize(findLog(trust, origin), opening.checkpoint.size)
      return opening
    },
    ({ checkpoint: { size } }) => ({
      zh: `${origin} 的检查点，规模${size}，日志签名有效`,
      en: `checkpoint of ${origin}, size ${size}, signed by the log's key`,
    }),
  )
  if (!opened) return undefined
  const asked = asksForWitnesses(trust)
  const witnessed = asked ? argueSeenBy(argument, opened, trust) : undefined
  if (asked && !witnessed) return undefined
  return argument.step(
    'range',
    () => {
      const older = held.notes.map((note) => openWithTrust(note, origin, trust))
      const seenSizes = [...older, opened].map(({ checkpoint }) => checkpoint.size)
      const roots = rootsOf(held, opened, [...seenSizes, ...sizes])
      const sightings = [...older, opened].flatMap((note) => sightingsIn(trust, note, roots))
      const quorum = quorumFor(trust, origin)
      const timeOf = quorum ? logTimesOf(quorum, sightings) : () => ({})
      const within = [...older, opened].filter(({ checkpoint }) => roots.has(checkpoint.size))
      const holders = within.flatMap((note) => holdersIn(trust, note))
      const { size, root } = opened.checkpoint
      return { held, size, root: encodeBase64(root), witnessed, timeOf, holders, roots }
    },
    ({ size }) => ({
      zh: `${origin}：自第${held.from}条至第${size - 1}条全部在内，重算根相符`,
      en: `${origin}: all entries from ${held.from} to ${size - 1} are here and give the root`,
    }),
  )
}

function argueSeenBy(argument: Argument, opened: OpenedCheckpoint, trust: Trust): Witnessed | undefined {
  const { origin } = opened.checkpoint
  return argument.step(
    'witness',
    () => requireWitnesses(trust, opened),
    ({ by, since }) => {
      const moment = formatMoment(since * 1000)
      const names = by.map(({ cosigner }) => cosigner.key.name).join(', ')
      return {
        zh: `${origin}：已由 ${names} 见证，最迟 ${moment}`,
        en: `${origin}: witnessed by ${names}, at ${moment} at the latest`,
      }
    },
  )
}

/** Grows the tree entry by entry: its root at the end must be the checkpoint's, and those on the way are what was asked for. */
function rootsOf(
  { from, left, entries }: HeldLog,
  { checkpoint }: OpenedCheckpoint,
  sizes: readonly number[],
): ReadonlyMap<number, string> {
  const end = from + entries.length
  if (end < checkpoint.size)
    throw new ProtocolError('RANGE_MISSING', 'the range ends before the checkpoint', {
      evidence: { end, size: checkpoint.size },
    })
  const frontier = createFrontier(
    from,
    left.map((hash) => decodeBase64(hash)),
  )
  const wanted = new Set(sizes)
  const roots = new Map<number, string>()
  const note = (size: number) => {
    if (wanted.has(size)) roots.set(size, encodeBase64(frontier.root()))
  }
  note(from)
  for (const [i, text] of entries.entries()) {
    frontier.append(leafHash(encodeUtf8(text)))
    note(from + i + 1)
  }
  if (end > checkpoint.size || !equalBytes(frontier.root(), checkpoint.root))
    throw new ProtocolError('RANGE_INVALID', 'the entries do not give the root of the checkpoint')
  return roots
}

function sightingsIn(
  trust: Trust,
  opening: OpenedCheckpoint,
  roots: ReadonlyMap<number, string>,
): readonly Sighting[] {
  const { size, root } = opening.checkpoint
  const known = roots.get(size)
  // A note from before the range proves nothing about what is in it.
  if (known === undefined) return []
  if (known !== encodeBase64(root))
    throw new ProtocolError('LOG_EQUIVOCATION', 'an older checkpoint is over another tree', {
      evidence: { size },
    })
  return cosignaturesIn(trust, opening).map(({ cosigner, time }) => ({
    key: cosigner.key.key.multibase,
    size,
    time,
  }))
}

/** The legal date by which an entry of a proven log was there; where no witness is asked for, the date in the entry. */
export function loggedOnIn(
  logs: ReadonlyMap<string, ProvenLog>,
  trust: Trust,
): (place: {
  readonly origin: string
  readonly index: number
  readonly at: string
}) => CalendarDate | undefined {
  return ({ origin, index, at }) => {
    if (!asksForWitnesses(trust)) return legalDateOf(Date.parse(at))
    const by = logs.get(origin)?.timeOf(index).by
    return by === undefined ? undefined : legalDateOf(by * 1000)
  }
}

/**
 * The picture that an act had of a log is a beginning of the tree that is proven here: else one of them was shown a fork.
 *
 * @see spec/agreement.md, AGREE-45
 */
export function argueSeen(argument: Argument, logs: ReadonlyMap<string, ProvenLog>, seen: Seen): void {
  const log = logs.get(seen.origin)
  const known = log?.roots.get(seen.size)
  if (!log || known === seen.root) return
  const fault = (code: 'CHECKPOINT_STALE' | 'RANGE_MISSING' | 'LOG_EQUIVOCATION', message: string) =>
    argument.note(
      findingOf(
        'range',
        new ProtocolError(code, message, { evidence: { origin: seen.origin, size: seen.size } }),
      ),
    )
  if (known !== undefined) fault('LOG_EQUIVOCATION', 'an act saw another tree of this size')
  else if (seen.size > log.size) fault('CHECKPOINT_STALE', 'an act saw more of the log than is here')
  else fault('RANGE_MISSING', 'what an act saw of the log lies before the range')
}
