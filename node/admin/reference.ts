import { equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Hash } from '../../protocol/hash.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import { joinHashes, leafHash, rootOfConcatenated } from '../../protocol/log/merkle.ts'
import type { ProvenBundle } from '../../protocol/log/proven-bundle.ts'
import { createFrontier } from '../../protocol/log/range.ts'
import { type BundleCoordinate, fullWidth } from '../../protocol/log/tile.ts'
import type { Database } from '../store/database.ts'
import { readEntries, readTile, type StoredLog } from '../store/log-store.ts'
import { type Asking, refusalOf } from './asking.ts'
import type { ProvenTree, RepairPorts, RepairSource, TileSource } from './port.ts'

/** What the signed note says of each bundle below it. */
export interface Reference {
  /** `undefined`: neither what is stored nor any source proves it. */
  prove(bundle: BundleCoordinate): Promise<ProvenBundle | undefined>
}

export interface ReferenceOptions {
  readonly log: StoredLog
  readonly target: Checkpoint
  readonly asking: Asking
  readonly openTree: RepairPorts['openTree']
}

/** Asks the stored tiles, then the stored entries, then the sources: whatever leads to the signed root is right. */
export function createReference(database: Database, options: ReferenceOptions): Reference {
  const { log, target, asking, openTree } = options
  const opened = new Map<RepairSource | 'tiles' | 'entries', Promise<ProvenTree>>()
  const openOnce = (which: RepairSource | 'tiles' | 'entries', open: () => Promise<ProvenTree>) => {
    const tree = opened.get(which) ?? open()
    opened.set(which, tree)
    return tree
  }
  const here: readonly (() => Promise<ProvenTree>)[] = [
    () => openOnce('tiles', () => openTree(createStoredTiles(database, log), target, [])),
    () => openOnce('entries', () => growStoredTree(database, log, target)),
  ]
  return {
    async prove(bundle) {
      for (const open of here) {
        try {
          return await proveFrom(await open(), bundle)
        } catch (error) {
          refusalOf(error)
        }
      }
      const proven = await asking.ask(async (source) =>
        proveFrom(await openOnce(source, () => openTree(source, target, [])), bundle),
      )
      return proven?.answer
    },
  }
}

/** What a proven tree says of one of its bundles. */
export async function proveFrom(tree: ProvenTree, { index, width }: BundleCoordinate): Promise<ProvenBundle> {
  if (width === fullWidth) return { root: await tree.bundleRoot(index) }
  return { leaves: tree.lastLeaves ?? new Uint8Array(0) }
}

function createStoredTiles(database: Database, log: StoredLog): TileSource {
  return {
    fetchTile: async (tile) => {
      const hashes = await readTile(database, log.id, tile)
      if (hashes) return hashes
      throw new ProtocolError('PAGE_MALFORMED', 'a stored tile is missing', { evidence: { ...tile } })
    },
  }
}

/** The tree of the stored entries, whatever their tiles say. */
async function growStoredTree(database: Database, log: StoredLog, target: Checkpoint): Promise<ProvenTree> {
  const frontier = createFrontier()
  const roots: Hash[] = []
  let last: Uint8Array | undefined
  for (let from = 0; from < target.size; from += fullWidth) {
    const stored = await readEntries(database, log.id, { from, end: Math.min(from + fullWidth, target.size) })
    const leaves = stored.map(({ bytes }) => leafHash(bytes))
    for (const leaf of leaves) frontier.append(leaf)
    if (leaves.length === fullWidth) roots.push(rootOfConcatenated(joinHashes(leaves)))
    else last = joinHashes(leaves)
  }
  if (frontier.size !== target.size || !equalBytes(frontier.root(), target.root))
    throw new ProtocolError('LEAF_MISMATCH', 'the stored entries do not have the signed root')
  return {
    lastLeaves: last,
    bundleRoot: async (index) => {
      const root = roots[index]
      if (root) return root
      throw new TypeError('a bundle beyond the tree')
    },
  }
}
