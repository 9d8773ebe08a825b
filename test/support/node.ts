import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { SyntheticRepository } from '../../fixtures/synthetic/ceremony.ts'
import { type SyntheticMember, syntheticSeed } from '../../fixtures/synthetic/member.ts'
import { startNode } from '../../node/app.ts'
import { readConfig } from '../../node/config.ts'
import { createLogger, type Deps } from '../../node/deps.ts'
import { encodeBase64Url } from '../../protocol/bytes.ts'
import { purposes } from '../../protocol/trust/registry.ts'
import { administer, databaseServer } from './database.ts'
import { templateDatabase } from './global-setup.ts'

export interface NodeOptions {
  /** In this process over a database of the run's server, or a program of its own with its embedded one. */
  readonly kind?: 'here' | 'program'
  readonly pollSeconds?: number
  /** Where copies of other logs lie. */
  readonly peerDirectories?: string
  /** A directory where newer versions of the registry are put. */
  readonly registrySource?: string
  /** Further settings. */
  readonly environment?: Readonly<Record<string, string>>
  /** Further settings. */
  readonly settings?: Readonly<Record<string, string>>
  /** Moves the wall clock of a node in this process. */
  readonly now?: () => number
}

export interface NodePlace {
  readonly member: SyntheticMember
  readonly directory: string
  /** The registry as a plain file, for the command line. */
  readonly trust: string
  readonly repository: SyntheticRepository
}

export interface Receipt {
  readonly id: string
  readonly digest: string
  readonly origin: string
  readonly index: number
  readonly entry: { readonly at: string }
  readonly checkpoint: string
}

export interface LogState {
  readonly origin: string
  readonly own: boolean
  readonly path: string
  readonly size: number
  readonly held: number
  readonly witnessed?: number
  readonly visible: number
  readonly state: string
  readonly fault?: { readonly code: string; readonly detail: string }
  readonly evidence?: string
  readonly checkedAt?: string
  readonly warning?: { readonly code: string; readonly detail: string }
  readonly quarantined: number
  readonly pending: number
}

const token = 'operator-token-of-the-tests'
const main = fileURLToPath(new URL('../../node/main.ts', import.meta.url))

/** A real node, as others see it: by HTTP alone. */
export class TestNode {
  readonly member: SyntheticMember
  readonly url: string
  readonly directory: string
  /** Fingerprint of the root that it pinned. */
  readonly root: string
  readonly token = token
  /** What it logged. */
  readonly lines: string[]
  readonly pid: number | undefined
  private readonly end: (how: 'stop' | 'kill') => Promise<void>

  constructor(
    { member, directory, repository }: NodePlace,
    running: { readonly lines: string[]; readonly pid?: number; end(how: 'stop' | 'kill'): Promise<void> },
  ) {
    this.member = member
    this.url = member.base
    this.directory = directory
    this.root = repository.fingerprint
    this.lines = running.lines
    this.pid = running.pid
    this.end = running.end
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, { redirect: 'manual', ...init })
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.fetch(path)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** Sends a body as the operator does. */
  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.fetch(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    })
  }

  async publish(draft: unknown, key?: string): Promise<Receipt> {
    const headers = key === undefined ? {} : { 'idempotency-key': key }
    const response = await this.post('/api/v1/records?wait=visible', draft, headers)
    const text = await response.text()
    if (response.status !== 201) throw new Error(`not published: ${response.status} ${text}`)
    return JSON.parse(text) as Receipt
  }

  async logs(): Promise<readonly LogState[]> {
    return (await this.get<{ logs: LogState[] }>('/api/v1/logs')).logs
  }

  async logOf(member: SyntheticMember): Promise<LogState | undefined> {
    return (await this.logs()).find(({ origin }) => origin === member.origin)
  }

  async countStandards(query = ''): Promise<number> {
    return (await this.get<{ total: number }>(`/api/v1/standards?limit=1${query}`)).total
  }

  /** Waits until it holds and shows that many entries of a member's log. */
  async waitFor(member: SyntheticMember, size: number, patience = 30_000): Promise<void> {
    const until = performance.now() + patience
    for (;;) {
      const log = await this.logOf(member).catch(() => undefined)
      if (log && log.held >= size && log.visible >= size) return
      if (performance.now() > until) throw new Error(`${this.url} has ${JSON.stringify(log)}, not ${size}`)
      await sleep(50)
    }
  }

  stop(): Promise<void> {
    return this.end('stop')
  }

  /** `kill -9`. */
  kill(): Promise<void> {
    return this.end('kill')
  }
}

export async function startTestNode(place: NodePlace, options: NodeOptions = {}): Promise<TestNode> {
  await writeFiles(place)
  const environment = {
    CSX_BASE_URL: place.member.base,
    CSX_DATA_DIR: place.directory,
    CSX_REGISTRY_ROOT: place.repository.fingerprint,
    CSX_POLL_SECONDS: String(options.pollSeconds ?? 0.1),
    CSX_WORKERS: '1',
    ...options.settings,
    ...(options.registrySource === undefined ? {} : { CSX_REGISTRY_SOURCES: options.registrySource }),
    ...options.environment,
    ...(options.peerDirectories === undefined ? {} : { CSX_PEER_DIRECTORIES: options.peerDirectories }),
  }
  return options.kind === 'program'
    ? startProgram(place, environment)
    : startHere(place, { ...environment, DATABASE_URL: await databaseOf(place) }, options)
}

async function writeFiles({ member, directory, trust, repository }: NodePlace): Promise<void> {
  await mkdir(join(directory, 'keys'), { recursive: true })
  for (const purpose of purposes) {
    const { multibase: multikey } = member[purpose].publicKey
    const file = { v: 1, purpose, multikey, seed: encodeBase64Url(syntheticSeed(purpose, member.did)) }
    const path = join(directory, 'keys', `${purpose}.key`)
    // A test may have put another there.
    await writeFile(path, JSON.stringify(file), { mode: 0o600, flag: 'wx' }).catch(() => {})
  }
  await writeFile(join(directory, 'trust.json'), trust)
  await writeRepository(repository, join(directory, 'registry'))
  await writeFile(join(directory, 'operator.token'), `${token}\n`, { mode: 0o600 })
}

/** Where there is none yet: what a node learned since stays. */
export async function writeRepository(
  { files }: SyntheticRepository,
  directory: string,
  flag: 'wx' | 'w' = 'wx',
): Promise<void> {
  await mkdir(join(directory, 'targets'), { recursive: true })
  for (const [path, bytes] of files) await writeFile(join(directory, path), bytes, { flag }).catch(() => {})
}

/** Of the database of a node in this process. */
export function databaseName(directory: string): string {
  return `csx_${directory.replace(/^.*-/, '').toLowerCase()}_${Buffer.from(directory).toString('hex').slice(-8)}`
}

/** A database named for the directory, so that a node that starts again finds its own. */
async function databaseOf({ directory }: NodePlace): Promise<string> {
  const server = await databaseServer()
  const name = databaseName(directory)
  await administer(server, `create database ${name} template ${templateDatabase}`).catch(() => {})
  // A socket has no place in a URL; the driver takes the rest from here.
  if ('user' in server)
    Object.assign(process.env, {
      PGHOST: server.socketDirectory,
      PGUSER: server.user,
      PGPASSWORD: server.password,
    })
  return `postgres:///${name}`
}

async function startHere(
  place: NodePlace,
  environment: Readonly<Record<string, string>>,
  { now = Date.now }: NodeOptions,
): Promise<TestNode> {
  const lines: string[] = []
  const deps: Deps = {
    now,
    monotonic: () => performance.now(),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    logger: createLogger('debug', { write: (line: string) => void lines.push(line) }),
  }
  const running = await startNode(readConfig(environment), deps)
  let ended: Promise<void> | undefined
  return new TestNode(place, {
    lines,
    end: () => {
      ended ??= running.stop()
      return ended
    },
  })
}

async function startProgram(
  place: NodePlace,
  environment: Readonly<Record<string, string>>,
): Promise<TestNode> {
  const lines: string[] = []
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      CSX_STOP_WITH_PARENT: '1',
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n')))
  const node = new TestNode(place, {
    lines,
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    end: (how) => endProgram(child, how),
  })
  for (let tries = 0; ; tries += 1) {
    const ready = await node.fetch('/readyz').catch(() => undefined)
    // One whose witnesses start after it is up all the same.
    if (ready?.ok || /"code":"LOG_(?:UNPROVEN|FROZEN)"/.test((await ready?.text()) ?? '')) return node
    if (hasEnded(child) || tries > 600) {
      child.kill('SIGKILL')
      throw new Error(`the node did not start:\n${lines.join('\n')}`)
    }
    await sleep(50)
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function endProgram(child: ChildProcess, how: 'stop' | 'kill'): Promise<void> {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill(how === 'kill' ? 'SIGKILL' : 'SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 25_000)
  await ended
  clearTimeout(late)
}
