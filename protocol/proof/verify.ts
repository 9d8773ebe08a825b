import { type CanonicalJson, canonicalBytes, cutMember } from '../canonical.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import type { JsonObject } from '../json-value.ts'
import type { PublicKey } from '../key.ts'
import { eddsaJcs2022 } from './eddsa-jcs-2022.ts'
import type { Cryptosuite, UnsignedDocument } from './suite.ts'

/** Suites this program knows. Which of them a record must carry is the registry's to say. */
export const cryptosuites: ReadonlyMap<string, Cryptosuite> = new Map([[eddsaJcs2022.name, eddsaJcs2022]])

/** What `verifyProofs` needs to know of one proof, from the parsed record. */
export interface StatedProof {
  readonly '@context': readonly string[]
  readonly created: string
  readonly cryptosuite: string
  readonly domain: string
  readonly proofPurpose: 'assertionMethod'
  readonly proofValue: string
  readonly type: 'DataIntegrityProof'
  readonly verificationMethod: string
}

export interface ProofPolicy {
  readonly issuer: string
  /** Origin of the log in which the record stands. */
  readonly domain: string
  /** Suites of which each must be present. Others may stand beside them, and must verify too. */
  readonly required: readonly string[]
  /** Finds the issuer's key by its Multikey, or throws the code that says why it may not sign this. */
  readonly findKey: (multikey: string) => PublicKey
  /** The document with its canonical bytes, where the reader knows them; `undefined`: they are made again. */
  readonly read: CanonicalJson | undefined
}

/**
 * Proves that the issuer signed exactly this document for exactly this log: every required suite is there and every
 * proof present verifies; a good proof never hides a bad one. Not proven: that the record was logged, or when.
 *
 * @param document the parsed record as received, with its proofs
 * @throws {ProtocolError} `PROOF_MISSING` `SUITE_NOT_ALLOWED` `ISSUER_MISMATCH` `LOG_ORIGIN_MISMATCH`
 *   `PROOF_MALFORMED` `SIGNATURE_INVALID`, and what `findKey` throws
 * @see spec/record.md, REC-8 to REC-11
 */
export function verifyProofs(
  document: JsonObject,
  proofs: readonly StatedProof[],
  policy: ProofPolicy,
): void {
  const unsigned = withoutProof(document, policy.read)
  const present = new Set<string>()
  for (const [i, proof] of proofs.entries()) {
    const pointer = Array.isArray(document.proof) || proofs.length > 1 ? `/proof${pointerStep(i)}` : '/proof'
    verifyOne(unsigned, proof, policy, pointer)
    if (present.has(proof.cryptosuite))
      throw new ProtocolError('PROOF_MALFORMED', 'two proofs of one suite', { place: { pointer } })
    present.add(proof.cryptosuite)
  }
  for (const suite of policy.required) {
    if (!present.has(suite))
      throw new ProtocolError('PROOF_MISSING', `a proof of suite ${suite} is required`, {
        place: { pointer: '/proof' },
      })
  }
}

function verifyOne(
  unsigned: UnsignedDocument,
  proof: StatedProof,
  policy: ProofPolicy,
  pointer: string,
): void {
  const suite = cryptosuites.get(proof.cryptosuite)
  if (!suite)
    throw new ProtocolError('SUITE_NOT_ALLOWED', 'a cryptosuite that is not allowed', {
      place: { pointer: `${pointer}/cryptosuite` },
    })
  const [controller = '', multikey = ''] = proof.verificationMethod.split('#')
  if (controller !== policy.issuer) {
    throw new ProtocolError('ISSUER_MISMATCH', 'signed by another than the issuer', {
      place: { pointer: `${pointer}/verificationMethod` },
      evidence: { issuer: policy.issuer, controller },
    })
  }
  if (proof.domain !== policy.domain) {
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'signed for another log', {
      place: { pointer: `${pointer}/domain` },
      evidence: { signedFor: proof.domain, log: policy.domain },
    })
  }
  const { proofValue, ...options } = proof
  const key = policy.findKey(multikey)
  if (!suite.verify(unsigned, { options, proofValue }, key)) {
    throw new ProtocolError('SIGNATURE_INVALID', 'the signature does not fit the record', {
      place: { pointer },
      evidence: { key: multikey },
    })
  }
}

function withoutProof(document: JsonObject, read: CanonicalJson | undefined): UnsignedDocument {
  const { proof, ...value } = document
  const cut = read?.value === document && proof !== undefined ? cutMember(read, 'proof', proof) : undefined
  return { value, bytes: cut ?? [canonicalBytes(value)] }
}

/** The proofs of a parsed record as a list, whether it has one or several. */
export function listProofs<T extends StatedProof>(proof: T | readonly T[]): readonly T[] {
  return isList(proof) ? proof : [proof]
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}
