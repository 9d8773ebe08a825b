import { parseHead } from '../../protocol/log/checkpoint.ts'
import { formatNote, parseNote } from '../../protocol/log/note.ts'
import type { NoteSignature } from '../../protocol/log/signature-line.ts'
import type { Queries } from './connection.ts'
import type { Database } from './database.ts'
import { sql } from './drizzle.ts'
import { rowsOf, select } from './log-store.ts'

/**
 * Keeps a holder's line over a tree, with the log's own lines: of each holder and log that over the newest size, and that over the newest
 * size within the note with the quorum, on which evidence rests. The first for a size says the earliest time.
 *
 * @param note over the tree, with a line of the log
 * @see protocol/spec/witness.md, WIT-52
 */
export async function keepHolding(
  queries: Queries,
  logId: number,
  { note, line }: { readonly note: string; readonly line: NoteSignature },
): Promise<void> {
  const { text, signatures } = parseNote(note)
  const { origin, size } = parseHead(note)
  const kept = formatNote({ text, signatures: [...signatures.filter(({ name }) => name === origin), line] })
  await rowsOf(
    queries,
    sql`insert into holding_note (log_id, holder, size, note) values (${logId}, ${line.name}, ${size}, ${kept})
      on conflict (log_id, holder, size) do nothing`,
  )
  await rowsOf(
    queries,
    sql`delete from holding_note h using log l where l.id = ${logId} and h.log_id = l.id and h.holder = ${line.name}
      and exists (select 1 from holding_note n where n.log_id = h.log_id and n.holder = h.holder and n.size > h.size
        and (h.size > l.witnessed_size or n.size <= l.witnessed_size))`,
  )
}

/** The kept notes over a log, of whatever holder. */
export async function readHoldingNotes(database: Database, logId: number): Promise<readonly string[]> {
  const rows = await select<{ readonly note: string }>(
    database,
    sql`select note from holding_note where log_id = ${logId} order by size, holder`,
  )
  return rows.map(({ note }) => note)
}
