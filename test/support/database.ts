import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { inject } from 'vitest'
import type { DatabaseTarget } from '../../node/store/connection.ts'
import { type Database, openDatabase } from '../../node/store/database.ts'
import { templateDatabase } from './global-setup.ts'

export interface TestDatabase {
  readonly target: DatabaseTarget & { readonly database: string }
  readonly database: Database
  /** Closes it and throws it away. */
  drop(): Promise<void>
}

/** The server of this run; started by whoever asks first. */
export async function databaseServer(): Promise<DatabaseTarget & { readonly socketDirectory: string }> {
  const response = await fetch(inject('databaseServer'))
  if (!response.ok) throw new Error(`the database of the tests did not start: ${await response.text()}`)
  return (await response.json()) as DatabaseTarget & { readonly socketDirectory: string }
}

/** A database of its own, with the schema and nothing else, or as a copy of one that nobody uses at the moment. */
export async function createTestDatabase(
  options: { readonly maxConnections?: number; readonly empty?: boolean; readonly from?: string } = {},
): Promise<TestDatabase> {
  const server = await databaseServer()
  const name = `csx_test_${randomBytes(8).toString('hex')}`
  await administer(
    server,
    `create database ${name} ${options.empty ? '' : `template ${options.from ?? templateDatabase}`}`,
  )
  const target = { ...server, database: name }
  const database = await openDatabase({ target, maxConnections: options.maxConnections ?? 5 })
  return {
    target,
    database,
    drop: async () => {
      await database.close()
      await administer(server, `drop database ${name} with (force)`)
    },
  }
}

/** `create database` waits for nobody on the template but other copies, and those end soon. */
export async function administer(target: DatabaseTarget, statement: string): Promise<void> {
  const admin = await openDatabase({ target, maxConnections: 1 })
  try {
    await admin.run((queries) => queries.execute(sql.raw(statement)))
  } finally {
    await admin.close()
  }
}
