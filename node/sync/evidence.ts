import { ProtocolError } from '../../protocol/error.ts'
import { proveEvidence } from '../../protocol/evidence.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import { compareTrees, type ShownTree } from '../../protocol/log/divergence.ts'
import { formatNote, parseNote, type VerifierKey } from '../../protocol/log/note.ts'
import { fullWidth, tileWidth } from '../../protocol/log/tile.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { findLog } from '../../protocol/trust/validity.ts'
import type { Database } from '../store/database.ts'
import { readEntries, readTile, type StoredLog } from '../store/log-store.ts'
import type { LogSource } from './source.ts'

/** A tree that somebody shows, with the whole note that was verified over it. */
export interface SignedTree extends ShownTree {
  readonly note: string
}

/** A tree out of the copy that is stored here, at a size up to which it is. */
export function storedTree(database: Database, log: StoredLog, note: string): SignedTree {
  return {
    note,
    checkpoint: parseHead(note),
    readTile: async (tile) => {
      const hashes = await readTile(database, log.id, tile)
      if (hashes) return hashes
      throw new ProtocolError('PAGE_MALFORMED', 'a tile that is not stored here', { evidence: { ...tile } })
    },
    readEntry: async (index) => {
      const [entry] = await readEntries(database, log.id, { from: index, end: index + 1 })
      return entry?.bytes
    },
  }
}

/** A tree as a peer serves it. */
export function servedTree(source: LogSource, note: string): SignedTree {
  const checkpoint = parseHead(note)
  return {
    note,
    checkpoint,
    readTile: (tile) => source.fetchTile(tile),
    readEntry: async (index) => {
      const bundle = Math.floor(index / fullWidth)
      const width = tileWidth(0, bundle, checkpoint.size)
      try {
        const entries = await source.fetchEntryBundle({ index: bundle, width })
        return entries[index % fullWidth]
      } catch (error) {
        if (error instanceof ProtocolError) return undefined
        throw error
      }
    },
  }
}

/**
 * Compares two verified heads of one log.
 *
 * @returns evidence that the log's key signed two histories; `undefined` when the one tree is the beginning of the other
 * @throws {ProtocolError} what keeps the comparison or the evidence from being complete: a part that is not served, tiles that fit
 *   neither tree, notes by two keys
 * @see spec/evidence.md, EVID-10 and EVID-11; spec/sync.md, SYNC-30
 */
export async function findEvidence(trust: Trust, a: SignedTree, b: SignedTree): Promise<string | undefined> {
  const compared = await compareTrees(a, b)
  if (compared.outcome === 'consistent') return undefined
  const [smaller, larger] = a.checkpoint.size <= b.checkpoint.size ? [a, b] : [b, a]
  const { origin } = smaller.checkpoint
  const keys = findLog(trust, origin).keys.map(({ key }) => key)
  const parts = { origin, notes: [accusing(smaller.note, keys), accusing(larger.note, keys)] as const }
  return proveEvidence(
    compared.outcome === 'leaf' ? { ...parts, differing: compared.differing } : parts,
    keys,
  )
}

/** A note with the lines of the log's own keys alone: nobody else is accused, and whoever finds it writes the same bytes. */
export function accusing(note: string, keys: readonly VerifierKey[]): string {
  const { text, signatures } = parseNote(note)
  return formatNote({
    text,
    signatures: signatures.filter(({ name, id }) => keys.some((key) => key.name === name && key.id === id)),
  })
}
