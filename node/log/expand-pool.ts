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

/** Documents as JSON text: parsing it there is cheaper than copying objects between threads. */
export type ExpandTask = readonly string[]
export type ExpandAnswer = readonly (ExpandFailure | undefined)[]

interface Waiting {
  readonly text: string
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const mostTogether = 128

/** What is asked for in one turn of the event loop crosses to the workers together. */
export function createExpandPool(workers: number): ExpandPool {
  const filename = new URL(`./expand-worker${extname(import.meta.url)}`, import.meta.url).href
  const pool = new Piscina<ExpandTask, ExpandAnswer>({
    filename,
    name: 'expand',
    minThreads: 0,
    maxThreads: workers,
    idleTimeout: 60_000,
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  })
  let waiting: Waiting[] = []

  function flush(): void {
    const all = waiting
    waiting = []
    const together = Math.min(mostTogether, Math.ceil(all.length / workers))
    for (let at = 0; at < all.length; at += together) void runTask(pool, all.slice(at, at + together))
  }

  return {
    expand: (document) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush)
        waiting.push({ text: JSON.stringify(document), resolve, reject })
      }),
    close: () => pool.close(),
  }
}

async function runTask(pool: Piscina<ExpandTask, ExpandAnswer>, task: readonly Waiting[]): Promise<void> {
  try {
    const failures = await pool.run(task.map(({ text }) => text))
    for (const [i, { resolve, reject }] of task.entries()) {
      const failure = failures[i]
      if (failure) reject(problemOf(failure))
      else resolve()
    }
  } catch (error) {
    for (const { reject } of task) reject(error)
  }
}

function problemOf({ code, message, reason }: ExpandFailure): ProtocolError {
  const known: ProblemCode = problemCodes.find((name) => name === code) ?? 'TERM_UNDEFINED'
  return new ProtocolError(known, message, { evidence: { reason } })
}
