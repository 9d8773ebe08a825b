import { type ProblemCode, ProtocolError } from '../../error.ts'
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
  /** Of the same row, in the order in which the version names them. */
  readonly bases: readonly JudgedVersion[]
  /** Whether it names a version of another row. */
  readonly strays: boolean
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
  if (version.change.mapping?.state === 'accepted') checkAcceptance(version, by, given.bases)
}

function checkAcceptance(
  { change: { mapping, bases: named } }: Version,
  by: string,
  bases: readonly JudgedVersion[],
): void {
  if (!mapping) return
  const [base] = bases
  const before = new Set(named).size === 1 && base && isSound(base) ? base.version.change.mapping : undefined
  const same = before !== undefined && isSameContent(before, mapping)
  if (same && isSameReview(before, mapping)) return
  if (mapping.reviewer !== by)
    throw new ProtocolError(
      'ISSUER_MISMATCH',
      'a row is accepted by the reviewer that it names, in a record of its own (M4)',
    )
  if (mapping.reviewedOn === undefined)
    throw new ProtocolError('RULE_VIOLATED', 'an accepted row has the date of its review (M4)')
  if (mapping.author === by)
    throw new ProtocolError('ATTESTATION_SAME_PARTY', 'author and reviewer are one agency (M4)')
  if (!base || !same)
    throw new ProtocolError(
      'RULE_VIOLATED',
      'an acceptance stands on one version, whose content it leaves as it is (M4)',
    )
  if (base.authors.every((author) => author === by))
    throw new ProtocolError('ATTESTATION_SAME_PARTY', 'what is accepted was written by the reviewer (M4)')
}

/** A version that leaves the content as it was is no work of whoever logged it. */
function authorsOf(
  { change: { mapping } }: Version,
  sound: readonly Placing[],
  bases: readonly JudgedVersion[],
): readonly string[] {
  const kept = bases.flatMap((base) => {
    const before = base.version.change.mapping
    return mapping && before && isSound(base) && isSameContent(before, mapping) ? base.authors : []
  })
  return [...new Set(kept.length > 0 ? kept : sound.map(({ by }) => by))].toSorted()
}
