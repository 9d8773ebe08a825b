import { ProtocolError, pointerStep } from '../error.ts'
import type { MappingProposalSubject } from './mapping-proposal.ts'
import type { MappingRow } from './mapping-row.ts'

/**
 * What a proposal of mapping work can break by itself: it is for the readers of its own project, no row stands twice in it, and each row
 * says what it has no counterpart in, where it has none.
 *
 * @throws {ProtocolError} `RULE_VIOLATED` `SCHEMA_INVALID`, with a pointer
 * @see spec/record.md, REC-600
 */
export function checkProposalRules(
  { project, changes }: MappingProposalSubject,
  audience: string | undefined,
): void {
  if (project !== audience) throw broken('/project', 'a proposal is for the readers of its own project')
  const rows = new Set<string>()
  for (const [i, { row, bases, mapping }] of changes.entries()) {
    const place = `/changes${pointerStep(i)}`
    if (rows.has(row)) throw broken(`${place}/row`, 'two changes of one row')
    rows.add(row)
    if (new Set(bases).size !== bases.length) throw broken(`${place}/bases`, 'a base stands twice')
    if (!mapping && bases.length === 0) throw broken(`${place}/bases`, 'withdraws a row that was not there')
    if (mapping) checkRow(mapping, `${place}/mapping`)
  }
}

function checkRow({ object, objectSource, relation }: MappingRow, place: string): void {
  if ((object === undefined) !== (objectSource !== undefined))
    throw broken(
      `${place}/objectSource`,
      'a row without a counterpart names where there is none (M6), and no other does',
    )
  if ((relation === 'none') !== (object === undefined) && relation !== undefined)
    throw broken(`${place}/relation`, 'no counterpart is said by relation "none" and a row without object')
}

function broken(pointer: string, message: string): ProtocolError {
  return new ProtocolError('RULE_VIOLATED', message, { place: { pointer: `/credentialSubject${pointer}` } })
}
