import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '../../protocol/error.ts'
import { type Connection, type DatabaseTarget, openConnection, type Queries } from './connection.ts'
import { sql } from './drizzle.ts'
import { storageError } from './storage-error.ts'

/**
 * The database as the node uses it: a few connections, each lent to one caller at a time.
 *
 * Every failure of the driver reaches the caller as `STORAGE_UNAVAILABLE`, `STORAGE_FULL` or, for a statement that
 * should not have been made, `INTERNAL`; never with SQL or parameters. A transaction whose end is not known, because
 * the connection was lost while it committed, says so: `evidence.outcome` is `unknown`.
 */
export interface Database {
  readonly target: DatabaseTarget
  /** Runs statements on one connection, each its own transaction. */
  run<T>(work: (queries: Queries) => Promise<T>): Promise<T>
  /**
   * Before a write that may be large: a server whose disk is full to the last byte stops, and then nothing can be read either.
   *
   * @throws {ProtocolError} `STORAGE_FULL`
   */
  requireSpace(): Promise<void>
  /** Commits when `work` is fulfilled, rolls back when it is rejected. */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>
  /** Waits for what is running, at most five seconds. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  readonly target: DatabaseTarget
  readonly maxConnections: number
  /** How the connections are called in `pg_stat_activity`. */
  readonly name?: string
  /** How long to wait for a database that does not answer yet, in milliseconds. */
  readonly patience?: number
  /** How long one piece of work may keep its connection, in milliseconds. */
  readonly timeLimit?: number
  /** Free bytes where the server keeps its data; absent where that is not for this process to know. */
  readonly freeBytes?: () => Promise<number>
}

const lendingPatience = 30_000
const defaultTimeLimit = 30_000
/** Two segments of the write-ahead log, without which the server stops, and as much again for what others write. */
const reservedBytes = 64 << 20

/** @throws {ProtocolError} `STORAGE_UNAVAILABLE` — nothing answers in time; `CONFIG_INVALID` — not a usable URL */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const database = new PooledDatabase(options)
  const attempts = Math.ceil((options.patience ?? 10_000) / 250)
  for (let attempt = 1; ; attempt += 1) {
    try {
      await database.run((queries) => queries.execute(sql`select 1`))
      return database
    } catch (error) {
      if (attempt >= attempts || !isUnavailable(error)) {
        await database.close()
        throw error
      }
      await sleep(250)
    }
  }
}

/** Not a wrong password, and not a database that does not exist: waiting will not mend these. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof ProtocolError) || error.code !== 'STORAGE_UNAVAILABLE') return false
  return !/^(?:28|3D)/.test(String(error.evidence.sqlstate))
}

interface Waiting {
  readonly lend: (connection: Connection) => void
  readonly refuse: (error: unknown) => void
  readonly timer: NodeJS.Timeout
}

class PooledDatabase implements Database {
  readonly target: DatabaseTarget
  private readonly options: DatabaseOptions
  private readonly idle: Connection[] = []
  private readonly lent = new Set<Connection>()
  private readonly waiting: Waiting[] = []
  private closed = false

  constructor(options: DatabaseOptions) {
    this.target = options.target
    this.options = options
  }

  async run<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    const connection = await this.borrow()
    // A server that accepts and never answers must not hold its callers for ever.
    const timer = setTimeout(() => void connection.destroy(), this.options.timeLimit ?? defaultTimeLimit)
    try {
      return await work(connection.queries)
    } catch (error) {
      throw storageError(error)
    } finally {
      clearTimeout(timer)
      this.giveBack(connection)
    }
  }

  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    return this.run(async (queries) => {
      await queries.execute(sql`begin`)
      const result = await rollBackUnless(queries, () => work(queries))
      const { command } = await commit(queries)
      // What the server answers when a statement had failed and nobody minded.
      if (command !== 'COMMIT') throw new ProtocolError('INTERNAL', 'a transaction was rolled back')
      return result
    })
  }

  async requireSpace(): Promise<void> {
    const free = await this.options.freeBytes?.()
    if (free !== undefined && free < reservedBytes)
      throw new ProtocolError('STORAGE_FULL', 'the disk of the database is nearly full', {
        evidence: { freeBytes: free },
      })
  }

  async close(): Promise<void> {
    this.closed = true
    for (const { refuse, timer } of this.waiting.splice(0)) {
      clearTimeout(timer)
      refuse(unavailable('the database is being closed'))
    }
    for (let waited = 0; this.lent.size > 0 && waited < 5_000; waited += 20) await sleep(20)
    await Promise.all([...this.idle.splice(0), ...this.lent].map((connection) => connection.end()))
  }

  private async borrow(): Promise<Connection> {
    if (this.closed) throw unavailable('the database is closed')
    for (;;) {
      const connection = this.idle.pop()
      if (connection === undefined) break
      if (!connection.isLost()) return this.lend(connection)
      void connection.end()
    }
    if (this.lent.size < this.options.maxConnections) return this.lend(this.connect())
    return new Promise((lend, refuse) => {
      const timer = setTimeout(() => {
        this.waiting.splice(
          this.waiting.findIndex((entry) => entry.timer === timer),
          1,
        )
        refuse(unavailable('all connections to the database are busy'))
      }, lendingPatience)
      this.waiting.push({ lend, refuse, timer })
    })
  }

  private connect(): Connection {
    return openConnection(this.options.target, this.options.name ?? 'csx-node')
  }

  private lend(connection: Connection): Connection {
    this.lent.add(connection)
    return connection
  }

  private giveBack(connection: Connection): void {
    this.lent.delete(connection)
    const usable = !connection.isLost()
    if (!usable || this.closed) void connection.end()
    const next = this.closed ? undefined : this.waiting.shift()
    if (next === undefined) {
      if (usable && !this.closed) this.idle.push(connection)
      return
    }
    clearTimeout(next.timer)
    next.lend(this.lend(usable ? connection : this.connect()))
  }
}

async function rollBackUnless<T>(queries: Queries, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // On a lost connection the server has rolled back already.
    await queries.execute(sql`rollback`).catch(() => {})
    throw error
  }
}

async function commit(queries: Queries): Promise<{ readonly command: string }> {
  try {
    return await queries.execute(sql`commit`)
  } catch (error) {
    const known = storageError(error)
    if (!(known instanceof ProtocolError)) throw error
    throw new ProtocolError(known.code, known.message, {
      evidence: { ...known.evidence, outcome: 'unknown' },
    })
  }
}

function unavailable(message: string): ProtocolError {
  return new ProtocolError('STORAGE_UNAVAILABLE', message)
}
