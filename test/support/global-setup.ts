import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import type { TestProject } from 'vitest/node'
import { createLogger } from '../../node/deps.ts'
import type { DatabaseTarget } from '../../node/store/connection.ts'
import { openDatabase } from '../../node/store/database.ts'
import { lockDirectory } from '../../node/store/lock.ts'
import { prepareDatabase } from '../../node/store/migrate.ts'
import { startPostgres } from '../../node/store/postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers any request with the target of the one PostgreSQL of this run, which the first request starts. */
    databaseServer: string
  }
}

export const templateDatabase = 'csx_template'

/**
 * One embedded PostgreSQL for the whole run, with a template database that has the schema. It starts when a test
 * first asks for it, so that a run without a database costs nothing.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let running: ReturnType<typeof start> | undefined
  const door = createServer((_request, response) => {
    running ??= start()
    running.then(
      ({ target }) => response.end(JSON.stringify(target)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((ready) => door.listen(0, '127.0.0.1', ready))
  project.provide('databaseServer', `http://127.0.0.1:${(door.address() as AddressInfo).port}/`)
  return async () => {
    door.close()
    door.closeAllConnections()
    await (await running?.catch(() => undefined))?.stop()
  }
}

async function start(): Promise<{ readonly target: DatabaseTarget; stop(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'csx-test-'))
  // The server runs as another user when the tests run as root.
  await chmod(directory, 0o755)
  const deps = {
    random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
    monotonic: () => performance.now(),
    logger: createLogger('silent'),
  }
  const lock = await lockDirectory(directory, deps)
  const server = await startPostgres(lock, { deps, maxConnections: 200 })
  const admin = await openDatabase({ target: server.target, maxConnections: 1 })
  await admin.run((queries) => queries.execute(sql.raw(`create database ${templateDatabase}`)))
  await admin.close()
  const template = await openDatabase({
    target: { ...server.target, database: templateDatabase },
    maxConnections: 1,
  })
  await prepareDatabase(template)
  await template.close()
  return {
    target: server.target,
    stop: async () => {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
