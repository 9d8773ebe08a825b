import type { JsonObject } from '../json-value.ts'
import type { PublicKey, Signer } from '../key.ts'

/** The `@context` of a proof is that of the document, deep-equal; members exactly these and `proofValue`. */
export interface ProofOptions extends JsonObject {
  readonly '@context': readonly string[]
  readonly created: string
  readonly cryptosuite: string
  readonly domain: string
  readonly proofPurpose: 'assertionMethod'
  readonly type: 'DataIntegrityProof'
  readonly verificationMethod: string
}

/** A document without its proofs, with its canonical bytes in one or more parts, which several proofs share. */
export interface UnsignedDocument {
  readonly value: JsonObject
  readonly bytes: readonly Uint8Array[]
}

/** One way of signing a document (W3C Data Integrity 1.0, section 4). The document comes without its proofs. */
export interface Cryptosuite {
  readonly name: string
  sign(document: JsonObject, options: ProofOptions, signer: Signer): Promise<string>
  /** True iff `proofValue` is `key`'s signature over exactly this document and these options. */
  verify(
    document: UnsignedDocument,
    proof: { readonly options: ProofOptions; readonly proofValue: string },
    key: PublicKey,
  ): boolean
}
