import { ProtocolError } from '../protocol/error.ts'
import { sha256Hex } from '../protocol/hash.ts'
import { type OpenedCheckpoint, parseHead } from '../protocol/log/checkpoint.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { openWithTrust } from '../protocol/verify-checkpoint.ts'
import type { Derivation } from './monitor-log.ts'
import { formatError } from './print.ts'

/** A log below the address of a node. */
export interface ServedLog {
  readonly base: string
  /** `/log/1`, `/mirror/<hex>`. */
  readonly path: string
  /** By the trust file, which log is served there. */
  readonly expected: string | undefined
}

/** The node below whose address a log lies. */
export function nodeOf(url: string): string {
  return /^(.*?)(?:\/log\/[1-9]\d*|\/mirror\/[0-9a-f]{64})$/.exec(url)?.[1] ?? url
}

/** The log named, or the newest that the trust file has of that node. */
export function locateLog(url: string, trust: Trust): ServedLog {
  const [, named, below] = /^(.*?)(\/log\/[1-9]\d*|\/mirror\/[0-9a-f]{64})$/.exec(url) ?? []
  const logs = [...trust.logs.values()].map(({ log }) => log)
  const base = named ?? url
  const own = logs.filter((log) => log.url.startsWith(`${url}/log/`)).at(-1)
  const path = below ?? own?.url.slice(url.length) ?? '/log/1'
  return { base, path, expected: logs.find((log) => log.url === `${base}${path}`)?.origin }
}

/**
 * The checkpoint that is served there, signed by the key of the log that must be.
 *
 * @throws {ProtocolError} `LOG_ORIGIN_MISMATCH`, and as `openWithTrust`
 */
export function openServed(note: string, { path, expected }: ServedLog, trust: Trust): OpenedCheckpoint {
  const { origin } = parseHead(note)
  const held = /^\/mirror\/(.*)$/.exec(path)?.[1]
  if (held !== undefined && sha256Hex(origin) !== held)
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'another log than the one whose copy this is', {
      evidence: { origin },
    })
  return openWithTrust(note, expected ?? origin, trust)
}

/** What became of the records. */
export function sayDerived(
  { verified, withheld, faulty, missing, faults }: Derivation,
  say: (line: string) => void,
): void {
  for (const { index, error } of faults) {
    const mark = error.code === 'RECORD_UNAVAILABLE' ? '?' : '✗'
    say(`${mark} 第${index}条 / entry ${index}  ${formatError(error).slice(2)}`)
  }
  if (faulty + missing > faults.length)
    say(`…（另有${faulty + missing - faults.length}条 / ${faulty + missing - faults.length} more）`)
  say(
    `${faulty > 0 ? '✗' : missing > 0 ? '?' : '✓'} 记录 ${verified} 条有效，${faulty} 条有误，${missing} 条取不到，${withheld} 条非公开 / ${verified} records verified, ${faulty} faulty, ${missing} unavailable, ${withheld} not public`,
  )
}
