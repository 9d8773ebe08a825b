import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { encodeHex } from '../../../protocol/bytes.ts'
import type { Hash } from '../../../protocol/hash.ts'
import { nodeHash, rootFromPath, verifyConsistency } from '../../../protocol/log/merkle.ts'
import { createFrontier, leftEdge, rootFromRange } from '../../../protocol/log/range.ts'
import { formatTilePath, type TileCoordinate, tileWidth } from '../../../protocol/log/tile.ts'
import {
  growTree,
  proveConsistency,
  proveInclusion,
  type ReadTile,
  rootOf,
  tilesForConsistency,
  tilesForGrowth,
  tilesForInclusion,
  tilesForRoot,
} from '../../../protocol/log/tree.ts'
import { codeOf } from './expect-code.ts'
import { NaiveTree, syntheticLeaves } from './naive-tree.ts'

/** The newest width of each tile, as a store keeps them. */
class TileStore {
  readonly tiles = new Map<string, Uint8Array>()
  readonly asked: string[] = []
  size = 0
  root: Hash = new Uint8Array(0)

  readonly read: ReadTile = (coord) => {
    this.asked.push(formatTilePath(coord))
    const bytes = this.tiles.get(`${coord.level}/${coord.index}`)
    if (!bytes) throw new Error(`no tile ${formatTilePath(coord)}`)
    return bytes
  }

  append(leaves: readonly Hash[]): readonly TileCoordinate[] {
    const grown = growTree(this.size, this.read, leaves)
    for (const { coord, hashes } of grown.tiles) {
      expect(hashes.length).toBe(coord.width * 32)
      this.tiles.set(`${coord.level}/${coord.index}`, hashes)
    }
    this.size = grown.size
    this.root = grown.root
    return grown.tiles.map(({ coord }) => coord)
  }
}

const hex = (hashes: readonly Uint8Array[]) => hashes.map(encodeHex)
const names = (tiles: readonly TileCoordinate[]) => tiles.map(formatTilePath)

/** Reads the tiles that were announced, at exactly their width, and nothing else. */
function announced(store: TileStore, tiles: readonly TileCoordinate[]): ReadTile {
  const held = new Map<string, Uint8Array>()
  for (const tile of tiles) held.set(formatTilePath(tile), store.read(tile).subarray(0, tile.width * 32))
  return (tile) => {
    const bytes = held.get(formatTilePath(tile))
    if (!bytes) throw new Error(`not announced: ${formatTilePath(tile)}`)
    return bytes
  }
}

const count = 66_100
const leaves = syntheticLeaves(count)
const naive = new NaiveTree(leaves)
const large = new TileStore()

beforeAll(() => {
  large.append(leaves)
})

describe('growing', () => {
  test('[LOG-10] from nothing, every tile of every level is the one of the definition', () => {
    expect(encodeHex(large.root)).toBe(encodeHex(naive.root()))
    const expected = [0, 1, 2].flatMap((level) => {
      const full = Math.floor(count / 256 ** (level + 1))
      return Array.from({ length: full + 1 }, (_, index) => `${level}/${index}`)
    })
    expect([...large.tiles.keys()].sort()).toEqual(expected.sort())
    for (const [name, bytes] of large.tiles) {
      const [level, index] = name.split('/').map(Number)
      expect(encodeHex(bytes)).toBe(encodeHex(naive.tile(level!, index!, count)))
    }
  })

  test('[LOG-10] in random batches the tiles and roots are those made at once', () => {
    const batch = fc.oneof(fc.nat(3), fc.constantFrom(255, 256, 257, 512), fc.nat(700))
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 12 }), (batches) => {
        const store = new TileStore()
        for (const length of batches) {
          const before = store.size
          const changed = store.append(leaves.slice(before, before + length))
          expect(encodeHex(store.root)).toBe(encodeHex(naive.root(0, store.size)))
          expect(new Set(names(changed)).size).toBe(changed.length)
          for (const { level, index, width } of changed) {
            expect(width).toBe(tileWidth(level, index, store.size))
            expect(width).not.toBe(tileWidth(level, index, before))
          }
        }
        for (const [name, bytes] of store.tiles) {
          const [level, index] = name.split('/').map(Number)
          expect(encodeHex(bytes)).toBe(encodeHex(naive.tile(level!, index!, store.size)))
        }
      }),
      { numRuns: 40 },
    )
  })

  test.each([255, 256, 257, 511, 512, 65_279, 65_280, 65_535, 65_536, 65_537])(
    '[LOG-10] one leaf after %d reads the right edge alone and changes it alone',
    (size) => {
      const store = new TileStore()
      store.append(leaves.slice(0, size))
      store.asked.length = 0
      const changed = store.append([leaves[size]!])
      expect(store.asked).toEqual(names(tilesForGrowth(size)))
      expect(encodeHex(store.root)).toBe(encodeHex(naive.root(0, size + 1)))
      expect(changed.length).toBeLessThanOrEqual(3)
      expect(changed[0]).toEqual({ level: 0, index: Math.floor(size / 256), width: (size % 256) + 1 })
    },
  )

  test('[LOG-10] nothing appended changes nothing, and an empty log has the empty root', () => {
    expect(growTree(0, large.read, [])).toMatchObject({ size: 0, tiles: [] })
    expect(encodeHex(growTree(0, large.read, []).root)).toBe(encodeHex(naive.root(0, 0)))
    const same = growTree(count, large.read, [])
    expect(same).toMatchObject({ size: count, tiles: [] })
    expect(encodeHex(same.root)).toBe(encodeHex(large.root))
  })

  test('[LOG-10] a batch of 256 leaves costs about two hashes a leaf', async () => {
    const hashing = { count: 0 }
    vi.doMock('../../../protocol/hash.ts', async (original) => {
      const real = await original<typeof import('../../../protocol/hash.ts')>()
      return {
        ...real,
        sha256: (bytes: Uint8Array) => {
          hashing.count += 1
          return real.sha256(bytes)
        },
      }
    })
    vi.resetModules()
    const counted = await import('../../../protocol/log/tree.ts')
    const store = new TileStore()
    store.append(leaves.slice(0, 20_000))
    hashing.count = 0
    counted.growTree(20_000, store.read, leaves.slice(20_000, 20_256))
    vi.doUnmock('../../../protocol/hash.ts')
    expect(hashing.count).toBeGreaterThan(256)
    expect(hashing.count).toBeLessThan(2 * 256)
  })

  test('growing neither keeps nor alters what it was given', () => {
    const store = new TileStore()
    store.append(leaves.slice(0, 300))
    const before = new Map([...store.tiles].map(([name, bytes]) => [name, encodeHex(bytes)]))
    const batch = leaves.slice(300, 310).map((leaf) => leaf.slice())
    const grown = growTree(300, store.read, batch)
    for (const leaf of batch) leaf.fill(0)
    expect(new Map([...store.tiles].map(([name, bytes]) => [name, encodeHex(bytes)]))).toEqual(before)
    const edge = grown.tiles.find(({ coord }) => coord.level === 0)!
    expect(encodeHex(edge.hashes)).toBe(encodeHex(naive.tile(0, 1, 310)))
  })
})

describe('proving from tiles', () => {
  test('[LOG-9] every inclusion and consistency path of every size to 70 is that of the definition', () => {
    for (let size = 1; size <= 70; size += 1) {
      for (let index = 0; index < size; index += 1) {
        expect(hex(proveInclusion(index, size, large.read))).toEqual(hex(naive.inclusion(index, 0, size)))
        expect(hex(proveConsistency(index, size, large.read))).toEqual(hex(naive.consistency(index, size)))
      }
    }
  })

  const edges = [
    1,
    2,
    255,
    256,
    257,
    511,
    512,
    513,
    65_279,
    65_280,
    65_535,
    65_536,
    65_537,
    65_792,
    66_048,
    count,
  ]
  const anySize = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: 1, max: count }))

  test('[LOG-9] around tile borders and at random the paths and roots are those of the definition', () => {
    fc.assert(
      fc.property(anySize, fc.oneof(fc.constantFrom(...edges), fc.nat(count)), (size, other) => {
        const index = other % size
        const inclusion = announced(large, tilesForInclusion(index, size))
        expect(hex(proveInclusion(index, size, inclusion))).toEqual(hex(naive.inclusion(index, 0, size)))
        const consistency = announced(large, tilesForConsistency(index, size))
        expect(hex(proveConsistency(index, size, consistency))).toEqual(hex(naive.consistency(index, size)))
        const root = rootOf(size, announced(large, tilesForRoot(size)))
        expect(encodeHex(root)).toBe(encodeHex(naive.root(0, size)))
      }),
      { numRuns: 400 },
    )
  })

  test('[LOG-9] no tile is announced twice, and no more than two a level', () => {
    fc.assert(
      fc.property(anySize, fc.nat(count), (size, other) => {
        for (const tiles of [
          tilesForInclusion(other % size, size),
          tilesForConsistency(other % size, size),
          tilesForRoot(size),
        ]) {
          expect(new Set(names(tiles)).size).toBe(tiles.length)
          expect(
            tiles.every(({ level, index, width }) => width > 0 && width === tileWidth(level, index, size)),
          ).toBe(true)
          for (const level of [0, 1, 2])
            expect(tiles.filter((tile) => tile.level === level).length).toBeLessThanOrEqual(2)
        }
      }),
    )
  })

  test('[LOG-9] a tile that is too short is refused, not read beyond its end', () => {
    const short: ReadTile = (tile) => large.read(tile).subarray(0, 32 * (tile.width - 1))
    expect(codeOf(() => proveInclusion(300, 1000, short))).toBe('TILE_MALFORMED')
    expect(codeOf(() => proveConsistency(300, 1000, short))).toBe('TILE_MALFORMED')
    expect(codeOf(() => rootOf(1000, short))).toBe('TILE_MALFORMED')
    expect(codeOf(() => growTree(1000, short, [leaves[0]!]))).toBe('TILE_MALFORMED')
  })

  test('[LOG-9] what does not exist is not proven', () => {
    expect(codeOf(() => proveInclusion(5, 5, large.read))).toBe('INCLUSION_INVALID')
    expect(codeOf(() => tilesForInclusion(-1, 5))).toBe('INCLUSION_INVALID')
    expect(codeOf(() => proveConsistency(6, 5, large.read))).toBe('CONSISTENCY_INVALID')
    expect(codeOf(() => tilesForConsistency(1.5, 5))).toBe('CONSISTENCY_INVALID')
  })
})

describe('the largest trees', () => {
  /** All leaves equal: then every complete subtree of one height has one hash, and any tile is known. */
  const byHeight: Uint8Array[] = [leaves[1]!]
  for (let height = 1; height <= 53; height += 1)
    byHeight.push(nodeHash(byHeight[height - 1]!, byHeight[height - 1]!))
  const readAny: ReadTile = ({ level, width }) =>
    Buffer.concat(Array.from({ length: width }, () => byHeight[8 * level]!))
  const max = Number.MAX_SAFE_INTEGER

  function rootAt(size: number): Uint8Array {
    let right: Uint8Array | undefined
    for (let height = 0, rest = BigInt(size); rest > 0n; height += 1, rest /= 2n) {
      if (rest % 2n === 1n) right = right ? nodeHash(byHeight[height]!, right) : byHeight[height]!
    }
    return right!
  }

  test('[LOG-13] paths in trees of up to 2^53 - 1 leaves lead to their roots', () => {
    const near = fc.oneof(
      fc.maxSafeNat(),
      fc.nat(5000).map((less) => max - less),
      fc.integer({ min: 30, max: 52 }).map((bits) => 2 ** bits),
    )
    fc.assert(
      fc.property(near, near, (a, b) => {
        const [low, size] = [Math.min(a, b), Math.max(a, b)]
        if (low === size || low === 0) return
        const root = rootAt(size)
        expect(encodeHex(rootOf(size, readAny))).toBe(encodeHex(root))
        const path = proveInclusion(low, size, readAny)
        expect(encodeHex(rootFromPath(byHeight[0]!, low, size, path))).toBe(encodeHex(root))
        expect(codeOf(() => rootFromPath(byHeight[0]!, low, size, path.slice(1)))).toBe('INCLUSION_INVALID')
        const claim = { oldSize: low, oldRoot: rootAt(low), newSize: size, newRoot: root }
        const consistency = proveConsistency(low, size, readAny)
        expect(codeOf(() => verifyConsistency({ ...claim, path: consistency }))).toBe('passed')
        expect(codeOf(() => verifyConsistency({ ...claim, path: consistency.slice(1) }))).toBe(
          'CONSISTENCY_INVALID',
        )
      }),
    )
  })

  test('[LOG-13] a tree grows up to 2^53 - 1 leaves and not beyond', () => {
    const last = Array.from({ length: 300 }, () => byHeight[0]!)
    const grown = growTree(max - 300, readAny, last)
    expect(encodeHex(grown.root)).toBe(encodeHex(rootAt(max)))
    const left = leftEdge(max - 300, readAny)
    expect(encodeHex(rootFromRange({ from: max - 300, left, leafHashes: last }))).toBe(encodeHex(rootAt(max)))
    expect(codeOf(() => growTree(max, readAny, last.slice(0, 1)))).toBe('TypeError')
    const full = createFrontier(max, leftEdge(max, readAny))
    expect(codeOf(() => full.append(byHeight[0]!))).toBe('TypeError')
  })
})
