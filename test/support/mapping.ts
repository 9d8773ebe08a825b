import type { WorkspaceView } from '../../node/agreement/workspace-view.ts'
import { digestOf } from '../../protocol/hash.ts'
import type { MappingRow } from '../../protocol/record/mapping-row.ts'
import type { TestNode } from './node.ts'
import { pairId } from './tier.ts'

/** A row between two invented editions; nobody looks them up. */
export function draftRow(author: string, change: Partial<MappingRow> = {}): MappingRow {
  const edition = (n: number) => `https://localhost:740${n}/id/00000000-0000-4000-8000-000000000000`
  return {
    subject: { edition: edition(1), digest: digestOf('north'), clause: 'c5' },
    object: { edition: edition(2), digest: digestOf('south'), clause: 'c6' },
    predicate: 'close-match',
    relation: 'superset',
    justification: 'manual-curation',
    state: 'in-review',
    author,
    authorLabel: '合成 比对岗',
    ...change,
  }
}

export const mappingPath = `/api/v1/projects/${pairId}/mapping`

/** The workspace as the operator of a node sees it. */
export async function viewOf(node: TestNode, query = ''): Promise<WorkspaceView> {
  const response = await node.fetch(`${mappingPath}${query}`, {
    headers: { authorization: `Bearer ${node.token}` },
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as WorkspaceView
}

/** What the operator of a node asks to be logged, with the answer's status and body. */
export async function propose(
  node: TestNode,
  changes: readonly {
    row: string
    mapping?: MappingRow
    expect?: readonly string[]
    bases?: readonly string[]
  }[],
): Promise<{ readonly status: number; readonly body: any }> {
  const response = await node.post(`${mappingPath}/changes`, { changes })
  return { status: response.status, body: await response.json() }
}

/** What stands of a row at a node, to be named by its next change. */
export async function standing(node: TestNode, row: string): Promise<readonly string[]> {
  const { rows } = await viewOf(node, `?row=${row}`)
  return rows[0]?.heads.map(({ version }) => version) ?? []
}
