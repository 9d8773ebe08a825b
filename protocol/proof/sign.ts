import { sortMembers } from '../canonical.ts'
import type { JsonObject } from '../json-value.ts'
import type { Signer } from '../key.ts'
import { eddsaJcs2022 } from './eddsa-jcs-2022.ts'
import type { ProofOptions } from './suite.ts'

export interface SigningOptions {
  readonly signer: Signer
  /** DID of the issuer; the verification method is this, `#` and the key. */
  readonly issuer: string
  /** Origin of the log the record is made for: a record signed for one log is worthless in another. */
  readonly domain: string
  /** `YYYY-MM-DDThh:mm:ssZ`; a statement of the signer that decides nothing. */
  readonly created: string
}

/**
 * Adds an `eddsa-jcs-2022` proof to a document that has none. Checks nothing about the document.
 *
 * @see spec/record.md, REC-8, REC-9
 */
export async function signRecord(document: JsonObject, options: SigningOptions): Promise<JsonObject> {
  const { '@context': context } = document
  if (document.proof !== undefined || !Array.isArray(context))
    throw new TypeError('an unsigned record with its context was expected')
  const proofOptions: ProofOptions = {
    '@context': context.map(String),
    created: options.created,
    cryptosuite: eddsaJcs2022.name,
    domain: options.domain,
    proofPurpose: 'assertionMethod',
    type: 'DataIntegrityProof',
    verificationMethod: `${options.issuer}#${options.signer.publicKey.multibase}`,
  }
  const proofValue = await eddsaJcs2022.sign(document, proofOptions, options.signer)
  return sortMembers({ ...document, proof: { ...proofOptions, proofValue } })
}
