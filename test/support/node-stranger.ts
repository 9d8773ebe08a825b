import { encodeBase64 } from '../../protocol/bytes.ts'
import { digestOf } from '../../protocol/hash.ts'
import { parseCheckpoint } from '../../protocol/log/checkpoint.ts'
import { type Entry, parseEntry } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { parseNote } from '../../protocol/log/note.ts'
import { createFrontier } from '../../protocol/log/range.ts'
import { formatBundlePath, fullWidth, parseEntryBundle } from '../../protocol/log/tile.ts'

export interface ReadLog {
  readonly size: number
  /** Of the checkpoint, and of the entries that are served. */
  readonly signedRoot: string
  readonly root: string
  readonly entries: readonly Entry[]
  /** Digests of the records that are served, by index. */
  readonly digests: ReadonlyMap<number, string>
  /** Those that are served, in the order of their indices. */
  readonly records: readonly any[]
}

/** Reads a whole log as a stranger does, from what is served alone. */
export async function readLog(prefix: string): Promise<ReadLog> {
  const get = async (path: string) => {
    const response = await fetch(`${prefix}/${path}`)
    if (!response.ok) throw new Error(`${prefix}/${path}: ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  }
  const checkpoint = parseCheckpoint(parseNote(Buffer.from(await get('checkpoint')).toString()).text)
  const frontier = createFrontier()
  const entries: Entry[] = []
  const digests = new Map<number, string>()
  const records: unknown[] = []
  for (let start = 0; start < checkpoint.size; start += fullWidth) {
    const bundle = { index: start / fullWidth, width: Math.min(fullWidth, checkpoint.size - start) }
    const path = formatBundlePath(bundle)
    for (const bytes of parseEntryBundle(await get(path), bundle.width)) {
      frontier.append(leafHash(bytes))
      entries.push(parseEntry(bytes))
    }
    const page = Buffer.from(await get(path.replace('tile/entries', 'records'))).toString()
    for (const line of page.split('\n').slice(0, -1)) {
      const [, index = '', record = ''] = /^\{"index":(\d+),"record":(.*)\}$/.exec(line) ?? []
      digests.set(Number(index), digestOf(record))
      records.push(JSON.parse(record))
    }
  }
  return {
    size: checkpoint.size,
    signedRoot: encodeBase64(checkpoint.root),
    root: encodeBase64(frontier.root()),
    entries,
    digests,
    records,
  }
}
