import { compareText } from '../../protocol/canonical.ts'
import type { ProblemCode } from '../../protocol/error.ts'
import type { Agreement } from '../../protocol/record/agreement.ts'
import type { NamedRow } from '../../protocol/record/mapping-row.ts'
import { isAttestation } from '../../protocol/record/schema.ts'
import type { AgreementState } from '../../protocol/standing/condition.ts'
import type { Statement } from '../../protocol/standing/log-statement.ts'
import { findRecognition } from '../../protocol/standing/recognition-evidence.ts'
import { isWhole, type Scope } from '../store/scope.ts'
import { createTurns } from '../store/turns.ts'
import { proposedIn } from './agreement-act.ts'
import type { AgreementSummary, AgreementView } from './agreement-view.ts'
import type { Agreements } from './agreements.ts'
import { type AgreementSource, readKnownAgreement } from './known-agreement.ts'
import { createStatementReader } from './statement-read.ts'

/** One of a list: its standing, what decided it first, and what is known of its acts. */
export interface ListedAgreement extends AgreementSummary {
  /** Why it does not hold, or cannot be told. */
  readonly code?: ProblemCode
  readonly proposedBy?: string
  readonly proposedAt?: string
  readonly acceptBy: string
  /** Whether the acceptance of the other party is here. */
  readonly accepted: boolean
}

export interface AgreementQuery {
  readonly on: string
  readonly project?: string
  readonly kind?: Agreement['kind']
  readonly state?: AgreementState
  readonly limit: number
  readonly offset: number
}

export interface AgreementPage {
  readonly total: number
  readonly items: readonly ListedAgreement[]
  /** Older ones that were not looked at for the state asked about. */
  readonly unexamined: number
}

export interface AgreementListOptions extends AgreementSource {
  readonly agreements: Agreements
  /** What all answers rest on; another text where anything of it changed. */
  readonly validFor: () => Promise<string>
}

export interface AgreementList {
  /** Newest proposal first. */
  page(query: AgreementQuery, scope: Scope): Promise<AgreementPage>
  /** Those that pin an edition, newest first; at most so many. */
  pinning(
    edition: string,
    on: string,
    options: { readonly scope: Scope; readonly limit: number },
  ): Promise<AgreementPage>
  /** Rows that were agreed on and hold on a date, between two editions or two agencies: what a reader without the workspace has. */
  agreedRows(
    which: { readonly editions: readonly string[] } | { readonly parties: readonly string[] },
    given: { readonly on: string; readonly scope: Scope },
  ): Promise<readonly NamedRow[]>
}

/** For one state so many are judged and no more: a list is no way to stop a node. */
const mostExamined = 200
const mostKept = 2000

interface Proposed {
  readonly id: string
  readonly digest: string
  readonly at: string
  readonly agreement: Agreement
}

/**
 * Lists of agreements for people, one page at a time; a standing is judged once for as long as nothing that it rests on changes.
 *
 * @see protocol/spec/console.md, CONSOLE-1
 */
export function createAgreementList(options: AgreementListOptions): AgreementList {
  const { agreements, database, validFor } = options
  const inTurn = createTurns()
  const kept = new Map<string, Promise<ListedAgreement>>()
  const listedActs = new Map<string, Promise<readonly Proposed[]>>()
  let valid = ''

  async function refresh(): Promise<void> {
    const now = await validFor()
    if (now !== valid || kept.size >= mostKept) kept.clear()
    if (now !== valid) listedActs.clear()
    valid = now
  }

  function judge({ id, digest }: Proposed, on: string, scope: Scope): Promise<ListedAgreement> {
    const key = JSON.stringify([isWhole(scope), on, digest])
    const known = kept.get(key)
    if (known) return known
    const judged = agreements.view({ id, digest }, on, scope).then(listed)
    kept.set(key, judged)
    judged.catch(() => kept.delete(key))
    return judged
  }

  function proposals(project: string | undefined, scope: Scope): Promise<readonly Proposed[]> {
    const key = JSON.stringify([isWhole(scope), project])
    const known = listedActs.get(key)
    if (known) return known
    const read = readProposals(project, scope)
    listedActs.set(key, read)
    read.catch(() => listedActs.delete(key))
    return read
  }

  async function readProposals(project: string | undefined, scope: Scope): Promise<readonly Proposed[]> {
    return proposalsIn(await createStatementReader(database, scope).actsOfProject(project)).filter(
      ({ agreement }) => project === undefined || agreement.project === project,
    )
  }

  async function pageOf(
    proposed: readonly Proposed[],
    { on, state, limit, offset }: AgreementQuery,
    scope: Scope,
  ): Promise<AgreementPage> {
    if (state === undefined) {
      const items = await inOrder(proposed.slice(offset, offset + limit), (one) => judge(one, on, scope))
      return { total: proposed.length, items, unexamined: 0 }
    }
    const examined = proposed.slice(0, mostExamined)
    const found = (await inOrder(examined, (one) => judge(one, on, scope))).filter(
      (one) => one.state === state,
    )
    return {
      total: found.length,
      items: found.slice(offset, offset + limit),
      unexamined: proposed.length - examined.length,
    }
  }

  return {
    page: (query, scope) =>
      inTurn(async () => {
        await refresh()
        const proposed = await proposals(query.project, scope)
        const asked = proposed.filter(
          ({ agreement }) => query.kind === undefined || agreement.kind === query.kind,
        )
        return pageOf(asked, query, scope)
      }),
    pinning: (edition, on, { scope, limit }) =>
      inTurn(async () => {
        await refresh()
        const acts = await createStatementReader(database, scope).actsAbout(edition)
        return pageOf(proposalsIn(acts), { on, limit, offset: 0 }, scope)
      }),
    agreedRows: (which, { on, scope }) =>
      inTurn(async () => {
        const [first] = 'editions' in which ? which.editions : []
        const reader = createStatementReader(database, scope)
        const acts = await (first === undefined ? reader.actsOfProject(undefined) : reader.actsAbout(first))
        const both = proposalsIn(acts).filter(({ agreement }) => isBetween(agreement, which))
        await refresh()
        const rows = new Map<string, NamedRow>()
        for (const one of both.slice(0, mostExamined)) {
          if ((await judge(one, on, scope)).answer !== 'effective') continue
          for (const row of await rowsOf(options, one, scope)) if (!rows.has(row.row)) rows.set(row.row, row)
        }
        return [...rows.values()]
      }),
  }
}

/** So many at a time: each is a dozen questions to the database, which is asked for other things as well. */
const lanes = 4

async function inOrder<A, B>(list: readonly A[], work: (one: A) => Promise<B>): Promise<readonly B[]> {
  const done: B[] = []
  for (let at = 0; at < list.length; at += lanes)
    done.push(...(await Promise.all(list.slice(at, at + lanes).map(work))))
  return done
}

function proposalsIn(acts: readonly Statement[]): readonly Proposed[] {
  const proposed = proposedIn(acts)
  const found = new Map<string, Proposed>()
  for (const { record, at } of acts) {
    if (!isAttestation(record)) continue
    const { act, agreement, agreementDigest: digest, id } = record.credentialSubject
    if (act === 'propose' && agreement && proposed.has(digest) && !found.has(digest))
      found.set(digest, { id, digest, at, agreement })
  }
  return [...found.values()].toSorted((a, b) => compareText(b.at, a.at) || compareText(a.digest, b.digest))
}

function listed(view: AgreementView): ListedAgreement {
  const { id, digest, kind, project, parties, on, answer, state, start, end, agreement, acts } = view
  const proposal = acts.find(({ act }) => act === 'propose')
  const code =
    view.conditions.find(({ outcome }) => outcome === 'failed')?.code ??
    view.conditions.find(({ outcome }) => outcome === 'unknown')?.code
  return {
    id,
    digest,
    kind,
    project,
    parties,
    on,
    answer,
    state,
    acceptBy: agreement.acceptBy,
    accepted: acts.some(({ act, by }) => act === 'accept' && by !== proposal?.by),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(code === undefined ? {} : { code }),
    ...(proposal ? { proposedBy: proposal.by, proposedAt: proposal.at } : {}),
  }
}

async function rowsOf(
  source: AgreementSource,
  { agreement, digest }: Proposed,
  scope: Scope,
): Promise<readonly NamedRow[]> {
  if (agreement.kind !== 'recognition') return []
  const { known } = await readKnownAgreement(source, agreement, scope)
  const { mapping } = findRecognition(known, agreement, digest)
  return [...(mapping?.rows ?? [])].map(([row, value]) => ({ row, mapping: value }))
}

function isBetween(
  agreement: Agreement,
  which: { readonly editions: readonly string[] } | { readonly parties: readonly string[] },
): boolean {
  if (agreement.kind !== 'recognition') return false
  const ids = new Set(
    ('editions' in which ? agreement.scope.editions : agreement.parties).map(({ id }) => id),
  )
  return ('editions' in which ? which.editions : which.parties).every((id) => ids.has(id))
}
