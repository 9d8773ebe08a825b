import { ProtocolError } from '../error.ts'
import { isSize } from './merkle.ts'
import { fullWidth, type TileCoordinate, tileWidth } from './tile.ts'

/** The leaves `start` to `end - 1`; as part of a proof always a subtree of the tree it is for. */
export interface LeafRange {
  readonly start: number
  readonly end: number
}

/** The complete subtree of 2^height leaves that begins at leaf `index * 2^height`. */
export interface Subtree {
  readonly height: number
  readonly index: number
}

/** Where in a tile the hashes lie that a complete subtree is made of: `count` of them from `first` on. */
export interface TileSpan {
  readonly tile: TileCoordinate
  readonly first: number
  readonly count: number
}

const tileHeight = 8

/** The complete subtrees that cover the range, left to right, as large as their place allows. */
export function completeSubtrees({ start, end }: LeafRange): readonly Subtree[] {
  const found: Subtree[] = []
  let at = start
  while (at < end) {
    let height = 0
    let leaves = 1
    while (at % (2 * leaves) === 0 && at + 2 * leaves <= end) {
      height += 1
      leaves *= 2
    }
    found.push({ height, index: at / leaves })
    at += leaves
  }
  return found
}

/** The span of hashes, in the tile as it is in the tree of `size` leaves, under a complete subtree of that tree. */
export function spanOf({ height, index }: Subtree, size: number): TileSpan {
  const level = Math.floor(height / tileHeight)
  const count = 2 ** (height % tileHeight)
  const first = index * count
  const tile = Math.floor(first / fullWidth)
  return {
    tile: { level, index: tile, width: tileWidth(level, tile, size) },
    first: first % fullWidth,
    count,
  }
}

/** Each tile once that holds something of the ranges, in the tree of `size` leaves. */
export function tilesOf(ranges: readonly LeafRange[], size: number): readonly TileCoordinate[] {
  const tiles = new Map<string, TileCoordinate>()
  for (const range of ranges) {
    for (const subtree of completeSubtrees(range)) {
      const { tile } = spanOf(subtree, size)
      tiles.set(`${tile.level}/${tile.index}`, tile)
    }
  }
  return [...tiles.values()]
}

/**
 * The subtrees whose roots are the inclusion path, from the leaf up (RFC 9162, section 2.1.3.1).
 *
 * @throws {ProtocolError} `INCLUSION_INVALID` — no such leaf
 */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  if (!isSize(size) || !isSize(index) || index >= size) {
    throw new ProtocolError('INCLUSION_INVALID', 'index outside the tree', { evidence: { index, size } })
  }
  const path: LeafRange[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    if (index < middle) {
      path.push({ start: middle, end })
      end = middle
    } else {
      path.push({ start, end: middle })
      start = middle
    }
  }
  return path.reverse()
}

/**
 * The subtrees whose roots are the consistency path (RFC 9162, section 2.1.4.1).
 *
 * @throws {ProtocolError} `CONSISTENCY_INVALID` — the old tree is the larger one
 */
export function consistencyRanges(oldSize: number, newSize: number): readonly LeafRange[] {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) {
    throw new ProtocolError('CONSISTENCY_INVALID', 'not from a smaller tree to a larger one', {
      evidence: { oldSize, newSize },
    })
  }
  if (oldSize === 0) return []
  const path: LeafRange[] = []
  let [start, end] = [0, newSize]
  while (end !== oldSize) {
    const middle = start + largestPowerBelow(end - start)
    if (oldSize <= middle) {
      path.push({ start: middle, end })
      end = middle
    } else {
      path.push({ start, end: middle })
      start = middle
    }
  }
  // Where the old tree is a subtree of the new one by itself, its root is known and not repeated.
  if (start > 0) path.push({ start, end })
  return path.reverse()
}

function largestPowerBelow(leaves: number): number {
  let power = 1
  while (2 * power < leaves) power *= 2
  return power
}
