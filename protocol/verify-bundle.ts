import { type OpenedBundle, parseBundle } from './bundle.ts'
import { encodeBase64, encodeUtf8 } from './bytes.ts'
import { formatMoment, legalDateOf } from './date.ts'
import { ProtocolError } from './error.ts'
import type { Digest } from './hash.ts'
import type { OpenedCheckpoint } from './log/checkpoint.ts'
import { type Entry, parseEntry } from './log/entry.ts'
import { leafHash, verifyInclusion } from './log/merkle.ts'
import { parseTlogProof } from './log/tlog-proof.ts'
import { asksForWitnesses, type Witnessed } from './trust/cosigner.ts'
import type { Trust } from './trust/trust.ts'
import { checkMemberStatus, findLog, findMember } from './trust/validity.ts'
import { Argument, type AsOf, argueDigest, type Verdict, type VerifyOptions, verdictOf } from './verdict.ts'
import { checkEntryPlace } from './verify.ts'
import { openWithTrust, requireClosedSize } from './verify-checkpoint.ts'
import { checkEntryMatches } from './verify-entry.ts'
import {
  argueIssuer,
  argueProof,
  argueSchema,
  argueTrust,
  parseSignedRecord,
  type RecordCase,
  type SignedRecord,
} from './verify-issuer.ts'
import { argueFreshness, argueRange, argueStanding, argueValidity } from './verify-range.ts'
import { argueReaders, argueReceipt, saltIn } from './verify-tier.ts'
import { argueWitness, checkLogTime, momentOf } from './verify-witness.ts'

export type { AsOf, Verdict, VerifyOptions } from './verdict.ts'

/**
 * Verifies a bundle offline, as one ordered argument; the verdict stands on all its lines.
 *
 * `verified` proves: the record was issued by the member it names, stands in that member's own log at this index under a
 * checkpoint signed by the log's key, and no later entry up to that checkpoint revised, superseded or abolished it by the date
 * asked. It does not prove what came after the checkpoint, that the id was not used before this index, nor that the log showed
 * everybody the same tree.
 *
 * Never throws for what is in the file: malformed input is a failed check.
 *
 * @see spec/verify.md, VERIFY-1 to VERIFY-14
 */
export function verifyBundle(bytes: Uint8Array, options: VerifyOptions): Verdict {
  const argument = new Argument()
  const opened = argueForm(argument, bytes)
  if (!opened) return { verdict: verdictOf(argument.findings), findings: argument.findings }
  const trust = argueTrust(argument, options, opened.bundle.registry)
  const read = argueSubject(argument, opened)
  if (!read) return { verdict: verdictOf(argument.findings), findings: argument.findings }
  const { subject } = opened.bundle
  const given: Case = {
    ...read,
    salt: saltIn(opened, subject.index),
    opened,
    options,
    origin: subject.origin,
    index: subject.index,
  }
  const { record } = given
  const at = options.at ?? options.now
  argueIssuer(argument, given, trust)
  const checkpoint = argueCheckpoint(argument, given, trust)
  const witnessed = argueWitness(argument, checkpoint, trust)
  const entry = argueInclusion(argument, given, checkpoint)
  argueEntry(argument, given, entry)
  argueProof(argument, given, trust)
  argueTime(argument, given, entry, { trust, witnessed })
  argueReaders(argument, opened, { record, entry, trust })
  argueReceipt(argument, opened, { record, trust })
  const range = argueRange(argument, opened, checkpoint?.checkpoint)
  const day = legalDateOf(at)
  const { standing, later } = argueStanding(argument, { opened, record, range, trust, day, now: options.now })
  argueValidity(argument, record, at)
  const loggedAt = standing?.later.lastAt ?? entry?.at
  const seenAt = witnessed && momentOf(witnessed.latest)
  argueFreshness(argument, trust && asksForWitnesses(trust) ? { seenAt } : { loggedAt }, options)
  return {
    verdict: verdictOf(argument.findings),
    findings: argument.findings,
    record,
    ...(checkpoint && trust
      ? { asOf: describeAsOf(checkpoint, trust, { loggedAt: loggedAt ?? '', at, witnessed }) }
      : {}),
    ...(later ? { later } : {}),
    ...(entry ? { entry } : {}),
    ...(standing?.lifecycle ? { lifecycle: standing.lifecycle } : {}),
  }
}

interface Case extends RecordCase {
  readonly bytes: Uint8Array
  /** Opens the subject's entry, where it is not public. */
  readonly salt: Uint8Array | undefined
  readonly digest: Digest
  readonly index: number
  readonly opened: OpenedBundle
  readonly options: VerifyOptions
}

/** @see spec/verify.md, VERIFY-2; spec/bundle.md, BUNDLE-2 */
function argueForm(argument: Argument, bytes: Uint8Array): OpenedBundle | undefined {
  const opened = argument.step(
    'form',
    () => parseBundle(bytes),
    ({ records }) => ({
      zh: `证据包格式正确，记录${records.size}条`,
      en: `well-formed bundle, ${records.size} record(s)`,
    }),
  )
  if (!opened) return undefined
  argueDigest(argument, opened)
  return opened
}

/**
 * The record that the bundle is about, by the digest of its bytes. Where none has it, the first one is meant to: the argument
 * goes on with it, to show what else is wrong.
 */
function argueSubject(argument: Argument, { bundle, records }: OpenedBundle): SignedRecord | undefined {
  return argueSchema(argument, () => {
    const bytes = records.get(bundle.subject.digest) ?? [...records.values()][0]
    if (!bytes) throw new TypeError('a bundle has a record')
    return parseSignedRecord(bytes)
  })
}

/** @see spec/verify.md, VERIFY-5 */
function argueCheckpoint(
  argument: Argument,
  { opened }: Case,
  trust: Trust | undefined,
): OpenedCheckpoint | undefined {
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
      const opening = openWithTrust(text, subject.origin, trust)
      requireClosedSize(findLog(trust, subject.origin), opening.checkpoint.size)
      return opening
    },
    ({ checkpoint, note, signatures }) => {
      const others = note.signatures.length - signatures.length
      return {
        zh: `${checkpoint.origin} 的检查点，规模${checkpoint.size}，日志签名有效${others > 0 ? `；另有${others}个签名无法核验，不予采信` : ''}`,
        en: `checkpoint of size ${checkpoint.size}, signed by the log's key${others > 0 ? `; ${others} other signature(s) of unknown keys count for nothing` : ''}`,
      }
    },
  )
}

/** @see spec/verify.md, VERIFY-6 */
function argueInclusion(
  argument: Argument,
  { opened }: Case,
  opening: OpenedCheckpoint | undefined,
): Entry | undefined {
  const { subject, proofs } = opened.bundle
  const [inclusion] = proofs
  if (!opening) {
    argument.skip('inclusion')
    return inclusion && parseQuietly(inclusion.entry)
  }
  const { size, root } = opening.checkpoint
  return argument.step(
    'inclusion',
    () => {
      if (!inclusion) throw new ProtocolError('INCLUSION_MISSING', 'the file holds no inclusion proof')
      const bytes = encodeUtf8(inclusion.entry)
      const { index, path, extra } = parseTlogProof(inclusion.proof)
      if (extra)
        throw new ProtocolError('PROOF_MALFORMED', 'extra data in a proof, for which nothing vouches')
      if (index !== subject.index)
        throw new ProtocolError('INDEX_MISMATCH', 'the proof is for another index', {
          evidence: { proof: index, subject: subject.index },
        })
      verifyInclusion({ leaf: leafHash(bytes), index, size, path, root })
      return parseEntry(bytes)
    },
    (entry) => ({
      zh: `第${entry.index}条确在规模${size}的日志中`,
      en: `entry ${entry.index} is in the tree of size ${size}`,
    }),
  )
}

/** @see spec/verify.md, VERIFY-7 */
function argueEntry(argument: Argument, given: Case, entry: Entry | undefined): void {
  const { origin, index, digest, record, options, opened } = given
  const { subject } = opened.bundle
  const fits = digest === subject.digest && record.id === subject.id
  if (fits && !entry) {
    argument.skip('entry')
    return
  }
  argument.step(
    'entry',
    () => {
      if (!fits) {
        const pointer = digest === subject.digest ? '/subject/id' : '/subject/digest'
        throw new ProtocolError('LEAF_MISMATCH', 'the record in the file is not the one it is about', {
          place: { pointer },
        })
      }
      if (!entry) return
      checkEntryPlace(entry, { origin, index, lastAt: '', now: options.now })
      checkEntryMatches(entry, { bytes: given.bytes, salt: given.salt, digest }, record)
    },
    () => ({ zh: `日志条目记载的正是本记录 ${digest}`, en: 'the entry is about exactly these bytes' }),
  )
}

/** @see spec/verify.md, VERIFY-9 */
function argueTime(
  argument: Argument,
  { origin, record }: Case,
  entry: Entry | undefined,
  { trust, witnessed }: { readonly trust: Trust | undefined; readonly witnessed: Witnessed | undefined },
): void {
  if (!entry || !trust) {
    argument.skip('time')
    return
  }
  argument.step(
    'time',
    () => {
      if (witnessed) checkLogTime(entry, { by: witnessed.since })
      checkMemberStatus(findMember(trust, record.issuer), origin, entry.index)
    },
    () => ({
      zh: `日志记载时间 ${entry.at}，当时为在册成员`,
      en: `logged at ${entry.at} by the log's own clock, by an active member`,
    }),
  )
}

function describeAsOf(
  { checkpoint: { origin, size, root } }: OpenedCheckpoint,
  trust: Trust,
  given: { readonly loggedAt: string; readonly at: number; readonly witnessed: Witnessed | undefined },
): AsOf {
  const { loggedAt, witnessed } = given
  const { anchor, fingerprint } = trust
  const registry = {
    version: trust.registry.version,
    fingerprint,
    ...(anchor ? { root: anchor.pinned } : {}),
  }
  const loggedBy = witnessed && { loggedBy: momentOf(witnessed.since) }
  return {
    origin,
    size,
    root: encodeBase64(root),
    loggedAt,
    ...loggedBy,
    at: formatMoment(given.at),
    registry,
  }
}

function parseQuietly(text: string): Entry | undefined {
  try {
    return parseEntry(encodeUtf8(text))
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
