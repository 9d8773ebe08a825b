import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as example from '../../../fixtures/generate/log-example.ts'
import { encodeHex } from '../../../protocol/bytes.ts'
import { parseVerifierKey } from '../../../protocol/log/note.ts'
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '../../../protocol/log/tlog-proof.ts'
import { codeOf } from './expect-code.ts'

const keys = [parseVerifierKey(example.logKey)]
const trust = { origin: example.origin, keys }
const checkpoint = await example.exampleCheckpoint()
const proof = { index: 1, path: example.inclusionPath, checkpoint }
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('tlog-proof', () => {
  test('[LOG-36] a proof that is printed is read as it was', () => {
    const extra = fc.option(fc.uint8Array({ minLength: 1, maxLength: 100 }), { nil: undefined })
    fc.assert(
      fc.property(extra, fc.maxSafeNat(), fc.array(hash, { maxLength: 63 }), (data, index, path) => {
        const printed = formatTlogProof({ ...(data ? { extra: data } : {}), index, path, checkpoint })
        const read = parseTlogProof(printed)
        expect(read.index).toBe(index)
        expect(read.checkpoint).toBe(checkpoint)
        expect(read.path.map(encodeHex)).toEqual(path.map(encodeHex))
        expect(read.extra && encodeHex(read.extra)).toBe(data && encodeHex(data))
        expect(formatTlogProof(read)).toBe(printed)
      }),
    )
  })

  test('[LOG-36] no text is read in two ways', () => {
    const text = formatTlogProof(proof)
    const codes = ['PROOF_MALFORMED', 'NOTE_MALFORMED', 'CHECKPOINT_MALFORMED']
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(2), fc.constantFrom(...'\n =A09+-ex', ''), (at, cut, put) => {
        const altered = text.slice(0, at) + put + text.slice(at + cut)
        const outcome = codeOf(() => parseTlogProof(altered))
        if (outcome === 'passed') expect(formatTlogProof(parseTlogProof(altered))).toBe(altered)
        else expect(codes).toContain(outcome)
      }),
      { numRuns: 2000 },
    )
  })

  test('[LOG-36] at most 63 hashes, and a bounded length', () => {
    const path = Array.from({ length: 64 }, () => example.root)
    expect(codeOf(() => parseTlogProof(formatTlogProof({ ...proof, path })))).toBe('PROOF_MALFORMED')
    const extra = new Uint8Array(200_000)
    expect(codeOf(() => parseTlogProof(formatTlogProof({ ...proof, extra })))).toBe('PROOF_MALFORMED')
  })

  test('[LOG-37] it proves its leaf at its index under the key of its log, and no other', () => {
    const leaf = example.leaves[1]!
    expect(verifyTlogProof(proof, { ...trust, leaf }).checkpoint.size).toBe(3)
    for (const [change, claim, code] of [
      [{}, { leaf: example.leaves[0]! }, 'INCLUSION_INVALID'],
      [{ index: 0 }, {}, 'INCLUSION_INVALID'],
      [{ index: 3 }, {}, 'INCLUSION_INVALID'],
      [{ path: proof.path.slice(1) }, {}, 'INCLUSION_INVALID'],
      [{}, { origin: 'other.example/log/1' }, 'LOG_ORIGIN_MISMATCH'],
      [{}, { keys: [] }, 'CHECKPOINT_SIGNATURE_INVALID'],
      [{ checkpoint: checkpoint.replace('\n3\n', '\n4\n') }, {}, 'CHECKPOINT_SIGNATURE_INVALID'],
      [{ checkpoint: checkpoint.replace('\n3\n', '\n03\n') }, {}, 'CHECKPOINT_MALFORMED'],
    ] as const) {
      expect(codeOf(() => verifyTlogProof({ ...proof, ...change }, { ...trust, leaf, ...claim }))).toBe(code)
    }
  })
})
