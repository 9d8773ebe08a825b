import { encodeBase64Url, encodeUtf8 } from './bytes.ts'
import { canonicalize } from './canonical.ts'
import { type Digest, digestOf } from './hash.ts'
import type { Signer } from './key.ts'

/** What a caller proves of one request: who asks whom for what, once, now. */
export interface RequestClaims {
  /** The caller's DID. */
  readonly iss: string
  /** The DID of whoever is asked. */
  readonly aud: string
  /** The method. */
  readonly htm: string
  /** The address, with path and query, below the callee's endpoint in the registry. */
  readonly htu: string
  /** Seconds since the epoch. */
  readonly iat: number
  /** Never used before by this caller. */
  readonly jti: string
  /** Of the body, or of no bytes. */
  readonly digest: string
}

export const requestProofType = 'csx-request+jwt'

/** The scheme of the `Authorization` header. */
export const requestScheme = 'CSX-Request'

/** Longer ones are not looked at. */
export const maxRequestProof = 4096

export const noBodyDigest: Digest = digestOf('')

/** A question to a member of the registry. */
export interface RequestQuestion {
  readonly caller: string
  readonly callee: string
  readonly method: string
  readonly url: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** 16 random bytes. */
  readonly random: Uint8Array
  readonly body: Digest
}

/**
 * A request proof: a compact JWS (RFC 7515) by the caller's key of purpose `request`, in the one spelling that is accepted, canonical
 * JSON in both parts. Written here and not by a library, since the key may stand in a hardware module.
 *
 * @see spec/tier.md, TIER-10
 */
export async function signRequest(question: RequestQuestion, signer: Signer): Promise<string> {
  const { caller, callee, method, url, now, random, body } = question
  const claims: RequestClaims = {
    iss: caller,
    aud: callee,
    htm: method,
    htu: url,
    iat: Math.floor(now / 1000),
    jti: encodeBase64Url(random),
    digest: body,
  }
  const signed = `${formatRequestHead(signer.publicKey.multibase)}.${formatRequestClaims(claims)}`
  return `${signed}.${encodeBase64Url(await signer.sign(encodeUtf8(signed)))}`
}

/** The only header that a proof by this key can have. */
export function formatRequestHead(kid: string): string {
  return encodeBase64Url(encodeUtf8(canonicalize({ alg: 'EdDSA', kid, typ: requestProofType })))
}

/** The only spelling of these claims. */
export function formatRequestClaims({ iss, aud, htm, htu, iat, jti, digest }: RequestClaims): string {
  return encodeBase64Url(encodeUtf8(canonicalize({ aud, digest, htm, htu, iat, iss, jti })))
}
