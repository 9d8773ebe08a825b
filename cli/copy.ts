import { decodeUtf8, encodeBase64, encodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { type Checkpoint, parseHead } from '../protocol/log/checkpoint.ts'
import { maxNoteBytes } from '../protocol/log/note.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { proveBundles } from './bundle-hash.ts'
import { createClient } from './client.ts'
import { type CopyFolder, openCopyFolder } from './copy-folder.ts'
import { type CopyReader, createCopyReader, listPartial } from './copy-reader.ts'
import { type Exit, exits, type Word, wordOf } from './exit.ts'
import { createLogReader, type LogReader } from './log-reader.ts'
import { compareCheckpoints, type Derivation, deriveLog } from './monitor-log.ts'
import { nothingChecked } from './monitor-state.ts'
import { parseUrl } from './option.ts'
import { escapeJson, escapeText, formatDone, formatError, verdictNames } from './print.ts'
import { createProgress } from './progress.ts'
import { findGap, locateLog, nodeOf, openServed, type ServedLog, sayDerived } from './served-log.ts'
import { fingerprintOf, requireTrust } from './trust-file.ts'
import type { World } from './world.ts'

export interface CopyFlags {
  readonly trust?: string
  readonly json?: true
}

interface Task {
  readonly served: ServedLog
  readonly reader: LogReader
  readonly trust: Trust
  readonly directory: string
  readonly world: World
  readonly say: (line: string) => void
}

interface Copied {
  readonly checkpoint: Checkpoint
  /** Size of the copy that lay there; 0 where there was none. */
  readonly before: number
  readonly derived: Derivation
  readonly counts: ReturnType<CopyReader['counts']>
  /** What the tree lacks to count by itself. */
  readonly gap: ProtocolError | undefined
}

/**
 * `csx copy`: writes the log that a node serves as a directory from which another node takes it (`CSX_PEER_DIRECTORIES`), verified as
 * `csx monitor` does.
 *
 * @see protocol/spec/verify.md, VERIFY-27 to VERIFY-29
 */
export async function runCopy(
  address: string,
  directory: string,
  { flags, world }: { readonly flags: CopyFlags; readonly world: World },
): Promise<Exit> {
  const url = parseUrl(address)
  const trust = await requireTrust(flags.trust, createClient(nodeOf(url), world), world)
  const served = locateLog(url, trust)
  const from = `${served.base}${served.path}`
  const say = (line: string) => {
    if (!flags.json) world.out(`${escapeText(line)}\n`)
  }
  const end = (word: Word, facts: object): Exit => {
    if (flags.json)
      world.out(`${escapeJson(JSON.stringify({ url: from, directory, verdict: word, ...facts }))}\n`)
    say(`信任根指纹 / root of trust: ${fingerprintOf(trust)}`)
    say(`结论 / verdict: ${verdictNames[word]}`)
    return exits[word]
  }
  say(`日志 / log: ${from}`)
  try {
    const reader = createLogReader(createClient(served.base, world), served.path)
    const copied = await copyLog({ served, reader, trust, directory, world, say })
    const { gap, derived } = copied
    const { faulty, missing } = derived
    const why = gap ? { code: gap.code, detail: gap.message } : {}
    const word = faulty > 0 ? 'rejected' : missing > 0 || gap ? 'undecided' : 'verified'
    return end(word, { ...factsOf(copied), ...why })
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'USAGE_INVALID') throw error
    say(formatError(error))
    if (error instanceof ProtocolError)
      return end(wordOf(error.code), { code: error.code, detail: error.message })
    return end('error', { code: 'INTERNAL', detail: String(error).slice(0, 300) })
  }
}

function factsOf({ checkpoint, before, derived, counts }: Copied): object {
  const { verified, withheld, faulty, missing, faults } = derived
  return {
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: encodeBase64(checkpoint.root),
    before,
    verified,
    withheld,
    faulty,
    missing,
    faults: faults.map(({ index, code }) => ({ index, code })),
    ...counts,
  }
}

/**
 * 1. The checkpoint, and that it is consistent with the one that lies there. Up to here nothing is written.
 * 2. Entries, records and tiles, each beside and renamed. Whoever reads the directory meanwhile finds the old tree whole.
 * 3. The checkpoint, over files that are all there and give its root. A run that breaks off before it leaves the old copy, and the next
 *    goes on with what was written.
 * 4. What only the old tree had use for goes.
 */
async function copyLog(task: Task): Promise<Copied> {
  const { served, reader, trust, directory, world, say } = task
  const note = await reader.fetchCheckpoint()
  const opened = openServed(note, served, trust)
  const { checkpoint } = opened
  const { origin, size } = checkpoint
  say(
    formatDone(
      `${origin} 的检查点，规模${size}，签名有效`,
      `checkpoint of ${origin}, size ${size}, signed by the log's key`,
    ),
  )
  const folder = await openCopyFolder(directory, world)
  const before = await compareWithCopy(task, folder, checkpoint)
  const { derived, counts } = await writeTree(task, folder, checkpoint)
  say(formatDone(`共${size}条，重算根相符`, `all ${size} entries, and they give the root`))
  sayDerived(derived, say)
  const compare = (kept: string, seen: string) => compareCheckpoints(reader, parseHead(kept), parseHead(seen))
  const gap = await findGap(note, opened, { reader, served, trust, compare, say })
  await folder.write('checkpoint', encodeUtf8(note))
  const current = new Set(listPartial(size))
  for (const path of listPartial(before)) if (!current.has(path)) await folder.remove(path)
  say(
    formatDone(
      `副本已写入 ${directory}：取得${counts.fetched}个文件，沿用${counts.reused}个`,
      `the copy is in ${directory}: ${counts.fetched} files fetched, ${counts.reused} used again`,
    ),
  )
  say(
    `截至 ${origin} 的检查点 ${size}，时间 ${derived.part.lastAt} / as of checkpoint ${size} of ${origin}, time ${derived.part.lastAt}`,
  )
  return { checkpoint, before, derived, counts, gap }
}

/** @returns the size of the copy that lies there */
async function compareWithCopy(
  { served, reader, trust, directory, say }: Task,
  folder: CopyFolder,
  seen: Checkpoint,
): Promise<number> {
  const bytes = await folder.read('checkpoint', maxNoteBytes)
  if (!bytes) return 0
  const kept = openKept(decodeUtf8(bytes), directory, seen)
  openServed(decodeUtf8(bytes), served, trust)
  // A node that holds the log for another may be behind; the log itself may not.
  if (seen.size < kept.size && served.path.startsWith('/mirror/'))
    throw new ProtocolError('CURSOR_AHEAD', 'the node is behind the copy that lies there', {
      evidence: { kept: kept.size, seen: seen.size },
    })
  await compareCheckpoints(reader, kept, seen)
  say(
    formatDone(
      `与原有的副本（规模${kept.size}）一致`,
      `consistent with the copy that lies there, of size ${kept.size}`,
    ),
  )
  return kept.size
}

function openKept(note: string, directory: string, seen: Checkpoint): Checkpoint {
  let kept: Checkpoint
  try {
    kept = parseHead(note)
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new ProtocolError(cause.code, `what lies in ${directory} is no copy of a log: ${cause.message}`, {
      cause,
    })
  }
  if (kept.origin !== seen.origin)
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', `${directory} holds another log: ${kept.origin}`)
  return kept
}

async function writeTree(
  { reader, trust, world }: Task,
  folder: CopyFolder,
  checkpoint: Checkpoint,
): Promise<Pick<Copied, 'derived' | 'counts'>> {
  const progress = createProgress(world)
  const copying = createCopyReader(reader, folder, await proveBundles(reader, folder, checkpoint))
  const derived = await deriveLog(copying, checkpoint, nothingChecked, {
    trust,
    now: world.now(),
    onProgress: (done, all) => progress.report('复制日志', 'copying the log', done, all),
  })
  await copying.writeEdge()
  return { derived, counts: copying.counts() }
}
