import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { parseEvidence, proveEvidence } from '../../../protocol/evidence.ts'
import { compareTrees } from '../../../protocol/log/divergence.ts'
import { codeOfAsync } from '../log/expect-code.ts'
import { changed, keys, leavesOf, origin, type SampleTree, sampleTree } from './sample.ts'

/** Evidence out of what the comparison found, as a node writes it. */
async function evidenceOf(a: SampleTree, b: SampleTree): Promise<string> {
  const [smaller, larger] = a.checkpoint.size <= b.checkpoint.size ? [a, b] : [b, a]
  const found = await compareTrees(a, b)
  if (found.outcome === 'consistent') throw new Error('there is nothing to show')
  const differing = found.outcome === 'leaf' ? { differing: found.differing } : {}
  return proveEvidence({ origin, notes: [smaller.note, larger.note], ...differing }, keys)
}

describe('two signed trees', () => {
  test('[EVID-10] one that only grew is consistent, whichever is asked about first', async () => {
    for (const [size, more] of [
      [0, 0],
      [0, 300],
      [1, 1],
      [5, 700],
      [256, 257],
      [600, 66_000],
    ] as const) {
      const [old, now] = [await sampleTree(leavesOf(size)), await sampleTree(leavesOf(more))]
      expect(await compareTrees(old, now)).toEqual({ outcome: 'consistent' })
      expect(await compareTrees(now, old)).toEqual({ outcome: 'consistent' })
    }
  })

  test('[EVID-10] two roots of one size contradict each other without a tile', async () => {
    const leaves = leavesOf(300)
    const [one, other] = [await sampleTree(leaves), await sampleTree(changed(leaves, 7))]
    expect(await compareTrees(one, other)).toEqual({ outcome: 'same-size' })
    expect([...one.asked, ...other.asked]).toEqual([])
    const text = await evidenceOf(one, other)
    expect(await evidenceOf(other, one)).toBe(text)
    expect(parseEvidence(encodeUtf8(text)).evidence.kind).toBe('same-size')
  })

  test('[EVID-10] the first leaf that differs is found, and proven in both, for any sizes and any changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1400 }),
        fc.integer({ min: 1, max: 1400 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        async (size, more, places) => {
          const indices = places.map((place) => place % size)
          const old = await sampleTree(leavesOf(size))
          const now = await sampleTree([...changed(old.leaves, ...indices), ...leavesOf(more, 'more')])
          const text = await evidenceOf(now, old)
          expect(await evidenceOf(old, now)).toBe(text)
          expect(parseEvidence(encodeUtf8(text)).evidence).toMatchObject({
            kind: 'leaf',
            index: Math.min(...indices),
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  test('[EVID-11] a deep tree is descended tile by tile, each read once', async () => {
    const old = await sampleTree(leavesOf(66_000))
    const now = await sampleTree([...changed(old.leaves, 40_000), ...leavesOf(5_000, 'more')])
    const text = await evidenceOf(old, now)
    expect(parseEvidence(encodeUtf8(text)).evidence).toMatchObject({ kind: 'leaf', index: 40_000 })
    for (const { asked } of [old, now]) {
      expect(new Set(asked).size).toBe(asked.length)
      expect(asked.length).toBeLessThan(12)
      expect(asked.filter((name) => name.startsWith('entry'))).toEqual(['entry 40000'])
    }
  })

  test('[EVID-11] tiles that fit neither tree leave the question open', async () => {
    const old = await sampleTree(leavesOf(300))
    const now = await sampleTree([...changed(old.leaves, 3), ...leavesOf(20, 'more')])
    const lying = { ...now, readTile: old.readTile }
    expect(await codeOfAsync(() => compareTrees(old, lying))).toMatch(/^(?:PAGE|TILE)_MALFORMED$/)
    const zero = { ...now, readTile: async ({ width }: { width: number }) => new Uint8Array(width * 32) }
    const found = await compareTrees(old, zero)
    if (found.outcome !== 'leaf') throw new Error('zeros are no beginning')
    const parts = { origin, notes: [old.note, now.note] as const, differing: found.differing }
    expect(await codeOfAsync(async () => proveEvidence(parts, keys))).toBe('INCLUSION_INVALID')
    const none = { ...now, readTile: () => Promise.reject(new RangeError('not to be had')) }
    expect(await codeOfAsync(() => compareTrees(old, none))).toBe('RangeError')
  })

  test('[EVID-5] a leaf that is no text, too long, or withheld is shown by its hash', async () => {
    const leaves = leavesOf(5)
    for (const leaf of [Uint8Array.of(0xff, 0xfe), new Uint8Array(3000).fill(0x61)]) {
      const [old, now] = [
        await sampleTree(leaves),
        await sampleTree([...leaves.slice(0, 2), leaf, ...leavesOf(9)]),
      ]
      const { evidence } = parseEvidence(encodeUtf8(await evidenceOf(old, now)))
      expect(evidence).toMatchObject({
        index: 2,
        leaves: [{ entry: 'entry 2' }, { hash: expect.any(String) }],
      })
      const mute = { ...old, readEntry: async () => undefined }
      const silent = parseEvidence(encodeUtf8(await evidenceOf(mute, now))).evidence
      expect(silent).toMatchObject({ leaves: [{ hash: expect.any(String) }, { hash: expect.any(String) }] })
    }
  })
})
