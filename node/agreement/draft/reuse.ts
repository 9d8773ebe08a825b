import type { Digest } from '../../../protocol/hash.ts'
import type { ReuseAgreement } from '../../../protocol/record/agreement.ts'
import { type ChosenTerms, commonTerms, type TermsCase } from './terms.ts'

type Scope = ReuseAgreement['scope']

export interface ReuseTerms extends ChosenTerms {
  readonly edition: { readonly id: string; readonly digest: Digest }
  /** Uids in the edition; all of it where none are named. */
  readonly clauses?: string[] | undefined
  readonly matters?: Scope['matters']
  readonly manner: Scope['manner']
  readonly target: Scope['target']
  readonly ground: Scope['ground']
  readonly evidence?: ReuseAgreement['evidence']
  readonly disposalDays: number
}

export interface ReuseCase extends TermsCase {
  /** DID of the party that uses the standard. */
  readonly reuser: string
}

/**
 * A reuse by one of the parties. Says nothing of whether its ground holds: that is for the condition G1.
 *
 * @see protocol/spec/agreement.md, AGREE-110
 */
export function draftReuse(terms: ReuseTerms, given: ReuseCase): ReuseAgreement {
  const { edition, clauses, matters, manner, target, ground, evidence, disposalDays } = terms
  const common = commonTerms(terms, given)
  return {
    ...common,
    kind: 'reuse',
    scope: {
      reuser: common.parties[0].id === given.reuser ? 0 : 1,
      edition,
      ...(clauses ? { clauses } : {}),
      manner,
      target,
      ...(matters ? { matters } : {}),
      ground,
    },
    disposalDays,
    ...(evidence ? { evidence } : {}),
  }
}
