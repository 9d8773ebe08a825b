import { setTimeout as sleep } from 'node:timers/promises'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { sha256 } from '../../protocol/hash.ts'
import type { Deps } from '../deps.ts'
import { type Connection, type DatabaseTarget, openConnection } from './connection.ts'
import { sql } from './drizzle.ts'
import { rowsOf } from './log-store.ts'

/** The right to write one log, held by one session of the database: it ends with that session, however it ends. */
export interface WriterLock {
  /**
   * @throws {ProtocolError} `LOG_LOCKED` — the session was lost and another may write now; `STORAGE_UNAVAILABLE` — the database
   *   does not answer, so nobody can tell
   */
  require(): void
  release(): Promise<void>
}

const patience = 3_000

/**
 * Takes the writer's advisory lock of a log. A session that is lost is replaced, and until the new one has the lock nothing may be
 * written here.
 *
 * @throws {ProtocolError} `LOG_LOCKED` — another process has it, after three seconds
 * @see spec/durability.md, DUR-8 (R3)
 */
export async function takeWriterLock(
  target: DatabaseTarget,
  origin: string,
  deps: Pick<Deps, 'logger' | 'monotonic'>,
): Promise<WriterLock> {
  const key = new DataView(Uint8Array.from(sha256(encodeUtf8(`csx writer ${origin}`))).buffer)
    .getBigInt64(0)
    .toString()
  let held = false
  let released = false
  let answered = true
  let connection: Connection | undefined

  async function tryOnce(): Promise<boolean> {
    const opened = openConnection(target, 'csx-writer', () => onLost(opened))
    try {
      const [row] = await rowsOf<{ locked: boolean }>(
        opened.queries,
        sql`select pg_try_advisory_lock(${key}::bigint) as locked`,
      )
      answered = true
      if (row?.locked === true && !opened.isLost()) {
        connection = opened
        return true
      }
    } catch (error) {
      answered = false
      deps.logger.warn(
        { err: error instanceof Error ? error.name : 'unknown' },
        'the writer lock could not be asked for',
      )
    }
    await opened.end().catch(() => {})
    return false
  }

  function onLost(lost: Connection): void {
    if (lost !== connection || released) return
    held = false
    connection = undefined
    deps.logger.error(
      'the session that held the writer lock was lost; nothing is written until it is held again',
    )
    void regain()
  }

  async function regain(): Promise<void> {
    while (!released && !held) {
      held = await tryOnce()
      if (!held) await sleep(500, undefined, { ref: false })
    }
  }

  const begun = deps.monotonic()
  while (!held) {
    held = await tryOnce()
    if (!held && deps.monotonic() - begun > patience)
      throw new ProtocolError('LOG_LOCKED', 'another process writes this log', { evidence: { origin } })
    if (!held) await sleep(250)
  }
  return {
    require: () => {
      if (held) return
      if (answered) throw new ProtocolError('LOG_LOCKED', 'the writer lock is not held at this moment')
      throw new ProtocolError('STORAGE_UNAVAILABLE', 'the database does not answer')
    },
    release: async () => {
      released = true
      held = false
      await connection?.end()
    },
  }
}
