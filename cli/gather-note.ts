import { ProtocolError } from '../protocol/error.ts'
import { parseHead } from '../protocol/log/checkpoint.ts'
import type { LogReader } from './log-reader.ts'

/** The file has room for 400, some of them about what is held. */
const maxNotes = 360

export interface NoteTask {
  readonly origin: string
  /** Of the checkpoint of the file: a note over more proves nothing in it. */
  readonly size: number
  /** Of the entries for which it matters when they were logged; in any order. */
  readonly indices: Iterable<number>
}

/**
 * For each entry the first note with the quorum over it that the node kept, by rising size, each once. A note over several of them is
 * asked for once. Whether witnesses signed them, and over which tree, is for the verifier.
 *
 * @throws {ProtocolError} `PAGE_MALFORMED` — a note of another log, or over less than was asked for; what the reader throws
 * @see protocol/spec/witness.md, WIT-61; protocol/spec/agreement.md, AGREE-42
 */
export async function gatherNotes(
  reader: LogReader,
  { origin, size, indices }: NoteTask,
): Promise<readonly string[]> {
  const notes: string[] = []
  let covered = 0
  for (const index of [...new Set(indices)].toSorted((a, b) => a - b)) {
    if (index < covered) continue
    const note = await reader.fetchWitnessedAfter(index)
    // Nothing later has one either.
    if (note === undefined) break
    const head = parseHead(note)
    if (head.origin !== origin || head.size <= index)
      throw new ProtocolError('PAGE_MALFORMED', 'the node shows another note than was asked for', {
        evidence: { origin, index, served: head.origin, size: head.size },
      })
    if (head.size > size || notes.length === maxNotes) break
    notes.push(note)
    covered = head.size
  }
  return notes
}
