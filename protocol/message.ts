import type { ProblemCode } from './error.ts'
import { durabilityRows } from './message/durability.ts'
import { evidenceRows } from './message/evidence.ts'
import { logRows } from './message/log.ts'
import { mappingRows } from './message/mapping.ts'
import { readingRows } from './message/reading.ts'
import { recordRows } from './message/record.ts'
import { type Row, waitRetry } from './message/remedy.ts'
import { requestRows } from './message/request.ts'
import { standingRows } from './message/standing.ts'
import { syncRows } from './message/sync.ts'
import { trustRows } from './message/trust.ts'

/** What happened and what to do about it, for people: Chinese first. */
export interface Message {
  readonly zh: string
  readonly en: string
  readonly remedyZh: string
  readonly remedyEn: string
}

/** The one catalogue: console, API and command line take their words from here. Identifiers and data stay as they are. */
const rows: Readonly<Record<ProblemCode, Row>> = {
  ...durabilityRows,
  ...readingRows,
  ...recordRows,
  ...trustRows,
  ...logRows,
  ...standingRows,
  ...evidenceRows,
  ...mappingRows,
  ...syncRows,
  ...requestRows,
}

/** Whether a node goes on trying by itself, so that its people need do nothing; a command that has ended does not. */
export function isTriedAgain(code: ProblemCode): boolean {
  const [, , remedyZh] = rows[code]
  return remedyZh === waitRetry[0]
}

/** The words for a code. */
export function messageOf(code: ProblemCode): Message {
  const [zh, en, remedyZh, remedyEn] = rows[code]
  return { zh, en, remedyZh, remedyEn }
}
