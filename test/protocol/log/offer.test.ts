import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as example from '../../../fixtures/generate/log-example.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { formatEntry } from '../../../protocol/log/entry.ts'
import { leafHash, rootOfHashes, verifyConsistency } from '../../../protocol/log/merkle.ts'
import { formatNote, parseNote, parseVerifierKey, verifyNote } from '../../../protocol/log/note.ts'
import { formatOffer, maxOfferBytes, parseOffer } from '../../../protocol/log/offer.ts'
import { parsePolicy, quorumTime } from '../../../protocol/log/policy.ts'
import { parseSignatureLines } from '../../../protocol/log/signature-line.ts'
import { codeOf } from './expect-code.ts'

const page = readFileSync(new URL('../../../protocol/spec/witness.md', import.meta.url), 'utf8')

function block(name: string): string {
  const found = new RegExp(`^\`\`\`text ${name}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)
  if (!found) throw new Error(`no block ${name}`)
  return found[1]!
}

const offer = block('offer')
const { note } = parseOffer(encodeUtf8(offer))
const hash = `${Buffer.alloc(32, 7).toString('base64')}\n`

describe('the example of spec/witness.md', () => {
  test('[WIT-20] its offer is read and printed, and its path leads from one entry to three', () => {
    const { old, path, checkpoint } = parseOffer(encodeUtf8(offer))
    expect(formatOffer({ old, path, note })).toBe(offer)
    const leaves = example.entries.map((entry) => leafHash(formatEntry(entry)))
    const [oldRoot, newRoot] = [rootOfHashes(leaves.slice(0, old)), rootOfHashes(leaves)]
    expect(() =>
      verifyConsistency({ oldSize: old, oldRoot, newSize: checkpoint.size, newRoot, path }),
    ).not.toThrow()
    expect([old, checkpoint.size, checkpoint.root]).toEqual([1, 3, newRoot])
  })

  test('[LOG-26] its answer is a line over that checkpoint, of a witness that its policy names', () => {
    const { quorum } = parsePolicy(block('policy'))
    const lines = parseSignatureLines(block('answer'))
    const keys = [parseVerifierKey(example.logKey), parseVerifierKey(example.witnessKey)]
    const { text, signatures } = parseNote(note)
    const whole = parseNote(formatNote({ text, signatures: [...signatures, ...lines] }))
    const [, cosigned] = verifyNote(whole, keys)
    expect(cosigned?.timestamp).toBe(example.cosignedAt)
    const timeOf = (all: boolean) =>
      quorumTime(quorum, ({ name }) => (all || name === example.witnessName ? 1 : undefined))
    expect([timeOf(true), timeOf(false)]).toEqual([1, undefined])
  })
})

describe('an offer', () => {
  const faulty: readonly [string, string, string][] = [
    ['nothing', '', 'OFFER_MALFORMED'],
    ['no old size', offer.slice(offer.indexOf('\n') + 1), 'OFFER_MALFORMED'],
    ['an old size with a leading zero', offer.replace('old 1', 'old 01'), 'OFFER_MALFORMED'],
    ['a negative old size', offer.replace('old 1', 'old -1'), 'OFFER_MALFORMED'],
    ['an old size in hexadecimal', offer.replace('old 1', 'old 0x1'), 'OFFER_MALFORMED'],
    ['an empty old size', offer.replace('old 1', 'old '), 'OFFER_MALFORMED'],
    ['a huge old size', offer.replace('old 1', 'old 9007199254740993'), 'OFFER_MALFORMED'],
    ['two blanks', offer.replace('old 1', 'old  1'), 'OFFER_MALFORMED'],
    ['another word', offer.replace('old 1', 'size 1'), 'OFFER_MALFORMED'],
    ['carriage returns', offer.replaceAll('\n', '\r\n'), 'OFFER_MALFORMED'],
    ['64 hashes', offer.replace('old 1\n', `old 1\n${hash.repeat(64)}`), 'OFFER_MALFORMED'],
    ['a hash of 31 bytes', `old 1\n${Buffer.alloc(31).toString('base64')}\n\n${note}`, 'OFFER_MALFORMED'],
    ['an unpadded hash', offer.replace('=\n', '\n'), 'OFFER_MALFORMED'],
    ['no checkpoint', 'old 0\n\n', 'NOTE_MALFORMED'],
    ['a checkpoint without a signature', `old 0\n\n${note.split('\n\n')[0]}\n`, 'NOTE_MALFORMED'],
    ['a note that is no checkpoint', `old 0\n\nhello\n\n${note.split('\n\n')[1]}`, 'CHECKPOINT_MALFORMED'],
    ['a text beyond its bound', `old 0\n\n${'x'.repeat(maxOfferBytes)}`, 'OFFER_MALFORMED'],
  ]
  test.each(faulty)('[WIT-20] is refused: %s', (_, text, code) => {
    expect(codeOf(() => parseOffer(encodeUtf8(text)))).toBe(code)
  })

  test('[WIT-20] of whatever bytes, one that is read is printed the same', () => {
    const paths = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 })
    fc.assert(
      fc.property(fc.maxSafeNat(), paths, (old, path) => {
        const text = formatOffer({ old, path, note })
        expect(formatOffer(parseOffer(encodeUtf8(text)))).toBe(text)
      }),
    )
    fc.assert(
      fc.property(fc.nat(offer.length), fc.string({ maxLength: 3 }), (at, text) => {
        const changed = offer.slice(0, at) + text + offer.slice(at)
        if (codeOf(() => parseOffer(encodeUtf8(changed))) === 'passed')
          expect(formatOffer(parseOffer(encodeUtf8(changed)))).toBe(changed)
      }),
    )
  })
})
