import { encodeHex, equalBytes } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import type { Hash } from '../hash.ts'
import { emptyRoot, hashLength, isSize, nodeHash } from './merkle.ts'
import { completeSubtrees, tilesOf } from './subtree.ts'
import type { TileCoordinate } from './tile.ts'
import { type ReadTile, subtreeHashes } from './tree.ts'

/** All leaves from `from` to the end of a tree, and what stands to their left, in at most 53 hashes. */
export interface LeafRun {
  readonly from: number
  /** The roots of the complete subtrees that cover the leaves before `from`, left to right. */
  readonly left: readonly Hash[]
  readonly leafHashes: readonly Hash[]
}

export interface RangeClaim extends LeafRun {
  readonly size: number
  readonly root: Hash
}

/** What is known of a growing tree after some leaves: enough to go on, in O(log n) memory. */
export interface Frontier {
  /** The number of leaves so far. */
  readonly size: number
  /** The roots of the complete subtrees so far, left to right: the left edge of the next leaf. */
  readonly hashes: readonly Hash[]
  append(leaf: Hash): void
  root(): Hash
}

/** The tiles that `leftEdge` reads. Give the size of the tree they are served from when it is larger than `from`. */
export function tilesForLeftEdge(from: number, size: number = from): readonly TileCoordinate[] {
  return tilesOf([{ start: 0, end: from }], size)
}

/**
 * The left edge of the leaves from `from` on. Proven only by the root that they lead to together.
 *
 * @throws {ProtocolError} `TILE_MALFORMED`
 * @see spec/log.md, LOG-11
 */
export function leftEdge(from: number, read: ReadTile, size: number = from): readonly Hash[] {
  if (!isSize(from) || !isSize(size) || from > size) throw new TypeError('a range begins inside its tree')
  return subtreeHashes({ start: 0, end: from }, size, read)
}

/**
 * Starts after `from` leaves, or with none. One leaf costs one hash, on average.
 *
 * @throws {ProtocolError} `RANGE_INVALID` — not the number of hashes that a left edge of `from` leaves has
 * @see spec/log.md, LOG-11
 */
export function createFrontier(from = 0, left: readonly Hash[] = []): Frontier {
  if (!isSize(from) || left.length !== completeSubtrees({ start: 0, end: from }).length) {
    throw new ProtocolError('RANGE_INVALID', 'not the left edge of this index', {
      evidence: { from, hashes: left.length },
    })
  }
  if (left.some((hash) => hash.length !== hashLength)) {
    throw new ProtocolError('RANGE_INVALID', 'a hash has 32 bytes')
  }
  return new GrowingFrontier(from, left)
}

/**
 * The root of the tree that ends with these leaves. To be compared with that of a verified checkpoint of the size
 * `from + leafHashes.length`; only then are the leaves proven, each at its index and none missing between them.
 *
 * @throws {ProtocolError} `RANGE_INVALID`
 * @see spec/log.md, LOG-12
 */
export function rootFromRange({ from, left, leafHashes }: LeafRun): Hash {
  const frontier = createFrontier(from, left)
  if (leafHashes.some((hash) => hash.length !== hashLength)) {
    throw new ProtocolError('RANGE_INVALID', 'a hash has 32 bytes')
  }
  for (const leaf of leafHashes) frontier.append(leaf)
  return frontier.root()
}

/**
 * Proves that the tree of this size and root ends with exactly these leaves, from `from` on.
 *
 * @throws {ProtocolError} `RANGE_INVALID`
 * @see spec/log.md, LOG-12
 */
export function verifyRange({ size, root, ...run }: RangeClaim): void {
  if (run.from + run.leafHashes.length !== size) {
    throw new ProtocolError('RANGE_INVALID', 'the leaves do not reach to the end of the tree', {
      evidence: { from: run.from, leaves: run.leafHashes.length, size },
    })
  }
  const implied = rootFromRange(run)
  if (!equalBytes(implied, root)) {
    throw new ProtocolError('RANGE_INVALID', 'the leaves lead to another root', {
      evidence: { from: run.from, size, root: encodeHex(root), implied: encodeHex(implied) },
    })
  }
}

class GrowingFrontier implements Frontier {
  private count: number
  private readonly stack: Hash[]

  constructor(from: number, left: readonly Hash[]) {
    this.count = from
    this.stack = [...left]
  }

  get size(): number {
    return this.count
  }

  get hashes(): readonly Hash[] {
    return [...this.stack]
  }

  append(leaf: Hash): void {
    if (!isSize(this.count + 1)) throw new TypeError('a tree has at most 2^53 - 1 leaves')
    if (leaf.length !== hashLength) throw new TypeError('a hash has 32 bytes')
    let hash = leaf
    for (let finished = this.count; finished % 2 === 1; finished = (finished - 1) / 2) {
      const left = this.stack.pop()
      if (!left) throw new TypeError('a frontier lost a hash')
      hash = nodeHash(left, hash)
    }
    this.stack.push(hash)
    this.count += 1
  }

  root(): Hash {
    let right: Hash | undefined
    for (const left of this.stack.toReversed()) right = right ? nodeHash(left, right) : left
    return right ?? emptyRoot
  }
}
