import { createHash, hash } from 'node:crypto'
import { encodeHex, encodeUtf8 } from './bytes.ts'
import { ProtocolError } from './error.ts'

/** Thirty-two bytes of SHA-256 (FIPS 180-4). */
export type Hash = Uint8Array

/** `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`

/** Of a text, the hash of its UTF-8 form. */
export function sha256(bytes: Uint8Array | string): Hash {
  return hash('sha256', bytes, 'buffer')
}

/** The hash of all parts, one after the other. */
export function sha256Parts(parts: readonly Uint8Array[]): Hash {
  const whole = createHash('sha256')
  for (const part of parts) whole.update(part)
  return whole.digest()
}

/** SHA-256 of bytes that come one part after the other. */
export interface RunningHash {
  add(part: Uint8Array): void
  /** Ends it. */
  finish(): Digest
}

export function startSha256(): RunningHash {
  const whole = createHash('sha256')
  return {
    add: (part) => {
      whole.update(part)
    },
    finish: () => `sha256:${whole.digest('hex')}`,
  }
}

export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex')
}

/** The digest of exact bytes; of a text, that of its UTF-8 form. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${sha256Hex(bytes)}`
}

export function formatDigest(value: Hash): Digest {
  return `sha256:${encodeHex(value)}`
}

export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text)
}

/** @throws {ProtocolError} `SCHEMA_INVALID` */
export function parseDigest(text: string): Digest {
  if (!isDigest(text))
    throw new ProtocolError('SCHEMA_INVALID', 'not a digest of the form sha256:<64 hex digits>')
  return text
}

/** Prefixes of one byte and of one line keep the uses of SHA-256 apart. */
export function sha256Tagged(tag: string, ...parts: readonly Uint8Array[]): Hash {
  const head = encodeUtf8(tag)
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, head.length))
  joined.set(head)
  let offset = head.length
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return sha256(joined)
}
