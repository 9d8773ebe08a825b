import type { Digest } from '../../../protocol/hash.ts'
import type { InterconnectionTerms } from './interconnection.ts'
import type { RecognitionTerms } from './recognition.ts'
import type { ReuseTerms } from './reuse.ts'
import type { ChosenTerms } from './terms.ts'

/** A pair by the id of its project, or by its parties, of which this node is one whether it is named or not. */
export type PairName = { readonly project: string } | { readonly parties: readonly string[] }

/** What is found by name before anything is drafted. */
interface Named {
  readonly pair: PairName
  readonly basis: { readonly number: string; readonly digest?: Digest | undefined }
}

type Unnamed<T extends ChosenTerms, K extends keyof T = never> = Omit<T, 'basis' | K> & Named

export type RecognitionRequest = Unnamed<RecognitionTerms> & { readonly kind: 'recognition' }

export type InterconnectionRequest = Unnamed<InterconnectionTerms, 'interface'> & {
  readonly kind: 'interconnection'
  /** By id, digest or number. */
  readonly edition: string
}

export type ReuseRequest = Unnamed<ReuseTerms, 'edition' | 'ground'> & {
  readonly kind: 'reuse'
  /** By id, digest or number. */
  readonly edition: string
  readonly ground: ReuseGround
  /** DID of the party that uses it; where none is named, the one that did not issue the edition, else this node. */
  readonly reuser?: string | undefined
}

export type ReuseGround =
  | Extract<ReuseTerms['ground'], { readonly statute: unknown }>
  | { readonly recognition: { readonly id: string; readonly digest?: Digest | undefined } }

export type DraftRequest = RecognitionRequest | InterconnectionRequest | ReuseRequest
