import { decodeUtf8, encodeUtf8 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import { type PlainKeyFile, parseKeyFile, type SealedKeyFile } from './key-file.ts'

/** How a key is sealed (RFC 7518, section 4.8). */
export const sealing = {
  alg: 'PBES2-HS512+A256KW',
  enc: 'A256GCM',
  /** Iterations of HMAC-SHA-512: nearly three times the 210,000 that OWASP asks for. */
  iterations: 600_000,
  leastIterations: 210_000,
  /** A third of a second on one core; beyond it a file is meant to keep somebody waiting. */
  mostIterations: 1_000_000,
} as const

const maxPassphraseBytes = 1024

/**
 * A passphrase as it was typed or stands in a file, in one spelling: without the line end, in NFC.
 *
 * @throws {ProtocolError} `PASSPHRASE_WRONG` — empty, too long, or no text
 * @see spec/key.md, KEY-11
 */
export function parsePassphrase(bytes: Uint8Array): Uint8Array {
  const text = readText(bytes)
    ?.replace(/\r?\n$/, '')
    .normalize('NFC')
  if (text === undefined || text === '' || /[\r\n\0]/.test(text))
    throw new ProtocolError('PASSPHRASE_WRONG', 'a passphrase is one line of text')
  return encodeUtf8(text)
}

function readText(bytes: Uint8Array): string | undefined {
  try {
    return bytes.length > maxPassphraseBytes ? undefined : decodeUtf8(bytes)
  } catch {
    return undefined
  }
}

/**
 * Opens a sealed key file. Proves that whoever sealed it knew the passphrase, and that what is inside is what the outside says.
 *
 * @throws {ProtocolError} `KEY_MALFORMED` — sealed in another way, or with too few or too many iterations; or another key inside
 * @throws {ProtocolError} `PASSPHRASE_WRONG` — or the file was altered: no cipher can tell these apart
 * @see spec/key.md, KEY-10 to KEY-12
 */
export async function unsealKeyFile(file: SealedKeyFile, passphrase: Uint8Array): Promise<PlainKeyFile> {
  const { compactDecrypt, decodeProtectedHeader } = await import('jose')
  checkHeader(readHeader(() => decodeProtectedHeader(file.sealed)))
  let opened: Uint8Array
  try {
    const { plaintext } = await compactDecrypt(file.sealed, passphrase, {
      keyManagementAlgorithms: [sealing.alg],
      contentEncryptionAlgorithms: [sealing.enc],
      maxPBES2Count: sealing.mostIterations,
    })
    opened = plaintext
  } catch {
    throw new ProtocolError('PASSPHRASE_WRONG', 'the seal does not open')
  }
  const inner = parseKeyFile(opened)
  const same = inner.purpose === file.purpose && inner.multikey === file.multikey && inner.name === file.name
  if (!('seed' in inner) || !same)
    throw new ProtocolError('KEY_MALFORMED', 'the sealed key is not the one that the file names')
  return inner
}

function readHeader(read: () => object): object {
  try {
    return read()
  } catch {
    throw new ProtocolError('KEY_MALFORMED', 'the seal is malformed')
  }
}

/** Looked at before any work is done by it. */
function checkHeader(header: object): void {
  const { alg, enc, p2s, p2c, ...more }: Readonly<Record<string, unknown>> = { ...header }
  const known = alg === sealing.alg && enc === sealing.enc && Object.keys(more).length === 0
  if (!known || typeof p2s !== 'string' || typeof p2c !== 'number')
    throw new ProtocolError('KEY_MALFORMED', 'not sealed as we seal')
  if (!(p2c >= sealing.leastIterations && p2c <= sealing.mostIterations))
    throw new ProtocolError('KEY_MALFORMED', 'sealed with too few or too many iterations', {
      evidence: { iterations: p2c, least: sealing.leastIterations, most: sealing.mostIterations },
    })
}
