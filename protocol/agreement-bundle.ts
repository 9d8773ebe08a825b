import * as z from 'zod'
import { malformed, maxBundleEntries, maxFrameBytes, openRecords, tooLarge } from './bundle-record.ts'
import { encodeUtf8, startsWithBytes } from './bytes.ts'
import { canonicalize } from './canonical.ts'
import { type Digest, digestOf, formatDigest, isDigest, sha256Parts } from './hash.ts'
import { readJson } from './json.ts'
import { isJsonObject, type JsonObject } from './json-value.ts'
import { tiers } from './log/entry.ts'
import { parseWith } from './record/schema.ts'
import { chainForm, type RegistryChain } from './trust/registry-chain.ts'

const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'a digest')
const hex = z.string().regex(/^[0-9a-f]{64}$/)
const note = z.string().min(1).max(65_536)

/** A mapping set of thirty thousand rows; what is larger takes longer to read than a verdict may. */
export const maxTextLength = 8 << 20

/** One fault for the whole list, however long it is. */
const entryTexts = z.custom<readonly string[]>(
  (value) =>
    Array.isArray(value) &&
    value.length <= maxBundleEntries &&
    value.every((text) => typeof text === 'string' && text.length >= 2 && text.length <= 2048),
  `at most ${maxBundleEntries} texts of 2 to 2048 characters`,
)

const heldLog = z.strictObject({
  origin: z.string().min(1).max(400),
  /** The newest one here: what the answer is known as at. */
  checkpoint: note,
  /** Index of the first entry; they run to the size of the checkpoint. */
  from: size,
  /** Base64 hashes of the complete subtrees over the entries before `from`, left to right. */
  left: z.array(z.string().length(44)).max(53),
  entries: entryTexts,
  /** Older checkpoints of the log, by rising size: since when entries were there, their witnesses say. */
  notes: z.array(note).max(400),
  openings: z
    .array(z.strictObject({ digest, index: size, salt: hex }))
    .min(1)
    .max(4_000)
    .optional(),
})

const frame = z.strictObject({
  format: z.literal('csx-agreement-bundle'),
  v: z.literal(1),
  /** For whom what is inside was: a file with opened records says so first. */
  contains: z.enum(tiers),
  subject: z.strictObject({ agreement: z.string().min(1).max(100), digest }),
  records: z.tuple([]),
  /** By origin, each once. */
  logs: z.array(heldLog).min(1).max(64),
  /** Texts that signed records pin by their SHA-256: mapping sets, results of runs. */
  texts: z.array(z.string().max(maxTextLength)).max(64),
  /** What opens the commitment to the mapping set, where the agreement has one. */
  mappingSalt: hex.optional(),
  registry: chainForm.optional(),
  digest,
})

/**
 * Evidence about one agreement in one file: of each log that has a say, all entries from the first that matters to a checkpoint, with
 * every record that may speak. It holds no root of trust; that always comes from outside.
 *
 * @see spec/agreement.md, AGREE-40 to AGREE-42
 */
export type AgreementBundle = Omit<z.output<typeof frame>, 'records'>
export type HeldLog = AgreementBundle['logs'][number]

export interface AgreementBundleParts {
  readonly contains: string
  readonly subject: { readonly agreement: string; readonly digest: string }
  readonly records: readonly JsonObject[]
  readonly logs: readonly {
    readonly origin: string
    readonly checkpoint: string
    readonly from: number
    readonly left: readonly string[]
    readonly entries: readonly string[]
    readonly notes: readonly string[]
    readonly openings?: readonly { readonly digest: string; readonly index: number; readonly salt: string }[]
  }[]
  readonly texts: readonly string[]
  readonly mappingSalt?: string | undefined
  readonly registry?: RegistryChain | undefined
}

export interface OpenedAgreementBundle {
  readonly bundle: AgreementBundle
  readonly records: ReadonlyMap<Digest, Uint8Array>
  /** Each text, by its digest. */
  readonly texts: ReadonlyMap<Digest, string>
  readonly statedDigest: Digest
  readonly actualDigest: Digest
}

const beginnings = tiers.map((tier) => encodeUtf8(`{"contains":"${tier}","digest":"`))
const formatMember = encodeUtf8(',"format":"csx-agreement-bundle",')
const digestLength = 'sha256:'.length + 64 + 1

/** Whether the bytes begin as those of every bundle about an agreement do. */
export function startsAsAgreementBundle(bytes: Uint8Array): boolean {
  return beginnings.some(
    (beginning) =>
      startsWithBytes(bytes, beginning) &&
      startsWithBytes(bytes.subarray(beginning.length + digestLength), formatMember),
  )
}

/**
 * The one spelling: canonical JSON and a line feed, with the digest of all the rest inside.
 *
 * @see spec/agreement.md, AGREE-40
 */
export function formatAgreementBundle(parts: AgreementBundleParts): string {
  const { registry, mappingSalt, logs } = parts
  const body: JsonObject = {
    format: 'csx-agreement-bundle',
    v: 1,
    contains: parts.contains,
    subject: { ...parts.subject },
    records: [...parts.records],
    logs: logs.map(({ openings, ...log }) => ({
      ...log,
      left: [...log.left],
      entries: [...log.entries],
      notes: [...log.notes],
      ...(openings === undefined ? {} : { openings: openings.map((opening) => ({ ...opening })) }),
    })),
    texts: [...parts.texts],
    ...(mappingSalt === undefined ? {} : { mappingSalt }),
    ...(registry
      ? { registry: { ...registry, logged: registry.logged.map((entry) => ({ ...entry })) } }
      : {}),
  }
  return `${canonicalize({ ...body, digest: digestOf(canonicalize(body)) })}\n`
}

/**
 * Reads it strictly, in its one spelling. Proves nothing about the contents.
 *
 * @throws {ProtocolError} `BUNDLE_MALFORMED` `SCHEMA_INVALID` `SIZE_LIMIT`, and what the strict reader throws
 * @see spec/agreement.md, AGREE-40 and AGREE-41
 */
export function parseAgreementBundle(bytes: Uint8Array): OpenedAgreementBundle {
  const { frame: text, records, body } = openRecords(bytes)
  if (text.length > maxFrameBytes) throw tooLarge('too large without its records', '')
  const { value, canonical } = readJson(text, maxFrameBytes)
  if (!canonical || !isJsonObject(value))
    throw malformed('a bundle is one object in canonical form (RFC 8785)')
  const { records: _none, ...bundle } = parseWith(frame, value)
  const { logs, texts, contains } = bundle
  if (logs.some(({ origin }, i) => i > 0 && origin <= (logs[i - 1]?.origin ?? '')))
    throw malformed('logs stand in the order of their origins, each once', '/logs')
  if (logs.reduce((sum, { entries }) => sum + entries.length, 0) > maxBundleEntries)
    throw tooLarge('too many entries', '/logs')
  if ((contains !== 'public') !== logs.some(({ openings }) => openings !== undefined))
    throw malformed('openings stand in a file that says so, and in no other', '/contains')
  const byDigest = new Map(texts.map((text) => [digestOf(text), text]))
  if (byDigest.size !== texts.length) throw malformed('a text stands twice', '/texts')
  const from = `{"contains":"${contains}",`.length
  const to = from + `"digest":"${bundle.digest}",`.length
  return {
    bundle,
    records,
    texts: byDigest,
    statedDigest: bundle.digest,
    actualDigest: formatDigest(sha256Parts([body.subarray(0, from), body.subarray(to)])),
  }
}
