import { ed25519 } from '@noble/curves/ed25519.js'
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js'
import fc from 'fast-check'
import { canonicalize as otherCanonicalize } from 'json-canonicalize'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { canonicalize } from '../../protocol/canonical.ts'
import { type Hash, sha256 } from '../../protocol/hash.ts'
import { signerFromSeed } from '../../protocol/key.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { TileCoordinate } from '../../protocol/log/tile.ts'
import { growTree, proveInclusion } from '../../protocol/log/tree.ts'

/** Other people's code, from the package registry, must say the same as ours. */

function grow(leaves: readonly Hash[]) {
  const tiles = new Map<string, Uint8Array>()
  const read = ({ level, index, width }: TileCoordinate) =>
    tiles.get(`${level}/${index}`)!.subarray(0, width * 32)
  const grown = growTree(0, read, leaves)
  for (const { coord, hashes } of grown.tiles) tiles.set(`${coord.level}/${coord.index}`, hashes)
  return { root: grown.root, read }
}

function sigstoreAccepts(
  leaf: Uint8Array,
  claim: { index: number; size: number; path: readonly Hash[]; root: Hash },
): boolean {
  try {
    verifyMerkleInclusion(
      {
        canonicalizedBody: Buffer.from(leaf),
        inclusionProof: {
          logIndex: String(claim.index),
          treeSize: String(claim.size),
          hashes: claim.path.map((hash) => Buffer.from(hash)),
          rootHash: Buffer.from(claim.root),
        },
      } as any,
      { logSize: BigInt(claim.size), logHash: Buffer.from(claim.root) } as any,
    )
    return true
  } catch {
    return false
  }
}

describe('beside other implementations', () => {
  test('inclusion paths: @sigstore/verify accepts ours for every index of sizes up to 40 and around 256, and none that is altered', () => {
    for (const size of [...Array.from({ length: 40 }, (_, i) => i + 1), 255, 256, 257, 300]) {
      const leaves = Array.from({ length: size }, (_, i) => encodeUtf8(`leaf ${i} of ${size}`))
      const { root, read } = grow(leaves.map(leafHash))
      for (let index = 0; index < size; index += size > 40 ? 37 : 1) {
        const path = proveInclusion(index, size, read)
        expect(sigstoreAccepts(leaves[index]!, { index, size, path, root })).toBe(true)
        expect(sigstoreAccepts(encodeUtf8('another'), { index, size, path, root })).toBe(false)
        if (path.length > 0)
          expect(sigstoreAccepts(leaves[index]!, { index, size, path: path.slice(1), root })).toBe(false)
      }
    }
  })

  test('canonical JSON: json-canonicalize prints the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false } as any), (value: any) => {
        const plain = JSON.parse(JSON.stringify(value))
        if (/\\ud[89a-f]/.test(JSON.stringify(plain))) return
        expect(canonicalize(plain)).toBe(otherCanonicalize(plain))
      }),
      { numRuns: 500 },
    )
  })

  test('Ed25519: @noble/curves signs the same and verifies ours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 200 }),
        async (seed, message) => {
          const signer = signerFromSeed(seed)
          const ours = await signer.sign(message)
          expect(Buffer.from(ours).toString('hex')).toBe(
            Buffer.from(ed25519.sign(message, seed)).toString('hex'),
          )
          expect(ed25519.verify(ours, message, signer.publicKey.raw)).toBe(true)
          const other = Uint8Array.from(sha256(message))
          expect(signer.publicKey.verify(other, ours)).toBe(false)
        },
      ),
      { numRuns: 40 },
    )
  })
})
