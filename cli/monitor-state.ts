import { decodeBase64, encodeBase64 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import type { Hash } from '../protocol/hash.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../protocol/json-value.ts'
import { parseHead } from '../protocol/log/checkpoint.ts'
import { createFrontier } from '../protocol/log/range.ts'
import { countOf, textOf } from './client.ts'
import { readInput, writeAtomically } from './file.ts'
import type { World } from './world.ts'

const maxStateBytes = 16 << 20
/** Evidence is kept for ever in principle; this much of it says all there is to say. */
const maxFaults = 100

/** What a monitor remembers between two runs, all of it proven before it is written. */
export interface MonitorState {
  readonly v: 1
  readonly url: string
  readonly origin: string
  /** The newest checkpoint that was consistent with all before it, as a signed note. */
  readonly checkpoint: string
  /** Below this size every entry was hashed up to a signed root, and every record looked at. Hashes in base64. */
  readonly checked: { readonly size: number; readonly hashes: readonly string[]; readonly lastAt: string }
  /** What condemns the log: each time both signed notes. */
  readonly faults: readonly LogFault[]
}

export interface LogFault {
  readonly seenAt: string
  readonly code: string
  readonly kept: string
  readonly seen: string
}

/** A place in the log from which the re-derivation goes on: what `createFrontier` needs, and the time of the last good entry. */
export interface CheckedPart {
  readonly size: number
  readonly hashes: readonly Hash[]
  readonly lastAt: string
}

export const nothingChecked: CheckedPart = { size: 0, hashes: [], lastAt: '' }

/**
 * @returns `undefined` when there is no such file yet
 * @throws {ProtocolError} `CONFIG_INVALID` — not a state that this program wrote
 */
export async function readState(file: string, world: World): Promise<MonitorState | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await readInput(file, maxStateBytes, world)
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'NOT_FOUND') return undefined
    throw error
  }
  try {
    const read = parseState(parseJson(bytes, maxStateBytes))
    const { size, hashes } = openChecked(read)
    createFrontier(size, hashes)
    if (size > parseHead(read.checkpoint).size)
      throw new ProtocolError('SCHEMA_INVALID', 'more was checked than was signed')
    return read
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new ProtocolError('CONFIG_INVALID', `${file} is not a state of csx monitor: ${cause.message}`, {
      cause,
    })
  }
}

function parseState(value: JsonValue): MonitorState {
  const state = objectOf(value)
  if (state.v !== 1) throw new ProtocolError('SCHEMA_INVALID', 'not of version 1')
  const checked = objectOf(state.checked)
  return {
    v: 1,
    url: textOf(state, 'url'),
    origin: textOf(state, 'origin'),
    checkpoint: textOf(state, 'checkpoint'),
    checked: {
      size: countOf(checked, 'size'),
      hashes: listOf(checked.hashes).map(String),
      lastAt: textOf(checked, 'lastAt'),
    },
    faults: listOf(state.faults).map((item) => {
      const fault = objectOf(item)
      return {
        seenAt: textOf(fault, 'seenAt'),
        code: textOf(fault, 'code'),
        kept: textOf(fault, 'kept'),
        seen: textOf(fault, 'seen'),
      }
    }),
  }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  if (!isJsonObject(value)) throw new ProtocolError('SCHEMA_INVALID', 'an object was expected')
  return value
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (!Array.isArray(value)) throw new ProtocolError('SCHEMA_INVALID', 'a list was expected')
  return value
}

export function writeState(file: string, value: MonitorState): Promise<void> {
  return writeAtomically(file, `${JSON.stringify(value, null, 2)}\n`)
}

export function openChecked({ checked }: MonitorState): CheckedPart {
  return { ...checked, hashes: checked.hashes.map((hash) => decodeBase64(hash)) }
}

export function describeChecked({ size, hashes, lastAt }: CheckedPart): MonitorState['checked'] {
  return { size, hashes: hashes.map(encodeBase64), lastAt }
}

/** Keeps both notes, each pair once: a log that stays bad is asked again and again. */
export function withFault(before: MonitorState, fault: LogFault): MonitorState {
  const known = before.faults.some(
    ({ code, kept, seen }) => code === fault.code && kept === fault.kept && seen === fault.seen,
  )
  return known ? before : { ...before, faults: [...before.faults, fault].slice(-maxFaults) }
}

/** A name for the state of a log where the user gives none, below the usual place for state. */
export function defaultStateFile(url: string, env: World['env']): string {
  // Empty is not set, says the XDG Base Directory Specification; and nobody's state belongs at the root of a disk.
  const home = env.XDG_STATE_HOME || `${env.HOME || '.'}/.local/state`
  return `${home}/csx/monitor/${url.replace(/^https?:\/\//, '').replaceAll(/[^a-z0-9.-]+/gi, '_')}.json`
}
