import { encodeHex } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import { sha256, sha256Tagged } from '../hash.ts'

/** `c1:` and 64 lower-case hexadecimal digits. */
export type Commitment = `c1:${string}`

/** Every tier but `public`: the log shows a commitment in place of the digest. */
export const committedTiers = ['federation', 'group', 'pair', 'private'] as const
export type CommittedTier = (typeof committedTiers)[number]

export const saltLength = 32

/** What turns a commitment into a statement about a record. Whoever holds it can prove it to anybody. */
export interface Opening {
  readonly log: string
  readonly tier: CommittedTier
  /** The project (`pair`) or the group (`group`); absent for the other tiers. */
  readonly audience?: string
  /** 32 random bytes, new for every entry: without them nobody can guess the record. */
  readonly salt: Uint8Array
  /** The record's exact bytes. */
  readonly recordBytes: Uint8Array
}

export function isCommittedTier(text: string): text is CommittedTier {
  return committedTiers.some((tier) => tier === text)
}

/** `group` and `pair` name whom they are for; no other tier may. */
export function takesAudience(tier: CommittedTier): tier is 'group' | 'pair' {
  return tier === 'group' || tier === 'pair'
}

/** Printable ASCII without blanks, so that no line feed can move the border between two lines of a commitment. */
export function isPlainName(text: string, longest: number): boolean {
  return text.length <= longest && /^[!-~]+$/.test(text)
}

export function isCommitment(text: string): text is Commitment {
  return /^c1:[0-9a-f]{64}$/.test(text)
}

/** @throws {ProtocolError} `COMMITMENT_MALFORMED` */
export function parseCommitment(text: string): Commitment {
  if (!isCommitment(text)) {
    throw new ProtocolError('COMMITMENT_MALFORMED', 'not a commitment of the form c1:<64 hex digits>')
  }
  return text
}

/** An opening of which the digest of the record is at hand in place of its bytes. */
export type HashedOpening = Omit<Opening, 'recordBytes'> & { readonly recordHash: Uint8Array }

/**
 * Binds a record to one place (log, tier, audience) without showing it.
 *
 * @throws {ProtocolError} `COMMITMENT_MALFORMED` — an opening that fits no entry: a salt of another length, an
 *   audience where there is none, none where there must be one
 * @see spec/log.md, LOG-20
 */
export function commit({ recordBytes, ...place }: Opening): Commitment {
  return commitToHash({ ...place, recordHash: sha256(recordBytes) })
}

/** `commit`, from the SHA-256 of the record. @throws {ProtocolError} as `commit` */
export function commitToHash({ log, tier, audience, salt, recordHash }: HashedOpening): Commitment {
  const named =
    audience === undefined ? !takesAudience(tier) : takesAudience(tier) && isPlainName(audience, 128)
  if (!named || salt.length !== saltLength || recordHash.length !== 32 || !isPlainName(log, 512)) {
    throw new ProtocolError('COMMITMENT_MALFORMED', 'an opening that fits no entry')
  }
  const head = `csx/commitment/v1\n${log}\n${tier}\n${audience ?? ''}\n`
  return `c1:${encodeHex(sha256Tagged(head, salt, recordHash))}`
}

/**
 * Proves that the opening is the one that was committed to: this record, for this log, tier and audience. Says
 * nothing about where the commitment was logged.
 *
 * @throws {ProtocolError} `COMMITMENT_MALFORMED` — not a commitment, or an opening that fits no entry
 * @throws {ProtocolError} `DIGEST_MISMATCH` — another record, salt, log, tier or audience
 * @see spec/log.md, LOG-21
 */
export function verifyCommitment(commitment: string, opening: Opening): void {
  const expected = parseCommitment(commitment)
  if (commit(opening) !== expected) {
    throw new ProtocolError('DIGEST_MISMATCH', 'the opening belongs to another commitment', {
      evidence: { commitment: expected },
    })
  }
}
