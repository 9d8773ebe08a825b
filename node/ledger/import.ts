import { ProtocolError } from '../../protocol/error.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import type { Encoding } from './encoding.ts'
import type { SheetFault, SheetWarning } from './fault.ts'
import { type ImportOptions, type Plan, type PlannedDraft, planImport } from './plan.ts'
import { faultOfDraft } from './standard-row.ts'

export const mostFaults = 500

export interface CommitOptions<R> extends ImportOptions {
  /** All drafts or none, in one transaction; receipts in their order. */
  publish(drafts: readonly JsonObject[]): Promise<readonly R[]>
}

export interface ImportAnswer {
  readonly mode: 'preview' | 'commit'
  readonly encoding: Encoding
  readonly rows: number
  readonly new: number
  readonly unchanged: number
  readonly revised: number
  /** At most 500 each; `omitted` says how many more. */
  readonly faults: readonly SheetFault[]
  readonly warnings: readonly SheetWarning[]
  readonly omitted: { readonly faults: number; readonly warnings: number }
}

export interface ImportReceipt<R> extends ImportAnswer {
  readonly receipts: readonly R[]
}

/**
 * What an import of this file would do, row by row, and everything that stands in its way. Writes nothing.
 *
 * A promise only as far as nobody else publishes in between: the commit looks again.
 *
 * @throws {ProtocolError} `FILE_TYPE_REFUSED` `ENCODING_UNKNOWN` `SHEET_LIMIT`
 * @see spec/import.md, IMP-31
 */
export async function previewImport(bytes: Uint8Array, options: ImportOptions): Promise<ImportAnswer> {
  return answerOf('preview', await planImport(bytes, options))
}

/**
 * Publishes what is new or revised, all or nothing; where every row is unchanged, nothing.
 *
 * @throws {ProtocolError} `ROW_INVALID` — with every fault in `evidence.faults`; nothing was handed on
 * @throws {ProtocolError} `FILE_TYPE_REFUSED` `ENCODING_UNKNOWN` `SHEET_LIMIT`, and what `publish` throws, with the cell
 *   where it names a draft
 * @see spec/import.md, IMP-32, IMP-33
 */
export async function commitImport<R>(
  bytes: Uint8Array,
  options: CommitOptions<R>,
): Promise<ImportReceipt<R>> {
  const plan = await planImport(bytes, options)
  const answer = answerOf('commit', plan)
  const [first] = answer.faults
  if (first) {
    throw new ProtocolError('ROW_INVALID', 'the table has faults; nothing was imported', {
      place: { cell: first.cell },
      evidence: { faults: answer.faults, omitted: answer.omitted.faults },
    })
  }
  const receipts = plan.drafts.length === 0 ? [] : await publishAll(plan.drafts, options)
  return { ...answer, receipts }
}

function answerOf(mode: ImportAnswer['mode'], { table, counts, faults, warnings }: Plan): ImportAnswer {
  return {
    mode,
    encoding: table.encoding,
    rows: table.rows.length,
    ...counts,
    faults: faults.slice(0, mostFaults),
    warnings: warnings.slice(0, mostFaults),
    omitted: {
      faults: Math.max(0, faults.length - mostFaults),
      warnings: Math.max(0, warnings.length - mostFaults),
    },
  }
}

async function publishAll<R>(
  planned: readonly PlannedDraft[],
  options: CommitOptions<R>,
): Promise<readonly R[]> {
  try {
    return await options.publish(planned.map(({ draft }) => draft))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const [, n, pointer = ''] = /^\/records\/(\d+)(\/.*)?$/.exec(error.place.pointer ?? '') ?? []
    const row = n === undefined ? undefined : planned[Number(n)]?.row
    if (!row) throw error
    faultOfDraft(row, error, pointer)
    const fault = row.faults.at(-1)
    throw new ProtocolError(error.code, error.message, {
      place: { ...error.place, ...(fault ? { cell: fault.cell } : {}) },
      evidence: { ...error.evidence, faults: fault ? [fault] : [] },
      cause: error,
    })
  }
}
