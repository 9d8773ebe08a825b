import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as example from '../../../fixtures/generate/log-example.ts'
import published from '../../../fixtures/published/c2sp-tlog.json' with { type: 'json' }
import { encodeBase64, encodeHex } from '../../../protocol/bytes.ts'
import {
  type Checkpoint,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from '../../../protocol/log/checkpoint.ts'
import { formatNote, parseNote, parseVerifierKey, verifierKeyOf } from '../../../protocol/log/note.ts'
import { codeOf, codeOfAsync } from './expect-code.ts'

const { origin, logSigner, root } = example
const logKey = parseVerifierKey(example.logKey)
const witnessKey = parseVerifierKey(example.witnessKey)
const checkpoint: Checkpoint = { origin, size: 3, root }

const anyCheckpoint: fc.Arbitrary<Checkpoint> = fc.record({
  origin: fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\u0000-\u001f]/.test(text)),
  size: fc.oneof(fc.nat(20), fc.maxSafeNat()),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
})

describe('text', () => {
  test('[LOG-31] C2SP tlog-checkpoint: the example is read and printed', () => {
    const { note, origin, size, root } = published.checkpoint
    const read = parseCheckpoint(parseNote(note).text)
    expect({ ...read, root: encodeBase64(read.root) }).toEqual({ origin, size, root })
    expect(formatCheckpoint(read)).toBe(parseNote(note).text)
  })

  test('[LOG-31] a checkpoint that is printed is read as it was, and the other way round', () => {
    fc.assert(
      fc.property(anyCheckpoint, (one) => {
        const read = parseCheckpoint(formatCheckpoint(one))
        expect({ ...read, root: encodeHex(read.root) }).toEqual({ ...one, root: encodeHex(one.root) })
      }),
    )
  })

  test('[LOG-31] no text is read in two ways', () => {
    const text = formatCheckpoint(checkpoint)
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(2), fc.constantFrom(...'\n =A09+-.ex', ''), (at, cut, put) => {
        const altered = text.slice(0, at) + put + text.slice(at + cut)
        if (codeOf(() => parseCheckpoint(altered)) === 'passed')
          expect(formatCheckpoint(parseCheckpoint(altered))).toBe(altered)
        else expect(codeOf(() => parseCheckpoint(altered))).toBe('CHECKPOINT_MALFORMED')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('signed', () => {
  test('[LOG-32] what the log signs opens with its key', async () => {
    const note = await signCheckpoint(checkpoint, origin, logSigner)
    const opened = openCheckpoint(note, { origin, keys: [logKey] })
    expect(opened.checkpoint.size).toBe(3)
    expect(encodeHex(opened.checkpoint.root)).toBe(encodeHex(root))
    expect(opened.signatures).toEqual([{ key: logKey }])
    expect(formatNote(opened.note)).toBe(note)
  })

  test('[LOG-32] a key of the right name and another type, or of another name, is no log key', async () => {
    const note = await signCheckpoint(checkpoint, 'bishan.example/other', logSigner)
    const named = verifierKeyOf('bishan.example/other', logSigner.publicKey)
    expect(codeOf(() => openCheckpoint(note, { origin, keys: [named] }))).toBe('CHECKPOINT_SIGNATURE_INVALID')
    expect(codeOf(() => openCheckpoint(note, { origin, keys: [logKey] }))).toBe(
      'CHECKPOINT_SIGNATURE_INVALID',
    )
  })

  test('[LOG-32] cosigners are returned beside the log, with their times', async () => {
    const opened = openCheckpoint(await example.exampleCheckpoint(), { origin, keys: [witnessKey, logKey] })
    expect(opened.signatures).toEqual([{ key: logKey }, { key: witnessKey, timestamp: example.cosignedAt }])
  })

  test('[LOG-33] the origin is compared whole, and before any signature', async () => {
    const note = await signCheckpoint(checkpoint, origin, logSigner)
    for (const other of [
      'bishan.example/log',
      'bishan.example/log/11',
      'bishan.example',
      '',
      'meishan.example/log/1',
    ]) {
      expect(codeOf(() => openCheckpoint(note, { origin: other, keys: [] }))).toBe('LOG_ORIGIN_MISMATCH')
    }
  })

  test('[LOG-31] what nobody could read is not signed', async () => {
    for (const change of [
      { size: -1 },
      { size: 1.5 },
      { size: 2 ** 53 },
      { root: new Uint8Array(31) },
      { origin: 'a\nb' },
      { origin: '' },
    ]) {
      const outcome = await codeOfAsync(() => signCheckpoint({ ...checkpoint, ...change }, origin, logSigner))
      expect(outcome).toBe('CHECKPOINT_MALFORMED')
    }
  })

  test('[LOG-29] one character of the note altered, and it does not open', async () => {
    const note = await example.exampleCheckpoint()
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.constantFrom(...'a0A/ \n'), (at, char) => {
        const altered = note.slice(0, at) + char + note.slice(at + 1)
        if (altered === note) return
        // The name or the id of the witness altered makes it a stranger, whom nobody heeds.
        const stranger = at >= note.indexOf('— chongqing') && at <= note.indexOf('AAAAABp')
        const outcome = codeOf(() => openCheckpoint(altered, { origin, keys: [logKey, witnessKey] }))
        if (!stranger) expect(outcome).not.toBe('passed')
      }),
      { numRuns: 500 },
    )
  })
})
