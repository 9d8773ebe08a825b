import { extname } from 'node:path'
import { Piscina } from 'piscina'
import { type ProblemCode, ProtocolError, problemCodes } from '../../protocol/error.ts'
import type { JsonObject } from '../../protocol/json-value.ts'

/** JSON-LD expansion beside the event loop: it costs a third of a millisecond a record, and publication alone needs it. */
export interface ExpandPool {
  expand(document: JsonObject): Promise<void>
  close(): Promise<void>
}

export interface ExpandFailure {
  readonly code: string
  readonly message: string
  readonly reason: string
}

export function createExpandPool(workers: number): ExpandPool {
  const filename = new URL(`./expand-worker${extname(import.meta.url)}`, import.meta.url).href
  const pool = new Piscina<JsonObject, ExpandFailure | undefined>({
    filename,
    name: 'expand',
    minThreads: 0,
    maxThreads: workers,
    idleTimeout: 60_000,
    concurrentTasksPerWorker: 4,
  })
  return {
    async expand(document) {
      const failure = await pool.run(document)
      if (!failure) return
      const code: ProblemCode = problemCodes.find((known) => known === failure.code) ?? 'TERM_UNDEFINED'
      throw new ProtocolError(code, failure.message, { evidence: { reason: failure.reason } })
    },
    close: () => pool.close(),
  }
}
