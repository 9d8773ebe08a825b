import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import published from '../../../fixtures/published/c2sp-tlog.json' with { type: 'json' }
import { encodeHex } from '../../../protocol/bytes.ts'
import { completeSubtrees, spanOf } from '../../../protocol/log/subtree.ts'
import {
  formatBundlePath,
  formatEntryBundle,
  formatTilePath,
  narrowTile,
  parseBundlePath,
  parseEntryBundle,
  parseTile,
  parseTilePath,
  tileWidth,
} from '../../../protocol/log/tile.ts'
import { codeOf } from './expect-code.ts'

const anyIndex = fc.oneof(fc.nat(2000), fc.maxSafeNat())
const anyWidth = fc.integer({ min: 1, max: 256 })

describe('coordinates', () => {
  test('[LOG-6] C2SP tlog-tiles: the tiles of 70,000 and of 256 leaves', () => {
    for (const { size, full, partial } of published.tileSizes) {
      for (const [level, count] of full.entries()) {
        for (let index = 0; index < count; index += 1) expect(tileWidth(level, index, size)).toBe(256)
        expect(tileWidth(level, count, size)).toBe(partial[level])
        expect(tileWidth(level, count + 1, size)).toBe(0)
      }
      expect(tileWidth(full.length, 0, size)).toBe(0)
    }
  })

  test('[LOG-6] a tile is as wide as its level has hashes of complete subtrees', () => {
    fc.assert(
      fc.property(fc.nat(63), anyIndex, fc.maxSafeNat(), (level, index, size) => {
        const hashes = BigInt(size) / 256n ** BigInt(level) - 256n * BigInt(index)
        const expected = hashes < 0n ? 0n : hashes > 256n ? 256n : hashes
        expect(BigInt(tileWidth(level, index, size))).toBe(expected)
      }),
    )
  })

  test('[LOG-13] subtrees of the largest tree lie in tiles that it has', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)]
        let next = BigInt(start)
        for (const subtree of completeSubtrees({ start, end })) {
          const leaves = 2n ** BigInt(subtree.height)
          expect(BigInt(subtree.index) * leaves).toBe(next)
          const { tile, first, count } = spanOf(subtree, end)
          const place = (BigInt(tile.index) * 256n + BigInt(first)) * 256n ** BigInt(tile.level)
          expect(place).toBe(next)
          expect(BigInt(count) * 256n ** BigInt(tile.level)).toBe(leaves)
          expect(first + count).toBeLessThanOrEqual(tile.width)
          next += leaves
        }
        expect(next).toBe(BigInt(end))
      }),
    )
  })
})

describe('paths', () => {
  test('[LOG-7] C2SP tlog-tiles: index 1234067', () => {
    const { index, path } = published.tilePath
    expect(formatTilePath({ level: 0, index, width: 256 })).toBe(`tile/0/${path}`)
    expect(parseBundlePath(`tile/entries/${path}.p/9`)).toEqual({ index, width: 9 })
  })

  test('[LOG-7] a path that is read is printed as it was, and the other way round', () => {
    fc.assert(
      fc.property(fc.nat(63), anyIndex, anyWidth, (level, index, width) => {
        const tile = formatTilePath({ level, index, width })
        expect(parseTilePath(tile)).toEqual({ level, index, width })
        const bundle = formatBundlePath({ index, width })
        expect(parseBundlePath(bundle)).toEqual({ index, width })
        expect(codeOf(() => parseBundlePath(tile))).toBe('TILE_MALFORMED')
        expect(codeOf(() => parseTilePath(bundle))).toBe('TILE_MALFORMED')
      }),
    )
  })

  test('[LOG-7] of all other texts none is read in two spellings', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'tile/entries.px0123459 -'), maxLength: 24 })
    const near = fc
      .tuple(fc.constantFrom('tile/0/', 'tile/entries/', 'tile/9/x001/'), noise)
      .map((all) => all.join(''))
    fc.assert(
      fc.property(fc.oneof(noise, near), (text) => {
        if (codeOf(() => parseTilePath(text)) === 'passed')
          expect(formatTilePath(parseTilePath(text))).toBe(text)
        else expect(codeOf(() => parseTilePath(text))).toBe('TILE_MALFORMED')
        if (codeOf(() => parseBundlePath(text)) === 'passed')
          expect(formatBundlePath(parseBundlePath(text))).toBe(text)
        else expect(codeOf(() => parseBundlePath(text))).toBe('TILE_MALFORMED')
      }),
      { numRuns: 2000 },
    )
  })

  test('[LOG-7] a path of a megabyte is refused at once', () => {
    const long = `tile/0/${'x000/'.repeat(200_000)}000`
    const start = performance.now()
    expect(codeOf(() => parseTilePath(long))).toBe('TILE_MALFORMED')
    expect(performance.now() - start).toBeLessThan(50)
  })

  test.each([
    { level: 64, index: 0, width: 1 },
    { level: 0, index: -1, width: 1 },
    { level: 0, index: 2 ** 53, width: 1 },
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
  ])('a coordinate that does not exist is a mistake of the program: %j', (coordinate) => {
    expect(codeOf(() => formatTilePath(coordinate))).toBe('TypeError')
  })
})

describe('content', () => {
  test('[LOG-6] a tile has exactly its width in hashes', () => {
    const bytes = new Uint8Array(64).fill(7)
    expect(parseTile(bytes, 2).map(encodeHex)).toEqual(['07'.repeat(32), '07'.repeat(32)])
    for (const width of [0, 1, 3, 256]) expect(codeOf(() => parseTile(bytes, width))).toBe('TILE_MALFORMED')
    expect(codeOf(() => parseTile(bytes.subarray(1), 2))).toBe('TILE_MALFORMED')
  })

  test('[LOG-9] a wider tile stands for a narrower one, a narrower one for nothing', () => {
    const bytes = new Uint8Array(96).map((_, i) => i)
    expect(encodeHex(narrowTile(bytes, 2))).toBe(encodeHex(bytes.subarray(0, 64)))
    expect(codeOf(() => narrowTile(bytes, 4))).toBe('TILE_MALFORMED')
    expect(codeOf(() => narrowTile(bytes.subarray(1), 2))).toBe('TILE_MALFORMED')
    expect(codeOf(() => narrowTile(new Uint8Array(257 * 32), 2))).toBe('TILE_MALFORMED')
  })

  test('[LOG-8] a bundle that is read is printed as it was, and the other way round', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 20 }), (entries) => {
        const bytes = formatEntryBundle(entries)
        expect(parseEntryBundle(bytes, entries.length).map(encodeHex)).toEqual(entries.map(encodeHex))
        for (const wrong of [entries.length - 1, entries.length + 1]) {
          expect(codeOf(() => parseEntryBundle(bytes, wrong))).toBe('TILE_MALFORMED')
        }
        expect(codeOf(() => parseEntryBundle(bytes.subarray(0, -1), entries.length))).toBe('TILE_MALFORMED')
      }),
    )
  })

  test('[LOG-8] no bytes are read in two ways, and none beyond their end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(6), (bytes, width) => {
        const outcome = codeOf(() => parseEntryBundle(bytes, width))
        if (outcome !== 'passed') expect(outcome).toBe('TILE_MALFORMED')
        else expect(encodeHex(formatEntryBundle(parseEntryBundle(bytes, width)))).toBe(encodeHex(bytes))
      }),
      { numRuns: 2000 },
    )
  })

  test('[LOG-8] an entry has at most 2,048 bytes, unless another log allows more', () => {
    const longest = formatEntryBundle([new Uint8Array(2048)])
    const longer = formatEntryBundle([new Uint8Array(2049)])
    expect(codeOf(() => parseEntryBundle(longest, 1))).toBe('passed')
    expect(codeOf(() => parseEntryBundle(longer, 1))).toBe('TILE_MALFORMED')
    expect(codeOf(() => parseEntryBundle(longer, 1, 65_535))).toBe('passed')
    expect(codeOf(() => formatEntryBundle([new Uint8Array(65_536)]))).toBe('TypeError')
  })
})
