import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeHex } from '../../../protocol/bytes.ts'
import { emptyRoot } from '../../../protocol/log/merkle.ts'
import {
  createFrontier,
  leftEdge,
  rootFromRange,
  tilesForLeftEdge,
  verifyRange,
} from '../../../protocol/log/range.ts'
import { growTree, type ReadTile } from '../../../protocol/log/tree.ts'
import { codeOf } from './expect-code.ts'
import { NaiveTree, syntheticLeaves } from './naive-tree.ts'

const leaves = syntheticLeaves(1000)
const naive = new NaiveTree(leaves)
const stranger = syntheticLeaves(1, 99)[0]!
const tiles = new Map(
  growTree(0, () => new Uint8Array(0), leaves).tiles.map(({ coord, hashes }) => [
    `${coord.level}/${coord.index}`,
    hashes,
  ]),
)
const read: ReadTile = ({ level, index }) => tiles.get(`${level}/${index}`)!

describe('ranges', () => {
  test('[LOG-12] the leaves from any index to the end of any tree to 70 lead to its root', () => {
    for (let size = 0; size <= 70; size += 1) {
      for (let from = 0; from <= size; from += 1) {
        const run = { from, left: leftEdge(from, read), leafHashes: leaves.slice(from, size) }
        expect(encodeHex(rootFromRange(run))).toBe(encodeHex(naive.root(0, size)))
        expect(codeOf(() => verifyRange({ ...run, size, root: naive.root(0, size) }))).toBe('passed')
      }
    }
  })

  test('[LOG-12] a leaf altered, left out, added or moved is found', () => {
    const index = fc.nat(998)
    fc.assert(
      fc.property(index, index, (from, at) => {
        const run = leaves.slice(from)
        const claim = { from, left: leftEdge(from, read), leafHashes: run, size: 1000, root: naive.root() }
        expect(codeOf(() => verifyRange(claim))).toBe('passed')
        const place = at % (run.length - 1)
        const altered = run.with(place, stranger)
        const swapped = run.toSpliced(place, 2, run[place + 1]!, run[place]!)
        for (const wrong of [altered, swapped, run.toSpliced(place, 1), run.toSpliced(place, 0, stranger)]) {
          expect(codeOf(() => verifyRange({ ...claim, leafHashes: wrong }))).toBe('RANGE_INVALID')
        }
        expect(codeOf(() => verifyRange({ ...claim, leafHashes: run.slice(0, -1), size: 999 }))).toBe(
          'RANGE_INVALID',
        )
        expect(codeOf(() => verifyRange({ ...claim, root: stranger }))).toBe('RANGE_INVALID')
      }),
    )
  })

  test('[LOG-11] a left edge has one hash for each bit of its index, no more, no less, no other', () => {
    for (let from = 1; from <= 300; from += 1) {
      const left = leftEdge(from, read)
      expect(left.length).toBe(from.toString(2).replaceAll('0', '').length)
      const claim = { from, leafHashes: leaves.slice(from), size: 1000, root: naive.root() }
      for (const wrong of [left.slice(1), [...left, stranger], left.with(0, stranger.subarray(1))]) {
        expect(codeOf(() => verifyRange({ ...claim, left: wrong }))).toBe('RANGE_INVALID')
      }
      expect(codeOf(() => verifyRange({ ...claim, left: left.with(0, stranger) }))).toBe('RANGE_INVALID')
    }
  })

  test('[LOG-11] the left edge is the same from the tiles of any larger tree', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (a, b) => {
        const [from, size] = [Math.min(a, b), Math.max(a, b)]
        const widths = tilesForLeftEdge(from, size).map(
          ({ level, index, width }) => [`${level}/${index}`, width * 32] as const,
        )
        const held = new Map(widths.map(([name, length]) => [name, tiles.get(name)!.subarray(0, length)]))
        const edge = leftEdge(from, ({ level, index }) => held.get(`${level}/${index}`)!, size)
        expect(edge.map(encodeHex)).toEqual(leftEdge(from, read).map(encodeHex))
      }),
    )
  })

  test.each([-1, 0.5, 2 ** 53, Number.NaN])('[LOG-11] there is no range from %d on', (from) => {
    expect(codeOf(() => rootFromRange({ from, left: [], leafHashes: [] }))).toBe('RANGE_INVALID')
  })

  test('[LOG-12] a leaf hash of another length is refused', () => {
    const run = { from: 0, left: [], leafHashes: [new Uint8Array(33)] }
    expect(codeOf(() => rootFromRange(run))).toBe('RANGE_INVALID')
  })
})

describe('frontier', () => {
  test('[LOG-11] leaf by leaf it has the root and the left edge of each size', () => {
    const frontier = createFrontier()
    expect(encodeHex(frontier.root())).toBe(encodeHex(emptyRoot))
    leaves.forEach((leaf, index) => {
      frontier.append(leaf)
      expect(frontier.size).toBe(index + 1)
      expect(encodeHex(frontier.root())).toBe(encodeHex(naive.root(0, index + 1)))
      expect(frontier.hashes.map(encodeHex)).toEqual(leftEdge(index + 1, read).map(encodeHex))
    })
  })

  test('[LOG-11] one begun at a left edge goes on as if it had seen all', () => {
    fc.assert(
      fc.property(fc.nat(1000), (from) => {
        const frontier = createFrontier(from, leftEdge(from, read))
        for (const leaf of leaves.slice(from)) frontier.append(leaf)
        expect(encodeHex(frontier.root())).toBe(encodeHex(naive.root()))
      }),
    )
  })

  test('what it gives away does not lead back into it', () => {
    const left = leftEdge(7, read)
    const frontier = createFrontier(7, left)
    const taken = frontier.hashes
    frontier.append(leaves[7]!)
    expect(taken.length).toBe(3)
    expect(left.length).toBe(3)
    expect(codeOf(() => frontier.append(new Uint8Array(31)))).toBe('TypeError')
    expect(encodeHex(frontier.root())).toBe(encodeHex(naive.root(0, 8)))
  })
})
