import type { OpenedBundle } from './bundle.ts'
import { decodeBase64, decodeHex, encodeUtf8, equalBytes } from './bytes.ts'
import { type CalendarDate, formatMoment } from './date.ts'
import { ProtocolError } from './error.ts'
import { sha256 } from './hash.ts'
import type { Checkpoint } from './log/checkpoint.ts'
import { audienceOf, isOpenedBy, isPublicEntry, parseEntry } from './log/entry.ts'
import { leafHash } from './log/merkle.ts'
import { rootFromRange } from './log/range.ts'
import type { ExchangeRecord } from './record/envelope.ts'
import { isStandardRecord } from './record/schema.ts'
import { type Lifecycle, lifecycleAt, lifecycleStates } from './standing/lifecycle.ts'
import { foldRange, type LaterRecords } from './standing/range.ts'
import type { Trust } from './trust/trust.ts'
import type { Argument, VerifyOptions } from './verdict.ts'
import { maxSkew, verifyOpenedRecord } from './verify.ts'

export interface ProvenRange {
  readonly from: number
  readonly size: number
  readonly entries: readonly string[]
}

/**
 * All entries from the subject's to the checkpoint, none missing between them, and no record in the file but theirs.
 *
 * @see spec/verify.md, VERIFY-10
 */
export function argueRange(
  argument: Argument,
  opened: OpenedBundle,
  checkpoint: Checkpoint | undefined,
): ProvenRange | undefined {
  if (!checkpoint && opened.bundle.ranges.length > 0) {
    argument.skip('range')
    return undefined
  }
  return argument.step(
    'range',
    () => {
      const range = checkRange(opened, checkpoint)
      checkRecords(opened, range)
      return range
    },
    ({ from, size }) => ({
      zh: `自第${from}条至第${size - 1}条全部在内，重算根相符`,
      en: `all entries from ${from} to ${size - 1} are here and give the root`,
    }),
  )
}

function checkRange({ bundle }: OpenedBundle, checkpoint: Checkpoint | undefined): ProvenRange {
  const [range] = bundle.ranges
  if (!range)
    throw new ProtocolError(
      'RANGE_MISSING',
      'the later entries of the log are not in the file: whether it still stands cannot be told',
    )
  if (!checkpoint) throw new ProtocolError('RANGE_MISSING', 'without a checkpoint the range proves nothing')
  if (range.origin !== bundle.subject.origin || range.from !== bundle.subject.index)
    throw invalid('the range is not that of the subject')
  const [proof] = bundle.proofs
  if (proof && range.entries[0] !== proof.entry)
    throw new ProtocolError('LEAF_MISMATCH', 'proof and range disagree about the entry', {
      place: { pointer: '/ranges/0/entries/0' },
    })
  const size = range.from + range.entries.length
  if (size < checkpoint.size) {
    throw new ProtocolError('RANGE_MISSING', 'the range ends before the checkpoint', {
      evidence: { end: size, size: checkpoint.size },
    })
  }
  if (size > checkpoint.size) throw invalid('the range goes on beyond the checkpoint')
  const leafHashes = range.entries.map((entry) => leafHash(encodeUtf8(entry)))
  const root = rootFromRange({
    from: range.from,
    left: range.left.map((hash) => decodeBase64(hash)),
    leafHashes,
  })
  if (!equalBytes(root, checkpoint.root)) throw invalid('the entries do not give the root of the checkpoint')
  return { from: range.from, size, entries: range.entries }
}

/** The records of the public and of the opened entries in their order: one spelling, and nothing in the file that no entry vouches for. */
function checkRecords(opened: OpenedBundle, { entries, from }: ProvenRange): void {
  const openings = openingsOf(opened)
  checkOpenings(opened, { entries, from })
  const named = [...new Set(entries.flatMap((entry, i) => openings.get(from + i)?.digest ?? digestIn(entry)))]
  let at = 0
  for (const [i, digest] of [...opened.records.keys()].entries()) {
    const place = named.indexOf(digest, at)
    if (place < 0)
      throw new ProtocolError(
        'BUNDLE_MALFORMED',
        'a record that no entry of the range names, or out of order',
        {
          place: { pointer: `/records/${i}` },
        },
      )
    at = place + 1
  }
}

/** Each opening opens an entry of the range that is not public to a record of the file, once and in order. */
function checkOpenings(
  { bundle, records }: OpenedBundle,
  { entries, from }: Pick<ProvenRange, 'entries' | 'from'>,
): void {
  let last = -1
  let readers: string | undefined
  for (const [i, { index, digest, salt }] of (bundle.openings ?? []).entries()) {
    const place = { place: { pointer: `/openings/${i}` } }
    const text = entries[index - from]
    const bytes = records.get(digest)
    if (text === undefined || !bytes || index <= last)
      throw new ProtocolError('BUNDLE_MALFORMED', 'an opening of nothing in the file, or out of order', place)
    last = index
    const entry = parseEntry(encodeUtf8(text))
    if (isPublicEntry(entry) || !isOpenedBy(entry, { salt: decodeHex(salt), recordHash: sha256(bytes) }))
      throw new ProtocolError('DIGEST_MISMATCH', 'the entry commits to something else than it opens', place)
    readers ??= audienceOf(entry)
    if (entry.tier !== bundle.contains || audienceOf(entry) !== readers)
      throw new ProtocolError('BUNDLE_MALFORMED', 'an opening for others than the file says', place)
  }
}

function openingsOf({ bundle }: OpenedBundle) {
  return new Map(
    (bundle.openings ?? []).map(({ index, digest, salt }) => [index, { digest, salt: decodeHex(salt) }]),
  )
}

/** The digest in an entry of tier public, sound or not, by its one place in canonical form. */
function digestIn(text: string): readonly string[] {
  const digest = /^\{"at":"[^"]*","digest":"(sha256:[0-9a-f]{64})"/.exec(text)?.[1]
  return digest === undefined ? [] : [digest]
}

export interface Standing {
  readonly later: LaterRecords
  readonly lifecycle?: Lifecycle
}

/**
 * Nothing in the range revised the subject, and no event ended it by the day asked.
 *
 * @returns also what the range says later, where it could be read, however the argument came out
 * @see spec/verify.md, VERIFY-11
 */
export function argueStanding(
  argument: Argument,
  given: {
    readonly opened: OpenedBundle
    readonly record: ExchangeRecord
    readonly range: ProvenRange | undefined
    readonly trust: Trust | undefined
    readonly day: CalendarDate
    /** The reader's clock. */
    readonly now: number
  },
): { readonly standing: Standing | undefined; readonly later: LaterRecords | undefined } {
  const { opened, record, range, trust, day, now } = given
  if (!range || !trust) {
    argument.skip('standing')
    return { standing: undefined, later: undefined }
  }
  let later: LaterRecords | undefined
  const standing = argument.step(
    'standing',
    () => {
      later = foldRange({ ...opened.bundle.subject, type: record.type[1] }, range.entries, {
        records: opened.records,
        latest: now + maxSkew,
        openings: openingsOf(opened),
        verify: (entry, opening) => verifyOpenedRecord(entry, opening, trust),
      })
      if (later.revisedBy) {
        throw new ProtocolError('SUPERSEDED', 'a later record of the issuer revises this one', {
          evidence: { index: later.revisedBy.index, by: later.revisedBy.record.id },
        })
      }
      if (!isStandardRecord(record)) return { later }
      const lifecycle = lifecycleAt(record.credentialSubject, later.events, day)
      checkNotEnded(lifecycle)
      return { later, lifecycle }
    },
    ({ lifecycle }) =>
      lifecycle
        ? {
            zh: `自第${range.from}条起，至${day}未被修订、代替或废止；状态：${lifecycleStates[lifecycle.state].zh}`,
            en: `from entry ${range.from} on not revised, superseded or abolished by ${day}; state: ${lifecycleStates[lifecycle.state].en}`,
          }
        : {
            zh: `自第${range.from}条起，未被后来的记录修订`,
            en: `from entry ${range.from} on not revised by a later record`,
          },
  )
  return { standing, later }
}

function checkNotEnded(lifecycle: Lifecycle): void {
  const { state, since, cause } = lifecycle
  if (state !== 'superseded' && state !== 'abolished') return
  const code = state === 'superseded' ? 'SUPERSEDED' : 'WITHDRAWN'
  throw new ProtocolError(code, `the edition is ${state} since ${since ?? 'an unknown date'}`, {
    evidence: {
      state: lifecycleStates[state].zh,
      since: since ?? '',
      ...(cause ? { index: cause.index, event: cause.recordId } : {}),
    },
  })
}

/** @see spec/verify.md, VERIFY-12 */
export function argueValidity(argument: Argument, record: ExchangeRecord, at: number): void {
  argument.step(
    'validity',
    () => {
      if (record.validFrom !== undefined && Date.parse(record.validFrom) > at)
        throw new ProtocolError('NOT_YET_VALID', 'not valid yet', { place: { pointer: '/validFrom' } })
      if (record.validUntil !== undefined && Date.parse(record.validUntil) <= at)
        throw new ProtocolError('EXPIRED', 'no longer valid', { place: { pointer: '/validUntil' } })
    },
    () => ({
      zh: `在所问时间 ${formatMoment(at)} 有效期内`,
      en: `within its stated validity at ${formatMoment(at)}`,
    }),
  )
}

/** By what a file shows how old it is: when its newest witness saw it, or, where none is asked for, its newest entry. */
export type Age = { readonly seenAt: string | undefined } | { readonly loggedAt: string | undefined }

/**
 * Without witnesses nothing but the log's own time of its newest entry is there to judge by, so an idle log looks old: undecided,
 * never wrong.
 *
 * @see spec/verify.md, VERIFY-13, VERIFY-301
 */
export function argueFreshness(argument: Argument, age: Age, options: VerifyOptions): void {
  const { freshWithin, now } = options
  if (freshWithin === undefined) return
  const moment = 'seenAt' in age ? age.seenAt : age.loggedAt
  argument.step(
    'freshness',
    () => {
      const passed = moment === undefined ? Number.NaN : now - Date.parse(moment)
      if (!(passed <= freshWithin && passed >= -maxSkew))
        throw new ProtocolError(
          'CHECKPOINT_STALE',
          'nothing in this file is as recent as asked; nobody can tell from it what came after',
          { evidence: { ['seenAt' in age ? 'seenAt' : 'loggedAt']: moment ?? '' } },
        )
    },
    () =>
      'seenAt' in age
        ? { zh: `见证于 ${moment}，在要求的时限内`, en: `witnessed at ${moment}, fresh enough` }
        : { zh: `日志最近一条 ${moment}，在要求的时限内`, en: `newest entry ${moment}, fresh enough` },
  )
}

function invalid(message: string): ProtocolError {
  return new ProtocolError('RANGE_INVALID', message, { place: { pointer: '/ranges/0' } })
}
