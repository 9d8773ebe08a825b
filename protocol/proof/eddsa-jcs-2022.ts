import { decodeBase58, encodeBase58 } from '../base58.ts'
import { concatBytes } from '../bytes.ts'
import { canonicalBytes, canonicalize } from '../canonical.ts'
import { ProtocolError } from '../error.ts'
import { sha256, sha256Parts } from '../hash.ts'
import type { Cryptosuite, ProofOptions } from './suite.ts'

/**
 * Ed25519 over SHA-256 of the canonical proof options, then SHA-256 of the canonical document.
 *
 * Every member, the order of arrays and the type of every value are covered; an RDF signature would not cover the JSON
 * that programs read.
 *
 * @see W3C Data Integrity EdDSA Cryptosuites 1.0, section 3.3; spec/record.md, REC-8
 */
export const eddsaJcs2022: Cryptosuite = {
  name: 'eddsa-jcs-2022',

  async sign(document, options, signer) {
    return `z${encodeBase58(await signer.sign(hashData([canonicalBytes(document)], options)))}`
  },

  verify(document, { options, proofValue }, key) {
    return key.verify(hashData(document.bytes, options), decodeProofValue(proofValue))
  },
}

function hashData(document: readonly Uint8Array[], options: ProofOptions): Uint8Array {
  return concatBytes(sha256(canonicalize(options)), sha256Parts(document))
}

/** base58btc gives each value one spelling, so there is nothing to compare after decoding. */
function decodeProofValue(text: string): Uint8Array {
  if (!text.startsWith('z'))
    throw new ProtocolError('PROOF_MALFORMED', 'a proof value begins with z (base58btc)')
  const bytes = decodeBase58(text.slice(1))
  if (bytes.length !== 64) throw new ProtocolError('PROOF_MALFORMED', 'a proof value has 64 bytes')
  return bytes
}
