import { type FileHandle, open } from 'node:fs/promises'
import { decodeBase64, encodeBase64, equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import { isSize } from '../../protocol/log/merkle.ts'
import type { AppendStore } from './append-store.ts'
import { systemCode } from './fault.ts'
import { readIfThere, writeDurably } from './file.ts'

export interface SignedHead {
  readonly size: number
  readonly root: Uint8Array
}

/** The largest tree of a log that was ever signed here, kept apart from the database. Made by `openSignedHead`. */
export interface SignedMemory {
  /** `undefined`: none, or it was lost with its file. */
  readonly head: SignedHead | undefined
  /**
   * Durable when it resolves.
   *
   * @throws {ProtocolError} `LOG_FROZEN` — less than was signed before, or another tree of that size; `STORAGE_FULL`
   *   `STORAGE_UNAVAILABLE`
   */
  remember(head: SignedHead): Promise<void>
  close(): Promise<void>
}

/** Then the file is begun anew. */
const longest = 1 << 20

/**
 * Opens the file that remembers what was signed: lines of size and root, of which the last whole one counts. A line that a power loss
 * cut short was of a note that nobody had seen.
 *
 * The file is begun anew, in one piece, by each start, when it has grown, and after each failure: what a failed sync left is never
 * written on (R8).
 *
 * @see spec/durability.md, DUR-600
 */
export async function openSignedHead(path: string): Promise<SignedMemory> {
  let head = readLast(await readIfThere(path))
  let file: FileHandle | undefined
  let length = 0

  async function write(line: string): Promise<void> {
    if (file === undefined || length > longest) {
      await file?.close()
      file = undefined
      await writeDurably(path, line, 0o644)
      file = await open(path, 'a')
      length = 0
    } else {
      await file.appendFile(line)
      await file.datasync()
    }
    length += line.length
  }

  return {
    get head() {
      return head
    },
    async remember(next) {
      if (head && !isAfter(next, head)) return
      try {
        await write(formatLine(next))
      } catch (cause) {
        await file?.close().catch(() => {})
        file = undefined
        const full = systemCode(cause) === 'ENOSPC'
        throw new ProtocolError(
          full ? 'STORAGE_FULL' : 'STORAGE_UNAVAILABLE',
          'what is signed could not be noted',
          {
            cause,
          },
        )
      }
      head = next
    },
    close: async () => {
      await file?.close()
    },
  }
}

/** @returns whether there is anything new to note */
function isAfter({ size, root }: SignedHead, before: SignedHead): boolean {
  if (size > before.size) return true
  if (size === before.size && equalBytes(root, before.root)) return false
  throw new ProtocolError('LOG_FROZEN', 'this node signed more, or another tree, before', {
    evidence: { size, before: before.size },
  })
}

function formatLine({ size, root }: SignedHead): string {
  return `${size} ${encodeBase64(root)}\n`
}

function readLast(text: string | undefined): SignedHead | undefined {
  for (const line of (text ?? '').split('\n').slice(0, -1).toReversed()) {
    const [, digits = '', base64 = ''] = /^(0|[1-9]\d{0,15}) ([A-Za-z0-9+/]{43}=)$/.exec(line) ?? []
    if (digits !== '' && isSize(Number(digits))) return { size: Number(digits), root: decodeBase64(base64) }
  }
  return undefined
}

/** The writes of an own log, each note remembered before the database has it, and so before anybody else can. */
export function rememberSigned(store: AppendStore, memory: SignedMemory): AppendStore {
  return {
    ...store,
    storeCheckpoint: async (size, note) => {
      await memory.remember(parseHead(note))
      await store.storeCheckpoint(size, note)
    },
  }
}
