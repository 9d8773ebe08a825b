import { createRequire } from 'node:module'

/**
 * The query builder, in its CommonJS form: as ECMAScript modules it costs a second and 200 MB at every start, because Node reads
 * its list of 170 kB of exports again for each of some 250 files.
 */
const load = createRequire(import.meta.url)
const core: typeof import('drizzle-orm') = load('drizzle-orm')
const driver: typeof import('drizzle-orm/postgres-js') = load('drizzle-orm/postgres-js')
const migrator: typeof import('drizzle-orm/migrator') = load('drizzle-orm/migrator')

export type { SQL } from 'drizzle-orm'
export const { sql, DrizzleQueryError } = core
export const { drizzle } = driver
export const { readMigrationFiles } = migrator
