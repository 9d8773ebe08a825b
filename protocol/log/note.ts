import { concatBytes, decodeBase64, encodeBase64, encodeUtf8 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import { importPublicKey, type PublicKey, type Signer } from '../key.ts'
import { verifyCosignature } from './cosignature.ts'
import {
  formatSignatureLines,
  isKeyName,
  keyIdOf,
  type NoteSignature,
  parseSignatureLines,
  type SignatureType,
} from './signature-line.ts'

/** A key with the name it signs notes under (C2SP signed-note, "Verifier keys"). */
export interface VerifierKey {
  readonly name: string
  /** 8 lower-case hexadecimal digits, which follow from name, type and key. */
  readonly id: string
  readonly type: SignatureType
  readonly key: PublicKey
}

export interface Note {
  /** With the line feed at its end; this is what is signed. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A line whose signature holds. */
export interface VerifiedSignature {
  readonly key: VerifierKey
  /** POSIX seconds, of a cosignature (type 0x04) alone. */
  readonly timestamp?: number
}

export const maxNoteBytes = 65_536

/** @throws {TypeError} a name with a blank or a plus, which no note can carry */
export function verifierKeyOf(name: string, key: PublicKey, type: SignatureType = 0x01): VerifierKey {
  if (!isKeyName(name)) throw new TypeError('a key name has no blanks and no plus')
  return { name, id: keyIdOf(name, type, key.raw), type, key }
}

/** `example.com/log/1+530d903a+AekyeRrm…` */
export function formatVerifierKey({ name, id, type, key }: VerifierKey): string {
  return `${name}+${id}+${encodeBase64(concatBytes(Uint8Array.of(type), key.raw))}`
}

/**
 * Proves the spelling, that the id follows from name, type and key, and that the key is a good Ed25519 key. Whose
 * key it is and since when, the registry says.
 *
 * @throws {ProtocolError} `KEY_MALFORMED`
 * @see spec/log.md, LOG-23
 */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = '', id = '', ...rest] = text.length > maxKeyLength ? [] : text.split('+')
  const material = tryBase64(rest.join('+'))
  const type = material?.[0]
  if (!material || !isKeyName(name) || (type !== 0x01 && type !== 0x04)) throw malformedKey()
  const key = verifierKeyOf(name, importPublicKey(material.subarray(1)), type)
  if (key.id !== id || formatVerifierKey(key) !== text) throw malformedKey()
  return key
}

/**
 * Splits a signed note at its last empty line. Proves the form alone: the text means nothing before `verifyNote`.
 *
 * @throws {ProtocolError} `NOTE_MALFORMED`
 * @see spec/log.md, LOG-24 to LOG-27
 */
export function parseNote(text: string): Note {
  requireNoteText(text)
  const border = text.lastIndexOf('\n\n')
  if (border < 0) throw malformed('no empty line before the signatures')
  return { text: text.slice(0, border + 1), signatures: parseSignatureLines(text.slice(border + 2)) }
}

/** @throws {ProtocolError} `NOTE_MALFORMED` — whatever `parseNote` would refuse, such as a seventeenth line */
export function formatNote({ text, signatures }: Note): string {
  if (!text.endsWith('\n')) throw malformed('the text does not end in a line feed')
  const lines = formatSignatureLines(signatures)
  parseSignatureLines(lines)
  const whole = `${text}\n${lines}`
  requireNoteText(whole)
  return whole
}

/** A signature of type 0x01 over the text. */
export async function signText(text: string, name: string, signer: Signer): Promise<NoteSignature> {
  const { id } = verifierKeyOf(name, signer.publicKey)
  return { name, id, bytes: await signer.sign(encodeUtf8(text)) }
}

/**
 * The good signatures of known keys, each key once, at its first line. Lines of unknown keys are ignored, also
 * when only the name or only the id is known.
 *
 * Proves that at least one of `keys` signed the text. How many must, and which, is for the caller.
 *
 * @throws {ProtocolError} `CHECKPOINT_SIGNATURE_INVALID` — one bad signature under the name and id of a known key,
 *   whatever stands beside it; or no known key at all
 * @see spec/log.md, LOG-28 to LOG-30
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): readonly VerifiedSignature[] {
  const verified = new Map<VerifierKey, VerifiedSignature>()
  for (const signature of note.signatures) {
    const key = keys.find(({ name, id }) => name === signature.name && id === signature.id)
    if (!key) continue
    const good = verifySignature(note.text, signature, key)
    if (!verified.has(key)) verified.set(key, good)
  }
  if (verified.size === 0) {
    throw new ProtocolError('CHECKPOINT_SIGNATURE_INVALID', 'no signature of a known key', {
      evidence: {
        known: keys.map(formatVerifierKey),
        found: note.signatures.map(({ name, id }) => ({ name, id })),
      },
    })
  }
  return [...verified.values()]
}

const maxKeyLength = 1024

function verifySignature(text: string, signature: NoteSignature, key: VerifierKey): VerifiedSignature {
  if (key.type === 0x04) return { key, timestamp: verifyCosignature(text, signature, key.key) }
  if (!key.key.verify(encodeUtf8(text), signature.bytes)) {
    throw new ProtocolError('CHECKPOINT_SIGNATURE_INVALID', 'a known key, but not its signature', {
      evidence: { name: key.name, id: key.id },
    })
  }
  return { key }
}

/** The UTF-8 form is at most three times as long as the text, so a far too long one is not encoded at all. */
function requireNoteText(text: string): void {
  if (text.length > maxNoteBytes || encodeUtf8(text).length > maxNoteBytes) {
    throw malformed(`more than ${maxNoteBytes} bytes`)
  }
  if (!text.isWellFormed()) throw malformed('a lone surrogate')
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw malformed('a control character')
}

function tryBase64(text: string): Uint8Array | undefined {
  try {
    return decodeBase64(text)
  } catch {
    return undefined
  }
}

function malformed(message: string): ProtocolError {
  return new ProtocolError('NOTE_MALFORMED', `not a signed note: ${message}`)
}

function malformedKey(): ProtocolError {
  return new ProtocolError('KEY_MALFORMED', 'not a verifier key of type 1 or 4 in its one spelling')
}
