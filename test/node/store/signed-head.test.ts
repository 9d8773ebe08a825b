import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { recoverLog } from '../../../node/log/recover.ts'
import { createAppendStore } from '../../../node/store/append-store.ts'
import { openSignedHead, rememberSigned } from '../../../node/store/signed-head.ts'
import { sha256 } from '../../../protocol/hash.ts'
import { signCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { createTestDatabase } from '../../support/database.ts'
import { createClock, failOnce, logKeys, logSigner, openSampleLog, origin } from '../../support/log.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'csx-signed-'))
  path = join(directory, 'signed', '1')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const rootOf = (n: number) => Uint8Array.from(sha256(Uint8Array.of(n)))
const head = (size: number, root = rootOf(size)) => ({ size, root })
const reopened = async () => (await openSignedHead(path)).head

describe('what a node remembers to have signed', () => {
  test('[DUR-600] is the largest, also after a start, and an own file for each log', async () => {
    expect(await reopened()).toBeUndefined()
    const memory = await openSignedHead(path)
    for (const size of [0, 1, 5, 5]) await memory.remember(head(size))
    expect([memory.head, await reopened()]).toEqual([head(5), head(5)])
    await memory.close()
    const again = await openSignedHead(path)
    await again.remember(head(6))
    expect(await reopened()).toEqual(head(6))
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(2)
    await again.close()
  })

  test.each([
    ['less', head(4)],
    ['another tree of that size', head(5, rootOf(9))],
  ])('[DUR-600] %s is refused, and nothing is written', async (_, other) => {
    const memory = await openSignedHead(path)
    await memory.remember(head(5))
    await expect(memory.remember(other)).rejects.toMatchObject({ code: 'LOG_FROZEN' })
    expect(await reopened()).toEqual(head(5))
    await memory.close()
  })

  test('[DUR-600] a line that was cut short does not count, wherever it was cut', async () => {
    const memory = await openSignedHead(path)
    for (const size of [5, 6]) await memory.remember(head(size))
    await memory.close()
    const whole = await readFile(path, 'utf8')
    const first = whole.indexOf('\n') + 1
    for (let length = 0; length < whole.length; length += 1) {
      for (const rest of ['', '\0\0\0']) {
        await writeFile(path, whole.slice(0, length) + rest)
        expect(await reopened()).toEqual(length < first ? undefined : head(5))
      }
    }
    await writeFile(path, `${whole.slice(0, first)}6 AAAA`)
    const next = await openSignedHead(path)
    await next.remember(head(7))
    expect(await reopened()).toEqual(head(7))
    await next.close()
  })

  test('[DUR-600] after a failure the file is begun anew', async () => {
    const memory = await openSignedHead(path)
    await mkdir(path, { recursive: true })
    await expect(memory.remember(head(1))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect(memory.head).toBeUndefined()
    await rm(path, { recursive: true })
    await memory.remember(head(1))
    expect(await reopened()).toEqual(head(1))
    await memory.close()
  })

  test('[DUR-600] it never runs behind what the database has as signed, and one ahead is made good', async () => {
    const db = await createTestDatabase()
    const memory = await openSignedHead(path)
    const outcomes = ['lost', 'stored-but-reported-lost'] as const
    const open = (outcome?: (typeof outcomes)[number]) =>
      openSampleLog(db.database, {
        wrap: (store) => {
          const remembering = rememberSigned(
            outcome ? failOnce('storeCheckpoint', outcome, () => new Error('lost'))(store) : store,
            memory,
          )
          return remembering
        },
      })
    for (const [n, outcome] of outcomes.entries()) {
      const log = await open(outcome)
      await log.append(2 * n).catch(() => {})
      const { recovered } = await open()
      expect(memory.head?.size).toBe(2 * n + 1)
      expect(recovered.checkpointSize).toBe(2 * n + 1)
      await (await open()).append(2 * n + 1)
      expect(memory.head?.size).toBe(2 * n + 2)
    }
    const deps = createClock().deps
    const store = rememberSigned(createAppendStore(db.database, origin), memory)
    const whole = await recoverLog({
      deps,
      database: db.database,
      store,
      origin,
      signerFor: async () => logSigner,
      keys: () => logKeys,
    })
    const note = await signCheckpoint({ origin, size: 4, root: rootOf(9) }, origin, logSigner)
    await expect(store.storeCheckpoint(4, note)).rejects.toMatchObject({ code: 'LOG_FROZEN' })
    expect(whole.checkpointSize).toBe(4)
    await memory.close()
    await db.drop()
  })
})
