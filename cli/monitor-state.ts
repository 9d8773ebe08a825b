import * as z from 'zod'
import { decodeBase64, encodeBase64 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import type { Hash } from '../protocol/hash.ts'
import { parseJson } from '../protocol/json.ts'
import { createFrontier } from '../protocol/log/range.ts'
import { parseWith } from '../protocol/record/schema.ts'
import { readInput, writeAtomically } from './file.ts'
import type { World } from './world.ts'

const maxStateBytes = 16 << 20
/** Evidence is kept for ever in principle; this much of it says all there is to say. */
const maxFaults = 100

const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const note = z.string().min(1).max(65_536)

const state = z.strictObject({
  v: z.literal(1),
  url: z.string().max(2000),
  origin: z.string().max(400),
  /** The newest checkpoint that was consistent with all before it. */
  checkpoint: note,
  /** Below this size every entry was hashed up to a signed root, and every record looked at. */
  checked: z.strictObject({
    size,
    hashes: z.array(z.string().length(44)).max(53),
    lastAt: z.string().max(40),
  }),
  /** What condemns the log: each time both signed notes. */
  faults: z
    .array(z.strictObject({ seenAt: z.string().max(40), code: z.string().max(60), kept: note, seen: note }))
    .max(maxFaults),
})

/** What a monitor remembers between two runs, all of it proven before it is written. */
export type MonitorState = z.output<typeof state>

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
    const read = parseWith(state, parseJson(bytes, maxStateBytes))
    const { size: from, hashes } = openChecked(read)
    createFrontier(from, hashes)
    return read
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new ProtocolError('CONFIG_INVALID', `${file} is not a state of csx monitor: ${cause.message}`, {
      cause,
    })
  }
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
export function withFault(before: MonitorState, fault: MonitorState['faults'][number]): MonitorState {
  const known = before.faults.some(
    ({ code, kept, seen }) => code === fault.code && kept === fault.kept && seen === fault.seen,
  )
  return known ? before : { ...before, faults: [...before.faults, fault].slice(-maxFaults) }
}

/** A name for the state of a log where the user gives none, below the usual place for state. */
export function defaultStateFile(url: string, env: World['env']): string {
  const home = env.XDG_STATE_HOME ?? `${env.HOME ?? '.'}/.local/state`
  return `${home}/csx/monitor/${url.replace(/^https?:\/\//, '').replaceAll(/[^a-z0-9.-]+/gi, '_')}.json`
}
