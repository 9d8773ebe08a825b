import { decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { encodeBase64Url } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { parseMultikey } from '../../protocol/key.ts'
import {
  formatRequestClaims,
  formatRequestHead,
  maxRequestProof,
  noBodyDigest,
  type RequestClaims,
  requestProofType,
  requestScheme,
} from '../../protocol/request-proof.ts'
import { isActiveNow } from '../../protocol/trust/audience.ts'
import type { Member } from '../../protocol/trust/registry.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { findRecordKey } from '../../protocol/trust/validity.ts'

/** What a proof is held against. */
export interface ProofCase {
  readonly trust: Trust
  /** The DID of this node. */
  readonly self: string
  readonly method: string
  /** Path and query as they were sent. */
  readonly target: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The size known of a log: where a key must count now. */
  readonly sizeOf: (origin: string) => Promise<number>
  /** Takes a number of a caller for used; false where it was used before. */
  readonly useOnce: (caller: string, jti: string, until: number) => Promise<boolean>
}

/** Two clocks may differ by this much. */
export const proofSkew = 60_000

/**
 * Proves that an active member, by its key of purpose `request`, asks this node for exactly this, now, and for the first time. It must
 * be a GET or HEAD: of a body nothing is proven here.
 *
 * The signature is checked by `jose`; whoever it names, by the registry. Only then is the number taken for used, so that nobody but a
 * member can fill that memory.
 *
 * @throws {ProtocolError} `AUTH_INVALID`, with what was wrong in words
 * @see spec/tier.md, TIER-10 to TIER-13 (PROTOCOL section 5)
 */
export async function verifyRequest(header: string, given: ProofCase): Promise<Member> {
  if (header.length > maxRequestProof) throw refused('the header is too long')
  const token = header.slice(requestScheme.length + 1)
  const [head, body, signature] = token.split('.')
  if (head === undefined || body === undefined || signature === undefined) throw refused('not a compact JWS')
  const kid = readKeyId(token, given)
  const claims = await verifySignature(token, kid)
  if (head !== formatRequestHead(kid) || body !== formatRequestClaims(claims))
    throw refused('not the one spelling of a request proof')
  const member = await findCaller(claims, kid, given)
  checkRequest(claims, given)
  const until = claims.iat * 1000 + 2 * proofSkew
  if (!(await given.useOnce(claims.iss, claims.jti, until))) throw refused('it was used before')
  return member
}

/** The key must be one that the registry knows, before anything else is believed of a stranger's text. */
function readKeyId(token: string, { trust }: ProofCase): string {
  const kid = readHead(token)
  const purpose = kid === undefined ? undefined : trust.keys.get(kid)?.purpose
  if (kid === undefined || purpose === undefined) throw refused('it names no key of the registry')
  if (purpose !== 'request') throw refused('the key is for another purpose')
  return kid
}

function readHead(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid
  } catch (cause) {
    throw refused('not a compact JWS', cause)
  }
}

async function verifySignature(token: string, kid: string): Promise<RequestClaims> {
  const x = encodeBase64Url(parseMultikey(kid).raw)
  try {
    const { payload } = await jwtVerify(
      token,
      { kty: 'OKP', crv: 'Ed25519', x, alg: 'EdDSA' },
      // Time is judged below: this node's clock is handed in.
      { algorithms: ['EdDSA'], typ: requestProofType, currentDate: new Date(0) },
    )
    return readClaims(payload)
  } catch (cause) {
    if (cause instanceof errors.JOSEError) throw refused('its signature does not hold', cause)
    throw cause
  }
}

function readClaims(payload: Readonly<Record<string, unknown>>): RequestClaims {
  const { iss, aud, htm, htu, iat, jti, digest } = payload
  const texts = [iss, aud, htm, htu, jti, digest].every((claim) => typeof claim === 'string')
  if (!texts || typeof iat !== 'number' || !Number.isSafeInteger(iat)) throw refused('a claim is missing')
  return {
    iss: String(iss),
    aud: String(aud),
    htm: String(htm),
    htu: String(htu),
    iat,
    jti: String(jti),
    digest: String(digest),
  }
}

/** The member, active now, whose key counts at the size of its log that is known here. */
async function findCaller({ iss }: RequestClaims, kid: string, given: ProofCase): Promise<Member> {
  const { trust, sizeOf } = given
  const member = trust.members.get(iss)
  if (!member) throw refused('the caller is not in the registry')
  if (!isActiveNow(member)) throw refused('the caller is not an active member')
  const origin = member.origins.at(-1)?.origin ?? ''
  const index = await sizeOf(origin)
  try {
    findRecordKey(trust, kid, { issuer: iss, purpose: 'request', origin, index })
  } catch (cause) {
    if (cause instanceof ProtocolError) throw refused(cause.message, cause)
    throw cause
  }
  return member
}

function checkRequest({ aud, htm, htu, iat, jti, digest }: RequestClaims, given: ProofCase): void {
  const { trust, self, method, target, now } = given
  if (aud !== self) throw refused('it is for another node')
  if (htm !== method) throw refused('it is for another method')
  const base = trust.members.get(self)?.endpoints.base
  if (base === undefined || htu !== `${new URL(base).origin}${target}`)
    throw refused('it is for another address')
  if (Math.abs(now - iat * 1000) > proofSkew) throw refused('its time is not now')
  if (!/^[A-Za-z0-9_-]{16,64}$/.test(jti)) throw refused('its number has another form')
  if (digest !== noBodyDigest) throw refused('it is for a request with a body')
}

function refused(problem: string, cause?: unknown): ProtocolError {
  return new ProtocolError('AUTH_INVALID', `the request proof is not accepted: ${problem}`, { cause })
}
