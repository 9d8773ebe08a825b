/**
 * Why a check failed. Wire-stable: logs, peers, the console, the command line and the fixtures all spell it
 * this way. Groups follow the requirements of `.github/SECURITY.md`.
 */
export const problemCodes = [
  // durability and log
  'LOG_LOCKED',
  'LOG_FROZEN',
  'LOG_UNPROVEN',
  'LOG_CLOSED',
  'LOG_MISMATCH',
  'CLOCK_WENT_BACK',
  'TIME_IN_FUTURE',
  'TIME_CONTRADICTED',
  'LEAF_MISMATCH',
  'IDEMPOTENCY_CONFLICT',
  'VERSION_CONFLICT',
  'STORAGE_FULL',
  'STORAGE_UNAVAILABLE',
  'KEY_UNAVAILABLE',
  'KEY_PERMISSIONS',
  'PASSPHRASE_WRONG',
  'CONFIG_INVALID',
  'OPENING_LOST',
  'BLOB_MISSING',
  // reading
  'JSON_MALFORMED',
  'JSON_DUPLICATE_KEY',
  'JSON_TOO_DEEP',
  'NUMBER_UNSAFE',
  'TEXT_INVALID_UNICODE',
  'TEXT_FORBIDDEN_CHAR',
  'SIZE_LIMIT',
  'CANON_LIMIT',
  'DECOMPRESSION_LIMIT',
  'ARCHIVE_LIMIT',
  // record and proof
  'CONTEXT_NOT_ALLOWED',
  'KEYWORD_NOT_ALLOWED',
  'TERM_UNDEFINED',
  'SCHEMA_INVALID',
  'SIGNATURE_INVALID',
  'PROOF_MISSING',
  'PROOF_MALFORMED',
  'SUITE_NOT_ALLOWED',
  'PURPOSE_MISMATCH',
  'DIGEST_MISMATCH',
  'DUPLICATE_ID',
  'IDENTIFIER_INVALID',
  'RULE_VIOLATED',
  'SYNTHETIC_REFUSED',
  // keys and trust
  'KEY_MALFORMED',
  'KEY_NOT_FOUND',
  'KEY_CONTROLLER_MISMATCH',
  'KEY_NOT_VALID_AT_TIME',
  'KEY_COMPROMISED',
  'KEY_NOT_PINNED',
  'ISSUER_MISMATCH',
  'NOT_TRUSTED',
  'NOT_A_MEMBER',
  'MEMBER_SUSPENDED',
  'NOT_WITNESSED',
  'DID_MALFORMED',
  'DID_MISMATCH',
  'REGISTRY_MALFORMED',
  'POLICY_MALFORMED',
  'REGISTRY_ROLLBACK',
  'REGISTRY_STALE',
  'THRESHOLD_NOT_MET',
  // log proofs
  'NOTE_MALFORMED',
  'CHECKPOINT_MALFORMED',
  'CHECKPOINT_SIGNATURE_INVALID',
  'CHECKPOINT_STALE',
  'LOG_ORIGIN_MISMATCH',
  'TILE_MALFORMED',
  'ENTRY_MALFORMED',
  'INCLUSION_INVALID',
  'INCLUSION_MISSING',
  'CONSISTENCY_INVALID',
  'RANGE_MISSING',
  'RANGE_INVALID',
  'BEYOND_CLOSE',
  'INDEX_MISMATCH',
  'COMMITMENT_MALFORMED',
  'AUDIENCE_MISMATCH',
  'RECEIPT_MISSING',
  'OFFER_MALFORMED',
  // standing
  'REVOKED',
  'WITHDRAWN',
  'SUPERSEDED',
  'EXPIRED',
  'NOT_YET_VALID',
  'STATUS_STALE',
  'STATUS_MALFORMED',
  'STATUS_UNAVAILABLE',
  'ATTESTATION_INCOMPLETE',
  'ATTESTATION_MISMATCH',
  'ATTESTATION_SAME_PARTY',
  'ATTESTATION_CONFLICT',
  'MAPPING_MISSING',
  'MAPPING_INVALID',
  'BASIS_MISSING',
  'CONFORMANCE_MISSING',
  'CONFORMANCE_INVALID',
  'CONFORMANCE_FAILED',
  'JSON_SCHEMA_REFUSED',
  'BUNDLE_MALFORMED',
  // evidence
  'EVIDENCE_MALFORMED',
  'NO_CONTRADICTION',
  'NO_COMMON_KEY',
  // mapping sets
  'SSSOM_MALFORMED',
  'SSSOM_PREFIX_INVALID',
  'SSSOM_SLOT_MISSING',
  'SSSOM_VALUE_INVALID',
  'SSSOM_VERSION_UNKNOWN',
  'SSSOM_NOT_CANONICAL',
  'SSSOM_ROW_FOREIGN',
  // sync
  'LOG_ROLLBACK',
  'LOG_EQUIVOCATION',
  'SEQUENCE_GAP',
  'RECORD_UNAVAILABLE',
  'QUARANTINED',
  'PENDING_DEPENDENCY',
  'RESPONSE_TOO_LARGE',
  'PEER_TIMEOUT',
  'PEER_TOO_SLOW',
  'PEER_UNAVAILABLE',
  'TLS_FAILED',
  'PAGE_MALFORMED',
  'ADDRESS_FORBIDDEN',
  'REDIRECT_REFUSED',
  'SYNC_RUNNING',
  'CURSOR_AHEAD',
  // API, files, command line
  'AUTH_REQUIRED',
  'AUTH_INVALID',
  'FORBIDDEN',
  'RATE_LIMITED',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'MEDIA_TYPE_REFUSED',
  'BODY_TOO_LARGE',
  'QUERY_INVALID',
  'ROW_INVALID',
  'FILE_TYPE_REFUSED',
  'SHEET_LIMIT',
  'ENCODING_UNKNOWN',
  'FILE_UNSAFE',
  'USAGE_INVALID',
  'INTERNAL',
] as const

export type ProblemCode = (typeof problemCodes)[number]

/** Where the fault lies: a JSON pointer (RFC 6901), a spreadsheet cell (`C7`), or an index (log entry, line). */
export interface Place {
  readonly pointer?: string
  readonly cell?: string
  readonly index?: number
}

export interface ProblemDetail {
  readonly place?: Place
  /** What a third party needs to check the claim again; never a secret. */
  readonly evidence?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * The one error that `protocol/` throws for bad input. Misuse by our own code is a `TypeError`.
 *
 * The message is English and for engineers; words for officials come from `message.ts` by `code`.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProblemCode
  readonly place: Place
  readonly evidence: Readonly<Record<string, unknown>>

  constructor(code: ProblemCode, message: string, detail: ProblemDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.code = code
    this.place = detail.place ?? {}
    this.evidence = detail.evidence ?? {}
  }
}

/** Runs `read` and puts `pointer` before the place of whatever it throws. */
export function atPointer<T>(pointer: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const place = { ...error.place, pointer: pointer + (error.place.pointer ?? '') }
    throw new ProtocolError(error.code, error.message, { place, evidence: error.evidence, cause: error })
  }
}

/** One step of a JSON pointer, escaped by RFC 6901, section 3. */
export function pointerStep(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
