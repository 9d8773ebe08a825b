import { type ProblemCode, ProtocolError } from '../protocol/error.ts'
import { outcomeOf, type VerdictWord } from '../protocol/verdict.ts'

/** A verdict, or that none could be had: a limit, an unreadable file, a fault of the program. */
export type Word = VerdictWord | 'error'

/**
 * Ends of a process, relied upon from outside.
 *
 * @see protocol/spec/verify.md, VERIFY-16
 */
export const exits = { verified: 0, rejected: 1, usage: 2, undecided: 3, error: 4 } as const

export type Exit = (typeof exits)[keyof typeof exits]

const worstFirst = ['rejected', 'error', 'undecided', 'verified'] as const

/** Over several files: 1 before 4 before 3 before 0. Nothing checked at all is a matter of usage. */
export function worstOf(words: readonly Word[]): Exit {
  const worst = worstFirst.find((word) => words.includes(word))
  return worst === undefined ? exits.usage : exits[worst]
}

const errorCodes: ReadonlySet<ProblemCode> = new Set([
  'SIZE_LIMIT',
  'CANON_LIMIT',
  'RESPONSE_TOO_LARGE',
  'INTERNAL',
  'CONFIG_INVALID',
  'NOT_FOUND',
  'FILE_TYPE_REFUSED',
  'FORBIDDEN',
  'STORAGE_FULL',
  'STORAGE_UNAVAILABLE',
])

/** How a command ends that could not go on: bad input is proven, a limit is an error, the network leaves it open. */
export function wordOf(code: ProblemCode): Word {
  if (errorCodes.has(code)) return 'error'
  return outcomeOf(code) === 'unknown' ? 'undecided' : 'rejected'
}

export function exitOf(error: unknown): Exit {
  if (!(error instanceof ProtocolError)) return exits.error
  // A node that cannot do it now says nothing about what it was asked.
  const { status } = error.evidence
  if (typeof status === 'number' && status >= 500) return exits.undecided
  return error.code === 'USAGE_INVALID' ? exits.usage : exits[wordOf(error.code)]
}

export function usageError(message: string): ProtocolError {
  return new ProtocolError('USAGE_INVALID', message)
}
