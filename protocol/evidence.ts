import * as z from 'zod'
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from './bytes.ts'
import { canonicalize } from './canonical.ts'
import { atPointer, ProtocolError } from './error.ts'
import { type Digest, digestOf, type Hash, isDigest } from './hash.ts'
import { readJson } from './json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts'
import { type Checkpoint, openCheckpoint, parseHead } from './log/checkpoint.ts'
import type { DifferingLeaf, ProvenLeaf } from './log/divergence.ts'
import { maxEntryBytes } from './log/entry.ts'
import { hashLength, type InclusionClaim, leafHash, verifyInclusion } from './log/merkle.ts'
import { maxNoteBytes, type VerifierKey } from './log/note.ts'
import { parseWith } from './record/schema.ts'

/** Two notes of 64 KiB, each line feed of them written with two characters, and the leaves. */
export const maxEvidenceBytes = 512 << 10

const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'a digest')
const origin = z.string().min(1).max(400)
const note = z.string().min(1).max(maxNoteBytes)
const hash = z.string().length(44)
const path = z.array(hash).max(63)

const head = {
  format: z.literal('csx-evidence'),
  v: z.literal(1),
  origin,
  notes: z.tuple([note, note]),
  digest,
}
const leaf = z.union([
  z.strictObject({ entry: z.string().max(maxEntryBytes), path }),
  /** Of a leaf that is no text, or whose bytes nobody gave the finder. */
  z.strictObject({ hash, path }),
])
const sameSize = z.strictObject({ ...head, kind: z.literal('same-size') })
const differing = z.strictObject({
  ...head,
  kind: z.literal('leaf'),
  index: size,
  /** Each under the note at the same place. */
  leaves: z.tuple([leaf, leaf]),
})

/**
 * That one key signed two histories: two signed heads of one log that cannot both be of a log that only grows. Checked with that
 * log's key and nothing else.
 *
 * @see spec/evidence.md, EVID-1 to EVID-6
 */
export type Evidence = z.output<typeof sameSize> | z.output<typeof differing>

export interface EvidenceParts {
  readonly origin: string
  readonly notes: readonly [string, string]
  /** The leaves in the order of the notes. Absent: the notes are of one size, and contradict each other by themselves. */
  readonly differing?: DifferingLeaf
}

export interface OpenedEvidence {
  readonly evidence: Evidence
  readonly checkpoints: readonly [Checkpoint, Checkpoint]
  /** Of kind `leaf`: that each leaf stands in its tree. */
  readonly claims: readonly InclusionClaim[]
  /** What the file says its digest is, and what it is. They differ in an altered file. */
  readonly statedDigest: Digest
  readonly actualDigest: Digest
}

/**
 * The one spelling of evidence, whoever found it: canonical JSON and a line feed, the notes by size and then by root.
 *
 * @throws {ProtocolError} whatever `parseEvidence` would refuse: nobody writes evidence that says nothing
 * @see spec/evidence.md, EVID-1 to EVID-4
 */
export function formatEvidence({ origin: log, notes, differing: found }: EvidenceParts): string {
  const sides = notes.map((text, i) => ({ text, head: parseHead(text), leaf: found?.leaves[i] }))
  sides.sort((a, b) => compareHeads(a.head, b.head))
  const leaves = sides.flatMap(({ leaf: proven }) => (proven ? [formatLeaf(proven)] : []))
  const body: JsonObject = {
    format: 'csx-evidence',
    v: 1,
    kind: found ? 'leaf' : 'same-size',
    origin: log,
    notes: sides.map(({ text }) => text),
    ...(found ? { index: found.index, leaves } : {}),
  }
  const text = `${canonicalize({ ...body, digest: digestOf(canonicalize(body)) })}\n`
  parseEvidence(encodeUtf8(text))
  return text
}

/**
 * Reads evidence strictly, in its one spelling, and sees that what it states is a contradiction. Who signed the notes, and whether
 * the leaves stand in their trees, is for `verifySigner` and `verifyLeaves`.
 *
 * @throws {ProtocolError} `EVIDENCE_MALFORMED` `SCHEMA_INVALID` `SIZE_LIMIT`, what the strict reader throws, and for the notes
 *   `NOTE_MALFORMED` `CHECKPOINT_MALFORMED` `LOG_ORIGIN_MISMATCH`
 * @throws {ProtocolError} `NO_CONTRADICTION` — one root twice, or one leaf twice
 * @see spec/evidence.md, EVID-1 to EVID-5
 */
export function parseEvidence(bytes: Uint8Array): OpenedEvidence {
  if (bytes.length > maxEvidenceBytes)
    throw new ProtocolError('SIZE_LIMIT', `evidence has at most ${maxEvidenceBytes} bytes`)
  if (bytes.at(-1) !== 0x0a) throw malformed('evidence ends with one line feed; the file may be cut off')
  const { value, canonical } = readJson(bytes.subarray(0, -1), maxEvidenceBytes)
  if (!canonical || !isJsonObject(value))
    throw malformed('evidence is one object in canonical form (RFC 8785)')
  const evidence: Evidence = value.kind === 'leaf' ? parseWith(differing, value) : parseWith(sameSize, value)
  const [first, second] = [readHead(evidence, 0), readHead(evidence, 1)]
  checkHeads(evidence.kind, first, second)
  const claims = evidence.kind === 'leaf' ? readClaims(evidence, [first, second]) : []
  const { digest: _stated, ...body } = value
  return {
    evidence,
    checkpoints: [first, second],
    claims,
    statedDigest: evidence.digest,
    actualDigest: digestOf(canonicalize(body)),
  }
}

/** Whether the file says of itself that it is evidence, well-formed or not. */
export function isEvidence(value: JsonValue): boolean {
  return isJsonObject(value) && value.format === 'csx-evidence'
}

/**
 * The key that signed both notes. It is accused whatever the sizes for which it counted, and whether or not the log was closed since.
 *
 * @throws {ProtocolError} `CHECKPOINT_SIGNATURE_INVALID` — a note that no given key signed; `NO_COMMON_KEY` — each was signed, but
 *   by different keys
 * @see spec/evidence.md, EVID-6
 */
export function verifySigner({ evidence }: OpenedEvidence, keys: readonly VerifierKey[]): VerifierKey {
  const [first, second] = evidence.notes.map((text, i) =>
    atPointer(`/notes/${i}`, () =>
      openCheckpoint(text, { origin: evidence.origin, keys })
        .signatures.map(({ key }) => key)
        .filter(({ type, name }) => type === 0x01 && name === evidence.origin),
    ),
  )
  const common = first?.find((key) => second?.includes(key))
  if (!common) throw new ProtocolError('NO_COMMON_KEY', 'the two notes were signed by different keys')
  return common
}

/**
 * Each leaf stands at the index in the tree of its note.
 *
 * @throws {ProtocolError} `INCLUSION_INVALID`
 * @see spec/evidence.md, EVID-5
 */
export function verifyLeaves({ claims }: OpenedEvidence): void {
  for (const [i, claim] of claims.entries()) atPointer(`/leaves/${i}`, () => verifyInclusion(claim))
}

/**
 * Evidence as it would be found to hold by whoever has these keys of the log.
 *
 * @throws {ProtocolError} as `formatEvidence`, `verifySigner` and `verifyLeaves`
 */
export function proveEvidence(parts: EvidenceParts, keys: readonly VerifierKey[]): string {
  const text = formatEvidence(parts)
  const opened = parseEvidence(encodeUtf8(text))
  verifySigner(opened, keys)
  verifyLeaves(opened)
  return text
}

function readHead({ origin: log, notes }: Evidence, i: 0 | 1): Checkpoint {
  return atPointer(`/notes/${i}`, () => {
    const checkpoint = parseHead(notes[i])
    if (checkpoint.origin !== log)
      throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'a note of another log than the file is about', {
        evidence: { expected: log, found: checkpoint.origin },
      })
    return checkpoint
  })
}

/** By size, then by the bytes of the root. */
function compareHeads(a: Checkpoint, b: Checkpoint): number {
  if (a.size !== b.size) return a.size < b.size ? -1 : 1
  const at = a.root.findIndex((byte, i) => byte !== b.root[i])
  return at < 0 ? 0 : (a.root[at] ?? 0) - (b.root[at] ?? 0)
}

function checkHeads(kind: Evidence['kind'], first: Checkpoint, second: Checkpoint): void {
  if ((kind === 'same-size') !== (first.size === second.size))
    throw malformed('notes of one size are of kind same-size, and no others', '/kind')
  const order = compareHeads(first, second)
  if (order === 0)
    throw new ProtocolError('NO_CONTRADICTION', 'both notes have one root', { place: { pointer: '/notes' } })
  if (order > 0) throw malformed('the notes are not in order of size and root', '/notes')
}

function readClaims(
  { index, leaves }: z.output<typeof differing>,
  heads: readonly [Checkpoint, Checkpoint],
): readonly InclusionClaim[] {
  const claims = leaves.map((given, i): InclusionClaim => {
    const { size: leavesBelow, root } = heads[i === 0 ? 0 : 1]
    const pointer = `/leaves/${i}`
    const own = 'entry' in given ? leafHash(encodeUtf8(given.entry)) : readHash(given.hash, `${pointer}/hash`)
    const steps = given.path.map((step, n) => readHash(step, `${pointer}/path/${n}`))
    return { leaf: own, index, size: leavesBelow, path: steps, root }
  })
  const [one, other] = claims
  if (one && other && encodeBase64(one.leaf) === encodeBase64(other.leaf))
    throw new ProtocolError('NO_CONTRADICTION', 'both leaves are the same', { place: { pointer: '/leaves' } })
  return claims
}

function readHash(text: string, pointer: string): Hash {
  try {
    const bytes = decodeBase64(text)
    if (bytes.length === hashLength) return bytes
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
  }
  throw malformed('not the base64 of 32 bytes', pointer)
}

function formatLeaf({ hash: own, entry, path: steps }: ProvenLeaf): JsonObject {
  const text = entry && textOf(entry)
  const named = text === undefined ? { hash: encodeBase64(own) } : { entry: text }
  return { ...named, path: steps.map(encodeBase64) }
}

function textOf(entry: Uint8Array): string | undefined {
  try {
    return entry.length > maxEntryBytes ? undefined : decodeUtf8(entry)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

function malformed(message: string, pointer = ''): ProtocolError {
  return new ProtocolError('EVIDENCE_MALFORMED', message, { place: { pointer } })
}
