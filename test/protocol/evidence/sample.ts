import { randomBytes } from 'node:crypto'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { signCheckpoint } from '../../../protocol/log/checkpoint.ts'
import type { ShownTree } from '../../../protocol/log/divergence.ts'
import { leafHash, rootOfHashes } from '../../../protocol/log/merkle.ts'
import { verifierKeyOf } from '../../../protocol/log/note.ts'
import type { TileCoordinate } from '../../../protocol/log/tile.ts'
import { growTree } from '../../../protocol/log/tree.ts'

export const member = syntheticMember('合成甲', 'http://localhost:7401')
export const stranger = syntheticMember('合成乙', 'http://localhost:7402')
export const trust = syntheticTrust([member])
export const { origin } = member
export const keys = [verifierKeyOf(origin, member.log.publicKey)]

/** A tree over any leaves, and what was read of it. */
export interface SampleTree extends ShownTree {
  readonly note: string
  readonly leaves: readonly Uint8Array[]
  /** Names of the tiles read, and `entry <index>`. */
  readonly asked: string[]
}

export function leavesOf(count: number, mark = 'entry'): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => Buffer.from(`${mark} ${i}`))
}

export async function sampleTree(leaves: readonly Uint8Array[], signer = member.log): Promise<SampleTree> {
  const hashes = leaves.map(leafHash)
  const tiles = new Map<string, Uint8Array>()
  for (const { coord, hashes: bytes } of growTree(0, () => new Uint8Array(0), hashes).tiles)
    tiles.set(`${coord.level}/${coord.index}`, bytes)
  const checkpoint = { origin, size: leaves.length, root: rootOfHashes(hashes) }
  const asked: string[] = []
  return {
    checkpoint,
    note: await signCheckpoint(checkpoint, origin, signer),
    leaves,
    asked,
    readTile: async ({ level, index, width }: TileCoordinate) => {
      asked.push(`${level}/${index}`)
      return tiles.get(`${level}/${index}`)!.subarray(0, width * 32)
    },
    readEntry: async (index) => {
      asked.push(`entry ${index}`)
      return leaves[index]
    },
  }
}

/** The same leaves but for some, which are others. */
export function changed(leaves: readonly Uint8Array[], ...indices: readonly number[]): readonly Uint8Array[] {
  return leaves.map((leaf, i) => (indices.includes(i) ? new Uint8Array(randomBytes(20)) : leaf))
}
