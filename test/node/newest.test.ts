import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { createLogger } from '../../node/deps.ts'
import { guardNewest, type Means, type NewestGuard } from '../../node/newest.ts'
import { openSignedHead, type SignedMemory } from '../../node/store/signed-head.ts'
import { formatVerifierKey } from '../../protocol/log/note.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { logKeys, openSampleLog, origin } from '../support/log.ts'
import { pairedRegistry, trustOf } from '../support/witness.ts'

const others = ['主管局一', '主管局二', '眉山'].map((name, n) =>
  syntheticMember(`${name}（合成）`, `http://localhost:${7501 + n}`),
)
const owner = syntheticMember('璧山（合成）', 'http://localhost:7401')

let db: TestDatabase
let directory: string
let memory: SignedMemory
let guard: NewestGuard | undefined
beforeEach(async () => {
  db = await createTestDatabase()
  directory = await mkdtemp(join(tmpdir(), 'csx-newest-'))
  memory = await openSignedHead(join(directory, 'signed', '1'))
})
afterEach(async () => {
  await guard?.stop()
  await memory.close()
  await rm(directory, { recursive: true })
  await db.drop()
})

test('[SYNC-600] a log that is frozen while the last look at it ends is looked at again before it is proven', async () => {
  const log = await openSampleLog(db.database)
  await log.append(1)
  const registry: any = structuredClone(syntheticRegistry([...others, owner]))
  Object.assign(registry, pairedRegistry([others[0]!, others[1]!, owner, others[2]!]))
  registry.members[3].origins[0].vkey = [{ key: formatVerifierKey(logKeys[0]!), from: 0 }]
  const trust = trustOf(JSON.stringify(registry))
  let rounds = 0
  let woken = false
  const opened: NewestGuard = guardNewest({
    deps: {
      logger: createLogger('silent'),
      random: (n) => new Uint8Array(n),
      monotonic: () => performance.now(),
    },
    database: db.database,
    trust: () => trust,
    own: origin,
    memory: {
      // The last that a look reads: what is frozen after it is in nothing that it saw.
      get head() {
        if (rounds === 1 && !woken) {
          woken = true
          opened.wake()
        }
        return memory.head
      },
      remember: memory.remember,
      close: memory.close,
    },
  })
  guard = opened
  await opened.confirm(log.recovered)
  let provenAfter = 0
  opened.start({
    client: {
      get: async (url: string) => {
        if (url.includes(':7501/witness/')) rounds += 1
        return { status: 404, bytes: new Uint8Array(0) }
      },
    },
    sources: () => [],
    ports: {},
    onRecovered: () => {},
    onProven: () => {
      provenAfter = rounds
    },
  } as unknown as Means)
  await opened.proven()
  expect([woken, provenAfter]).toEqual([true, 2])
})
