import * as z from 'zod'
import { canonicalize } from '../canonical.ts'
import { isCalendarDate } from '../date.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import { type Digest, digestOf, isDigest } from '../hash.ts'
import { parseJson } from '../json.ts'
import type { JsonValue } from '../json-value.ts'

export const maxRegistryBytes = 8 << 20

export const purposes = ['log', 'witness', 'holder', 'publish', 'attest', 'request'] as const
export type Purpose = (typeof purposes)[number]

const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const date = z.string().refine(isCalendarDate, 'a date YYYY-MM-DD')
const text = z.string().min(1).max(300)
const didText = z.string().max(300).startsWith('did:web:')
const originText = z.string().min(1).max(400)

const profile = z.strictObject({
  from: date,
  to: date.optional(),
  nameZh: text,
  nameEn: text.optional(),
  usc: z.string().length(18).optional(),
  divisionCode: z.string().length(6).optional(),
  nature: text.optional(),
  rank: text.optional(),
  superior: didText.optional(),
  functions: z.array(text).max(40).optional(),
})

const logEntry = z.strictObject({
  origin: originText,
  /** Where the log is served now; the origin is its name for ever. */
  url: z
    .string()
    .max(500)
    .regex(/^https?:\/\//),
  vkey: z
    .array(z.strictObject({ key: z.string().max(700), from: size, to: size.optional() }))
    .min(1)
    .max(50),
  closed: z.strictObject({ size, root: z.string().length(44), reason: text }).optional(),
})

const key = z.strictObject({
  multikey: z.string().max(100),
  purpose: z.enum(purposes),
  valid: z
    .array(z.strictObject({ origin: originText, from: size, to: size.optional() }))
    .min(1)
    .max(50),
})

const member = z.strictObject({
  id: didText,
  profile: z.array(profile).min(1).max(50),
  origins: z.array(logEntry).min(1).max(50),
  keys: z.array(key).max(200),
  cosigners: z
    .array(
      z.strictObject({
        name: text,
        key: z.string().max(700),
        from: z.string().max(30),
        to: z.string().max(30).optional(),
      }),
    )
    .max(50),
  endpoints: z.strictObject({
    base: z
      .string()
      .max(500)
      .regex(/^https?:\/\//),
  }),
  group: text.optional(),
  projects: z.array(text).max(20).optional(),
  status: z
    .array(z.strictObject({ status: z.enum(['active', 'suspended', 'left']), origin: originText, size }))
    .min(1)
    .max(100),
  /** Of a member that left: who took over what it did, and on which legal date. Its signatures stay its own. */
  succeededBy: z
    .array(z.strictObject({ id: didText, on: date }))
    .min(1)
    .max(20)
    .optional(),
  synthetic: z.literal(true).optional(),
})

const project = z.strictObject({
  id: text,
  nameZh: text,
  parties: z.tuple([didText, didText]),
  from: date.optional(),
  to: date.optional(),
})

/** The id is the audience of entries, which is ASCII and has no blanks. */
const group = z.strictObject({
  id: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'an id is lower-case letters and digits, with hyphens between'),
  nameZh: text,
  from: date.optional(),
  to: date.optional(),
})

const registry = z.strictObject({
  v: z.literal(1),
  version: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  network: z.enum(['synthetic', 'production']),
  context: z.strictObject({ iri: text, digest: z.string().refine(isDigest, 'a digest') }),
  /** `none`, or a cosigner policy in the syntax of C2SP tlog-policy. */
  policy: z.string().min(1).max(20_000),
  members: z.array(member).max(1000),
  projects: z.array(project).max(200),
  /** Absent in a registry from before groups had names. */
  groups: z.array(group).max(200).optional(),
  authority: z
    .array(z.strictObject({ scheme: text, prefix: text, origin: originText, from: size }))
    .max(2000),
})

/**
 * Who may speak: members, their logs and keys with the ranges in which each key counts.
 *
 * Signed by both bureaus it is the TUF target `registry.json`. As a plain file it rests on whoever put it there.
 *
 * @see spec/trust.md, TRUST-1 to TRUST-8
 */
export type Registry = z.output<typeof registry>
export type Member = Registry['members'][number]
export type MemberLog = Member['origins'][number]

/**
 * Reads the form alone. `openTrust` checks what ties the parts together.
 *
 * @throws {ProtocolError} `REGISTRY_MALFORMED` with a pointer, or what the strict reader throws
 */
export function parseRegistry(bytes: Uint8Array): {
  readonly registry: Registry
  readonly fingerprint: Digest
} {
  return readRegistry(parseJson(bytes, maxRegistryBytes))
}

/** `parseRegistry` for a value that the strict reader has read. */
export function readRegistry(value: JsonValue): {
  readonly registry: Registry
  readonly fingerprint: Digest
} {
  const result = registry.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    const pointer = (issue?.path ?? []).map((step) => pointerStep(String(step))).join('')
    throw new ProtocolError('REGISTRY_MALFORMED', issue?.message ?? 'not a registry', { place: { pointer } })
  }
  return { registry: result.data, fingerprint: digestOf(canonicalize(value)) }
}

export function nameAt(profiles: Member['profile'], day: string): string {
  const valid = profiles.find((entry) => entry.from <= day && (entry.to === undefined || day < entry.to))
  return (valid ?? profiles.at(-1))?.nameZh ?? ''
}
