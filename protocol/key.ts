import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { decodeBase58, encodeBase58 } from './base58.ts'
import { concatBytes, encodeBase64Url, encodeHex, startsWithBytes } from './bytes.ts'
import { ProtocolError } from './error.ts'

/** An Ed25519 public key (RFC 8032), imported once and used for many signatures. */
export interface PublicKey {
  /** The 32 bytes of RFC 8032, section 5.1.5. */
  readonly raw: Uint8Array
  /** `z6Mk…`: Multikey, W3C Controlled Identifiers 1.0, section 2.2.2. */
  readonly multibase: string
  /** True iff `signature` is this key's over `message`. Says nothing about who holds the key or since when. */
  verify(message: Uint8Array, signature: Uint8Array): boolean
}

/** Whatever can sign: a key file today, a hardware module later. The private key never leaves it. */
export interface Signer {
  readonly publicKey: PublicKey
  sign(message: Uint8Array): Promise<Uint8Array>
}

const ed25519Prefix = Uint8Array.of(0xed, 0x01)
const pkcs8Prefix = Uint8Array.of(
  0x30,
  0x2e,
  0x02,
  0x01,
  0,
  0x30,
  0x05,
  0x06,
  0x03,
  0x2b,
  0x65,
  0x70,
  0x04,
  0x22,
  0x04,
  0x20,
)

/**
 * Encodings of the points of order 1, 2, 4 and 8, canonical or not, without the sign bit: with such a key one
 * signature fits many messages (RFC 8032, section 5.1.7 leaves the check to the caller).
 */
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** A y coordinate of 2^255 - 19 or more has a second, smaller spelling (RFC 8032, section 5.1.3). */
function isBeyondField(unsigned: Uint8Array): boolean {
  return (
    (unsigned[0] ?? 0) >= 0xed &&
    unsigned.subarray(1, 31).every((byte) => byte === 0xff) &&
    unsigned[31] === 0x7f
  )
}

/**
 * Does not prove that the bytes are a point of the curve: under such a key no signature verifies.
 *
 * @throws {ProtocolError} `KEY_MALFORMED` — not 32 bytes, not in its one spelling, or a point of small order
 * @see spec/bytes.md, BYTES-9
 */
export function importPublicKey(raw: Uint8Array): PublicKey {
  if (raw.length !== 32) throw new ProtocolError('KEY_MALFORMED', 'an Ed25519 key has 32 bytes')
  const unsigned = Uint8Array.from(raw)
  unsigned[31] = (unsigned[31] ?? 0) & 0x7f
  if (isBeyondField(unsigned)) throw new ProtocolError('KEY_MALFORMED', 'not the one spelling of a point')
  if (smallOrder.has(encodeHex(unsigned))) throw new ProtocolError('KEY_MALFORMED', 'a point of small order')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(raw) }, format: 'jwk' })
  return {
    raw: Uint8Array.from(raw),
    multibase: `z${encodeBase58(concatBytes(ed25519Prefix, raw))}`,
    verify: (message, signature) => signature.length === 64 && verify(null, message, key, signature),
  }
}

/** @throws {ProtocolError} `KEY_MALFORMED` — not an Ed25519 Multikey in its one spelling */
export function parseMultikey(text: string): PublicKey {
  if (!text.startsWith('z')) throw new ProtocolError('KEY_MALFORMED', 'a Multikey begins with z (base58btc)')
  let bytes: Uint8Array
  try {
    bytes = decodeBase58(text.slice(1))
  } catch (cause) {
    throw new ProtocolError('KEY_MALFORMED', 'a Multikey is base58btc', { cause })
  }
  if (!startsWithBytes(bytes, ed25519Prefix))
    throw new ProtocolError('KEY_MALFORMED', 'not an Ed25519 Multikey')
  const key = importPublicKey(bytes.subarray(2))
  if (key.multibase !== text) throw new ProtocolError('KEY_MALFORMED', 'a Multikey has one spelling')
  return key
}

/** The signer of a 32-byte secret seed (RFC 8032, section 5.1.5). Deterministic; the seed comes from outside. */
export function signerFromSeed(seed: Uint8Array): Signer {
  if (seed.length !== 32) throw new TypeError('an Ed25519 seed has 32 bytes')
  const der = Buffer.from(concatBytes(pkcs8Prefix, seed))
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  const publicKey = importPublicKey(Uint8Array.from(Buffer.from(x ?? '', 'base64url')))
  return { publicKey, sign: (message) => Promise.resolve(sign(null, message, key)) }
}
