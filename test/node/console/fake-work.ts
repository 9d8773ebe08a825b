import { syntheticRecognition } from '../../../fixtures/synthetic/agreement.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { bringsPassword } from '../../../node/access/operator.ts'
import type { ListedAgreement } from '../../../node/agreement/agreement-list.ts'
import type { AgreementView } from '../../../node/agreement/agreement-view.ts'
import type { ComparisonAnswer } from '../../../node/agreement/comparison.ts'
import { fillTray } from '../../../node/agreement/conflict-tray.ts'
import type { Consequences } from '../../../node/agreement/consequence.ts'
import { type EditionTable, tableOf } from '../../../node/agreement/named-row.ts'
import { coverProject } from '../../../node/agreement/project-coverage.ts'
import type { ProjectDesk } from '../../../node/agreement/project-desk.ts'
import { chooseRows, openRow, reviewersIn } from '../../../node/agreement/project-row.ts'
import { countRows } from '../../../node/agreement/workspace-view.ts'
import type { ConsoleOptions } from '../../../node/console/app.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { compareEditions } from '../../../protocol/mapping/compare/edition.ts'
import { checkMapping } from '../../../protocol/mapping/rule/check.ts'
import { foldWorkspace } from '../../../protocol/mapping/work/fold.ts'
import { type PlacedChange, versionDigest } from '../../../protocol/mapping/work/version.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import type { MappingChange } from '../../../protocol/record/mapping-proposal.ts'
import type { MappingRow } from '../../../protocol/record/mapping-row.ts'
import { describeAgreement } from '../../../protocol/standing/statement-text.ts'
import { nothingAgreed } from './fake-node.ts'

export const token = 'operator-token-of-the-tests'
export const password = `Basic ${Buffer.from(`x:${token}`).toString('base64')}`
export const projectId = 'bishan-meishan'
export const ours = 'did:web:localhost%3A7401'
export const theirs = 'did:web:localhost%3A7402'
export const today = '2026-07-01'

const project = {
  id: projectId,
  nameZh: '璧山—眉山（合成）',
  parties: [
    { id: ours, name: '璧山（合成）' },
    { id: theirs, name: '眉山（合成）' },
  ],
  underWay: true,
}

function editionOf(n: number, issuer: string, change: object = {}) {
  const id = `https://localhost:740${n}/id/00000000-0000-4000-8000-00000000000${n}`
  const record: any = {
    ...syntheticStandard(n),
    id,
    issuer,
    type: ['VerifiableCredential', 'StandardRecord'],
  }
  record.credentialSubject = { ...record.credentialSubject, ...change }
  return { origin: `localhost:740${n}/log/1`, index: 0, at: '', digest: digestOf(id), record } as never
}

export const editions: EditionTable = tableOf([editionOf(1, ours), editionOf(2, theirs)])
const [ourEdition, theirEdition] = [...editions.values()] as [any, any]

/** Ours, clause by clause, against theirs. */
export function rowBetween(uid: string, change: Partial<MappingRow> = {}): MappingRow {
  return {
    subject: { edition: ourEdition.id, digest: ourEdition.digest, clause: uid },
    object: { edition: theirEdition.id, digest: theirEdition.digest, clause: uid },
    predicate: 'close-match',
    relation: 'superset',
    justification: 'manual-curation',
    state: 'in-review',
    author: theirs,
    authorLabel: '比对岗（合成）',
    ...change,
  }
}

export function placed(change: MappingChange, by = theirs, index = 1): PlacedChange {
  const origin = by === ours ? 'localhost:7401/log/1' : 'localhost:7402/log/1'
  return { change, by, origin, index, at: `2026-06-01T0${index % 10}:00:00.000Z` }
}

/** A row of each sort: to be reviewed by us, contested, with a wrong relation, in a clash of S46, without counterpart. */
export function sampleChanges(): readonly PlacedChange[] {
  const first: MappingChange = { row: 'r2', bases: [], mapping: rowBetween('c4-2') }
  const accepted = { state: 'accepted', reviewer: ours, reviewedOn: '2026-06-02' } as const
  const exact: MappingChange = {
    row: 'r4',
    bases: [],
    mapping: rowBetween('c5-1', { predicate: 'exact-match', relation: 'equal' }),
  }
  const { relation: _, ...broad } = rowBetween('c5-1', { predicate: 'broad-match' })
  const broader: MappingChange = { row: 'r5', bases: [], mapping: broad }
  const { object: __, ...absent } = rowBetween('c4-1', {
    relation: 'none',
    objectSource: { edition: theirEdition.id, digest: theirEdition.digest },
  })
  const reviewed = ({ row, mapping }: MappingChange, base: MappingChange): MappingChange => ({
    row,
    bases: [versionDigest(base)],
    mapping: { ...mapping!, ...accepted },
  })
  return [
    placed({ row: 'r1', bases: [], mapping: rowBetween('c4-1') }),
    placed(first),
    placed(
      { row: 'r2', bases: [versionDigest(first)], mapping: rowBetween('c4-2', { relation: 'equal' }) },
      theirs,
      2,
    ),
    placed(
      { row: 'r2', bases: [versionDigest(first)], mapping: rowBetween('c4-2', { relation: 'subset' }) },
      ours,
      2,
    ),
    placed({ row: 'r3', bases: [], mapping: rowBetween('c4-1', { relation: 'subset' }) }),
    placed(exact),
    placed(reviewed(exact, exact), ours, 3),
    placed(broader),
    placed(reviewed(broader, broader), ours, 4),
    placed({ row: 'r6', bases: [], mapping: absent }),
  ]
}

const nothing = async (): Promise<never> => {
  throw new ProtocolError('NOT_FOUND', 'there is nothing at this address')
}

/** The desk over some changes, by the same functions as the real one, without a database. */
export function fakeDesk(changes: readonly PlacedChange[], table: EditionTable = editions): ProjectDesk {
  const workspace = foldWorkspace(changes, [ours, theirs])
  const rows = workspace.rows.flatMap(({ row, mapping, standing }) =>
    mapping && standing !== 'conflict' ? [{ row, mapping }] : [],
  )
  const report = checkMapping(rows, {
    edition: (id, digest) => table.get(`${id} ${digest}`),
    parties: [ours, theirs],
  })
  const tray = fillTray(workspace, report)
  const [a, b] = [...table.values()]
  const coverage = coverProject(a ? [a] : [], b ? [b] : [], rows)
  const overview = {
    project,
    counts: countRows(workspace.rows),
    coverage,
    troubles: tray.items.length + tray.omitted,
  }
  const given = { workspace, editions: table, self: ours, parties: [ours, theirs] }
  const asOf = [{ origin: 'localhost:7401/log/1', size: 12 }]
  return {
    list: async () => [overview],
    open: async (id, query) => {
      if (id !== projectId) return nothing()
      const items = tray.items.slice(query.trayOffset, query.trayOffset + query.trayLimit)
      return {
        ...overview,
        self: ours,
        attributes: [
          { attribute: 'name', a: '眉山（合成）', b: '璧山（合成）', outcome: 'different' },
          { attribute: 'rank', outcome: 'unknown' },
        ],
        tray: { total: tray.items.length, omitted: tray.omitted, items },
        ...chooseRows(given, query),
        reviewers: reviewersIn(workspace),
        asOf,
        waiting: workspace.waiting.length,
        faults: workspace.faults.length,
      }
    },
    openRow: async (id, row) => {
      const detail = id === projectId ? openRow(given, row) : undefined
      if (!detail) return nothing()
      const troubles = tray.items.filter((item) =>
        item.kind === 'finding' ? item.finding.rows.includes(row) : item.row === row,
      )
      return { project, self: ours, detail, troubles, asOf }
    },
  }
}

export const agreement = syntheticRecognition(
  {
    project: projectId,
    parties: [ours, theirs],
    editions: [ourEdition, theirEdition].map(({ id, digest }) => ({ id, digest })),
    mapping: digestOf('mapping'),
    basis: digestOf('basis'),
    rows: ['r1', 'r2'],
  },
  { acceptBy: '2026-12-31' },
)

const names = {
  party: (did: string) => (did === ours ? '璧山（合成）' : '眉山（合成）'),
  edition: (id: string) => `DB50/T 99000${id.at(-1)}—2020 合成样例`,
  row: (row: string) => `4.1 甲条款 —— 5.1 乙条款（${row}）`,
}

/** A recognition that the other party proposed and that lacks a log. */
export function fakeView(change: Partial<AgreementView> = {}, text = agreement): AgreementView {
  const digest = agreementDigest(text)
  return {
    id: text.id,
    digest,
    kind: text.kind,
    project: projectId,
    parties: text.parties.map(({ id }) => ({ id, name: names.party(id) })),
    on: today,
    answer: 'undecided',
    state: 'proposed',
    agreement: text,
    statement: describeAgreement(text, digest, names),
    conditions: [
      {
        condition: 'E1',
        outcome: 'failed',
        code: 'ATTESTATION_INCOMPLETE',
        detail: '',
        zh: '对方尚未同意',
        en: 'not accepted yet',
      },
      {
        condition: 'E3',
        outcome: 'unknown',
        code: 'RANGE_MISSING',
        since: '2026-06-30',
        cause: { origin: 'localhost:7402/log/1', index: 4, recordId: ourEdition.id, kind: 'superseded' },
        detail: '',
        zh: '缺少后续条目',
        en: 'later entries are missing',
      },
      { condition: 'E7', outcome: 'passed', detail: '', zh: '依据文件有效', en: 'its basis stands' },
    ],
    rows: text.kind === 'recognition' ? text.effects.map(({ row }) => ({ row, state: 'effective' })) : [],
    repin: [],
    reviewOverdue: true,
    acts: [
      {
        act: 'propose',
        by: theirs,
        origin: 'localhost:7402/log/1',
        index: 9,
        at: '2026-06-01T01:00:00.000Z',
        recordId: ourEdition.id,
        digest: digestOf('act'),
        counts: true,
      },
    ],
    names: {
      editions: [ourEdition, theirEdition].map(({ id, digest: of }) => ({
        id,
        digest: of,
        name: names.edition(id),
      })),
      rows: ['r1', 'r2'].map((row) => ({ row, name: names.row(row) })),
    },
    asOf: [
      { origin: 'localhost:7401/log/1', size: 12 },
      { origin: 'localhost:7402/log/1', size: 10 },
    ],
    ...change,
  }
}

export function fakeListed(change: Partial<ListedAgreement> = {}): ListedAgreement {
  const { id, digest, kind, parties, on } = fakeView()
  return {
    id,
    digest,
    kind,
    project: projectId,
    parties,
    on,
    answer: 'undecided',
    state: 'proposed',
    code: 'RANGE_MISSING',
    proposedBy: theirs,
    proposedAt: '2026-06-01T01:00:00.000Z',
    acceptBy: '2026-12-31',
    accepted: false,
    ...change,
  }
}

function editionName(n: number, { id, digest, issuer, subject }: any) {
  return {
    id,
    digest,
    issuer,
    titleZh: subject.titleZh,
    numbers: subject.identifiers.map(({ value }: any) => value),
    issuerName: n === 1 ? '璧山（合成）' : '眉山（合成）',
    state: 'in-force' as const,
    synthetic: true,
  }
}

/** Both editions compared by the rows of the sample. */
export function fakeComparison(changes = sampleChanges()): ComparisonAnswer {
  const rows = foldWorkspace(changes, [ours, theirs]).rows.flatMap(({ row, mapping }) =>
    mapping ? [{ row, mapping }] : [],
  )
  return {
    kind: 'editions',
    at: today,
    a: editionName(1, ourEdition),
    b: editionName(2, theirEdition),
    ...compareEditions(ourEdition, theirEdition, rows),
  }
}

export const consequences: Consequences = {
  edition: {
    id: ourEdition.id,
    digest: ourEdition.digest,
    number: 'DB50/T 990001—2020',
    titleZh: '会议服务规范（合成样例）',
  },
  on: '2026-08-01',
  agreements: [
    {
      kind: 'recognition',
      id: agreement.id,
      fallsOn: '2026-08-31',
      state: 'lapsed',
      graceFrom: '2026-08-01',
      rows: [{ row: 'r1', on: '2026-08-31' }],
    },
  ],
  reports: [{ agency: theirs, period: '2026-Q2', recordId: theirEdition.id }],
}

/** What a node with work and agreements hands to its console. */
export function workOptions(change: Partial<ConsoleOptions> = {}): Partial<ConsoleOptions> {
  const page = async () => ({ total: 1, items: [fakeListed()], unexamined: 0 })
  return {
    ...nothingAgreed,
    agreementList: { page, pinning: page, agreedRows: async () => [] },
    agreements: {
      view: async ({ id }) => (id === agreement.id ? fakeView() : nothing()),
      whatIf: async () => consequences,
    },
    compare: async () => fakeComparison(),
    desk: fakeDesk(sampleChanges()),
    isOperator: (header) => bringsPassword(header, token),
    self: ours,
    nameOf: (did) => (did === ours ? '璧山（合成）' : did === theirs ? '眉山（合成）' : undefined),
    ...change,
  }
}
