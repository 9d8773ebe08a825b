import type { Context } from 'hono'
import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { messageOf } from '../../protocol/message.ts'

/** HTTP status of each code that is not a plain 422 (the request was read and is wrong in itself). */
const statuses: Partial<Readonly<Record<ProblemCode, number>>> = {
  JSON_MALFORMED: 400,
  JSON_DUPLICATE_KEY: 400,
  JSON_TOO_DEEP: 400,
  NUMBER_UNSAFE: 400,
  TEXT_INVALID_UNICODE: 400,
  QUERY_INVALID: 400,
  OFFER_MALFORMED: 400,
  NOTE_MALFORMED: 400,
  CHECKPOINT_MALFORMED: 400,
  AUTH_REQUIRED: 401,
  AUTH_INVALID: 401,
  FORBIDDEN: 403,
  CHECKPOINT_SIGNATURE_INVALID: 403,
  KEY_NOT_VALID_AT_TIME: 403,
  MEMBER_SUSPENDED: 403,
  NOT_A_MEMBER: 403,
  BEYOND_CLOSE: 403,
  LOG_EQUIVOCATION: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  VERSION_CONFLICT: 409,
  IDEMPOTENCY_CONFLICT: 409,
  DUPLICATE_ID: 409,
  SYNC_RUNNING: 409,
  BODY_TOO_LARGE: 413,
  SIZE_LIMIT: 413,
  MEDIA_TYPE_REFUSED: 415,
  FILE_TYPE_REFUSED: 415,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  LOG_FROZEN: 503,
  LOG_UNPROVEN: 503,
  LOG_CLOSED: 503,
  LOG_LOCKED: 503,
  CLOCK_WENT_BACK: 503,
  STORAGE_FULL: 503,
  STORAGE_UNAVAILABLE: 503,
  KEY_UNAVAILABLE: 503,
  KEY_PERMISSIONS: 503,
  PASSPHRASE_WRONG: 503,
}

/**
 * RFC 9457 problem details: a stable code, the place, a remedy, and a trace id that the log has too. Never a stack, path or SQL.
 *
 * @see spec/node.md, NODE-14
 */
export function sendProblem(error: ProtocolError, traceId: string): Response {
  const { zh, en, remedyZh, remedyEn } = messageOf(error.code)
  const status = statusOf(error)
  const body = {
    type: `https://w3id.org/chuanyu-standards/problem#${error.code}`,
    title: `${zh} / ${en}`,
    status,
    code: error.code,
    detail: error.message,
    place: error.place,
    remedy: `${remedyZh} / ${remedyEn}`,
    traceId,
    ...('faults' in error.evidence ? { faults: error.evidence.faults } : {}),
  }
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  }
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="chuanyu-standards-exchange"'
  if (typeof error.evidence.allow === 'string') headers.allow = error.evidence.allow
  if (status === 503 || status === 429) headers['retry-after'] = '5'
  return new Response(JSON.stringify(body), { status, headers })
}

/** What this node cannot do now for want of its own key or a clock that it believes is no fault of the request. */
function statusOf({ code, evidence }: ProtocolError): number {
  return evidence.own === true ? 503 : (statuses[code] ?? 422)
}

export interface ErrorLog {
  error(facts: object, message: string): void
  warn(facts: object, message: string): void
}

/** Turns whatever was thrown into a problem; what nobody foresaw is logged with its trace id and said to be internal. */
export function createErrorHandler(
  log: ErrorLog,
  createTraceId: () => string,
): (error: Error, context: Context) => Response {
  return (error, context) => {
    const traceId = createTraceId()
    const { method, path } = context.req
    if (error instanceof ProtocolError) {
      if (statusOf(error) === 503) log.warn({ traceId, code: error.code, method, path }, error.message)
      return sendProblem(error, traceId)
    }
    log.error({ traceId, method, path, err: error }, 'unforeseen error in a request')
    return sendProblem(
      new ProtocolError('INTERNAL', 'an internal error; see the trace id in the log of the node'),
      traceId,
    )
  }
}
