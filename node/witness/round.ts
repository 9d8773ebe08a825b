import { parseHead } from '../../protocol/log/checkpoint.ts'
import { formatNote, parseNote, type VerifierKey } from '../../protocol/log/note.ts'
import { maxSignatures, type NoteSignature } from '../../protocol/log/signature-line.ts'

/** One note on its way round the witnesses, with what they answered so far. */
export interface Round {
  readonly size: number
  /** The three lines that are signed. */
  readonly text: string
  /** By name and key id, in the order in which they came; that of the log first. */
  readonly lines: Map<string, NoteSignature>
  /** Whether the quorum is there. */
  witnessed: boolean
  /** Witnesses of the policy that are asked for it now. */
  asked: number
}

/** @param note as it is stored: what came of it before a restart is kept */
export function openRound(note: string): Round {
  const { text, signatures } = parseNote(note)
  return {
    size: parseHead(note).size,
    text,
    lines: new Map(signatures.map((line) => [nameOf(line), line])),
    witnessed: false,
    asked: 0,
  }
}

export function addTo({ lines }: Round, line: NoteSignature): void {
  lines.set(nameOf(line), line)
}

function nameOf({ name, id }: Pick<NoteSignature, 'name' | 'id'>): string {
  return `${name}+${id}`
}

/** The note with its lines: the log's own first, then those of the policy's witnesses, then others, 16 at the most. */
export function noteOf({ text, lines }: Round, { log, policy }: Ranking): string {
  const order = new Map([...log, ...policy].map((key, i) => [nameOf(key), i]))
  const rank = (line: NoteSignature) => order.get(nameOf(line)) ?? order.size
  const signatures = [...lines.values()].toSorted((a, b) => rank(a) - rank(b)).slice(0, maxSignatures)
  return formatNote({ text, signatures })
}

export interface Ranking {
  readonly log: readonly VerifierKey[]
  readonly policy: readonly VerifierKey[]
}
