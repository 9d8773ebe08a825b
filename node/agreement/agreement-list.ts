import { setImmediate } from 'node:timers/promises'
import { compareText } from '../../protocol/canonical.ts'
import type { ProblemCode } from '../../protocol/error.ts'
import { type Agreement, editionsOf } from '../../protocol/record/agreement.ts'
import type { NamedRow } from '../../protocol/record/mapping-row.ts'
import { decisiveOf } from '../../protocol/standing/agreement-state.ts'
import type { AgreementState } from '../../protocol/standing/condition.ts'
import { findRecognition } from '../../protocol/standing/recognition-evidence.ts'
import { isWhole, type Scope } from '../store/scope.ts'
import { createTurns } from '../store/turns.ts'
import { type AgreementSummary, type AgreementView, viewAgreement } from './agreement-view.ts'
import { type AgreementSource, readKnownAgreements } from './known-agreement.ts'
import { createStatementReader, type Proposal } from './statement-read.ts'

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

/**
 * Lists of agreements for people, one page at a time; a standing is judged once for as long as nothing that it rests on changes.
 *
 * @see protocol/spec/console.md, CONSOLE-1
 */
export function createAgreementList(options: AgreementListOptions): AgreementList {
  const { database, validFor } = options
  const inTurn = createTurns()
  const judged = new Map<string, ListedAgreement>()
  const proposed = new Map<string, readonly Proposal[]>()
  let valid = ''

  async function refresh(): Promise<void> {
    const now = await validFor()
    if (now !== valid || judged.size >= mostKept) judged.clear()
    if (now !== valid) proposed.clear()
    valid = now
  }

  /** Newest first, each digest once. */
  async function proposals(project: string | undefined, scope: Scope): Promise<readonly Proposal[]> {
    const key = JSON.stringify([isWhole(scope), project])
    const known = proposed.get(key)
    if (known) return known
    const found = await createStatementReader(database, scope).proposals(project)
    const first = new Map(found.toReversed().map((one) => [one.digest, one]))
    const sorted = [...first.values()].toSorted(
      (a, b) => compareText(b.at, a.at) || compareText(a.digest, b.digest),
    )
    proposed.set(key, sorted)
    return sorted
  }

  /** What is not known yet is read together. */
  async function judge(
    list: readonly Proposal[],
    on: string,
    scope: Scope,
  ): Promise<readonly ListedAgreement[]> {
    const keyOf = ({ digest }: Proposal) => JSON.stringify([isWhole(scope), on, digest])
    const open = list.filter((one) => !judged.has(keyOf(one)))
    if (open.length > 0) {
      const known = await readKnownAgreements(
        options,
        open.map(({ agreement }) => agreement),
        scope,
      )
      for (const one of open) {
        judged.set(keyOf(one), listed(viewAgreement(known, { ...one, on })))
        // Others get their turn between two agreements.
        await setImmediate()
      }
    }
    return list.flatMap((one) => judged.get(keyOf(one)) ?? [])
  }

  async function pageOf(
    found: readonly Proposal[],
    { on, state, limit, offset }: AgreementQuery,
    scope: Scope,
  ): Promise<AgreementPage> {
    if (state === undefined) {
      const items = await judge(found.slice(offset, offset + limit), on, scope)
      return { total: found.length, items, unexamined: 0 }
    }
    const examined = found.slice(0, mostExamined)
    const fitting = (await judge(examined, on, scope)).filter((one) => one.state === state)
    return {
      total: fitting.length,
      items: fitting.slice(offset, offset + limit),
      unexamined: found.length - examined.length,
    }
  }

  return {
    page: (query, scope) =>
      inTurn(async () => {
        await refresh()
        const found = await proposals(query.project, scope)
        const asked = found.filter(
          ({ agreement }) => query.kind === undefined || agreement.kind === query.kind,
        )
        return pageOf(asked, query, scope)
      }),
    pinning: (edition, on, { scope, limit }) =>
      inTurn(async () => {
        await refresh()
        const found = (await proposals(undefined, scope)).filter(({ agreement }) => pins(agreement, edition))
        return pageOf(found, { on, limit, offset: 0 }, scope)
      }),
    agreedRows: (which, { on, scope }) =>
      inTurn(async () => {
        await refresh()
        const between = (await proposals(undefined, scope)).filter(({ agreement }) =>
          isBetween(agreement, which),
        )
        const both = between.slice(0, mostExamined)
        const standing = await judge(both, on, scope)
        const inForce = both.filter((_one, i) => standing[i]?.answer === 'effective')
        return rowsOf(options, inForce, scope)
      }),
  }
}

function pins(agreement: Agreement, edition: string): boolean {
  return editionsOf(agreement).some(({ id }) => id === edition)
}

function listed(view: AgreementView): ListedAgreement {
  const { id, digest, kind, project, parties, on, answer, state, start, end, never, agreement, acts } = view
  const proposal = acts.find(({ act }) => act === 'propose')
  const code =
    decisiveOf(view.conditions)?.code ?? view.conditions.find(({ outcome }) => outcome === 'unknown')?.code
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
    ...(never === undefined ? {} : { never }),
    ...(code === undefined ? {} : { code }),
    ...(proposal ? { proposedBy: proposal.by, proposedAt: proposal.at } : {}),
  }
}

/** The rows of the sets that these pin, each name of a project once: the newest agreement says what a row says. */
async function rowsOf(
  source: AgreementSource,
  inForce: readonly Proposal[],
  scope: Scope,
): Promise<readonly NamedRow[]> {
  if (inForce.length === 0) return []
  const { known } = await readKnownAgreements(
    source,
    inForce.map(({ agreement }) => agreement),
    scope,
  )
  const rows = new Map<string, NamedRow>()
  for (const { agreement, digest } of inForce) {
    if (agreement.kind !== 'recognition') continue
    for (const [row, mapping] of findRecognition(known, agreement, digest).mapping?.rows ?? []) {
      const name = `${agreement.project} ${row}`
      if (!rows.has(name)) rows.set(name, { row, mapping })
    }
  }
  return [...rows.values()]
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
