import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { encodeBase64 } from '../protocol/bytes.ts'
import { formatMoment } from '../protocol/date.ts'
import { ProtocolError } from '../protocol/error.ts'
import { proveEvidence } from '../protocol/evidence.ts'
import { sha256Hex } from '../protocol/hash.ts'
import { type OpenedCheckpoint, parseCheckpoint } from '../protocol/log/checkpoint.ts'
import { parseNote } from '../protocol/log/note.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { findLog } from '../protocol/trust/validity.ts'
import { openWithTrust } from '../protocol/verify-bundle.ts'
import { createClient } from './client.ts'
import { type Exit, exits, type Word, wordOf } from './exit.ts'
import { writeAtomically } from './file.ts'
import { createLogReader, type LogReader } from './log-reader.ts'
import { compareCheckpoints, type Derivation, deriveLog } from './monitor-log.ts'
import {
  defaultStateFile,
  describeChecked,
  type MonitorState,
  nothingChecked,
  openChecked,
  readState,
  withFault,
  writeState,
} from './monitor-state.ts'
import { parseDuration, parseUrl } from './option.ts'
import { escapeText, formatDone, formatError, verdictNames } from './print.ts'
import { createProgress } from './progress.ts'
import { requireTrust } from './trust-file.ts'
import type { World } from './world.ts'

export interface MonitorFlags {
  readonly trust?: string
  readonly state?: string
  readonly interval?: string
}

interface Watch {
  readonly reader: LogReader
  readonly url: string
  /** By the trust file, which log is served there. */
  readonly expected: string | undefined
  readonly trust: Trust
  readonly stateFile: string
  readonly world: World
}

/**
 * `csx monitor`: re-derives a whole log from what a node serves, as a stranger would, and remembers what it saw. A log that
 * contradicts its past ends the watch.
 *
 * @see protocol/spec/verify.md, VERIFY-24 to VERIFY-26
 */
export async function runMonitor(address: string, flags: MonitorFlags, world: World): Promise<Exit> {
  const interval = flags.interval === undefined ? undefined : parseDuration(flags.interval)
  const url = parseUrl(address)
  const trust = await requireTrust(flags.trust, world)
  const { base, path } = locateLog(url, trust)
  const stateFile = flags.state ?? defaultStateFile(`${base}${path}`, world.env)
  if (flags.state === undefined) await mkdir(dirname(stateFile), { recursive: true })
  const expected = [...trust.logs.values()].find(({ log }) => log.url === `${base}${path}`)?.log.origin
  const watch = {
    reader: createLogReader(createClient(base, world), path),
    url: `${base}${path}`,
    expected,
    trust,
    stateFile,
    world,
  }
  for (;;) {
    const word = await checkOnce(watch)
    if (interval === undefined || word === 'rejected') return exits[word]
    await world.sleep(interval)
    if (world.interrupted()) return exits[word]
  }
}

/** The log named, or the newest that the trust file has of that node. */
function locateLog(url: string, trust: Trust): { readonly base: string; readonly path: string } {
  const [, base, path] = /^(.*?)(\/log\/[1-9]\d*|\/mirror\/[0-9a-f]{64})$/.exec(url) ?? []
  if (base !== undefined && path !== undefined) return { base, path }
  const own = [...trust.logs.values()]
    .map(({ log }) => log.url)
    .filter((log) => log.startsWith(`${url}/log/`))
  return { base: url, path: own.at(-1)?.slice(url.length) ?? '/log/1' }
}

/** One look at the log; says what it finds, the verdict last. */
async function checkOnce(watch: Watch): Promise<Word> {
  const { world, trust, url } = watch
  const say = (line: string) => world.out(`${escapeText(line)}\n`)
  say(`日志 / log: ${url}`)
  let word: Word
  try {
    word = await watchLog(watch, say)
  } catch (error) {
    say(formatError(error))
    word = error instanceof ProtocolError ? wordOf(error.code) : 'error'
  }
  say(`信任根指纹 / root of trust: ${trust.fingerprint}`)
  say(`结论 / verdict: ${verdictNames[word]}`)
  return word
}

async function watchLog(watch: Watch, say: (line: string) => void): Promise<Word> {
  const { reader, trust, world, stateFile } = watch
  const before = await readState(stateFile, world)
  const note = await reader.fetchCheckpoint()
  const opened = openServed(note, watch)
  const { origin, size, root } = opened.checkpoint
  say(
    formatDone(
      `${origin} 的检查点，规模${size}，签名有效`,
      `checkpoint of ${origin}, size ${size}, signed by the log's key`,
    ),
  )
  if (before) await compareWithState(watch, before, { note, opened, say })
  const state: MonitorState = before
    ? { ...before, checkpoint: note }
    : { v: 1, url: watch.url, origin, checkpoint: note, checked: describeChecked(nothingChecked), faults: [] }
  // Remembered before the long part: whatever happens there, nobody can take this checkpoint back.
  await writeState(stateFile, state)
  const progress = createProgress(world)
  const derived = await deriveLog(reader, opened.checkpoint, openChecked(state), {
    trust,
    now: world.now(),
    onProgress: (done, all) => progress.report('重算日志', 're-deriving the log', done, all),
  })
  await writeState(stateFile, { ...state, checked: describeChecked(derived.part) })
  sayDerived(derived, say)
  say(
    `截至 ${origin} 的检查点 ${size}，时间 ${derived.part.lastAt}，根 ${encodeBase64(root)} / as of checkpoint ${size} of ${origin}, time ${derived.part.lastAt}`,
  )
  return derived.faulty > 0 ? 'rejected' : derived.missing > 0 ? 'undecided' : 'verified'
}

function openServed(note: string, { trust, expected, reader }: Watch): OpenedCheckpoint {
  const { origin } = parseCheckpoint(parseNote(note).text)
  const named = expected ?? origin
  const held = /^\/mirror\/(.*)$/.exec(reader.path)?.[1]
  if (held !== undefined && sha256Hex(origin) !== held)
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'another log than the one whose copy this is', {
      evidence: { origin },
    })
  return openWithTrust(note, named, trust)
}

interface Seen {
  readonly note: string
  readonly opened: OpenedCheckpoint
  readonly say: (line: string) => void
}

/** Keeps both notes when they contradict each other; the remembered one stays what later ones are judged by. */
async function compareWithState(
  watch: Watch,
  before: MonitorState,
  { note, opened, say }: Seen,
): Promise<void> {
  const { reader, stateFile, world } = watch
  const kept = parseCheckpoint(parseNote(before.checkpoint).text)
  if (before.origin !== opened.checkpoint.origin)
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'the state is of another log', {
      evidence: { remembered: before.origin },
    })
  try {
    await compareCheckpoints(reader, kept, opened.checkpoint)
  } catch (error) {
    if (
      error instanceof ProtocolError &&
      ['LOG_ROLLBACK', 'LOG_EQUIVOCATION', 'CONSISTENCY_INVALID'].includes(error.code)
    ) {
      await writeState(
        stateFile,
        withFault(before, {
          seenAt: formatMoment(world.now()),
          code: error.code,
          kept: before.checkpoint,
          seen: note,
        }),
      )
      say(`两份检查点已存入 ${stateFile} / both notes are kept there`)
      await writeEvidence(watch, [before.checkpoint, note], say)
    }
    throw error
  }
  say(
    formatDone(
      `与记住的检查点（规模${kept.size}）一致`,
      `consistent with the checkpoint remembered, of size ${kept.size}`,
    ),
  )
}

/** Two roots of one size are evidence by themselves. For any other the older tree would be needed, of which a monitor keeps the edge. */
async function writeEvidence(
  { trust, stateFile }: Watch,
  notes: readonly [string, string],
  say: (line: string) => void,
): Promise<void> {
  const [kept, seen] = notes.map((text) => parseCheckpoint(parseNote(text).text))
  if (!kept || kept.size !== seen?.size) return
  const keys = findLog(trust, kept.origin).keys.map(({ key }) => key)
  const file = `${stateFile.replace(/\.json$/, '')}.evidence.json`
  try {
    await writeAtomically(file, proveEvidence({ origin: kept.origin, notes }, keys))
    say(`分叉证据已写入 ${file} / evidence that csx verify confirms`)
  } catch (error) {
    // What the log did is still to be said.
    say(formatError(error))
  }
}

function sayDerived(
  { entries, verified, withheld, faulty, missing, faults }: Derivation,
  say: (line: string) => void,
): void {
  for (const { index, error } of faults) {
    const mark = error.code === 'RECORD_UNAVAILABLE' ? '?' : '✗'
    say(`${mark} 第${index}条 / entry ${index}  ${formatError(error).slice(2)}`)
  }
  if (faulty + missing > faults.length)
    say(`…（另有${faulty + missing - faults.length}条 / ${faulty + missing - faults.length} more）`)
  say(formatDone(`新增${entries}条，重算根相符`, `${entries} new entries, and they give the root`))
  say(
    `${faulty > 0 ? '✗' : missing > 0 ? '?' : '✓'} 记录 ${verified} 条有效，${faulty} 条有误，${missing} 条取不到，${withheld} 条非公开 / ${verified} records verified, ${faulty} faulty, ${missing} unavailable, ${withheld} not public`,
  )
}
