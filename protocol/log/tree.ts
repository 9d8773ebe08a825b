import type { Hash } from '../hash.ts'
import { emptyRoot, hashLength, isSize, joinHashes, nodeHash, rootOfConcatenated } from './merkle.ts'
import {
  completeSubtrees,
  consistencyRanges,
  inclusionRanges,
  type LeafRange,
  spanOf,
  tilesOf,
} from './subtree.ts'
import { fullWidth, narrowTile, type TileCoordinate, tileWidth } from './tile.ts'

/**
 * The bytes of a tile that was fetched before; `tilesFor…` says which ones a call will read. Bytes beyond the width
 * asked for do no harm: a tile only ever grows at its end.
 */
export type ReadTile = (tile: TileCoordinate) => Uint8Array

/** The tiles from which the root of the tree of `size` leaves follows: its right edge. */
export function tilesForRoot(size: number): readonly TileCoordinate[] {
  return tilesOf([{ start: 0, end: size }], size)
}

/** @throws {ProtocolError} `INCLUSION_INVALID` — no such leaf */
export function tilesForInclusion(index: number, size: number): readonly TileCoordinate[] {
  return tilesOf(inclusionRanges(index, size), size)
}

/** @throws {ProtocolError} `CONSISTENCY_INVALID` — the old tree is the larger one */
export function tilesForConsistency(oldSize: number, newSize: number): readonly TileCoordinate[] {
  return tilesOf(consistencyRanges(oldSize, newSize), newSize)
}

/**
 * The root of the first `size` leaves. Tiles are taken as they come: only a comparison with the root of a verified
 * checkpoint proves them.
 *
 * @throws {ProtocolError} `TILE_MALFORMED`
 * @see spec/log.md, LOG-9
 */
export function rootOf(size: number, read: ReadTile): Hash {
  if (!isSize(size)) throw new TypeError('a tree size is an integer from 0')
  return hashOfRange({ start: 0, end: size }, size, read)
}

/**
 * The inclusion path of a leaf, for `verifyInclusion`. Says nothing by itself.
 *
 * @throws {ProtocolError} `INCLUSION_INVALID` `TILE_MALFORMED`
 * @see spec/log.md, LOG-9
 */
export function proveInclusion(index: number, size: number, read: ReadTile): readonly Hash[] {
  return inclusionRanges(index, size).map((range) => hashOfRange(range, size, read))
}

/**
 * The consistency path between two sizes, for `verifyConsistency`. Says nothing by itself.
 *
 * @throws {ProtocolError} `CONSISTENCY_INVALID` `TILE_MALFORMED`
 * @see spec/log.md, LOG-9
 */
export function proveConsistency(oldSize: number, newSize: number, read: ReadTile): readonly Hash[] {
  return consistencyRanges(oldSize, newSize).map((range) => hashOfRange(range, newSize, read))
}

/** The roots of the complete subtrees that cover a range, left to right, from the tiles of the tree of `size`. */
export function subtreeHashes(range: LeafRange, size: number, read: ReadTile): readonly Hash[] {
  return completeSubtrees(range).map((subtree) => {
    const { tile, first, count } = spanOf(subtree, size)
    const hashes = narrowTile(read(tile), tile.width)
    return rootOfConcatenated(hashes.subarray(first * hashLength, (first + count) * hashLength))
  })
}

export interface GrownTile {
  readonly coord: TileCoordinate
  /** All of its hashes, one after the other, the earlier ones included. */
  readonly hashes: Uint8Array
}

export interface GrownTree {
  readonly size: number
  readonly root: Hash
  /** Every tile whose content is new or longer than before, on all levels, each once at its final width. */
  readonly tiles: readonly GrownTile[]
}

/**
 * Appends leaves. Reads the partial tiles of the right edge alone (`tilesForGrowth`), and hashes about twice a
 * leaf when the batch is large.
 *
 * @throws {ProtocolError} `TILE_MALFORMED`
 * @see spec/log.md, LOG-10
 */
export function growTree(size: number, read: ReadTile, leafHashes: readonly Hash[]): GrownTree {
  const grown = size + leafHashes.length
  if (!isSize(size) || !isSize(grown)) throw new TypeError('a tree size is an integer from 0 to 2^53 - 1')
  const tiles: GrownTile[] = []
  let added = joinHashes(leafHashes)
  let carry: Hash | undefined
  for (let level = 0; fullWidth ** level <= grown; level += 1) {
    const { index, width } = edgeTile(level, size)
    const edge = width > 0 ? narrowTile(read({ level, index, width }), width) : new Uint8Array(0)
    const row = added.length === 0 ? edge : joinRow(edge, added)
    const roots: Hash[] = []
    for (let at = 0; at < row.length; at += tileBytes) {
      const hashes = row.subarray(at, at + tileBytes)
      const coord = { level, index: index + at / tileBytes, width: hashes.length / hashLength }
      if (added.length > 0) tiles.push({ coord, hashes: hashes.slice() })
      if (coord.width === fullWidth) roots.push(rootOfConcatenated(hashes))
    }
    carry = withCarry(row.subarray(row.length - (row.length % tileBytes)), carry)
    added = joinHashes(roots)
  }
  return { size: grown, root: carry ?? emptyRoot, tiles }
}

/** The tiles that `growTree` reads, whatever is appended. */
export function tilesForGrowth(size: number): readonly TileCoordinate[] {
  const tiles: TileCoordinate[] = []
  for (let level = 0; fullWidth ** level <= size; level += 1) {
    const { index, width } = edgeTile(level, size)
    if (width > 0) tiles.push({ level, index, width })
  }
  return tiles
}

const tileBytes = fullWidth * hashLength

/** The partial tile of a level, of width 0 where the last one is full. */
function edgeTile(level: number, size: number): { index: number; width: number } {
  const index = Math.floor(size / fullWidth ** (level + 1))
  return { index, width: tileWidth(level, index, size) }
}

/** A row of a partial tile, and to its right the root of all that the lower levels have left over. */
function withCarry(row: Uint8Array, carry: Hash | undefined): Hash | undefined {
  if (row.length === 0) return carry
  return rootOfConcatenated(carry ? joinRow(row, carry) : row)
}

function joinRow(left: Uint8Array, right: Uint8Array): Uint8Array {
  const row = new Uint8Array(left.length + right.length)
  row.set(left)
  row.set(right, left.length)
  return row
}

/** From right to left, as the unfinished right side of the tree hangs together. */
function hashOfRange(range: LeafRange, size: number, read: ReadTile): Hash {
  const hashes = subtreeHashes(range, size, read)
  return (
    hashes.reduceRight<Hash | undefined>(
      (right, left) => (right ? nodeHash(left, right) : left),
      undefined,
    ) ?? emptyRoot
  )
}
