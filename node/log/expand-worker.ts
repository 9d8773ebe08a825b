import { openExpander } from '../../protocol/context/expand.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import type { ExpandAnswer, ExpandFailure, ExpandTask } from './expand-pool.ts'
import { shareDefinitions } from './expand-tuning.ts'

shareDefinitions()
const expander = openExpander()

/** The task of the pool. Errors lose their class between threads, so a refusal goes back as a value. */
export async function expand(task: ExpandTask): Promise<ExpandAnswer> {
  const answers: (ExpandFailure | undefined)[] = []
  for (const text of task) answers.push(await expandOne(text))
  return answers
}

async function expandOne(text: string): Promise<ExpandFailure | undefined> {
  try {
    const document: JsonObject = JSON.parse(text)
    await (await expander)(document)
    return undefined
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { code: error.code, message: error.message, reason: String(error.evidence.reason ?? '') }
  }
}
