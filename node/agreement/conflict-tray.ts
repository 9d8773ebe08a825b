import type { MappingFinding } from '../../protocol/mapping/rule/finding.ts'
import type { Conflict, Head, Workspace, WorkspaceRow } from '../../protocol/mapping/work/workspace.ts'

/** What stands in the way of agreeing on rows, with what would put it right. */
export type TrayItem =
  /** Two sides changed one row otherwise. */
  | {
      readonly kind: 'contested'
      readonly row: string
      readonly fields: readonly Conflict[]
      readonly heads: readonly Head[]
    }
  /** A rule found rows that cannot all hold; the first is the one that it is about. */
  | { readonly kind: 'finding'; readonly finding: MappingFinding }
  /** Sides that agree, and that nobody recorded as one yet. */
  | { readonly kind: 'merged'; readonly row: string; readonly reopened: boolean }

export interface ConflictTray {
  readonly items: readonly TrayItem[]
  /** Findings that are counted and not listed. */
  readonly omitted: number
}

const rank = { error: 0, warning: 1 } as const

/**
 * Contested rows first, then what rules found, errors before warnings and the rules that make rows contradict each other (M2, M3)
 * before the others, then what is only to be recorded.
 *
 * @see protocol/spec/console.md, CONSOLE-11
 */
export function fillTray(
  { rows, conflicts }: Pick<Workspace, 'rows' | 'conflicts'>,
  {
    findings,
    omitted,
  }: {
    readonly findings: readonly MappingFinding[]
    readonly omitted: readonly { readonly count: number }[]
  },
): ConflictTray {
  const standing = new Map(
    rows.flatMap((row) => (row.standing === 'conflict' ? [[row.row, row.heads] as const] : [])),
  )
  const byRow = new Map<string, Conflict[]>()
  for (const conflict of conflicts) {
    const list = byRow.get(conflict.row)
    if (list) list.push(conflict)
    else byRow.set(conflict.row, [conflict])
  }
  const sorted = findings.toSorted((a, b) => weigh(a) - weigh(b))
  return {
    items: [
      ...[...byRow].map(
        ([row, fields]): TrayItem => ({ kind: 'contested', row, fields, heads: standing.get(row) ?? [] }),
      ),
      ...sorted.map((finding): TrayItem => ({ kind: 'finding', finding })),
      ...rows
        .filter(isMerged)
        .map(({ row, reopened }): TrayItem => ({ kind: 'merged', row, reopened: reopened === true })),
    ],
    omitted: omitted.reduce((sum, { count }) => sum + count, 0),
  }
}

function weigh({ severity, rule }: MappingFinding): number {
  return rank[severity] * 10 + (rule === 'M2' || rule === 'M3' ? 0 : 1)
}

function isMerged({ standing }: WorkspaceRow): boolean {
  return standing === 'merged'
}
