import { ProtocolError } from '../error.ts'
import type { Digest } from '../hash.ts'
import type { ExchangeRecord } from '../record/envelope.ts'
import { recordTypes } from '../record/vocabulary.ts'
import type { Content } from './log-content.ts'
import { rangeMissing, tooMany } from './range-entry.ts'
import type { RangeReader } from './range-reader.ts'

/** Each costs a signature check. */
const maxStatements = 4_000
/** As many as a file may have: a record that is named again and again is not verified as often. */
const maxVerifiedBytes = 64 << 20

type Verify = (content: Content) => ExchangeRecord | undefined

/**
 * Tells the record of an entry, if it is sound and none before it of its id is, in whichever log of its member: goes through these in
 * their order, once, until one is.
 *
 * The judge throws `RANGE_MISSING` of what is dated in the future, or of a type that only a later version knows; `SIZE_LIMIT`.
 *
 * @see spec/standing.md, STAND-7 and STAND-8; spec/agreement.md, AGREE-43
 */
export function createJudge(reader: Pick<RangeReader, 'verify'>): Verify {
  const verify = createVerifier(reader)
  const read = new Map<readonly Content[], { next: number; first?: Content; passed: Set<Content> }>()
  return (content) => {
    const { entry, ahead, type, same } = content
    if (ahead) throw rangeMissing('a later entry that may speak here is dated in the future', entry)
    if (!Object.hasOwn(recordTypes, type))
      throw rangeMissing('a later record of a type that this version does not know may speak here', entry)
    const at = read.get(same) ?? { next: 0, passed: new Set() }
    read.set(same, at)
    // In their order, and no further than to the one that is asked about: each costs a signature check.
    for (let one = same[at.next]; one && !at.first && !at.passed.has(content); one = same[at.next]) {
      if (verify(one)) at.first = one
      at.passed.add(one)
      at.next += 1
    }
    if (at.first !== content) return undefined
    if (content.mayRepeat)
      throw rangeMissing(
        'an earlier record with the same id is not in the file: which counts cannot be told',
        entry,
      )
    return verify(content)
  }
}

/** Faults of the bytes, whichever entry names them; others are of the place. */
const faultsOfBytes: ReadonlySet<string> = new Set([
  'JSON_MALFORMED',
  'SCHEMA_INVALID',
  'PROOF_MALFORMED',
  'SIGNATURE_INVALID',
  'ATTESTATION_MISMATCH',
  'ATTESTATION_SAME_PARTY',
])

/** Verifies each at its place once, and what is faulty everywhere once in all. */
function createVerifier(reader: Pick<RangeReader, 'verify'>): Verify {
  const known = new Map<Content, ExchangeRecord | undefined>()
  const faulty = new Set<Digest>()
  let bytesLeft = maxVerifiedBytes
  const verify = ({ entry, digest, bytes, salt }: Content) => {
    try {
      return reader.verify(entry, salt === undefined ? { bytes } : { bytes, salt }).record
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      if (faultsOfBytes.has(error.code)) faulty.add(digest)
      return undefined
    }
  }
  return (content) => {
    if (known.has(content)) return known.get(content)
    if (faulty.has(content.digest)) return undefined
    bytesLeft -= content.bytes.length
    if (known.size >= maxStatements || bytesLeft < 0)
      throw tooMany(
        `more than ${maxStatements} records, or ${maxVerifiedBytes} bytes, name what was looked for`,
      )
    const record = verify(content)
    known.set(content, record)
    return record
  }
}
