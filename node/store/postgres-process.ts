import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, renameSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '../../protocol/error.ts'
import { readIfThere } from './file.ts'
import { programPath } from './postgres-binaries.ts'
import { lastLine, type PostgresPlace } from './postgres-place.ts'
import { spawnOptionsFor } from './postgres-user.ts'
import { commandLineOf, identifyProcess } from './process-identity.ts'

/** A postmaster that takes connections. */
export interface Postmaster {
  readonly pid: number
  /** Fulfilled when it has ended, for whatever reason. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/**
 * The shell starts the postmaster, says its number, and waits for it. Beside it a watcher waits for the end of our
 * pipe: when this process dies, however it dies, the pipe ends, and the watcher asks the postmaster for a fast
 * shutdown, after ten seconds for an immediate one. The shell collects both, so that none is left as a zombie.
 */
const watchdog = `
exec 4<&0 </dev/null
"$@" 3>&- 4<&- &
server=$!
echo $server >&3
exec 3>&-
( read -r line <&4
  kill -INT $server
  i=0
  while kill -0 $server && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done
  kill -QUIT $server ) >/dev/null 2>&1 &
watcher=$!
exec 4<&-
wait $server
kill $watcher 2>/dev/null
wait $watcher 2>/dev/null
`

const settings = {
  listen_addresses: '',
  port: '5432',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // What clients send may be confidential and has no place in a log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  timezone: 'UTC',
  log_timezone: 'UTC',
  jit: 'off',
  io_method: 'sync',
  shared_buffers: '64MB',
} as const

const maxLogBytes = 4 << 20
const deadPid = 4_194_304

/**
 * Starts the postmaster of `place` and waits until it takes connections, recovery included.
 *
 * @throws {ProtocolError} `STORAGE_UNAVAILABLE` — it ended before it was ready, or is not ready in time
 */
export async function launchPostmaster(
  place: PostgresPlace,
  socketDirectory: string,
  options: { readonly maxConnections: number; readonly readyWithin: number },
): Promise<Postmaster> {
  const flags = Object.entries({
    ...settings,
    unix_socket_directories: `"${socketDirectory.replaceAll('"', '""')}"`,
    max_connections: String(options.maxConnections),
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const program = [programPath(place.native, 'postgres'), '-D', place.cluster, ...flags]
  const log = openLog(place.log)
  const child = spawn('/bin/sh', ['-c', watchdog, 'sh', ...program], {
    ...spawnOptionsFor(place.user),
    stdio: ['pipe', log, log, 'pipe'],
    detached: true,
  })
  closeSync(log)
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done())
    child.once('error', () => done())
  })
  const pid = await readNumber(child.stdio[3])
  child.stdin?.on('error', () => {})
  // Neither holds this process back when all else is done: then the pipe ends, and the postmaster with it.
  child.unref()
  if (child.stdin instanceof Socket) child.stdin.unref()
  const postmaster = { pid, ended, stop: () => stopProcess(child, pid, ended) }
  if (await becomesReady(place, child, pid, options.readyWithin)) return postmaster
  await postmaster.stop()
  throw new ProtocolError('STORAGE_UNAVAILABLE', 'the embedded database did not start', {
    evidence: { said: lastLine(await readFile(place.log, 'utf8').catch(() => '')) },
  })
}

async function readNumber(stream: unknown): Promise<number> {
  let text = ''
  if (stream instanceof Readable) for await (const chunk of stream) text += String(chunk)
  return Number(text)
}

/** Appends, and begins anew when the file has grown; whoever ran before us keeps the old one open. */
function openLog(path: string): number {
  try {
    if (statSync(path).size > maxLogBytes) renameSync(path, `${path}.1`)
  } catch {
    // There is none yet.
  }
  return openSync(path, 'a', 0o600)
}

async function becomesReady(
  place: PostgresPlace,
  child: ChildProcess,
  pid: number,
  within: number,
): Promise<boolean> {
  for (let waited = 0; waited < within; waited += 20) {
    if (hasEnded(child)) return false
    const lines = ((await readIfThere(pidFile(place))) ?? '').split('\n')
    if (lines[0] === String(pid) && lines[7]?.trim() === 'ready') return true
    await sleep(20)
  }
  return false
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
}

/** A fast shutdown; an immediate one, which the next start recovers from, when that takes too long. */
async function stopProcess(child: ChildProcess, pid: number, ended: Promise<void>): Promise<void> {
  child.ref()
  for (const [signal, patience] of [
    ['SIGINT', 7_000],
    ['SIGQUIT', 2_000],
    ['SIGKILL', 1_000],
  ] as const) {
    if (hasEnded(child)) return
    if (pid > 0) sendSignal(pid, signal)
    const timer = new AbortController()
    await Promise.race([ended, sleep(patience, undefined, { signal: timer.signal }).catch(() => {})])
    timer.abort()
  }
}

function pidFile(place: PostgresPlace): string {
  return join(place.cluster, 'postmaster.pid')
}

/**
 * Clears the way for a new postmaster: stops one that outlived its node. The caller holds the directory's lock,
 * so no living node needs it. A number that belongs to another program by now is replaced in the file by one
 * that no process can have; the file itself stays, since by it PostgreSQL finds memory still in use by orphans.
 *
 * @throws {ProtocolError} `STORAGE_UNAVAILABLE` — it cannot be stopped
 */
export async function stopStalePostmaster(place: PostgresPlace): Promise<'none' | 'stopped'> {
  const text = await readIfThere(pidFile(place))
  const pid = Number((text ?? '').split('\n')[0])
  if (text === undefined || identifyProcess(pid) === undefined) return 'none'
  if (!commandLineOf(pid).includes(place.cluster)) {
    await writeFile(pidFile(place), text.replace(/^\d+/, String(deadPid)))
    return 'none'
  }
  for (const [signal, patience] of [
    ['SIGINT', 5_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 2_000],
  ] as const) {
    sendSignal(pid, signal)
    for (let waited = 0; waited < patience; waited += 20) {
      if (identifyProcess(pid) === undefined) return 'stopped'
      await sleep(20)
    }
  }
  throw new ProtocolError('STORAGE_UNAVAILABLE', 'a database server left by an earlier run does not end', {
    evidence: { pid },
  })
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended in between, which is what we want.
  }
}
