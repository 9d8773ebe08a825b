import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as example from '../../../fixtures/generate/log-example.ts'
import { digestOf, sha256 } from '../../../protocol/hash.ts'
import { commit, type Opening, parseCommitment, verifyCommitment } from '../../../protocol/log/commitment.ts'
import { codeOf } from './expect-code.ts'

const name = fc.string({ unit: fc.constantFrom(...'ab-/.:'), minLength: 1, maxLength: 10 })
const opening: fc.Arbitrary<Opening> = fc
  .record({
    log: name,
    tier: fc.constantFrom('federation', 'group', 'pair', 'private'),
    audience: name,
    salt: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    recordBytes: fc.uint8Array({ maxLength: 20 }),
  })
  .map(({ audience, ...rest }) =>
    rest.tier === 'group' || rest.tier === 'pair' ? { ...rest, audience } : rest,
  )

describe('commitments', () => {
  test('[LOG-20] the commitment is the hash of its six parts, written out', () => {
    const { log, tier, audience, salt, recordBytes } = example.opening
    const parts = ['csx/commitment/v1\n', `${log}\n`, `${tier}\n`, `${audience}\n`, salt, sha256(recordBytes)]
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part as string)))
    expect(commit(example.opening)).toBe(`c1:${digestOf(bytes).slice('sha256:'.length)}`)
  })

  test('[LOG-20] where there is no audience its line is empty', () => {
    const { audience: _, ...unnamed } = example.opening
    const bytes = Buffer.concat([
      Buffer.from(`csx/commitment/v1\n${unnamed.log}\nprivate\n\n`),
      unnamed.salt,
      sha256(unnamed.recordBytes),
    ])
    expect(commit({ ...unnamed, tier: 'private' })).toBe(`c1:${digestOf(bytes).slice('sha256:'.length)}`)
  })

  test('[LOG-21] an opening fits its commitment and no other', () => {
    fc.assert(
      fc.property(opening, opening, (one, other) => {
        expect(codeOf(() => verifyCommitment(commit(one), one))).toBe('passed')
        const same = JSON.stringify(one) === JSON.stringify(other)
        expect(codeOf(() => verifyCommitment(commit(one), other))).toBe(same ? 'passed' : 'DIGEST_MISMATCH')
      }),
    )
  })

  test('[LOG-22] a part that could be read as two is refused', () => {
    const wrong: readonly Partial<Opening>[] = [
      { salt: new Uint8Array(31) },
      { salt: new Uint8Array(33) },
      { audience: '' },
      { audience: 'a\nb' },
      { audience: 'a b' },
      { log: '' },
      { log: 'a\npair' },
      { tier: 'federation' },
    ]
    for (const change of wrong) {
      expect(codeOf(() => commit({ ...example.opening, ...change }))).toBe('COMMITMENT_MALFORMED')
    }
  })

  test('[LOG-20] a commitment has one spelling', () => {
    const text = commit(example.opening)
    expect(parseCommitment(text)).toBe(text)
    for (const wrong of [
      text.slice(0, -1),
      `${text}0`,
      text.toUpperCase(),
      text.slice(3),
      ` ${text}`,
      `${text}\n`,
      '',
    ]) {
      expect(codeOf(() => parseCommitment(wrong))).toBe('COMMITMENT_MALFORMED')
      expect(codeOf(() => verifyCommitment(wrong, example.opening))).toBe('COMMITMENT_MALFORMED')
    }
  })
})
