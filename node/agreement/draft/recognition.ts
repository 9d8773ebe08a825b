import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { formatMappingSet } from '../../../protocol/mapping/mapping-set.ts'
import { checkMapping } from '../../../protocol/mapping/rule/check.ts'
import type { Workspace } from '../../../protocol/mapping/work/workspace.ts'
import type { RecognitionAgreement } from '../../../protocol/record/agreement.ts'
import type { MappingRow, NamedRow } from '../../../protocol/record/mapping-row.ts'
import type { Effect } from '../../../protocol/record/mapping-word.ts'
import { standingRows } from '../project-finding.ts'
import { type ChosenTerms, commonTerms, type TermsCase } from './terms.ts'

/** The terms that people choose; all else follows from the workspace. */
export interface RecognitionTerms extends ChosenTerms {
  /** Rows to rely on; every accepted one where none are named. */
  readonly rows?: readonly string[] | undefined
}

export interface DraftCase extends TermsCase {
  readonly workspace: Workspace
  /** DID of whoever issued an edition, where it is known. */
  readonly issuerOf: (edition: string) => string | undefined
  readonly labelOf: (pin: {
    readonly edition: string
    readonly clause?: string | undefined
  }) => string | undefined
}

export interface DraftedAgreement {
  readonly agreement: RecognitionAgreement
  /** The mapping set that it pins, byte for byte. */
  readonly mapping: Uint8Array
}

/**
 * A recognition of what both have accepted in the workspace: its rows become the mapping set, and each has the effect that its relation
 * gives it, unless the row says otherwise.
 *
 * @throws {ProtocolError} `RULE_VIOLATED` — there is no accepted row to rely on; `NOT_FOUND` — a row that was named is none;
 *   `MAPPING_INVALID` — a row that is relied on contradicts others that were accepted
 * @see protocol/spec/agreement.md, AGREE-101
 */
export function draftRecognition(terms: RecognitionTerms, given: DraftCase): DraftedAgreement {
  const rows = reliedRows(terms, given)
  const common = commonTerms(terms, given)
  const { id, parties } = common
  const pins = rows.flatMap(({ mapping: { subject, object } }) => (object ? [subject, object] : [subject]))
  const editions = [
    ...new Map(pins.map(({ edition, digest }) => [edition, { id: edition, digest }])).values(),
  ]
  const clauses = new Set(
    pins.flatMap((pin) => (pin.clause === undefined ? [] : [`${pin.edition}#${pin.clause}`])),
  )
  const whole = pins.some(({ clause }) => clause === undefined)
  const mapping = formatMappingSet(rows, { setId: id, labelOf: given.labelOf })
  return {
    mapping,
    agreement: {
      ...common,
      kind: 'recognition',
      scope: {
        editions: editions.toSorted((x, y) => (x.id < y.id ? -1 : 1)),
        ...(whole ? {} : { clauses: [...clauses].toSorted() }),
      },
      mapping: { digest: digestOf(mapping) },
      effects: rows.map((row) => effectOf(row, parties, given)),
    },
  }
}

function reliedRows({ rows: wanted }: RecognitionTerms, { workspace }: DraftCase): readonly NamedRow[] {
  const accepted = workspace.rows.flatMap(({ row, standing, mapping, incomplete }): readonly NamedRow[] =>
    mapping?.state === 'accepted' && standing !== 'conflict' && incomplete !== true && gives(mapping)
      ? [{ row, mapping }]
      : [],
  )
  const names = new Set(accepted.map(({ row }) => row))
  const absent = wanted?.find((row) => !names.has(row))
  if (absent !== undefined)
    throw new ProtocolError(
      'NOT_FOUND',
      '不是已通过且有对应条款的行 / not an accepted row with a counterpart',
      {
        evidence: { row: absent },
      },
    )
  const chosen = wanted === undefined ? accepted : accepted.filter(({ row }) => wanted.includes(row))
  if (chosen.length === 0)
    throw new ProtocolError(
      'RULE_VIOLATED',
      '还没有双方通过、可以采信的行 / no row is accepted by both yet, so there is nothing to recognise',
    )
  requireAgreed(chosen, workspace)
  return chosen.toSorted((x, y) => (x.row < y.row ? -1 : 1))
}

/** Rows that give nothing are no part of the set, and may say the opposite of one that is: both were accepted, and one is wrong. */
function requireAgreed(chosen: readonly NamedRow[], workspace: Workspace): void {
  const relied = new Set(chosen.map(({ row }) => row))
  const accepted = standingRows(workspace).filter(({ mapping }) => mapping.state === 'accepted')
  // Of editions nothing is asked here: what they have against the rows is judged with the agreement.
  const { findings } = checkMapping(accepted, { edition: () => undefined })
  const torn = findings.find(
    ({ rule, severity, rows }) =>
      rule === 'M2' && severity === 'error' && rows.some((row) => relied.has(row)),
  )
  if (!torn) return
  const { rule, sentence, rows } = torn
  const chain = rows.slice(0, 20)
  throw new ProtocolError(
    'MAPPING_INVALID',
    `${rule} ${sentence.zh} / ${sentence.en} (${chain.join(' → ')})`,
    {
      evidence: { rows: chain },
    },
  )
}

function gives({ object, relation, effect }: MappingRow): boolean {
  if (!object || effect === 'refused') return false
  return (
    effect !== undefined ||
    relation === 'equal' ||
    relation === 'equivalent' ||
    relation === 'superset' ||
    relation === 'subset'
  )
}

function effectOf(
  { row, mapping: { subject, relation, effect: stated, conditions } }: NamedRow,
  parties: RecognitionAgreement['parties'],
  { issuerOf }: DraftCase,
): RecognitionAgreement['effects'][number] {
  const effect: Effect = stated ?? (relation === 'equal' || relation === 'equivalent' ? 'direct' : 'one-way')
  // What meets the stricter clause meets the other.
  const subjectIs = issuerOf(subject.edition) === parties[1].id ? 1 : 0
  const from = relation === 'subset' ? 1 - subjectIs : subjectIs
  const base =
    effect === 'direct' || from === 0
      ? ({ row, from: 0, to: 1 } as const)
      : ({ row, from: 1, to: 0 } as const)
  if (effect !== 'conditional') return { ...base, effect }
  return { ...base, effect, conditions: conditions ?? ['见映射行说明'] }
}
