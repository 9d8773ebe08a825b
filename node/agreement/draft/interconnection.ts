import type { ConformanceRun } from '../../../protocol/conformance/run.ts'
import { type ConformanceSuite, suiteIri } from '../../../protocol/conformance/suite.ts'
import type { Digest } from '../../../protocol/hash.ts'
import type { InterconnectionAgreement } from '../../../protocol/record/agreement.ts'
import { type ChosenTerms, commonTerms, type TermsCase } from './terms.ts'

type Endpoint = InterconnectionAgreement['scope']['endpoints'][number]

/** Of each side, as the one who drafts looks at it. */
export interface Sides<T> {
  readonly ours: T
  readonly theirs: T
}

export interface InterconnectionTerms extends ChosenTerms {
  /** The interface standard. */
  readonly interface: { readonly id: string; readonly digest: Digest }
  readonly schema: Digest
  readonly suite: Digest
  /** What each found when it ran the suite against the other. */
  readonly runs: Sides<Digest>
  /** What each was tried at. */
  readonly endpoints: Sides<Endpoint>
  /** That of our run, where none is named. */
  readonly environment?: string | undefined
}

export interface InterconnectionCase extends TermsCase {
  /** DID of the party that drafts. */
  readonly self: string
  readonly suite: ConformanceSuite
  readonly ourRun: ConformanceRun
}

/**
 * An interconnection over files that are at hand. Says nothing of whether they fit: that is for the conditions C1 to C3.
 *
 * @see protocol/spec/agreement.md, AGREE-109
 */
export function draftInterconnection(
  terms: InterconnectionTerms,
  given: InterconnectionCase,
): InterconnectionAgreement {
  const common = commonTerms(terms, given)
  const inOrder = <T>({ ours, theirs }: Sides<T>): [T, T] =>
    common.parties[0].id === given.self ? [ours, theirs] : [theirs, ours]
  return {
    ...common,
    kind: 'interconnection',
    scope: {
      interface: terms.interface,
      schema: terms.schema,
      suite: { id: suiteIri(given.suite), version: given.suite.version, digest: terms.suite },
      endpoints: inOrder(terms.endpoints),
      environment: terms.environment ?? given.ourRun.environment,
    },
    results: inOrder(terms.runs),
  }
}
