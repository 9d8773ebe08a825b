import postgres from 'postgres'
import { drizzle } from './drizzle.ts'

/** A PostgreSQL: somebody's by URL, or the embedded one by its socket. */
export type DatabaseTarget =
  | { readonly url: string }
  | {
      readonly socketDirectory: string
      readonly user: string
      readonly password: string
      readonly database: string
    }

/** Statements on one connection, in order. Transactions are `Database.transaction` alone. */
export type Queries = Omit<ReturnType<typeof createQueries>, 'transaction' | '$client'>

/** One connection to the database, used by one caller at a time, and never reconnected. */
export interface Connection {
  readonly queries: Queries
  isLost(): boolean
  end(): Promise<void>
  /** At once: whatever is under way fails. */
  destroy(): Promise<void>
}

/** The error that a statement on a lost connection meets; `storageError` knows its code. */
class ConnectionLost extends Error {
  readonly code = 'CONNECTION_CLOSED'
}

const connectSeconds = 5

function refuseSocket(): never {
  throw new ConnectionLost('the connection to the database was lost')
}

/**
 * The driver (3.4.9) has faults once a connection is lost inside a transaction: the next statement writes to a
 * socket that is gone and takes the process down, or it goes to a new connection, outside the transaction, and what
 * was left to send precedes the greeting there, so that it hangs. What waits in its queue when the connection is reset goes to
 * a new one as well. So each client of it has one connection, every statement first asks whether that is lost, and a lost one is
 * thrown away with its client, at once.
 */
export function openConnection(
  target: DatabaseTarget,
  name: string,
  onLost: () => void = () => {},
): Connection {
  let lost = false
  let ending = false
  const options = {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: connectSeconds,
    fetch_types: false,
    onnotice: () => {},
    onclose: () => {
      lost = true
      // It would connect anew, for what waits in its queue.
      Object.assign(client.options, { socket: refuseSocket })
      void client.end({ timeout: 0 })
      if (!ending) onLost()
    },
    types: { safeInteger, bytes },
    connection: { application_name: name, TimeZone: 'UTC' },
  }
  const client =
    'url' in target
      ? postgres(target.url, options)
      : postgres({
          ...options,
          host: target.socketDirectory,
          port: 5432,
          user: target.user,
          password: target.password,
          database: target.database,
        })
  const guarded = new Proxy(client, {
    get: (inner, name) => {
      if (name !== 'unsafe') return Reflect.get(inner, name)
      if (lost) throw new ConnectionLost('the connection to the database was lost')
      return prepared(inner)
    },
  })
  return {
    queries: createQueries(guarded),
    isLost: () => lost,
    end: () => {
      ending = true
      return client.end({ timeout: lost ? 0 : 2 })
    },
    destroy: () => {
      ending = true
      lost = true
      return client.end({ timeout: 0 })
    },
  }
}

/** Statements are few and come again: prepared, each is one journey to the server instead of two. */
function prepared(client: postgres.Sql): postgres.Sql['unsafe'] {
  return (query, parameters, options) => client.unsafe(query, parameters, { ...options, prepare: true })
}

function createQueries(client: postgres.Sql) {
  return drizzle(client)
}

const safeInteger = {
  to: 20,
  from: [20],
  serialize: (value: unknown) => String(value),
  parse: (text: string) => {
    const value = Number(text)
    if (!Number.isSafeInteger(value)) throw new RangeError('an integer of the database beyond 2^53')
    return value
  },
}

const bytes = {
  to: 17,
  from: [17],
  /** A text is taken as PostgreSQL writes bytes already. */
  serialize: (value: Uint8Array | string) => (typeof value === 'string' ? value : formatBytes(value)),
  parse: (text: string) => {
    const buffer = Buffer.from(text.slice(2), 'hex')
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
  },
}

/** The hex form of `bytea`. */
export function formatBytes(value: Uint8Array): string {
  return `\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
}
