import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLogger } from '../../../node/deps.ts'
import { openDatabase } from '../../../node/store/database.ts'
import { lockDirectory } from '../../../node/store/lock.ts'
import { prepareDatabase } from '../../../node/store/migrate.ts'
import { copyBinaries, findBinaries, type PostgresBinaries } from '../../../node/store/postgres-binaries.ts'
import { type PostgresServer, startPostgres } from '../../../node/store/postgres-server.ts'
import { identifyProcess } from '../../../node/store/process-identity.ts'
import { startChild } from '../../support/child.ts'

const deps = {
  random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
  monotonic: () => performance.now(),
  logger: createLogger('silent'),
}
const asRoot = process.getuid?.() === 0

let base: string
let shared: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'csx-server-'))
  await chmod(base, 0o755)
  shared = join(base, 'shared')
})
afterAll(() => rm(base, { recursive: true, force: true }))

async function withServer<T>(
  directory: string,
  work: (server: PostgresServer) => Promise<T>,
  binaries?: PostgresBinaries,
): Promise<T> {
  const lock = await lockDirectory(directory, deps)
  try {
    const server = await startPostgres(lock, binaries ? { deps, binaries } : { deps })
    try {
      return await work(server)
    } finally {
      await server.stop()
    }
  } finally {
    await lock.release()
  }
}

async function ask(server: Pick<PostgresServer, 'target'>, text: string): Promise<Record<string, unknown>> {
  const database = await openDatabase({ target: server.target, maxConnections: 1 })
  try {
    const [row] = await database.run((queries) => queries.execute(sql.raw(text)))
    return { ...row }
  } finally {
    await database.close()
  }
}

async function untilGone(pid: number, within: number): Promise<boolean> {
  for (let waited = 0; waited < within; waited += 50) {
    if (identifyProcess(pid) === undefined) return true
    await sleep(50)
  }
  return false
}

const clusterOf = (directory: string) => join(directory, 'postgres', 'data')

describe('one server', () => {
  test('[DUR-1] it is durable, in UTF-8, finds Chinese words, and listens on no network', async () => {
    await withServer(shared, async (server) => {
      const database = await openDatabase({ target: server.target, maxConnections: 2 })
      await prepareDatabase(database)
      await database.close()
      expect(
        await ask(
          server,
          `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync,
           current_setting('full_page_writes') as pages, current_setting('listen_addresses') as listen,
           current_setting('server_encoding') as encoding, cardinality(show_trgm('数据交换')) > 0 as words`,
        ),
      ).toEqual({ fsync: 'on', sync: 'on', pages: 'on', listen: '', encoding: 'UTF8', words: true })
      await ask(server, 'create table kept as select 42 as n')
    })
  })

  test('[DUR-13] its password and its directory are for nobody else', async () => {
    for (const [path, mode] of [
      [join(shared, 'postgres'), 0o700],
      [join(shared, 'postgres', 'password'), 0o600],
      [clusterOf(shared), 0o700],
    ] as const) {
      expect((await stat(path)).mode & 0o777).toBe(mode)
    }
    await withServer(shared, async (server) => {
      const target = { ...server.target, password: 'wrong' }
      await expect(openDatabase({ target, maxConnections: 1 })).rejects.toMatchObject({
        code: 'STORAGE_UNAVAILABLE',
        evidence: { sqlstate: '28P01' },
      })
    })
  })

  test('[DUR-12] a graceful stop ends every process of it within ten seconds, connections or not', async () => {
    const lock = await lockDirectory(shared, deps)
    const server = await startPostgres(lock, { deps })
    const database = await openDatabase({ target: server.target, maxConnections: 1 })
    const busy = database.run((queries) => queries.execute(sql`select pg_sleep(60)`)).catch(() => {})
    await sleep(100)
    const begun = performance.now()
    await server.stop()
    await lock.release()
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(identifyProcess(server.pid())).toBeUndefined()
    await busy
    await database.close()
    expect(await withServer(shared, (again) => ask(again, 'select n from kept'))).toEqual({ n: 42 })
  })

  test('[DUR-12] a server that is killed under its node is started again', async () => {
    await withServer(shared, async (server) => {
      const first = server.pid()
      const database = await openDatabase({ target: server.target, maxConnections: 2 })
      process.kill(first, 'SIGKILL')
      let answer: unknown
      for (let i = 0; (answer === undefined || server.pid() === first) && i < 100; i += 1) {
        await sleep(100)
        answer = await database
          .run((queries) => queries.execute(sql`select n from kept`))
          .catch(() => undefined)
      }
      expect(answer).toMatchObject([{ n: 42 }])
      expect(identifyProcess(server.pid())).toBeDefined()
      expect(server.pid()).not.toBe(first)
      await database.close()
    })
  })
})

describe('orphans', () => {
  test('[DUR-9] it ends by itself when its node is killed', async () => {
    const child = startChild('server-process.ts', [shared])
    await child.line()
    const pid = Number((await child.line())?.pid)
    await child.kill('SIGKILL')
    expect(await untilGone(pid, 10_000)).toBe(true)
  })

  test.runIf(process.platform === 'linux')(
    '[DUR-9] one that outlived its node and its watcher is stopped by the next start',
    async () => {
      const child = startChild('server-process.ts', [shared])
      await child.line()
      const pid = Number((await child.line())?.pid)
      await expect.poll(() => watchersOf(pid).length).toBeGreaterThan(1)
      // Else it may see its shell end and start the server anew, which stops the one that is to be left.
      child.process.kill('SIGSTOP')
      for (const watcher of watchersOf(pid)) process.kill(watcher, 'SIGKILL')
      await child.kill('SIGKILL')
      await sleep(300)
      expect(identifyProcess(pid)).toBeDefined()
      expect(await withServer(shared, (server) => ask(server, 'select n from kept'))).toEqual({ n: 42 })
      expect(identifyProcess(pid)).toBeUndefined()
    },
  )

  test('[DUR-9] a pid file of a dead process, or of another program by now, stands in nobody’s way', async () => {
    const file = join(clusterOf(shared), 'postmaster.pid')
    const stranger = spawn('/bin/sleep', ['60'], asRoot ? await ownerOf(clusterOf(shared)) : {})
    try {
      for (const pid of [4_000_000, stranger.pid]) {
        const lines = [
          pid,
          clusterOf(shared),
          1_700_000_000,
          5432,
          join(shared, 'postgres', 'socket'),
          '',
          '',
          'ready   ',
        ]
        await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
        if (asRoot) {
          const { uid, gid } = await ownerOf(clusterOf(shared))
          execFileSync('chown', [`${uid}:${gid}`, file])
        }
        expect(await withServer(shared, (server) => ask(server, 'select n from kept'))).toEqual({ n: 42 })
      }
      expect(identifyProcess(stranger.pid ?? 0)).toBeDefined()
    } finally {
      stranger.kill()
    }
  })
})

async function ownerOf(path: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const { uid, gid } = await stat(path)
  return { uid, gid }
}

/** The shells around a postmaster: its parent's other child, and its parent. */
function watchersOf(pid: number): readonly number[] {
  const parent = parentOf(pid)
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  return [...all.filter((other) => other !== pid && parentOf(other) === parent), parent]
}

function parentOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}

describe('first start', () => {
  test('[DUR-10] killed at any moment, it is made again and leaves nothing half-made', async () => {
    const directory = join(base, 'killed')
    for (const moment of [30, 150, 350, 600]) {
      const child = startChild('server-process.ts', [directory])
      await child.line()
      await sleep(moment)
      await child.kill('SIGKILL')
    }
    expect(await withServer(directory, (server) => ask(server, 'select 1 as n'))).toEqual({ n: 1 })
    const left = await readdir(join(directory, 'postgres'))
    expect(left.filter((name) => name.includes('.new'))).toEqual([])
  })

  test('[DUR-10] a cluster of another major version is named and not touched', async () => {
    const file = join(clusterOf(join(base, 'killed')), 'PG_VERSION')
    const right = await readFile(file, 'utf8')
    await writeFile(file, '9.6\n')
    await expect(withServer(join(base, 'killed'), async () => {})).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
    await writeFile(file, right)
  })

  test('[DUR-13] a long path with blanks, quotes and Chinese: its socket lies in a short one', async () => {
    const directory = join(base, `数据 it's ${'long'.repeat(20)}`, 'data')
    const memory = join(directory, 'postgres', 'socket-directory')
    const serve = () =>
      withServer(directory, async (server) => {
        expect(await ask(server, 'select 1 as n')).toEqual({ n: 1 })
        const outside = await readFile(memory, 'utf8')
        expect(Buffer.byteLength(outside)).toBeLessThan(80)
        expect((await stat(outside)).mode & 0o777).toBe(0o700)
        return outside
      })
    await expect(stat(await serve())).rejects.toMatchObject({ code: 'ENOENT' })
    await mkdir(await readFile(memory, 'utf8'))
    const left = await readFile(memory, 'utf8')
    await serve()
    await expect(stat(left)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('programs', () => {
  test('[DUR-13] links that the installation did not make are made', async () => {
    const packaged = await findBinaries()
    const native = join(base, 'unlinked', 'native')
    await cp(packaged.native, native, { recursive: true, filter: async (path) => !(await isLink(path)) })
    const directory = join(base, 'unlinked-data')
    await withServer(directory, (server) => ask(server, 'select 1'), { ...packaged, native })
    expect(await readlink(join(native, 'lib', 'libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/)
  })

  test('[DUR-13] programs in a path that they cannot run from are copied', async () => {
    const packaged = await findBinaries()
    const native = await copyBinaries(packaged, join(base, 'a "quoted" $path'))
    const directory = join(base, 'quoted-data')
    await withServer(directory, (server) => ask(server, 'select 1'), { ...packaged, native })
    await expect(
      withServer(join(base, 'a "quoted" $data'), async () => {}, { ...packaged, native }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID', evidence: { faults: [{ variable: 'CSX_DATA_DIR' }] } })
  })

  test('[DUR-13] programs that do not run here are named, with a way out', async () => {
    const native = join(base, 'broken', 'native')
    await mkdir(join(native, 'bin'), { recursive: true })
    await mkdir(join(native, 'lib'))
    for (const name of ['initdb', 'postgres'])
      await writeFile(join(native, 'bin', name), 'no program', { mode: 0o755 })
    await expect(
      withServer(join(base, 'broken-data'), async () => {}, { native, version: '18.4.0' }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID', evidence: { faults: [{ variable: 'DATABASE_URL' }] } })
  })
})

async function isLink(path: string): Promise<boolean> {
  return readlink(path).then(
    () => true,
    () => false,
  )
}

describe.runIf(asRoot)('as root', () => {
  test('[DUR-11] below a directory that only root may enter, programs and data move to where their user can go', async () => {
    const closed = join(base, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const packaged = await findBinaries()
    const binaries = { ...packaged, native: await copyBinaries(packaged, closed) }
    const directory = join(closed, 'data')
    await withServer(directory, (server) => ask(server, 'create table kept as select 43 as n'), binaries)
    const record = join(directory, 'postgres', 'place.json')
    const { root } = JSON.parse(await readFile(record, 'utf8')) as { root: string }
    expect(root.startsWith(closed)).toBe(false)
    expect((await stat(join(root, 'data'))).uid).not.toBe(0)
    expect(await withServer(directory, (server) => ask(server, 'select n from kept'), binaries)).toEqual({
      n: 43,
    })

    const copy = join(closed, 'copy')
    await cp(directory, copy, { recursive: true })
    await expect(withServer(copy, async () => {}, binaries)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await rm(directory, { recursive: true })
    expect(await withServer(copy, (server) => ask(server, 'select n from kept'), binaries)).toEqual({ n: 43 })

    await rm(root, { recursive: true })
    await expect(withServer(copy, async () => {}, binaries)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
