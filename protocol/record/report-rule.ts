import { ProtocolError, pointerStep } from '../error.ts'
import type { ReportLine, ReportSubject } from './implementation-report.ts'
import { builtInIndicators, type IndicatorSubject, indicatorDigest } from './indicator-set.ts'

/**
 * What a report can break by itself: one line for an edition; clauses counted where it applies and nowhere else, m of n, as the list of
 * clauses says where there is one; a set that can be found.
 *
 * @throws {ProtocolError} `RULE_VIOLATED`, with a pointer
 * @see spec/rate.md, RATE-2 and RATE-3
 */
export function checkReportRules({ lines, functions, indicatorSet }: ReportSubject): void {
  const builtIn = indicatorSet.code === builtInIndicators.code
  if (!builtIn && indicatorSet.digest === undefined)
    throw broken('/indicatorSet/digest', 'a set that is not built in is named with its digest')
  if (builtIn && (indicatorSet.digest ?? builtInDigest()) !== builtInDigest())
    throw broken('/indicatorSet/digest', 'not the digest of the set of this name')
  if (functions && new Set(functions).size !== functions.length)
    throw broken('/functions', 'a matter stands twice')
  const editions = new Set<string>()
  for (const [i, one] of lines.entries()) {
    const place = `/lines${pointerStep(i)}`
    if (editions.has(one.edition.id)) throw broken(`${place}/edition`, 'two lines of one edition')
    editions.add(one.edition.id)
    if (one.applicable) checkApplicable(one, place)
    else checkInapplicable(one, place)
  }
}

function builtInDigest(): string {
  return indicatorDigest(builtInIndicators)
}

function checkApplicable(one: ReportLine, place: string): void {
  const { clausesApplicable: n, clausesExecuted: m, clauses, reason } = one
  if (reason !== undefined) throw broken(`${place}/reason`, 'a reason is for what is not applicable')
  if (n === undefined || n < 1)
    throw broken(`${place}/clausesApplicable`, 'at least one clause of an applicable edition applies')
  if (m === undefined) throw broken(`${place}/clausesExecuted`, 'how many are carried out is stated')
  if (m > n) throw broken(`${place}/clausesExecuted`, 'more are carried out than apply')
  if (!clauses) return
  if (new Set(clauses.map(({ uid }) => uid)).size !== clauses.length)
    throw broken(`${place}/clauses`, 'a clause stands twice')
  if (clauses.length !== n || clauses.filter(({ executed }) => executed).length !== m)
    throw broken(`${place}/clauses`, 'the list of clauses and the numbers disagree')
}

const countedMembers = [
  'clausesApplicable',
  'clausesExecuted',
  'changeReason',
  'clauses',
  'manner',
  'recognition',
  'reuse',
] as const

function checkInapplicable(one: ReportLine, place: string): void {
  if (one.reason === undefined) throw broken(`${place}/reason`, 'why it is not applicable is stated')
  for (const name of countedMembers)
    if (one[name] !== undefined) throw broken(`${place}/${name}`, 'nothing of what is not applicable counts')
}

/**
 * A set weighs something, what is important not less, and does not take the name of the one that is built in.
 *
 * @throws {ProtocolError} `RULE_VIOLATED`, with a pointer
 * @see spec/rate.md, RATE-4
 */
export function checkIndicatorRules(set: IndicatorSubject): void {
  if (set.ordinaryWeight < 1 || set.importantWeight < set.ordinaryWeight)
    throw broken('/importantWeight', 'weights are at least 1, and that of important ones not the smaller')
  if (set.code === builtInIndicators.code && indicatorDigest(set) !== builtInDigest())
    throw broken('/code', 'other weights under the name of the set that is built in')
}

function broken(pointer: string, message: string): ProtocolError {
  return new ProtocolError('RULE_VIOLATED', message, { place: { pointer: `/credentialSubject${pointer}` } })
}
