import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { DrizzleQueryError } from './drizzle.ts'

/**
 * What may be said of a failure of the database: its code, and the name of a constraint. Statements, parameters
 * and the server's own words hold what users sent, and go no further; so the driver's error is not the cause.
 * Errors that do not come from the driver pass unchanged.
 */
export function storageError(error: unknown): unknown {
  const driver = findDriverError(error)
  // The query builder's own error quotes statement and parameters; what it wraps does not.
  if (driver === undefined)
    return error instanceof DrizzleQueryError ? (error.cause ?? new Error('a query failed')) : error
  const { code, constraint } = driver
  const evidence = constraint === undefined ? { sqlstate: code } : { sqlstate: code, constraint }
  const problem = driver.fromServer ? problemOf(code) : 'STORAGE_UNAVAILABLE'
  return new ProtocolError(problem, messages[problem] ?? 'the database refused a statement', { evidence })
}

const messages: Partial<Record<ProblemCode, string>> = {
  STORAGE_FULL: 'the disk of the database is full',
  STORAGE_UNAVAILABLE: 'the database does not answer',
}

/** Connection lost or refused, resources, operator's intervention, server's disk, conflicts, read-only standby. */
const passing = /^(?:08|53|57|58|40|55|28|3D000|25006)/

function problemOf(code: string): ProblemCode {
  if (code === '53100') return 'STORAGE_FULL'
  return passing.test(code) ? 'STORAGE_UNAVAILABLE' : 'INTERNAL'
}

interface DriverError {
  /** Else of the connection: its codes (EPIPE) may look like those of the server. */
  readonly fromServer: boolean
  readonly code: string
  readonly constraint: string | undefined
}

const connectionCodes =
  /^(?:CONNECT|CONNECTION_[A-Z_]+|CONNECT_TIMEOUT|SASL_[A-Z_]+|E(?:CONN[A-Z]+|PIPE|NOENT|ACCES|HOSTUNREACH|NETUNREACH|TIMEDOUT|AI_AGAIN|NOTFOUND))$/

/** The query builder wraps the driver's error, so the chain of causes is searched. */
function findDriverError(error: unknown, depth = 0): DriverError | undefined {
  if (!(error instanceof Error) || error instanceof ProtocolError || depth > 4) return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const fromServer = error.name === 'PostgresError'
  if (fromServer || connectionCodes.test(code)) {
    const named = 'constraint_name' in error && typeof error.constraint_name === 'string'
    return { fromServer, code, constraint: named ? String(error.constraint_name) : undefined }
  }
  return findDriverError(error.cause, depth + 1)
}
