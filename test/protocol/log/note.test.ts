import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as example from '../../../fixtures/generate/log-example.ts'
import published from '../../../fixtures/published/c2sp-tlog.json' with { type: 'json' }
import { encodeBase64, encodeHex } from '../../../protocol/bytes.ts'
import { sha256 } from '../../../protocol/hash.ts'
import {
  formatNote,
  formatVerifierKey,
  maxNoteBytes,
  type Note,
  parseNote,
  parseVerifierKey,
  signText,
  verifierKeyOf,
  verifyNote,
} from '../../../protocol/log/note.ts'
import { formatSignatureLines, isKeyName, parseSignatureLines } from '../../../protocol/log/signature-line.ts'
import { codeOf } from './expect-code.ts'

const keyName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(isKeyName)
const signature = fc.record({
  name: keyName,
  id: fc.uint8Array({ minLength: 4, maxLength: 4 }).map(encodeHex),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 80 }),
})
const text = fc
  .string({ unit: fc.oneof(fc.constant('\n'), fc.constantFrom(...'ab— 标准\u0085\u007f')), maxLength: 40 })
  .map((lines) => `${lines}\n`)
const anyNote: fc.Arbitrary<Note> = fc.record({
  text,
  signatures: fc.array(signature, { minLength: 1, maxLength: 16 }),
})

const logKey = parseVerifierKey(example.logKey)
const plain = (bytes: Uint8Array) => Uint8Array.from(bytes)

describe('C2SP examples', () => {
  test('[LOG-28] C2SP signed-note: the key of the example verifies the note of the example', () => {
    const key = parseVerifierKey(published.signedNote.key)
    const note = parseNote(published.signedNote.note)
    expect(note.text).toBe('This is an example message.\n')
    expect(verifyNote(note, [key])).toEqual([{ key }])
    expect(formatNote(note)).toBe(published.signedNote.note)
    expect(formatVerifierKey(key)).toBe(published.signedNote.key)
    expect(codeOf(() => verifyNote({ ...note, text: 'This is another message.\n' }, [key]))).toBe(
      'CHECKPOINT_SIGNATURE_INVALID',
    )
  })

  test('[LOG-27] C2SP signed-note: the text may hold empty lines', () => {
    const note = parseNote(published.noteWithEmptyLine.note)
    expect(note.text.endsWith('\n\ned è subito sera.\n')).toBe(true)
    expect(note.signatures.map(({ name }) => name)).toEqual(['quasimodo.example/salvatore'])
    expect(formatNote(note)).toBe(published.noteWithEmptyLine.note)
  })

  test('[LOG-26] C2SP tlog-witness: an answer of two lines', () => {
    const { lines } = published.witnessAnswer
    const read = parseSignatureLines(lines)
    expect(read.map(({ bytes }) => bytes.length)).toEqual([72, 72])
    expect(formatSignatureLines(read)).toBe(lines)
  })
})

describe('verifier keys', () => {
  test('[LOG-23] a key that is read is printed as it was', () => {
    for (const [spelled, type] of [
      [example.logKey, 1],
      [example.witnessKey, 4],
    ] as const) {
      const key = parseVerifierKey(spelled)
      expect(key.type).toBe(type)
      expect(formatVerifierKey(key)).toBe(spelled)
      expect(formatVerifierKey(verifierKeyOf(key.name, key.key, key.type))).toBe(spelled)
    }
  })

  test('[LOG-23] the id is the beginning of the hash of name, type and key', () => {
    const input = Buffer.concat([
      Buffer.from(`${example.origin}\n`),
      Uint8Array.of(1),
      example.logSigner.publicKey.raw,
    ])
    expect(logKey.id).toBe(encodeHex(sha256(input).subarray(0, 4)))
    expect(verifierKeyOf(example.origin, logKey.key, 0x04).id).not.toBe(logKey.id)
  })

  test('[LOG-23] one character altered is another key or none', () => {
    fc.assert(
      fc.property(fc.nat(example.logKey.length - 1), fc.constantFrom(...'aA0+ =/\n—'), (at, char) => {
        const altered = example.logKey.slice(0, at) + char + example.logKey.slice(at + 1)
        const expected = altered === example.logKey ? 'passed' : 'KEY_MALFORMED'
        expect(codeOf(() => parseVerifierKey(altered))).toBe(expected)
      }),
      { numRuns: 1000 },
    )
  })

  test('[LOG-23] a key of small order is refused under any name', () => {
    for (const first of [0, 1]) {
      const raw = new Uint8Array(32)
      raw[0] = first
      const input = Buffer.concat([Buffer.from('a\n'), Uint8Array.of(1), raw])
      const id = encodeHex(sha256(input).subarray(0, 4))
      const spelled = `a+${id}+${encodeBase64(Buffer.concat([Uint8Array.of(1), raw]))}`
      expect(codeOf(() => parseVerifierKey(spelled))).toBe('KEY_MALFORMED')
    }
  })

  test.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u2028b', 'a\u3000b', 'a\u0085b', 'a\tb', 'a\nb', '\ud800'])(
    '[LOG-26] %j is no key name',
    (name) => {
      expect(isKeyName(name)).toBe(false)
      expect(codeOf(() => verifierKeyOf(name, logKey.key))).toBe('TypeError')
    },
  )
})

describe('notes', () => {
  test('[LOG-24] a note that is printed is read as it was', () => {
    fc.assert(
      fc.property(anyNote, (note) => {
        const printed = formatNote(note)
        const read = parseNote(printed)
        expect(read.text).toBe(note.text)
        expect(read.signatures.map(({ bytes, ...rest }) => ({ ...rest, bytes: plain(bytes) }))).toEqual(
          note.signatures,
        )
        expect(formatNote(read)).toBe(printed)
      }),
    )
  })

  test('[LOG-24] no text is read in two ways', () => {
    const noise = fc.string({
      unit: fc.constantFrom('\n', '— ', 'a', ' ', 'AAAAAAA=', '+', '\r', '\u2003'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(noise, (tail) => {
        const whole = `text\n\n— a AAAAAAA=\n${tail}`
        if (codeOf(() => parseNote(whole)) === 'passed') expect(formatNote(parseNote(whole))).toBe(whole)
        else expect(codeOf(() => parseNote(whole))).toBe('NOTE_MALFORMED')
      }),
      { numRuns: 2000 },
    )
  })

  test('[LOG-24] a note has at most 64 KiB', () => {
    const line = '\n— a AAAAAAA=\n'
    const room = maxNoteBytes - Buffer.byteLength(line) - 1
    expect(codeOf(() => parseNote(`${'x'.repeat(room)}\n${line}`))).toBe('passed')
    expect(codeOf(() => parseNote(`${'x'.repeat(room + 1)}\n${line}`))).toBe('NOTE_MALFORMED')
    expect(codeOf(() => parseNote(`${'标'.repeat(30_000)}\n${line}`))).toBe('NOTE_MALFORMED')
    expect(codeOf(() => formatNote({ ...parseNote(`x\n${line}`), text: `${'x'.repeat(room + 1)}\n` }))).toBe(
      'NOTE_MALFORMED',
    )
  })

  test.each([...Array.from({ length: 32 }, (_, i) => i).filter((code) => code !== 10), 0xd800])(
    '[LOG-24] the character %d is refused',
    (code) => {
      expect(codeOf(() => parseNote(`a${String.fromCharCode(code)}b\n\n— a AAAAAAA=\n`))).toBe(
        'NOTE_MALFORMED',
      )
    },
  )

  test('[LOG-25] a note is not printed with no line or with seventeen', async () => {
    const line = await signText('a\n', example.origin, example.logSigner)
    expect(codeOf(() => formatNote({ text: 'a\n', signatures: Array(16).fill(line) }))).toBe('passed')
    expect(codeOf(() => formatNote({ text: 'a\n', signatures: Array(17).fill(line) }))).toBe('NOTE_MALFORMED')
    expect(codeOf(() => formatNote({ text: 'a\n', signatures: [] }))).toBe('NOTE_MALFORMED')
    expect(codeOf(() => formatNote({ text: 'a', signatures: [line] }))).toBe('NOTE_MALFORMED')
  })

  test('[LOG-30] a key counts once, however many lines it signed, and every one of them must hold', async () => {
    const line = await signText('a\n', example.origin, example.logSigner)
    const bad = await signText('b\n', example.origin, example.logSigner)
    expect(verifyNote({ text: 'a\n', signatures: [line, line, line] }, [logKey, logKey])).toEqual([
      { key: logKey },
    ])
    const outcome = codeOf(() => verifyNote({ text: 'a\n', signatures: [line, bad] }, [logKey]))
    expect(outcome).toBe('CHECKPOINT_SIGNATURE_INVALID')
  })

  test('[LOG-30] without keys nothing is verified', () => {
    const note = parseNote(published.signedNote.note)
    expect(codeOf(() => verifyNote(note, []))).toBe('CHECKPOINT_SIGNATURE_INVALID')
  })

  test('[LOG-29] a bad signature of a known key rejects the note wherever its line stands', async () => {
    const good = await signText('a\n', example.origin, example.logSigner)
    const other = example.exampleSigner('another')
    const otherKey = verifierKeyOf('other.example', other.publicKey)
    const bad = { ...(await signText('b\n', 'other.example', other)) }
    for (const signatures of [
      [good, bad],
      [bad, good],
    ]) {
      expect(codeOf(() => verifyNote({ text: 'a\n', signatures }, [logKey, otherKey]))).toBe(
        'CHECKPOINT_SIGNATURE_INVALID',
      )
      expect(codeOf(() => verifyNote({ text: 'a\n', signatures }, [logKey]))).toBe('passed')
    }
  })
})
