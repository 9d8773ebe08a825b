import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface NodePlace {
  readonly name: string
  readonly url: string
  readonly directory: string
  /** Further settings of its node. */
  readonly settings?: Readonly<Record<string, string>>
}

/** One running node of the demo, in a process of its own. */
export interface DemoNode extends NodePlace {
  pid(): number
  stop(): Promise<void>
  /** After a stop. */
  start(): Promise<void>
}

export interface DemoNodeOptions {
  readonly root: string
  readonly pollSeconds: number
  readonly onRestart: (node: NodePlace, pid: number) => void
}

/**
 * Starts `csx-node` and waits until it is ready. A node that ends by itself, or is killed, is started again, as a service manager
 * would: what it acknowledged must still be there.
 */
export async function startDemoNode(place: NodePlace, options: DemoNodeOptions): Promise<DemoNode> {
  let stopping = false
  let child: ChildProcess

  function watch(current: ChildProcess): void {
    current.once('exit', () => {
      if (stopping) return
      child = launch(place, options)
      options.onRestart(place, child.pid ?? 0)
      watch(child)
    })
  }

  async function begin(): Promise<void> {
    stopping = false
    child = launch(place, options)
    const first = child
    try {
      await waitUntilReady(place, () => first.exitCode)
    } catch (error) {
      stopping = true
      first.kill('SIGKILL')
      throw error
    }
    watch(child)
  }

  await begin()
  return {
    ...place,
    pid: () => child.pid ?? 0,
    stop: async () => {
      stopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 25_000)
      await ended
      clearTimeout(late)
    },
    start: begin,
  }
}

function launch(
  { url, directory, settings }: NodePlace,
  { root, pollSeconds }: DemoNodeOptions,
): ChildProcess {
  const log = createWriteStream(join(directory, 'node.log'), { flags: 'a' })
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('CSX_') && name !== 'DATABASE_URL'),
  )
  const child = spawn(process.execPath, [join(root, 'dist/node/main.js')], {
    env: {
      ...inherited,
      CSX_BASE_URL: url,
      CSX_DATA_DIR: directory,
      CSX_POLL_SECONDS: String(pollSeconds),
      CSX_STOP_WITH_PARENT: '1',
      ...settings,
    },
    // Standard input stays open as long as this process lives: its end tells the node that the demo is gone.
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C is for the demo; it stops its nodes in order.
    detached: true,
  })
  child.stdout?.pipe(log)
  child.stderr?.pipe(log)
  return child
}

async function waitUntilReady(
  { name, url, directory }: NodePlace,
  exitCode: () => number | null,
): Promise<void> {
  const until = performance.now() + 90_000
  while (performance.now() < until) {
    if (exitCode() !== null)
      throw new Error(`${name}: the node ended at its start; see ${join(directory, 'node.log')}`)
    // Up is enough: one whose witnesses start after it is ready only when they answer.
    const ready = await fetch(`${url}/healthz`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await sleep(100)
  }
  throw new Error(`${name}: the node was not ready in 90 s; see ${join(directory, 'node.log')}`)
}

export interface Ran {
  readonly code: number
  readonly out: string
}

/** Runs `csx` as a reviewer would: another process, in another folder, with nothing but the files it is given. */
export async function runCsx(root: string, args: readonly string[], directory: string): Promise<Ran> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CSX_')))
  const child = spawn(process.execPath, [join(root, 'dist/cli/csx.js'), ...args], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const [code] = await once(child, 'close')
  return { code: typeof code === 'number' ? code : 4, out }
}
