import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import type { Digest } from '../../protocol/hash.ts'
import type { Entry } from '../../protocol/log/entry.ts'
import { isOutcomeUnknown } from '../store/append-store.ts'
import type { PreparedRecord } from './publish.ts'

export interface Appended {
  readonly id: string
  readonly digest: Digest
  readonly origin: string
  readonly index: number
  readonly entry: Entry
}

export interface AppendAnswer {
  /** A replayed request finds its entries by these indices instead. */
  readonly first: number
  readonly appended: readonly Appended[]
  readonly replayed: boolean
  readonly checkpoint: string
}

export interface AppendRequest {
  readonly records: readonly PreparedRecord[]
  readonly idempotency?: { readonly key: string; readonly body: string }
}

/** A request on its way, with whoever waits for its answer. */
export interface Waiting extends AppendRequest {
  readonly resolve: (answer: AppendAnswer) => void
  readonly reject: (error: unknown) => void
  /** In a transaction of its own. */
  readonly alone?: boolean
}

/** A refusal of one request among several. */
export class Conflict extends Error {
  readonly request: number
  readonly problem: ProtocolError

  constructor(request: number, problem: ProtocolError) {
    super(problem.message)
    this.request = request
    this.problem = problem
  }
}

const conflicts: ReadonlySet<ProblemCode> = new Set([
  'DUPLICATE_ID',
  'VERSION_CONFLICT',
  'RULE_VIOLATED',
  'KEY_NOT_VALID_AT_TIME',
])

/** The keys of this node go no further; nothing was written. */
export function isBeyondKeys(error: unknown): boolean {
  return error instanceof ProtocolError && error.evidence.own === true
}

/** The store names the n-th record of the batch; that is some record of some request. */
export function conflictOf(error: unknown, fresh: readonly Waiting[], waiting: readonly Waiting[]): unknown {
  if (!(error instanceof ProtocolError) || !conflicts.has(error.code) || isBeyondKeys(error)) return error
  let before = 0
  for (const request of fresh) {
    const offset = (error.place.index ?? 0) - before
    if (offset < request.records.length) {
      return new Conflict(
        waiting.indexOf(request),
        new ProtocolError(error.code, error.message, {
          place: { ...error.place, index: offset },
          evidence: error.evidence,
        }),
      )
    }
    before += request.records.length
  }
  return error
}

/** Whose request it is that was refused. */
export function culpritOf(error: unknown, waiting: readonly Waiting[]): Waiting | undefined {
  return error instanceof Conflict ? waiting[error.request] : undefined
}

/** What a waiting request is told. */
export function refusalOf(error: unknown, single: boolean): unknown {
  if (single && error instanceof Conflict) return error.problem
  // The caller must not take "unknown" for "not done": the same key, sent again, finds out.
  if (isOutcomeUnknown(error))
    return new ProtocolError(
      'STORAGE_UNAVAILABLE',
      'the database went away; send it again with the same Idempotency-Key',
      { cause: error },
    )
  return error
}
