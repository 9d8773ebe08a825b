import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import published from '../../../fixtures/published/rfc6962-tree.json' with { type: 'json' }
import { decodeHex, encodeHex, encodeUtf8 } from '../../../protocol/bytes.ts'
import {
  emptyRoot,
  leafHash,
  nodeHash,
  rootFromPath,
  rootOfConcatenated,
  rootOfHashes,
  verifyConsistency,
  verifyInclusion,
} from '../../../protocol/log/merkle.ts'
import { codeOf } from './expect-code.ts'
import { NaiveTree, syntheticLeaves } from './naive-tree.ts'

const largest = 70
const leaves = syntheticLeaves(largest)
const tree = new NaiveTree(leaves)
const stranger = syntheticLeaves(1, 99)[0]!

/** Each way in which one path can be one step wrong. */
function spoiled(path: readonly Uint8Array[]): Uint8Array[][] {
  const shorter = path.map((_, i) => path.filter((_, j) => j !== i))
  const longer = Array.from({ length: path.length + 1 }, (_, i) => path.toSpliced(i, 0, stranger))
  const altered = path.map((hash, i) =>
    path.toSpliced(
      i,
      1,
      hash.map((byte, at) => (at === 31 ? byte ^ 1 : byte)),
    ),
  )
  const swapped = path.slice(1).map((_, i) => path.toSpliced(i, 2, path[i + 1]!, path[i]!))
  const cut = path.map((hash, i) => path.toSpliced(i, 1, hash.subarray(1)))
  return [...shorter, ...longer, ...altered, ...swapped, ...cut]
}

describe('RFC 6962 vectors', () => {
  const hashes = published.leafHashes.map(decodeHex)

  test('[LOG-1] RFC 6962, 2.1: leaves hash behind a zero byte', () => {
    expect(published.leaves.map((leaf) => encodeHex(leafHash(decodeHex(leaf))))).toEqual(published.leafHashes)
  })

  test('[LOG-2] RFC 6962, 2.1: the roots of the first nine sizes', () => {
    const roots = published.roots.map((_, size) => encodeHex(rootOfHashes(hashes.slice(0, size))))
    expect(roots).toEqual(published.roots)
    expect(encodeHex(emptyRoot)).toBe(published.roots[0])
  })

  test('[LOG-3] RFC 6962, 2.1.1: inclusion paths', () => {
    for (const { index, size, path } of published.inclusion) {
      const root = rootFromPath(hashes[index]!, index, size, path.map(decodeHex))
      expect(encodeHex(root)).toBe(published.roots[size])
    }
  })

  test('[LOG-4] RFC 6962, 2.1.2: consistency paths', () => {
    for (const { oldSize, newSize, path } of published.consistency) {
      const [oldRoot, newRoot] = [oldSize, newSize].map((size) => decodeHex(published.roots[size]!))
      const claim = { oldSize, newSize, oldRoot: oldRoot!, newRoot: newRoot!, path: path.map(decodeHex) }
      expect(() => verifyConsistency(claim)).not.toThrow()
    }
  })

  test('[LOG-4] RFC 6962, 2.1.3 and RFC 9162, 2.1.5: the tree with named nodes', () => {
    const { nodes, inclusion, consistency } = published.namedTree
    const known = new Map<string, Uint8Array>()
    for (const [name, made] of Object.entries(nodes)) {
      const [left, right] = made.split(' ').map((part) => known.get(part))
      known.set(name, left && right ? nodeHash(left, right) : leafHash(encodeUtf8(made)))
    }
    const named = (path: string) => path.split(' ').map((name) => known.get(name)!)
    const data = named('a b c d e f j')
    const root = named('hash')[0]!
    for (const { index, path } of inclusion) {
      expect(encodeHex(rootFromPath(data[index]!, index, 7, named(path)))).toBe(encodeHex(root))
    }
    for (const { oldSize, path } of consistency) {
      const oldRoot = rootOfHashes(data.slice(0, oldSize))
      const claim = { oldSize, oldRoot, newSize: 7, newRoot: root, path: named(path) }
      expect(() => verifyConsistency(claim)).not.toThrow()
    }
  })
})

describe('roots', () => {
  test('[LOG-2] the root is the Merkle tree hash of RFC 6962 for every size to 70', () => {
    for (let size = 0; size <= largest; size += 1) {
      expect(encodeHex(rootOfHashes(leaves.slice(0, size)))).toBe(encodeHex(tree.root(0, size)))
    }
  })

  test('[LOG-1] a leaf is never an inner node: no entry hashes to the parent of two leaves', () => {
    const [left, right] = [leaves[0]!, leaves[1]!]
    expect(encodeHex(leafHash(Buffer.concat([left, right])))).not.toBe(encodeHex(nodeHash(left, right)))
    expect(encodeHex(leafHash(new Uint8Array(0)))).not.toBe(encodeHex(emptyRoot))
  })

  test('a hash of another length is never hashed', () => {
    expect(codeOf(() => nodeHash(stranger.subarray(1), new Uint8Array(33)))).toBe('TypeError')
    expect(codeOf(() => rootOfHashes([new Uint8Array(31), new Uint8Array(33)]))).toBe('TypeError')
    expect(codeOf(() => rootOfConcatenated(new Uint8Array(33)))).toBe('TypeError')
  })

  test('hashing alters none of its inputs', () => {
    const tile = Uint8Array.from(Buffer.concat(leaves))
    const before = tile.slice()
    rootOfConcatenated(tile)
    expect(tile).toEqual(before)
  })
})

describe('inclusion', () => {
  test('[LOG-3] every index of every size to 70 is proven, and nothing one step away from its path', () => {
    for (let size = 1; size <= largest; size += 1) {
      const root = tree.root(0, size)
      for (let index = 0; index < size; index += 1) {
        const path = tree.inclusion(index, 0, size)
        const leaf = leaves[index]!
        expect(codeOf(() => verifyInclusion({ leaf, index, size, path, root }))).toBe('passed')
        for (const wrong of spoiled(path)) {
          expect(codeOf(() => verifyInclusion({ leaf, index, size, path: wrong, root }))).toBe(
            'INCLUSION_INVALID',
          )
        }
      }
    }
  })

  test('[LOG-3] another leaf, another index and another root are refused', () => {
    for (let size = 2; size <= 40; size += 1) {
      const root = tree.root(0, size)
      for (let index = 0; index < size; index += 1) {
        const claim = { leaf: leaves[index]!, index, size, path: tree.inclusion(index, 0, size), root }
        const other = (index + 1) % size
        expect(codeOf(() => verifyInclusion({ ...claim, index: other }))).toBe('INCLUSION_INVALID')
        expect(codeOf(() => verifyInclusion({ ...claim, leaf: stranger }))).toBe('INCLUSION_INVALID')
        expect(codeOf(() => verifyInclusion({ ...claim, root: stranger }))).toBe('INCLUSION_INVALID')
      }
    }
  })

  test.each([
    [0, 0],
    [1, 1],
    [-1, 4],
    [0.5, 4],
    [Number.NaN, 4],
    [0, 2 ** 53],
    [0, Number.POSITIVE_INFINITY],
  ])('[LOG-3] index %d in a tree of %d leaves does not exist', (index, size) => {
    expect(codeOf(() => rootFromPath(stranger, index, size, []))).toBe('INCLUSION_INVALID')
  })

  test('[LOG-3] hashes of 31 and 33 bytes do not stand for two of 32', () => {
    const root = nodeHash(leaves[0]!, leaves[1]!)
    const long = Buffer.concat([leaves[0]!, leaves[1]!.subarray(0, 1)])
    const claim = { leaf: long, index: 0, size: 2, path: [leaves[1]!.subarray(1)], root }
    expect(codeOf(() => verifyInclusion(claim))).toBe('INCLUSION_INVALID')
    expect(
      codeOf(() => verifyInclusion({ ...claim, leaf: root, size: 1, path: [], root: root.subarray(1) })),
    ).toBe('INCLUSION_INVALID')
  })
})

describe('consistency', () => {
  test('[LOG-4] every pair of sizes to 70 is proven, and nothing one step away from its path', () => {
    for (let newSize = 0; newSize <= largest; newSize += 1) {
      const newRoot = tree.root(0, newSize)
      for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
        const path = tree.consistency(oldSize, newSize)
        const claim = { oldSize, oldRoot: tree.root(0, oldSize), newSize, newRoot, path }
        expect(codeOf(() => verifyConsistency(claim))).toBe('passed')
        for (const wrong of spoiled(path)) {
          expect(codeOf(() => verifyConsistency({ ...claim, path: wrong }))).toBe('CONSISTENCY_INVALID')
        }
      }
    }
  })

  test('[LOG-4] an altered root on either side is refused', () => {
    for (let newSize = 1; newSize <= 40; newSize += 1) {
      for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
        const [oldRoot, newRoot] = [tree.root(0, oldSize), tree.root(0, newSize)]
        const claim = { oldSize, oldRoot, newSize, newRoot, path: tree.consistency(oldSize, newSize) }
        expect(codeOf(() => verifyConsistency({ ...claim, oldRoot: stranger }))).toBe('CONSISTENCY_INVALID')
        // From nothing to something no path is possible, so that the new root stands for itself.
        const outcome = oldSize === 0 ? 'passed' : 'CONSISTENCY_INVALID'
        expect(codeOf(() => verifyConsistency({ ...claim, newRoot: stranger }))).toBe(outcome)
      }
    }
  })

  test('[LOG-5] the empty tree has one root, and a tree extends itself by nothing but itself', () => {
    const path: Uint8Array[] = []
    const empty = { oldSize: 0, oldRoot: emptyRoot, newSize: 0, newRoot: emptyRoot, path }
    expect(codeOf(() => verifyConsistency(empty))).toBe('passed')
    expect(codeOf(() => verifyConsistency({ ...empty, newRoot: stranger }))).toBe('CONSISTENCY_INVALID')
    expect(codeOf(() => verifyConsistency({ ...empty, newSize: 5, path: [stranger] }))).toBe(
      'CONSISTENCY_INVALID',
    )
    const same = { oldSize: 3, oldRoot: stranger, newSize: 3, newRoot: stranger, path }
    expect(codeOf(() => verifyConsistency(same))).toBe('passed')
    expect(codeOf(() => verifyConsistency({ ...same, newRoot: emptyRoot }))).toBe('CONSISTENCY_INVALID')
    expect(codeOf(() => verifyConsistency({ ...same, path: [stranger] }))).toBe('CONSISTENCY_INVALID')
  })

  test.each([
    [5, 4],
    [-1, 4],
    [1.5, 4],
    [4, Number.NaN],
    [4, 2 ** 53],
  ])('[LOG-4] from size %d to size %d there is no path', (oldSize, newSize) => {
    const claim = { oldSize, oldRoot: stranger, newSize, newRoot: stranger, path: [] }
    expect(codeOf(() => verifyConsistency(claim))).toBe('CONSISTENCY_INVALID')
  })

  test('[LOG-4] random larger sizes agree with the definition', () => {
    const many = new NaiveTree(syntheticLeaves(3000))
    fc.assert(
      fc.property(fc.nat(2999), fc.nat(2999), (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b) + 1]
        const root = many.root(0, high)
        const path = many.inclusion(low, 0, high)
        expect(encodeHex(rootFromPath(many.leaves[low]!, low, high, path))).toBe(encodeHex(root))
        const claim = { oldSize: low, oldRoot: many.root(0, low), newSize: high, newRoot: root }
        expect(codeOf(() => verifyConsistency({ ...claim, path: many.consistency(low, high) }))).toBe(
          'passed',
        )
      }),
    )
  })
})
