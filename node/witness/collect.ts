import type { NoteSignature } from '../../protocol/log/signature-line.ts'
import { holderLinesIn } from '../../protocol/trust/cosigner.ts'
import type { Member } from '../../protocol/trust/registry.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { openWithTrust } from '../../protocol/verify-checkpoint.ts'

export interface Collection {
  readonly trust: Trust
  /** The origin of the own log. */
  readonly own: string
  readonly member: Member
  /** The three lines that the member should hold. */
  readonly text: string
  /** The note of the member's mirror. */
  readonly note: string
}

/**
 * The line with which a member says that it holds the tree, out of the note of its mirror; the registry's key vouches for it.
 *
 * @returns `undefined`: it holds another size, or says nothing yet
 * @throws {ProtocolError} as `openWithTrust`
 * @see spec/witness.md, WIT-51
 */
export function findHolding({ trust, own, member, text, note }: Collection): NoteSignature | undefined {
  const opened = openWithTrust(note, own, trust)
  if (opened.note.text !== text) return undefined
  return holderLinesIn(trust, opened).find(({ by }) => by === member.id)?.line
}
