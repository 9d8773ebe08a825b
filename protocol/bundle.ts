import * as z from 'zod'
import { encodeUtf8 } from './bytes.ts'
import { canonicalize } from './canonical.ts'
import { ProtocolError } from './error.ts'
import { type Digest, digestOf, isDigest } from './hash.ts'
import { readJson } from './json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts'
import { parseWith } from './record/schema.ts'

export const maxBundleBytes = 64 << 20

const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const digest = z.string().refine(isDigest, 'a digest')
const origin = z.string().min(1).max(400)
const entryText = z.string().min(2).max(2048)
const note = z.string().min(1).max(65_536)

const range = z.strictObject({
  origin,
  checkpoint: note,
  /** Index of the first entry; the range runs to the size of the checkpoint. */
  from: size,
  /** Base64 hashes of the complete subtrees over the entries before `from`, left to right. */
  left: z.array(z.string().length(44)).max(53),
  entries: z.array(entryText).max(1_000_000),
})

const inclusion = z.strictObject({ entry: entryText, proof: z.string().min(1).max(131_072) })

const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'a JSON object',
)

const bundle = z.strictObject({
  format: z.literal('csx-bundle'),
  v: z.literal(1),
  /** The widest secret inside: a bundle with opened records of a pair says so. */
  contains: z.literal('public'),
  subject: z.strictObject({ digest, id: z.string().min(1).max(512), index: size, origin }),
  records: z.array(jsonObject).min(1).max(1_000_000),
  proofs: z.array(inclusion).max(1),
  ranges: z.array(range).max(1),
  digest,
})

/**
 * Evidence in one file: a record, its place in its log, and every later entry of that log up to a checkpoint. It holds no
 * root of trust; that always comes from outside.
 *
 * @see spec/bundle.md, BUNDLE-1 to BUNDLE-6
 */
export type Bundle = z.output<typeof bundle>
export type BundleRange = Bundle['ranges'][number]

export interface BundleParts {
  readonly subject: Bundle['subject']
  readonly records: readonly JsonObject[]
  readonly proofs: Bundle['proofs']
  readonly ranges: Bundle['ranges']
}

export interface OpenedBundle {
  readonly bundle: Bundle
  /** The exact bytes of each record, by digest. */
  readonly records: ReadonlyMap<Digest, Uint8Array>
  /** What the file says its digest is, and what it is. They differ in an altered file. */
  readonly statedDigest: Digest
  readonly actualDigest: Digest
}

/** The one spelling of a bundle: canonical JSON and a line feed, with the digest of all the rest inside. */
export function formatBundle(parts: BundleParts): string {
  const body: JsonObject = {
    format: 'csx-bundle',
    v: 1,
    contains: 'public',
    subject: { ...parts.subject },
    records: [...parts.records],
    proofs: parts.proofs.map((proof) => ({ ...proof })),
    ranges: parts.ranges.map((entry) => ({ ...entry })),
  }
  return `${canonicalize({ ...body, digest: digestOf(canonicalize(body)) })}\n`
}

/**
 * Reads a bundle strictly. Proves its form, and says by digest whether it was altered since it was written; whoever
 * alters it can write a new digest, so this alone proves nothing about the contents.
 *
 * @throws {ProtocolError} `BUNDLE_MALFORMED` `SCHEMA_INVALID`, and what the strict reader throws
 */
export function parseBundle(bytes: Uint8Array): OpenedBundle {
  if (bytes.at(-1) !== 0x0a)
    throw new ProtocolError('BUNDLE_MALFORMED', 'a bundle ends with one line feed; the file may be cut off')
  const { value, canonical } = readJson(bytes.subarray(0, -1), maxBundleBytes)
  if (!canonical || !isJsonObject(value))
    throw new ProtocolError('BUNDLE_MALFORMED', 'a bundle is one object in canonical form (RFC 8785)')
  const parsed = parseWith(bundle, value)
  const { digest: _digest, ...body } = value
  const records = new Map<Digest, Uint8Array>()
  for (const record of parsed.records) {
    const text = canonicalize(record)
    records.set(digestOf(text), encodeUtf8(text))
  }
  return {
    bundle: parsed,
    records,
    statedDigest: asDigest(parsed.digest),
    actualDigest: digestOf(canonicalize(body)),
  }
}

function asDigest(text: string): Digest {
  if (!isDigest(text)) throw new TypeError('the schema let a digest through that is none')
  return text
}

export function isBundle(value: JsonValue): boolean {
  return isJsonObject(value) && value.format === 'csx-bundle'
}
