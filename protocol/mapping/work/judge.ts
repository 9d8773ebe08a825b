import { type ProblemCode, ProtocolError } from '../../error.ts'
import type { MappingRow } from '../../record/mapping-row.ts'
import { isSameContent, isSameReview } from './content.ts'
import type { Placing, Version } from './version.ts'

/** A change that counts for nothing, and why. */
export interface WorkFault extends Placing {
  readonly code: ProblemCode
  readonly detail: string
  readonly row: string
  readonly version: string
}

/** A version whose bases are here, with what of it counts. */
export interface JudgedVersion {
  readonly version: Version
  /** Where it was logged by somebody who may say so; nowhere: it counts for nothing. */
  readonly sound: readonly Placing[]
  /** Who said what the row now says: of a mere review, who said it before. */
  readonly authors: readonly string[]
  readonly faults: readonly WorkFault[]
}

/** Who may change a workspace, and what a version stands on. */
export interface JudgeCase {
  readonly parties: readonly string[]
  /** Of the same row, each once, in the order in which the version names them. */
  readonly bases: readonly JudgedVersion[]
  /** Whether it names a version of another row. */
  readonly strays: boolean
  /** What its bases come to, merged: asked for where there are several. */
  readonly merged: () => MappingRow | undefined
}

/**
 * Says of each place of a version whether it counts there: by a party, on versions of its own row, and where it accepts a row, by the
 * reviewer that it names, who is another than whoever wrote what is accepted (rule M4).
 *
 * Takes for granted that the record was verified. Proves nothing about what the row says.
 *
 * @see spec/workspace.md, WORK-8 to WORK-10
 */
export function judgeVersion(version: Version, given: JudgeCase): JudgedVersion {
  const sound: Placing[] = []
  const faults: WorkFault[] = []
  for (const placing of version.placings) {
    try {
      checkPlacing(version, placing, given)
      sound.push(placing)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      const { code, message: detail } = error
      faults.push({ code, detail, row: version.change.row, version: version.digest, ...placing })
    }
  }
  return { version, sound, faults, authors: authorsOf(version, sound, given.bases) }
}

export function isSound({ sound }: JudgedVersion): boolean {
  return sound.length > 0
}

function checkPlacing(version: Version, { by }: Placing, given: JudgeCase): void {
  if (!given.parties.includes(by))
    throw new ProtocolError('AUDIENCE_MISMATCH', 'not by a party of the project')
  if (given.strays)
    throw new ProtocolError('RULE_VIOLATED', 'it names a version of another row as what it changes')
  const { mapping } = version.change
  if (mapping?.state === 'accepted') checkAcceptance(mapping, by, given)
}

function checkAcceptance(mapping: MappingRow, by: string, given: JudgeCase): void {
  if (isAcceptedAlready(mapping, given)) return
  if (mapping.reviewer !== by)
    throw new ProtocolError(
      'ISSUER_MISMATCH',
      'a row is accepted by the reviewer that it names, in a record of its own (M4)',
    )
  if (mapping.reviewedOn === undefined)
    throw new ProtocolError('RULE_VIOLATED', 'an accepted row has the date of its review (M4)')
  if (mapping.author === by)
    throw new ProtocolError('ATTESTATION_SAME_PARTY', 'author and reviewer are one agency (M4)')
  const { bases } = given
  if (bases.length === 0 || !bases.every((base) => isSound(base) && hasContent(base, mapping)))
    throw new ProtocolError(
      'RULE_VIOLATED',
      'an acceptance stands on versions whose content it leaves as it is (M4)',
    )
  if (bases.every(({ authors }) => authors.every((author) => author === by)))
    throw new ProtocolError('ATTESTATION_SAME_PARTY', 'what is accepted was written by the reviewer (M4)')
}

/** Whether what it stands on, merged where that is several, was accepted in these words: then it is a remark, or records the merge. */
function isAcceptedAlready(mapping: MappingRow, { bases, merged }: JudgeCase): boolean {
  const [base] = bases
  if (!base || !bases.every(isSound)) return false
  const before = bases.length === 1 ? base.version.change.mapping : merged()
  return before !== undefined && isSameContent(before, mapping) && isSameReview(before, mapping)
}

function hasContent({ version }: JudgedVersion, mapping: MappingRow): boolean {
  const before = version.change.mapping
  return before !== undefined && isSameContent(before, mapping)
}

/** A version that leaves the content as it was is no work of whoever logged it. */
function authorsOf(
  { change: { mapping } }: Version,
  sound: readonly Placing[],
  bases: readonly JudgedVersion[],
): readonly string[] {
  const kept = bases.flatMap((base) => {
    return mapping && isSound(base) && hasContent(base, mapping) ? base.authors : []
  })
  return [...new Set(kept.length > 0 ? kept : sound.map(({ by }) => by))].toSorted()
}
