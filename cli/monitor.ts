import { dirname } from 'node:path'
import { encodeBase64 } from '../protocol/bytes.ts'
import { formatMoment } from '../protocol/date.ts'
import { ProtocolError } from '../protocol/error.ts'
import { proveEvidence } from '../protocol/evidence.ts'
import { type OpenedCheckpoint, parseHead } from '../protocol/log/checkpoint.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { findLog } from '../protocol/trust/validity.ts'
import { createClient } from './client.ts'
import { type Exit, exits, type Word, wordOf } from './exit.ts'
import { makeFolder, writeAtomically } from './file.ts'
import { createLogReader, type LogReader } from './log-reader.ts'
import { compareCheckpoints, deriveLog } from './monitor-log.ts'
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
import { findGap, locateLog, nodeOf, openServed, type ServedLog, sayDerived } from './served-log.ts'
import { fingerprintOf, requireTrust } from './trust-file.ts'
import type { World } from './world.ts'

export interface MonitorFlags {
  readonly trust?: string
  readonly state?: string
  readonly interval?: string
}

interface Watch {
  readonly reader: LogReader
  readonly url: string
  readonly served: ServedLog
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
  const trust = await requireTrust(flags.trust, createClient(nodeOf(url), world), world)
  const served = locateLog(url, trust)
  const { base, path } = served
  const stateFile = flags.state ?? defaultStateFile(`${base}${path}`, world.env)
  if (flags.state === undefined) await makeFolder(dirname(stateFile))
  const watch = {
    reader: createLogReader(createClient(base, world), path),
    url: `${base}${path}`,
    served,
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
  say(`信任根指纹 / root of trust: ${fingerprintOf(trust)}`)
  say(`结论 / verdict: ${verdictNames[word]}`)
  return word
}

async function watchLog(watch: Watch, say: (line: string) => void): Promise<Word> {
  const { reader, trust, world, stateFile } = watch
  const before = await readState(stateFile, world)
  const note = await reader.fetchCheckpoint()
  const opened = openServed(note, watch.served, trust)
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
  const done: MonitorState = { ...state, checked: describeChecked(derived.part) }
  await writeState(stateFile, done)
  const { entries } = derived
  say(formatDone(`新增${entries}条，重算根相符`, `${entries} new entries, and they give the root`))
  sayDerived(derived, say)
  const compare = (kept: string, seen: string) => holdTogether(watch, done, { kept, seen, say })
  const gap = await findGap(note, opened, { ...watch, compare, say })
  say(
    `截至 ${origin} 的检查点 ${size}，时间 ${derived.part.lastAt}，根 ${encodeBase64(root)} / as of checkpoint ${size} of ${origin}, time ${derived.part.lastAt}`,
  )
  return derived.faulty > 0 ? 'rejected' : derived.missing > 0 || gap ? 'undecided' : 'verified'
}

interface Seen {
  readonly note: string
  readonly opened: OpenedCheckpoint
  readonly say: (line: string) => void
}

async function compareWithState(
  watch: Watch,
  before: MonitorState,
  { note, opened, say }: Seen,
): Promise<void> {
  if (before.origin !== opened.checkpoint.origin)
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'the state is of another log', {
      evidence: { remembered: before.origin },
    })
  await holdTogether(watch, before, { kept: before.checkpoint, seen: note, say })
  const { size } = parseHead(before.checkpoint)
  say(
    formatDone(
      `与记住的检查点（规模${size}）一致`,
      `consistent with the checkpoint remembered, of size ${size}`,
    ),
  )
}

interface TwoNotes {
  readonly kept: string
  readonly seen: string
  readonly say: (line: string) => void
}

/** Keeps both notes when they contradict each other; the remembered one stays what later ones are judged by. */
async function holdTogether(watch: Watch, state: MonitorState, { kept, seen, say }: TwoNotes): Promise<void> {
  const { reader, stateFile, world } = watch
  try {
    await compareCheckpoints(reader, parseHead(kept), parseHead(seen))
  } catch (error) {
    if (
      error instanceof ProtocolError &&
      ['LOG_ROLLBACK', 'LOG_EQUIVOCATION', 'CONSISTENCY_INVALID'].includes(error.code)
    ) {
      await writeState(
        stateFile,
        withFault(state, { seenAt: formatMoment(world.now()), code: error.code, kept, seen }),
      )
      say(`两份检查点已存入 ${stateFile} / both notes are kept there`)
      await writeEvidence(watch, [kept, seen], say)
    }
    throw error
  }
}

/** Two roots of one size are evidence by themselves. For any other the older tree would be needed, of which a monitor keeps the edge. */
async function writeEvidence(
  { trust, stateFile }: Watch,
  notes: readonly [string, string],
  say: (line: string) => void,
): Promise<void> {
  const [kept, seen] = notes.map(parseHead)
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
