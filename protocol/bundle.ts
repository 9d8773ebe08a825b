import * as z from 'zod'
import { formatOpened, type OpenedParts, openedForm } from './bundle-opening.ts'
import { malformed, maxBundleEntries, maxFrameBytes, openRecords, tooLarge } from './bundle-record.ts'
import { encodeUtf8, startsWithBytes } from './bytes.ts'
import { canonicalize } from './canonical.ts'
import { ProtocolError } from './error.ts'
import { type Digest, digestOf, formatDigest, isDigest, sha256Parts } from './hash.ts'
import { readJson } from './json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts'
import { tiers } from './log/entry.ts'
import { parseWith } from './record/schema.ts'
import { chainForm, type RegistryChain } from './trust/registry-chain.ts'

const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'a digest')
const origin = z.string().min(1).max(400)
const entryText = z.string().min(2).max(2048)
const note = z.string().min(1).max(65_536)

/** One fault for the whole list: a hostile list of fifty thousand faults would cost more than the file. */
const entryTexts = z.custom<readonly string[]>(
  (value) => Array.isArray(value) && value.length <= maxBundleEntries && value.every(isEntryText),
  `at most ${maxBundleEntries} texts of 2 to 2048 characters`,
)

const range = z.strictObject({
  origin,
  checkpoint: note,
  /** Index of the first entry; the range runs to the size of the checkpoint. */
  from: size,
  /** Base64 hashes of the complete subtrees over the entries before `from`, left to right. */
  left: z.array(z.string().length(44)).max(53),
  entries: entryTexts,
})

const inclusion = z.strictObject({ entry: entryText, proof: z.string().min(1).max(131_072) })

/** A bundle without its records, which stand in the file one after the other and are read one by one. */
const frame = z.strictObject({
  format: z.literal('csx-bundle'),
  v: z.literal(1),
  /** For whom what is inside was: a file with opened records says so first. */
  contains: z.enum(tiers),
  subject: z.strictObject({ digest, id: z.string().min(1).max(512), index: size, origin }),
  records: z.tuple([]),
  proofs: z.array(inclusion).max(1),
  ranges: z.array(range).max(1),
  ...openedForm,
  /** What leads from a pinned root to the registry that was held when the bundle was made. */
  registry: chainForm.optional(),
  digest,
})

/**
 * Evidence in one file: a record, its place in its log, and every later entry of that log up to a checkpoint. It holds no
 * root of trust; that always comes from outside.
 *
 * @see spec/bundle.md, BUNDLE-1 to BUNDLE-9
 */
export type Bundle = Omit<z.output<typeof frame>, 'records'>

export interface BundleParts {
  readonly subject: {
    readonly digest: string
    readonly id: string
    readonly index: number
    readonly origin: string
  }
  /** The subject, then the record of each later public entry, in their order, each once. */
  readonly records: readonly JsonObject[]
  readonly proofs: readonly { readonly entry: string; readonly proof: string }[]
  readonly ranges: readonly {
    readonly origin: string
    readonly checkpoint: string
    readonly from: number
    readonly left: readonly string[]
    readonly entries: readonly string[]
  }[]
  readonly opened?: OpenedParts
  readonly registry?: RegistryChain | undefined
}

export interface OpenedBundle {
  readonly bundle: Bundle
  /** The exact bytes of each record, by digest, in the order of the file. */
  readonly records: ReadonlyMap<Digest, Uint8Array>
  /** What the file says its digest is, and what it is. They differ in an altered file. */
  readonly statedDigest: Digest
  readonly actualDigest: Digest
}

/**
 * The one spelling of a bundle: canonical JSON and a line feed, with the digest of all the rest inside.
 *
 * @see spec/bundle.md, BUNDLE-1, BUNDLE-2
 */
export function formatBundle(parts: BundleParts): string {
  const body: JsonObject = {
    format: 'csx-bundle',
    v: 1,
    contains: parts.opened?.tier ?? 'public',
    subject: { ...parts.subject },
    records: [...parts.records],
    proofs: parts.proofs.map((proof) => ({ ...proof })),
    ranges: parts.ranges.map((entry) => ({ ...entry })),
    ...(parts.registry
      ? { registry: { ...parts.registry, logged: parts.registry.logged.map((entry) => ({ ...entry })) } }
      : {}),
    ...formatOpened(parts.opened),
  }
  return `${canonicalize({ ...body, digest: digestOf(canonicalize(body)) })}\n`
}

/**
 * Reads a bundle strictly, in its one spelling. Says by digest whether it was altered since it was written; whoever alters it
 * can write a new digest, so this alone proves nothing about the contents.
 *
 * The cost of a hostile file is bounded before anything is built from it: the frame by its size and its number of values, each
 * record by its own size.
 *
 * @throws {ProtocolError} `BUNDLE_MALFORMED` `SCHEMA_INVALID` `SIZE_LIMIT`, and what the strict reader throws
 * @see spec/bundle.md, BUNDLE-1 to BUNDLE-5
 */
export function parseBundle(bytes: Uint8Array): OpenedBundle {
  const { frame: text, records, body } = openRecords(bytes)
  const bundle = readFrame(text)
  return {
    bundle,
    records,
    statedDigest: bundle.digest,
    actualDigest: formatDigest(sha256Parts(withoutDigest(body, bundle))),
  }
}

/** Whether the file says of itself that it is a bundle, well-formed or not. */
export function isBundle(value: JsonValue): boolean {
  return isJsonObject(value) && value.format === 'csx-bundle'
}

const beginnings = tiers.map((tier) => encodeUtf8(`{"contains":"${tier}","digest":"`))

/** Whether the bytes begin as those of every bundle do. */
export function startsAsBundle(bytes: Uint8Array): boolean {
  return beginnings.some((beginning) => startsWithBytes(bytes, beginning))
}

function readFrame(bytes: Uint8Array): Bundle {
  if (bytes.length > maxFrameBytes) throw tooLarge('too large without its records', '')
  const { value, canonical } = readJson(bytes, maxFrameBytes)
  if (!canonical || !isJsonObject(value))
    throw malformed('a bundle is one object in canonical form (RFC 8785)')
  const { records: _none, ...bundle } = parseWith(frame, value)
  const opens = bundle.openings !== undefined
  if (opens !== (bundle.contains !== 'public') || (bundle.receipts !== undefined && !opens))
    throw new ProtocolError('SCHEMA_INVALID', 'openings stand in a file that says so, and in no other', {
      place: { pointer: '/contains' },
    })
  return bundle
}

/** Canonical members are in order, so the digest stands behind `contains`. */
function withoutDigest(body: Uint8Array, { contains, digest: stated }: Bundle): readonly Uint8Array[] {
  const from = `{"contains":"${contains}",`.length
  const to = from + `"digest":"${stated}",`.length
  return [body.subarray(0, from), body.subarray(to)]
}

function isEntryText(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 2 && value.length <= 2048
}
