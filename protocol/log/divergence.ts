import { equalBytes } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import type { Hash } from '../hash.ts'
import type { Checkpoint } from './checkpoint.ts'
import { leafHash, verifyConsistency } from './merkle.ts'
import { completeSubtrees, spanOf } from './subtree.ts'
import { fullWidth, narrowTile, type TileCoordinate, tileWidth } from './tile.ts'
import {
  proveConsistency,
  proveInclusion,
  type ReadTile,
  tilesForConsistency,
  tilesForInclusion,
} from './tree.ts'

/** A signed tree and whoever can show its parts. What he shows is believed once it meets the root, never before. */
export interface ShownTree {
  readonly checkpoint: Checkpoint
  /** The tile, at least as wide as it is asked for. */
  readTile(tile: TileCoordinate): Promise<Uint8Array>
  /** The bytes of a leaf; `undefined` where they are not to be had. */
  readEntry(index: number): Promise<Uint8Array | undefined>
}

export interface ProvenLeaf {
  readonly hash: Hash
  /** The bytes with this hash, where they were to be had. */
  readonly entry?: Uint8Array
  /** From the leaf up, for `verifyInclusion`. */
  readonly path: readonly Hash[]
}

/** The first leaf that is not the same in both trees, the smaller tree's first. */
export interface DifferingLeaf {
  readonly index: number
  readonly leaves: readonly [ProvenLeaf, ProvenLeaf]
}

export type Comparison =
  | { readonly outcome: 'consistent' }
  | { readonly outcome: 'same-size' }
  | { readonly outcome: 'leaf'; readonly differing: DifferingLeaf }

/**
 * Whether two signed trees of one log can both be of one append-only log; and if not, the shortest thing that shows it: for two
 * roots of one size the notes alone, else the first leaf in which the trees differ, found by descending through the tiles.
 *
 * `consistent` is proven, by the tiles of the larger tree. A contradiction is as good as the tiles that were shown: the caller
 * puts it into evidence, where it is verified against both roots.
 *
 * @throws {ProtocolError} `PAGE_MALFORMED` `TILE_MALFORMED` — the tiles that were shown fit neither answer; and what the readers
 *   throw
 * @throws {ProtocolError} `CONSISTENCY_INVALID` — an empty tree with a root that no empty tree has
 * @see spec/evidence.md, EVID-10 and EVID-11
 */
export async function compareTrees(a: ShownTree, b: ShownTree): Promise<Comparison> {
  const inOrder = a.checkpoint.size <= b.checkpoint.size ? ([a, b] as const) : ([b, a] as const)
  const [smaller, larger] = [remembering(inOrder[0]), remembering(inOrder[1])]
  const [old, now] = [smaller.checkpoint, larger.checkpoint]
  if (old.size === now.size) return { outcome: equalBytes(old.root, now.root) ? 'consistent' : 'same-size' }
  if (await isBeginning(old, larger)) return { outcome: 'consistent' }
  const index = await findFirst(smaller, larger)
  const leaves = [await proveLeaf(smaller, index), await proveLeaf(larger, index)] as const
  return { outcome: 'leaf', differing: { index, leaves } }
}

/**
 * Whether a tree is the beginning of another that is not smaller. `true` is proven by the tiles of the larger one; `false` says that
 * they do not prove it, and is proven as well where they are one's own.
 *
 * @throws {ProtocolError} `CONSISTENCY_INVALID` — an empty tree with a root that no empty tree has; and what the reader throws
 * @see spec/evidence.md, EVID-10
 */
export async function isBeginning(old: Checkpoint, larger: ShownTree): Promise<boolean> {
  const { size, root } = larger.checkpoint
  const read = await collect(larger, tilesForConsistency(old.size, size))
  const path = proveConsistency(old.size, size, read)
  try {
    verifyConsistency({ oldSize: old.size, oldRoot: old.root, newSize: size, newRoot: root, path })
    return true
  } catch (error) {
    if (!(error instanceof ProtocolError) || old.size === 0) throw error
    return false
  }
}

/** Reads each tile once. */
function remembering(tree: ShownTree): ShownTree {
  const known = new Map<string, Promise<Uint8Array>>()
  const readTile = (tile: TileCoordinate) => {
    const name = `${tile.level}/${tile.index}`
    const reading = known.get(name) ?? tree.readTile(tile)
    known.set(name, reading)
    return reading
  }
  return { ...tree, readTile }
}

/** From the left, the first complete subtree of the smaller tree with another hash in the larger one; then down to its leaf. */
async function findFirst(smaller: ShownTree, larger: ShownTree): Promise<number> {
  const { size } = smaller.checkpoint
  for (const subtree of completeSubtrees({ start: 0, end: size })) {
    const { tile, first, count } = spanOf(subtree, size)
    const at = await firstOther([smaller, larger], tile, { first, count })
    if (at !== undefined) return descend([smaller, larger], tile.level, tile.index * fullWidth + at)
  }
  throw unfitting()
}

async function descend(
  trees: readonly [ShownTree, ShownTree],
  level: number,
  place: number,
): Promise<number> {
  let index = place
  for (let below = level - 1; below >= 0; below -= 1) {
    const tile = { level: below, index, width: fullWidth }
    const at = await firstOther(trees, tile, { first: 0, count: fullWidth })
    if (at === undefined) throw unfitting()
    index = index * fullWidth + at
  }
  return index
}

/** The place in the tile of the first hash, out of a span, that is not the same in both trees. */
async function firstOther(
  trees: readonly [ShownTree, ShownTree],
  tile: TileCoordinate,
  { first, count }: { readonly first: number; readonly count: number },
): Promise<number | undefined> {
  const [one, other] = await Promise.all([readWide(trees[0], tile), readWide(trees[1], tile)])
  for (let at = first; at < first + count; at += 1)
    if (!equalBytes(one.subarray(at * 32, at * 32 + 32), other.subarray(at * 32, at * 32 + 32))) return at
  return undefined
}

/** The tile as it is in this tree: the larger one may not have kept it as narrow as it is in the smaller. */
async function readWide(tree: ShownTree, { level, index }: TileCoordinate): Promise<Uint8Array> {
  const width = tileWidth(level, index, tree.checkpoint.size)
  return narrowTile(await tree.readTile({ level, index, width }), width)
}

async function proveLeaf(tree: ShownTree, index: number): Promise<ProvenLeaf> {
  const { size } = tree.checkpoint
  const tile = Math.floor(index / fullWidth)
  const hashes = await readWide(tree, { level: 0, index: tile, width: fullWidth })
  const hash = hashes.slice((index % fullWidth) * 32, (index % fullWidth) * 32 + 32)
  const path = proveInclusion(index, size, await collect(tree, tilesForInclusion(index, size)))
  const entry = await tree.readEntry(index)
  return { hash, path, ...(entry && equalBytes(leafHash(entry), hash) ? { entry } : {}) }
}

/** Reads tiles one after the other, and gives what reads them. */
async function collect(tree: ShownTree, tiles: readonly TileCoordinate[]): Promise<ReadTile> {
  const found = new Map<string, Uint8Array>()
  for (const tile of tiles) found.set(`${tile.level}/${tile.index}`, await readWide(tree, tile))
  return ({ level, index }) => {
    const bytes = found.get(`${level}/${index}`)
    if (!bytes) throw new TypeError(`tile ${level}/${index} was not read`)
    return bytes
  }
}

function unfitting(): ProtocolError {
  return new ProtocolError('PAGE_MALFORMED', 'the tiles that were shown are of neither tree')
}
