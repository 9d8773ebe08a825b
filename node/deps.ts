import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino'

/** The part of pino that the node uses; any logger of that shape will do. */
export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** The world as far as the node may see it. Made once in `app.ts`, and by every test for itself. */
export interface Deps {
  /** Wall clock, milliseconds since the epoch. May jump. */
  now(): number
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number
  /** That many bytes nobody can foresee. */
  random(bytes: number): Uint8Array
  readonly logger: Logger
  /** Certificates of the authorities by which other nodes are known, in PEM form; those that come with Node by default. */
  readonly authorities?: readonly string[] | undefined
}

/** One JSON object a line on standard output, or wherever `destination` leads. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime }
  return destination === undefined ? pino(options) : pino(options, destination)
}
