import { type Bundle, type BundleRange, type OpenedBundle, parseBundle } from './bundle.ts'
import { decodeBase64, encodeBase64, encodeUtf8, equalBytes } from './bytes.ts'
import { type CalendarDate, formatMoment, legalDateOf } from './date.ts'
import { ProtocolError } from './error.ts'
import type { Digest } from './hash.ts'
import { type Checkpoint, openCheckpoint } from './log/checkpoint.ts'
import { type Entry, parseEntry } from './log/entry.ts'
import { leafHash, verifyInclusion } from './log/merkle.ts'
import { rootFromRange } from './log/range.ts'
import { parseTlogProof } from './log/tlog-proof.ts'
import type { ExchangeRecord } from './record/envelope.ts'
import { isLifecycleEvent, isStandardRecord, parseRecord } from './record/schema.ts'
import { recordTypes } from './record/vocabulary.ts'
import { type Lifecycle, lifecycleAt, lifecycleStates } from './standing/lifecycle.ts'
import { foldRange } from './standing/range.ts'
import { nameAt } from './trust/registry.ts'
import type { Trust } from './trust/trust.ts'
import { checkMemberStatus, findLog, findMember, logKeysAt } from './trust/validity.ts'
import { Argument, type Finding, type VerdictWord, verdictOf } from './verdict.ts'
import {
  checkEntryMatches,
  checkEntryPlace,
  checkIssuer,
  checkProofs,
  readRecord,
  verifyLoggedRecord,
} from './verify.ts'

export interface VerifyOptions {
  /** From outside the file, always. Without it nothing is decided. */
  readonly trust: Trust | undefined
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
  readonly at: string
  readonly registry: { readonly version: number; readonly fingerprint: Digest }
}

export interface Verdict {
  readonly verdict: VerdictWord
  readonly findings: readonly Finding[]
  readonly asOf?: AsOf
  readonly record?: ExchangeRecord
  readonly lifecycle?: Lifecycle
}

/**
 * Verifies a bundle offline, as one ordered argument; the verdict stands on all its lines.
 *
 * `verified` proves: the record was issued by the member it names, stands in that member's own log at this index under a
 * checkpoint signed by the log's key, and no later entry up to that checkpoint revised, superseded or abolished it by the date
 * asked. It does not prove what came after the checkpoint, nor that the log showed everybody the same tree unless the registry's
 * policy asks for witnesses and they signed.
 *
 * Never throws for what is in the file: malformed input is a failed check.
 *
 * @see spec/verify.md, VERIFY-1 to VERIFY-12
 */
export function verifyBundle(bytes: Uint8Array, options: VerifyOptions): Verdict {
  const argument = new Argument()
  const opened = argument.step(
    'form',
    () => parseBundle(bytes),
    ({ bundle }) => ({
      zh: `证据包格式正确，记录${bundle.records.length}条`,
      en: `well-formed bundle, ${bundle.records.length} record(s)`,
    }),
  )
  if (!opened) return { verdict: 'rejected', findings: argument.findings }
  argument.step(
    'form',
    () => checkDigest(opened),
    () => ({ zh: `摘要相符 ${opened.actualDigest}`, en: 'the file has its own digest' }),
  )
  const trust = argument.step(
    'trust',
    () => requireTrust(options.trust),
    (value) => ({
      zh: `信任根 ${value.fingerprint}，版本${value.registry.version}，策略 ${value.registry.policy}（${value.registry.policy === 'none' ? '未要求见证' : '要求见证'}）`,
      en: `root of trust from outside the file, version ${value.registry.version}, policy ${value.registry.policy}`,
    }),
  )
  const found = openSubject(argument, opened)
  if (!found) return { verdict: verdictOf(argument.findings), findings: argument.findings }
  return argueRecord(argument, { opened, trust, options, ...found })
}

interface Subject {
  readonly bytes: Uint8Array
  readonly record: ExchangeRecord
}

interface Case extends Subject {
  readonly opened: OpenedBundle
  readonly trust: Trust | undefined
  readonly options: VerifyOptions
}

function argueRecord(argument: Argument, given: Case): Verdict {
  const { trust, opened, record, options } = given
  const { subject } = opened.bundle
  const at = options.at ?? options.now
  if (trust) argueIssuer(argument, given, trust)
  else argument.skip('issuer')
  const checkpoint = argueCheckpoint(argument, given)
  const entry = argueInclusion(argument, given, checkpoint)
  if (entry) argueEntry(argument, given, entry)
  argueProof(argument, given)
  if (entry) {
    argument.step(
      'time',
      () => argueTime(given, entry),
      () => ({ zh: `日志记载时间 ${entry.at}`, en: `logged at ${entry.at} by the log's own clock` }),
    )
  }
  const range = argument.step(
    'range',
    () => checkRange(opened, checkpoint),
    (value) => ({
      zh: `自第${subject.index}条至第${value.size - 1}条全部在内，重算根相符`,
      en: `all entries from ${subject.index} to ${value.size - 1} are here and give the root`,
    }),
  )
  const lifecycle = range && trust ? argueStanding(argument, given, trust, legalDateOf(at)) : undefined
  if (!lifecycle && !(range && trust)) argument.skip('standing')
  argument.step(
    'validity',
    () => checkValidity(record, at),
    () => ({
      zh: `在所问时间 ${formatMoment(at)} 有效期内`,
      en: `within its stated validity at ${formatMoment(at)}`,
    }),
  )
  const loggedAt = lastMoment(opened.bundle.ranges[0]) ?? entry?.at ?? ''
  const { freshWithin } = options
  if (freshWithin !== undefined) {
    argument.step(
      'freshness',
      () => checkFresh(loggedAt, options.now, freshWithin),
      () => ({
        zh: `日志最近一条 ${loggedAt}，在要求的时限内`,
        en: `newest entry ${loggedAt}, fresh enough`,
      }),
    )
  }
  const asOf =
    checkpoint && trust
      ? {
          origin: subject.origin,
          size: checkpoint.size,
          root: encodeBase64(checkpoint.root),
          loggedAt,
          at: formatMoment(at),
          registry: { version: trust.registry.version, fingerprint: trust.fingerprint },
        }
      : undefined
  return {
    verdict: verdictOf(argument.findings),
    findings: argument.findings,
    record,
    ...(asOf ? { asOf } : {}),
    ...(lifecycle?.lifecycle ? { lifecycle: lifecycle.lifecycle } : {}),
  }
}

function checkDigest({ statedDigest, actualDigest }: OpenedBundle): void {
  if (statedDigest !== actualDigest) {
    throw new ProtocolError('DIGEST_MISMATCH', 'the file was altered after it was written', {
      place: { pointer: '/digest' },
      evidence: { stated: statedDigest, actual: actualDigest },
    })
  }
}

function requireTrust(trust: Trust | undefined): Trust {
  if (!trust)
    throw new ProtocolError('NOT_TRUSTED', 'no root of trust was given; it never comes from the file itself')
  if (trust.registry.policy !== 'none')
    throw new ProtocolError(
      'NOT_WITNESSED',
      'this version cannot check the witness policy that the registry asks for',
    )
  return trust
}

function openSubject(argument: Argument, { bundle, records }: OpenedBundle): Subject | undefined {
  return argument.step(
    'schema',
    () => {
      const bytes = [...records].find(([digest]) => digest === bundle.subject.digest)?.[1]
      if (!bytes)
        throw new ProtocolError('LEAF_MISMATCH', 'no record in the file has the digest of its subject', {
          place: { pointer: '/subject/digest' },
        })
      const record = parseRecord(readRecord(bytes).document)
      if (record.id !== bundle.subject.id)
        throw new ProtocolError('LEAF_MISMATCH', 'the subject has another id', {
          place: { pointer: '/subject/id' },
        })
      return { bytes, record }
    },
    ({ record }) => ({
      zh: `${recordTypes[record.type[1]].zh}，结构与规则相符`,
      en: `a ${record.type[1]} by its closed schema and rules`,
    }),
  )
}

function argueIssuer(argument: Argument, { record, opened }: Case, trust: Trust): void {
  argument.step(
    'issuer',
    () => {
      findMember(trust, record.issuer)
      return checkIssuer(trust, record, opened.bundle.subject.origin)
    },
    (member) => ({
      zh: `发布机关 ${nameAt(member.profile, '9999-12-31')}（${member.id}）`,
      en: `issuer ${member.id}, in its own log`,
    }),
  )
}

function argueCheckpoint(argument: Argument, { opened, trust }: Case): Checkpoint | undefined {
  const { subject, ranges, proofs } = opened.bundle
  if (!trust) {
    argument.skip('checkpoint')
    return undefined
  }
  return argument.step(
    'checkpoint',
    () => {
      const inProof = proofs[0] ? parseTlogProof(proofs[0].proof).checkpoint : undefined
      const text = ranges[0]?.checkpoint ?? inProof
      if (text === undefined) throw new ProtocolError('INCLUSION_MISSING', 'the file holds no checkpoint')
      if (inProof !== undefined && inProof !== text)
        throw new ProtocolError('CHECKPOINT_MALFORMED', 'proof and range rest on different checkpoints')
      return openWithTrust(text, subject.origin, trust)
    },
    (checkpoint) => ({
      zh: `${checkpoint.origin} 的检查点，规模${checkpoint.size}，签名有效`,
      en: `checkpoint of size ${checkpoint.size}, signed by the log's key`,
    }),
  )
}

/** The keys depend on the size, which is read first and believed only with the signature over it. */
function openWithTrust(text: string, origin: string, trust: Trust): Checkpoint {
  const trusted = findLog(trust, origin)
  const size = Number(text.split('\n')[1])
  return openCheckpoint(text, { origin, keys: logKeysAt(trusted, Number.isSafeInteger(size) ? size : 0) })
    .checkpoint
}

function argueInclusion(
  argument: Argument,
  { opened }: Case,
  checkpoint: Checkpoint | undefined,
): Entry | undefined {
  const { subject, proofs } = opened.bundle
  const [inclusion] = proofs
  if (!checkpoint) {
    argument.skip('inclusion')
    return inclusion ? quietly(() => parseEntry(encodeUtf8(inclusion.entry))) : undefined
  }
  return argument.step(
    'inclusion',
    () => {
      if (!inclusion) throw new ProtocolError('INCLUSION_MISSING', 'the file holds no inclusion proof')
      const bytes = encodeUtf8(inclusion.entry)
      const proof = parseTlogProof(inclusion.proof)
      if (proof.index !== subject.index)
        throw new ProtocolError('INDEX_MISMATCH', 'the proof is for another index', {
          evidence: { proof: proof.index, subject: subject.index },
        })
      verifyInclusion({
        leaf: leafHash(bytes),
        index: proof.index,
        size: checkpoint.size,
        path: proof.path,
        root: checkpoint.root,
      })
      return parseEntry(bytes)
    },
    (entry) => ({
      zh: `第${entry.index}条确在规模${checkpoint.size}的日志中`,
      en: `entry ${entry.index} is in the tree of size ${checkpoint.size}`,
    }),
  )
}

function argueEntry(argument: Argument, { opened, record, options }: Case, entry: Entry): void {
  const { subject } = opened.bundle
  argument.step(
    'entry',
    () => {
      checkEntryPlace(entry, { origin: subject.origin, index: subject.index, lastAt: '', now: options.now })
      checkEntryMatches(entry, digestFor(subject.digest), record)
    },
    () => ({
      zh: `日志条目记载的正是本记录 ${subject.digest}`,
      en: 'the entry is about exactly these bytes',
    }),
  )
}

function digestFor(text: string): Digest {
  return `sha256:${text.slice('sha256:'.length)}`
}

function argueProof(argument: Argument, { opened, record, bytes, trust }: Case): void {
  if (!trust) {
    argument.skip('proof')
    return
  }
  const { origin, index } = opened.bundle.subject
  const run = () => {
    // An unknown issuer leaves the signature undecided; only a known one can have signed wrongly.
    findMember(trust, record.issuer)
    checkProofs(trust, readRecord(bytes).document, record, { origin, index })
  }
  argument.step('proof', run, () => ({
    zh: '发布机关的签名有效，密钥在此位置有效',
    en: 'signed by the issuer with a key valid at this index',
  }))
}

function argueTime({ trust, record, opened }: Case, entry: Entry): void {
  if (!trust) throw new ProtocolError('NOT_TRUSTED', 'member status needs a root of trust')
  checkMemberStatus(findMember(trust, record.issuer), opened.bundle.subject.origin, entry.index)
}

function checkRange({ bundle }: OpenedBundle, checkpoint: Checkpoint | undefined): { readonly size: number } {
  const [range] = bundle.ranges
  if (!range)
    throw new ProtocolError(
      'RANGE_MISSING',
      'the later entries of the log are not in the file: whether it still stands cannot be told',
    )
  if (!checkpoint) throw new ProtocolError('RANGE_MISSING', 'without a checkpoint the range proves nothing')
  if (range.origin !== bundle.subject.origin || range.from !== bundle.subject.index) {
    throw new ProtocolError('RANGE_INVALID', 'the range is not that of the subject', {
      place: { pointer: '/ranges/0' },
    })
  }
  if (range.entries[0] !== bundle.proofs[0]?.entry)
    throw new ProtocolError('LEAF_MISMATCH', 'proof and range disagree about the entry', {
      place: { pointer: '/ranges/0/entries/0' },
    })
  const size = range.from + range.entries.length
  if (size < checkpoint.size) {
    throw new ProtocolError('RANGE_MISSING', 'the range ends before the checkpoint', {
      evidence: { end: size, size: checkpoint.size },
    })
  }
  const leafHashes = range.entries.map((entry) => leafHash(encodeUtf8(entry)))
  const root = rootFromRange({
    from: range.from,
    left: range.left.map((hash) => decodeBase64(hash)),
    leafHashes,
  })
  if (size !== checkpoint.size || !equalBytes(root, checkpoint.root)) {
    throw new ProtocolError('RANGE_INVALID', 'the entries do not give the root of the checkpoint', {
      place: { pointer: '/ranges/0' },
    })
  }
  return { size }
}

function argueStanding(
  argument: Argument,
  given: Case,
  trust: Trust,
  day: CalendarDate,
): { readonly lifecycle: Lifecycle | undefined } | undefined {
  const { opened, record } = given
  return argument.step(
    'standing',
    () => {
      const later = foldRange(subjectOf(opened.bundle), rangeOf(opened.bundle), {
        records: opened.records,
        verify: (entry, bytes) => verifyLoggedRecord(entry, bytes, trust),
      })
      if (later.revisedBy) {
        throw new ProtocolError('SUPERSEDED', 'a later record of the issuer revises this one', {
          evidence: { index: later.revisedBy.index, by: later.revisedBy.record.id },
        })
      }
      const lifecycle = isStandardRecord(record)
        ? lifecycleAt(record.credentialSubject, later.events, day)
        : undefined
      checkNotEnded(lifecycle)
      return { lifecycle }
    },
    ({ lifecycle }) =>
      lifecycle
        ? {
            zh: `至${day}未被修订、代替或废止；状态：${lifecycleStates[lifecycle.state].zh}`,
            en: `not revised, superseded or abolished by ${day}; state: ${lifecycleStates[lifecycle.state].en}`,
          }
        : { zh: '未被后来的记录修订', en: 'not revised by a later record' },
  )
}

function checkNotEnded(lifecycle: Lifecycle | undefined): void {
  if (lifecycle?.state !== 'superseded' && lifecycle?.state !== 'abolished') return
  const code = lifecycle.state === 'superseded' ? 'SUPERSEDED' : 'WITHDRAWN'
  throw new ProtocolError(
    code,
    `the edition is ${lifecycle.state} since ${lifecycle.since ?? 'an unknown date'}`,
    {
      evidence: {
        state: lifecycleStates[lifecycle.state].zh,
        since: lifecycle.since ?? '',
        ...(lifecycle.cause ? { index: lifecycle.cause.index, event: lifecycle.cause.recordId } : {}),
      },
    },
  )
}

function checkValidity(record: ExchangeRecord, at: number): void {
  if (record.validFrom !== undefined && Date.parse(record.validFrom) > at)
    throw new ProtocolError('NOT_YET_VALID', 'not valid yet', { place: { pointer: '/validFrom' } })
  if (record.validUntil !== undefined && Date.parse(record.validUntil) <= at)
    throw new ProtocolError('EXPIRED', 'no longer valid', { place: { pointer: '/validUntil' } })
  if (isLifecycleEvent(record)) return
}

function checkFresh(loggedAt: string, now: number, within: number): void {
  const age = now - Date.parse(loggedAt)
  if (!(age <= within))
    throw new ProtocolError(
      'CHECKPOINT_STALE',
      'the newest entry is older than asked; nobody can tell from this file what came after it',
      { evidence: { loggedAt } },
    )
}

function lastMoment(range: BundleRange | undefined): string | undefined {
  const last = range?.entries.at(-1)
  return last === undefined ? undefined : quietly(() => parseEntry(encodeUtf8(last)))?.at
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

function subjectOf({ subject }: Bundle): {
  readonly id: string
  readonly digest: string
  readonly index: number
  readonly origin: string
} {
  return subject
}

function rangeOf({ ranges }: Bundle): readonly string[] {
  return ranges[0]?.entries ?? []
}
