import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import type { RepairSource } from './port.ts'

/** What a source answered in place of what it was asked for. */
export interface Refusal {
  readonly source: string
  readonly code: ProblemCode
  readonly detail: string
}

/** The sources in their order, each asked only for what those before it did not have. */
export interface Asking {
  /** The first answer that is one. */
  ask<T>(
    question: (source: RepairSource) => Promise<T>,
  ): Promise<{ readonly answer: T; readonly from: string } | undefined>
  /** Each kind of refusal of each source once. */
  readonly refusals: readonly Refusal[]
}

/** One that lacks a part, or offers other bytes for it, may have the next; whoever cannot be reached is not asked again. */
const partial: ReadonlySet<ProblemCode> = new Set([
  'PAGE_MALFORMED',
  'TILE_MALFORMED',
  'DIGEST_MISMATCH',
  'RECORD_UNAVAILABLE',
])

export function createAsking(sources: readonly RepairSource[]): Asking {
  const refusals: Refusal[] = []
  const silent = new Set<RepairSource>()

  function note(source: RepairSource, { code, message }: ProtocolError): void {
    if (!partial.has(code)) silent.add(source)
    if (refusals.some((known) => known.source === source.name && known.code === code)) return
    refusals.push({ source: source.name, code, detail: message })
  }

  return {
    refusals,
    ask: async (question) => {
      for (const source of sources) {
        if (silent.has(source)) continue
        try {
          return { answer: await question(source), from: source.name }
        } catch (error) {
          note(source, refusalOf(error))
        }
      }
      return undefined
    },
  }
}

/** Of what was offered, or of what is stored. A failure of the database is none, and ends the repair. */
export function refusalOf(error: unknown): ProtocolError {
  if (error instanceof ProtocolError && !/^(?:STORAGE_|INTERNAL$)/.test(error.code)) return error
  throw error
}
