import { type ProblemCode, ProtocolError } from '../../../protocol/error.ts'

/** The code of the `ProtocolError` that `run` throws, `undefined` when it throws nothing; others pass through. */
export function codeOf(run: () => unknown): ProblemCode | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
}
