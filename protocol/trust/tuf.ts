import * as z from 'zod'
import { canonicalBytes } from '../canonical.ts'
import { parseInstant } from '../date.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import { type Digest, digestOf, sha256Hex } from '../hash.ts'
import { readJson } from '../json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'

/** One file of metadata; ours have a few kilobytes. */
export const maxMetadataBytes = 1 << 18

export const tufRoles = ['root', 'targets', 'snapshot', 'timestamp'] as const
export type TufRole = (typeof tufRoles)[number]

/**
 * In printable ASCII the canonical form that TUF signs (OLPC) and ours (RFC 8785) are the same bytes, so that the profile needs
 * one of them.
 */
const ascii = z.string().regex(/^[\x20-\x7e]{1,300}$/)
const hash = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.number().int().positive().max(Number.MAX_SAFE_INTEGER)
/** TUF 1.0, section 4.2.1: seconds, and `Z`. */
const moment = z.string().refine((text) => parseInstant(text) !== undefined, 'a moment that exists')

const common = { spec_version: ascii.regex(/^1\.\d{1,4}(?:\.\d{1,4})?$/), version: count, expires: moment }

const role = z.strictObject({ keyids: z.array(hash).min(1).max(16), threshold: count.max(16) })

const root = z.strictObject({
  _type: z.literal('root'),
  ...common,
  consistent_snapshot: z.literal(true),
  keys: z.record(
    hash,
    z.strictObject({
      keytype: z.literal('ed25519'),
      scheme: z.literal('ed25519'),
      keyval: z.strictObject({ public: hash }),
    }),
  ),
  roles: z.strictObject({ root: role, targets: role, snapshot: role, timestamp: role }),
  'x-csx-controller': z.record(hash, ascii.startsWith('did:web:')),
})

const targets = z.strictObject({
  _type: z.literal('targets'),
  ...common,
  targets: z.strictObject({
    'registry.json': z.strictObject({
      length: count,
      hashes: z.strictObject({ sha256: hash }),
    }),
  }),
})

const version = z.strictObject({ version: count })
const snapshot = z.strictObject({
  _type: z.literal('snapshot'),
  ...common,
  meta: z.strictObject({ 'targets.json': version }),
})
const timestamp = z.strictObject({
  _type: z.literal('timestamp'),
  ...common,
  meta: z.strictObject({ 'snapshot.json': version }),
})

const signatures = z
  .array(z.strictObject({ keyid: hash, sig: z.string().regex(/^[0-9a-f]{128}$/) }))
  .max(16)
  .refine((list) => new Set(list.map(({ keyid }) => keyid)).size === list.length, 'a key signs once')

/** The signed part of each role, as the profile has it. */
export interface TufSigned {
  readonly root: z.output<typeof root>
  readonly targets: z.output<typeof targets>
  readonly snapshot: z.output<typeof snapshot>
  readonly timestamp: z.output<typeof timestamp>
}

const forms: { readonly [R in TufRole]: z.ZodType<TufSigned[R]> } = { root, targets, snapshot, timestamp }

export type TufSignature = z.output<typeof signatures>[number]

/** Metadata as it was read. Nothing is said yet about who signed it. */
export interface TufMetadata<R extends TufRole> {
  readonly role: R
  readonly signed: TufSigned[R]
  readonly signatures: readonly TufSignature[]
  /** What the signatures are over. */
  readonly message: Uint8Array
  /** Of the file in canonical form: layout does not change it. */
  readonly digest: Digest
  readonly value: JsonObject
}

/**
 * Reads metadata of one role by the closed form of the profile.
 *
 * @throws {ProtocolError} `REGISTRY_MALFORMED` with a pointer, or what the strict reader throws
 * @see spec/registry.md, REG-1 (TUF 1.0.34, section 4)
 */
export function parseTuf<R extends TufRole>(role: R, bytes: Uint8Array): TufMetadata<R> {
  return readTuf(role, readJson(bytes, maxMetadataBytes).value)
}

/** `parseTuf` for a value that the strict reader has read. */
export function readTuf<R extends TufRole>(role: R, value: JsonValue): TufMetadata<R> {
  if (!isJsonObject(value) || !isJsonObject(value.signed))
    throw malformed('metadata is an object with a signed part')
  const { signed, signatures: list, ...strange } = value
  const [extra] = Object.keys(strange)
  if (extra !== undefined) throw malformed('a member that metadata does not have', pointerStep(extra))
  return {
    role,
    signed: parseForm(forms[role], signed, '/signed'),
    signatures: parseForm(signatures, list ?? null, '/signatures'),
    message: canonicalBytes(signed),
    digest: digestOf(canonicalBytes(value)),
    value,
  }
}

function parseForm<T>(form: z.ZodType<T>, value: JsonValue, pointer: string): T {
  const result = form.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = (issue?.path ?? []).map((step) => pointerStep(String(step))).join('')
  throw malformed(issue?.message ?? 'not metadata of the profile', `${pointer}${path}`)
}

/** TUF 1.0.34, section 4.2: the SHA-256 of the key in canonical form. @param publicKey 64 hexadecimal digits */
export function keyIdOf(publicKey: string): string {
  return sha256Hex(canonicalBytes(tufKey(publicKey)))
}

export function tufKey(publicKey: string): {
  keytype: 'ed25519'
  scheme: 'ed25519'
  keyval: { public: string }
} {
  return { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: publicKey } }
}

function malformed(message: string, pointer = ''): ProtocolError {
  return new ProtocolError('REGISTRY_MALFORMED', message, { place: { pointer } })
}
