import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Database, openDatabase } from '../../node/store/database.ts'
import { databaseServer } from './database.ts'
import { databaseName, type TestNode } from './node.ts'

const main = fileURLToPath(new URL('../../node/main.ts', import.meta.url))

export interface Ended {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

/** Runs `csx-node` as a program of its own, with the settings of a node that ran in this process. */
export async function runNode(
  { url, directory, root }: TestNode,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      // Where the database listens: a socket has no place in a URL.
      ...process.env,
      CSX_BASE_URL: url,
      CSX_DATA_DIR: directory,
      CSX_REGISTRY_ROOT: root,
      CSX_WORKERS: '1',
      DATABASE_URL: `postgres:///${databaseName(directory)}`,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said.err += chunk
  })
  await once(child, 'close')
  return { exit: child.exitCode, ...said }
}

/** The database of a node, to look at and to damage. */
export async function openNodeDatabase({ directory }: TestNode): Promise<Database> {
  const target = { ...(await databaseServer()), database: databaseName(directory) }
  return openDatabase({ target, maxConnections: 2 })
}
