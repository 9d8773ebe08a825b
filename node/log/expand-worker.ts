import { openExpander } from '../../protocol/context/expand.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import type { ExpandFailure } from './expand-pool.ts'

const expander = openExpander()

/** The task of the pool. Errors lose their class between threads, so a refusal goes back as a value. */
export async function expand(document: JsonObject): Promise<ExpandFailure | undefined> {
  try {
    await (await expander)(document)
    return undefined
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { code: error.code, message: error.message, reason: String(error.evidence.reason ?? '') }
  }
}
