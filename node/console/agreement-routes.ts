import type { Context, Hono } from 'hono'
import { legalDateOf } from '../../protocol/date.ts'
import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { isDigest } from '../../protocol/hash.ts'
import { agreementId } from '../../protocol/record/agreement.ts'
import type { Caller, Route } from '../access/policy.ts'
import { scopeFor, stranger } from '../access/policy.ts'
import type { AgreementList, AgreementPage } from '../agreement/agreement-list.ts'
import type { Agreements } from '../agreement/agreements.ts'
import { splitClauses } from '../agreement/clause-name.ts'
import type { Comparer } from '../agreement/comparer.ts'
import type { ComparisonAnswer } from '../agreement/comparison.ts'
import { findEditionName } from '../agreement/named.ts'
import type { Catalogue } from '../projection/port.ts'
import type { Scope } from '../store/scope.ts'
import { agreementsPerPage, formatAgreements, readAgreementSearch } from './agreement-list.ts'
import { formatAgreement } from './agreement-page.ts'
import { agreementText } from './agreement-text.ts'
import { type CompareContent, formatCompare, readCompareSearch } from './compare-page.ts'
import type { Site } from './page.ts'
import { type Parameters, readParameters } from './parameter.ts'
import type { NameOf } from './party-list.ts'
import { nothingThere, sendPage } from './respond.ts'
import { text } from './text.ts'
import { formatWhatIf, readWhatIfSearch, type WhatIfContent } from './what-if-page.ts'

export interface AgreementPageOptions {
  readonly agreementList: AgreementList
  readonly agreements: Pick<Agreements, 'view' | 'whatIf'>
  readonly compare: Comparer
  readonly catalogueOf: (scope: Scope) => Pick<Catalogue, 'findStandard' | 'findPlace' | 'searchStandards'>
  /** The DID of this node. */
  readonly self: string
  readonly nameOf: NameOf
  readonly now: () => number
}

/** Who looks, and from where: the same page stands for everybody and for the operator. */
export interface Look {
  readonly below: '' | '/work'
  readonly scope: Scope
}

export function lookBy(route: Route, caller: Caller): Look {
  return { below: caller.standing === 'operator' ? '/work' : '', scope: scopeFor(route, caller) }
}

export function parametersOf(context: Context): Parameters {
  return readParameters((name) => context.req.query(name))
}

/**
 * What everybody may read of agreements.
 *
 * @see protocol/spec/console.md, CONSOLE-1 to CONSOLE-5
 */
export function mountAgreementPages(app: Hono, site: Site, options: AgreementPageOptions): void {
  const { agreementList, now } = options
  app.get('/agreements', async (context) => {
    const parameters = parametersOf(context)
    const search = readAgreementSearch(parameters, legalDateOf(now()))
    const { kind, state, day, page } = search
    const found = await agreementList.page(
      {
        on: day,
        limit: agreementsPerPage,
        offset: (page - 1) * agreementsPerPage,
        ...(kind === undefined ? {} : { kind }),
        ...(state === undefined ? {} : { state }),
      },
      scopeFor('GET /agreements', stranger),
    )
    return sendPage(formatAgreements(site, { search, found }))
  })
  app.get('/agreements/:id', async (context) => {
    const asked = readAgreementName(context, options)
    const look = lookBy('GET /agreements/:id', stranger)
    const view = await options.agreements.view(asked.name, asked.on, look.scope)
    const { nameOf } = options
    return sendPage(formatAgreement(site, { view, below: '', open: true, nameOf, ...asked }))
  })
  app.get('/compare', (context) =>
    sendComparison(context, site, { options, look: lookBy('GET /compare', stranger) }),
  )
  app.get('/what-if', (context) =>
    sendWhatIf(context, site, { options, look: lookBy('GET /what-if', stranger) }),
  )
}

/** @throws {ProtocolError} `NOT_FOUND` — what is no id of an agreement names none */
export function readAgreementName(context: Context, { now }: Pick<AgreementPageOptions, 'now'>) {
  const id = context.req.param('id') ?? ''
  if (!agreementId.safeParse(id).success) throw nothingThere()
  const parameters = parametersOf(context)
  const digest = parameters.text('digest', agreementText.digest)
  if (digest !== '' && !isDigest(digest)) throw nothingThere()
  const today = legalDateOf(now())
  const on = parameters.day('at', agreementText.day, today)
  const page = parameters.page('page', text.pages)
  return { name: digest === '' ? { id } : { id, digest }, on, today, page, ignored: parameters.ignored }
}

interface Asked {
  readonly options: AgreementPageOptions
  readonly look: Look
}

export async function sendComparison(
  context: Context,
  site: Site,
  { options, look }: Asked,
): Promise<Response> {
  const search = readCompareSearch(parametersOf(context), legalDateOf(options.now()))
  const { a, b, day } = search
  const answer =
    a === '' || b === ''
      ? undefined
      : await compareOrSay(() => options.compare(a, b, { day, scope: look.scope }))
  const self = look.below === '' ? undefined : options.self
  return sendPage(formatCompare(site, { search, below: look.below, answer, self }), statusOf(answer))
}

/** A name that means nothing is put right in the form, not on a page of its own. */
async function compareOrSay(compare: () => Promise<ComparisonAnswer>): Promise<CompareContent['answer']> {
  try {
    return await compare()
  } catch (error) {
    if (!isRefusal(error)) throw error
    const { place } = error
    return { code: error.code, side: place && 'pointer' in place && place.pointer === '/a' ? 'a' : 'b' }
  }
}

function statusOf(answer: object | string | undefined): number {
  if (answer === undefined || typeof answer === 'string' || !('code' in answer)) return 200
  return answer.code === 'NOT_FOUND' ? 404 : 400
}

const refusals: readonly ProblemCode[] = ['NOT_FOUND', 'QUERY_INVALID']

function isRefusal(error: unknown): error is ProtocolError {
  return error instanceof ProtocolError && refusals.includes(error.code)
}

export async function sendWhatIf(context: Context, site: Site, { options, look }: Asked): Promise<Response> {
  const { nameOf } = options
  const search = readWhatIfSearch(parametersOf(context), legalDateOf(options.now()))
  const answer = search.edition === '' ? undefined : await suppose(search, { options, look })
  return sendPage(formatWhatIf(site, { search, below: look.below, answer, nameOf }), statusOf(answer))
}

async function suppose(
  { edition, on, kind, clauses }: ReturnType<typeof readWhatIfSearch>,
  { options, look }: Asked,
): Promise<WhatIfContent['answer']> {
  const catalogue = options.catalogueOf(look.scope)
  const names = splitClauses(clauses)
  try {
    return await options.agreements.whatIf(
      {
        edition: await findEditionName(edition, 'edition', { catalogue, day: on }),
        on,
        ...(kind === undefined ? {} : { eventKind: kind }),
        ...(names.length === 0 ? {} : { clauses: names }),
      },
      look.scope,
    )
  } catch (error) {
    if (!isRefusal(error)) throw error
    const { clause } = error.evidence
    return { code: error.code, ...(typeof clause === 'string' ? { clause } : {}) }
  }
}

const pinningShown = 10

/** Public agreements that pin an edition, for its page. */
export function findPinning(
  { agreementList }: AgreementPageOptions,
  edition: string,
  day: string,
): Promise<AgreementPage> {
  return agreementList.pinning(edition, day, {
    scope: scopeFor('GET /agreements', stranger),
    limit: pinningShown,
  })
}
