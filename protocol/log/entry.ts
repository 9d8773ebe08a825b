import { decodeHex } from '../bytes.ts'
import { canonicalBytes } from '../canonical.ts'
import { type Place, ProtocolError } from '../error.ts'
import { type Digest, isDigest } from '../hash.ts'
import { readJson } from '../json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import {
  type Commitment,
  type CommittedTier,
  commitToHash,
  isCommitment,
  isCommittedTier,
  isPlainName,
  saltLength,
  takesAudience,
} from './commitment.ts'
import { isSize } from './merkle.ts'

/** Who may read a record. */
export const tiers = ['public', 'federation', 'group', 'pair', 'private'] as const
export type Tier = (typeof tiers)[number]

export const maxEntryBytes = 2048

interface EntryPlace {
  /** When the log took the record: `YYYY-MM-DDThh:mm:ss.sssZ`. */
  readonly at: string
  readonly index: number
  /** The origin of the log. */
  readonly log: string
  readonly v: 1
}

export interface PublicEntry extends EntryPlace {
  readonly tier: 'public'
  readonly digest: Digest
  readonly id: string
  /** The record's type; which ones exist is for the record layer. */
  readonly type: string
}

export interface AudienceEntry extends EntryPlace {
  readonly tier: 'group' | 'pair'
  readonly audience: string
  readonly commitment: Commitment
}

export interface CommittedEntry extends EntryPlace {
  readonly tier: Exclude<CommittedTier, 'group' | 'pair'>
  readonly commitment: Commitment
}

/** A record's place in the log: one leaf. */
export type Entry = PublicEntry | AudienceEntry | CommittedEntry

export type CommittedEntryOfAnyTier = AudienceEntry | CommittedEntry

export function isPublicEntry(entry: Entry): entry is PublicEntry {
  return entry.tier === 'public'
}

/** The project of a pair, or the group; `undefined` for every other tier. */
export function audienceOf(entry: CommittedEntryOfAnyTier): string | undefined {
  return 'audience' in entry ? entry.audience : undefined
}

/**
 * Whether this record, by its SHA-256, and this salt are what the entry committed to.
 *
 * @see spec/log.md, LOG-21
 */
export function isOpenedBy(
  entry: CommittedEntryOfAnyTier,
  { salt, recordHash }: { readonly salt: Uint8Array; readonly recordHash: Uint8Array },
): boolean {
  const { log, tier, commitment } = entry
  const audience = audienceOf(entry)
  if (salt.length !== saltLength) return false
  return (
    commitToHash({ log, tier, ...(audience === undefined ? {} : { audience }), salt, recordHash }) ===
    commitment
  )
}

/**
 * Whether a disclosure names this entry by its commitment, and opens it. Verifier and node both go by this.
 *
 * @param act its digest and salt as a record has them, by the schema of REC-403
 * @see spec/tier.md, TIER-40
 */
export function isDisclosedBy(
  entry: CommittedEntryOfAnyTier,
  {
    commitment,
    salt,
    digest,
  }: { readonly commitment: string; readonly salt: string; readonly digest: string },
): boolean {
  const recordHash = decodeHex(digest.slice('sha256:'.length))
  return entry.commitment === commitment && isOpenedBy(entry, { salt: decodeHex(salt), recordHash })
}

const publicMembers = 'at,digest,id,index,log,tier,type,v'
const audienceMembers = 'at,audience,commitment,index,log,tier,v'
const committedMembers = 'at,commitment,index,log,tier,v'

const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/**
 * Proves the exact form of a log entry: JCS bytes, every member and no other, each in its one spelling.
 *
 * Does not prove that the leaf stands at `index`, that `log` is the log it came from, or that `at` is true: the
 * caller compares these. What an entry refers to is only named here.
 *
 * @throws {ProtocolError} `ENTRY_MALFORMED`
 * @see spec/log.md, LOG-15 to LOG-19
 */
export function parseEntry(bytes: Uint8Array): Entry {
  const { value, canonical } = readEntryJson(bytes)
  if (!canonical || !isJsonObject(value)) throw malformed('not a JSON object in canonical form')
  const { at, index, log, v } = value
  if (v !== 1) throw malformed('a version other than 1', '/v')
  if (typeof at !== 'string' || !isMoment(at)) throw malformed('not a moment in milliseconds, UTC', '/at')
  if (typeof index !== 'number' || !isSize(index)) throw malformed('not an index', '/index')
  if (typeof log !== 'string' || !isPlainName(log, 512)) throw malformed('not an origin', '/log')
  return value.tier === 'public'
    ? readPublic(value, { at, index, log, v })
    : readCommitted(value, { at, index, log, v })
}

/**
 * The bytes that become the leaf.
 *
 * @throws {ProtocolError} `ENTRY_MALFORMED` — whatever `parseEntry` would refuse
 * @see spec/log.md, LOG-15
 */
export function formatEntry(entry: Entry): Uint8Array {
  const bytes = canonicalBytes({ ...entry })
  parseEntry(bytes)
  return bytes
}

function readPublic(value: JsonObject, place: EntryPlace): PublicEntry {
  requireMembers(value, publicMembers)
  const { digest, id, type } = value
  if (typeof digest !== 'string' || !isDigest(digest)) throw malformed('not a digest', '/digest')
  if (typeof id !== 'string' || !id.startsWith('https://') || !isPlainName(id, 512)) {
    throw malformed('not an https identifier', '/id')
  }
  if (typeof type !== 'string' || !/^[A-Za-z]{1,64}$/.test(type)) throw malformed('not a type', '/type')
  return { at: place.at, digest, id, index: place.index, log: place.log, tier: 'public', type, v: 1 }
}

function readCommitted(value: JsonObject, place: EntryPlace): AudienceEntry | CommittedEntry {
  const { audience, commitment, tier } = value
  if (typeof tier !== 'string' || !isCommittedTier(tier)) throw malformed('not a tier', '/tier')
  if (typeof commitment !== 'string' || !isCommitment(commitment)) {
    throw malformed('not a commitment', '/commitment')
  }
  const { at, index, log } = place
  if (!takesAudience(tier)) {
    requireMembers(value, committedMembers)
    return { at, commitment, index, log, tier, v: 1 }
  }
  requireMembers(value, audienceMembers)
  if (typeof audience !== 'string' || !isPlainName(audience, 128)) throw malformed('not a name', '/audience')
  return { at, audience, commitment, index, log, tier, v: 1 }
}

/** Canonical text has its members in order, so one comparison finds a missing and an additional one. */
function requireMembers(value: JsonObject, members: string): void {
  const found = Object.keys(value).join(',')
  if (found !== members) throw malformed(`has the members ${found} in place of ${members}`)
}

function isMoment(text: string): boolean {
  if (!moment.test(text)) return false
  const milliseconds = Date.parse(text)
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === text
}

function readEntryJson(bytes: Uint8Array): { value: JsonValue; canonical: boolean } {
  try {
    return readJson(bytes, maxEntryBytes)
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new ProtocolError('ENTRY_MALFORMED', `not a log entry: ${cause.message}`, {
      place: cause.place,
      evidence: cause.evidence,
      cause,
    })
  }
}

function malformed(message: string, pointer?: string): ProtocolError {
  const place: Place = pointer === undefined ? {} : { pointer }
  return new ProtocolError('ENTRY_MALFORMED', `not a log entry: ${message}`, { place })
}
