import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cosign } from '../../../fixtures/synthetic/cosign.ts'
import {
  type SyntheticMember,
  syntheticMember,
  syntheticRegistry,
} from '../../../fixtures/synthetic/member.ts'
import { createLogger, type Deps } from '../../../node/deps.ts'
import { findLog } from '../../../node/store/log-store.ts'
import { findWitnessedAfter, storeCosigned } from '../../../node/store/witness-store.ts'
import { createOfferer, type Offerer, type OfferOptions } from '../../../node/witness/offer.ts'
import type { PostAnswer } from '../../../node/witness/submit.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { signCosignature } from '../../../protocol/log/cosignature.ts'
import { emptyRoot, verifyConsistency } from '../../../protocol/log/merkle.ts'
import { formatVerifierKey, parseNote } from '../../../protocol/log/note.ts'
import { parseOffer } from '../../../protocol/log/offer.ts'
import { formatSignatureLines } from '../../../protocol/log/signature-line.ts'
import { openTrust, type Trust } from '../../../protocol/trust/trust.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { logKeys, type OpenedLog, openSampleLog, origin } from '../../support/log.ts'
import { pairedRegistry, readNote, trustOf } from '../../support/witness.ts'

/** A witness in memory, by the rules of the protocol, until it is told otherwise. */
class Witness {
  size = 0
  root: Uint8Array = emptyRoot
  asked: number[] = []
  underWay = 0
  /** Answers in its place, or leaves it to it. */
  misbehave: (() => PostAnswer | undefined | Promise<PostAnswer | undefined>) | undefined
  readonly member: SyntheticMember

  constructor(member: SyntheticMember) {
    this.member = member
  }

  async answer(text: string): Promise<PostAnswer> {
    const { old, path, note, checkpoint } = parseOffer(encodeUtf8(text))
    this.asked.push(checkpoint.size)
    this.underWay += 1
    expect(this.underWay).toBe(1)
    try {
      const instead = await this.misbehave?.()
      if (instead) return instead
      if (old !== this.size)
        return { status: 409, type: 'text/x.tlog.size', bytes: encodeUtf8(`${this.size}\n`) }
      const { size, root } = checkpoint
      verifyConsistency({ oldSize: old, oldRoot: this.root, newSize: size, newRoot: root, path })
      this.size = size
      this.root = root
      return { status: 200, type: 'text/plain', bytes: encodeUtf8(await this.line(note)) }
    } finally {
      this.underWay -= 1
    }
  }

  async line(note: string): Promise<string> {
    const name = this.member.origin.replace('/log/1', '/witness')
    const timestamp = Math.floor(Date.now() / 1000)
    return formatSignatureLines([
      await signCosignature(parseNote(note).text, { name, signer: this.member.witness, timestamp }),
    ])
  }
}

const members = ['主管局一', '主管局二', '眉山'].map((name, n) =>
  syntheticMember(`${name}（合成）`, `http://localhost:${7501 + n}`),
)
/** The owner of the sample log. */
const owner = syntheticMember('璧山（合成）', 'http://localhost:7401')

let db: TestDatabase
let log: OpenedLog
let trust: Trust
let [one, two, partner]: Witness[] = []
let offerer: Offerer | undefined
const ahead: string[] = []
/** What the mirror of any partner shows. */
let mirrored: string | undefined

beforeEach(async () => {
  db = await createTestDatabase()
  log = await openSampleLog(db.database, { onCheckpoint: () => offerer?.wake() })
  const registry: any = structuredClone(syntheticRegistry([...members, owner]))
  Object.assign(registry, pairedRegistry([members[0]!, members[1]!, owner, members[2]!]))
  registry.members[3].origins[0].vkey = [{ key: formatVerifierKey(logKeys[0]!), from: 0 }]
  trust = trustOf(JSON.stringify(registry))
  ;[one, two, partner] = members.map((member) => new Witness(member))
  ahead.length = 0
  mirrored = undefined
})
afterEach(async () => {
  await offerer?.stop()
  offerer = undefined
  await db.drop()
})

function start(change: Partial<OfferOptions> = {}): Offerer {
  const deps: Deps = {
    now: Date.now,
    monotonic: () => performance.now(),
    random: (n) => new Uint8Array(n).fill(128),
    logger: createLogger('silent'),
  }
  const witnesses = [one!, two!, partner!]
  offerer = createOfferer({
    deps,
    database: db.database,
    trust: () => trust,
    own: origin,
    post: async (url, text) => {
      const witness = witnesses.find(({ member }) => url === `${member.base}/witness/add-checkpoint`)
      return witness!.answer(text)
    },
    fetchMirror: async () => mirrored,
    onDoubt: async ({ key }) => void ahead.push(key.name),
    ...change,
  })
  offerer.wake()
  return offerer
}

const own = async () => (await db.database.run((queries) => findLog(queries, origin)))!
const kept = async (after: number) =>
  findWitnessedAfter(db.database, (await own()).id, { after, end: 1_000_000 })
async function served() {
  const { checkpoint, witnessed } = await own()
  const read = (note: string | null) => (note === null ? null : readNote(note, origin, trust))
  return { newest: read(checkpoint), witnessed: read(witnessed) }
}
const whole = {
  by: ['localhost:7501/witness', 'localhost:7502/witness', 'localhost:7503/witness'],
  witnessed: true,
}
const patient = { timeout: 20_000 }

describe('offers', () => {
  test('[WIT-33] lines are added as they come, the policy first, and the note with the quorum is kept beside the newest', async () => {
    await log.append(0, 1)
    start()
    await expect
      .poll(served, patient)
      .toMatchObject({ newest: { size: 2, ...whole }, witnessed: { size: 2, witnessed: true } })
    const names = parseNote((await own()).checkpoint ?? '').signatures.map(({ name }) => name)
    expect(names).toEqual([
      origin,
      'localhost:7501/witness',
      'localhost:7502/witness',
      'localhost:7503/witness',
    ])
    two!.misbehave = () => ({ status: 500, type: '', bytes: new Uint8Array(0) })
    await log.append(2)
    await expect.poll(served, patient).toMatchObject({
      newest: { size: 3, by: [whole.by[0], whole.by[2]], witnessed: false },
      witnessed: { size: 2, witnessed: true },
    })
    two!.misbehave = undefined
    await expect
      .poll(served, patient)
      .toMatchObject({ newest: { size: 3, ...whole }, witnessed: { size: 3 } })
  })

  test('[WIT-33] a note over less, or of a log that is frozen, takes the place of none', async () => {
    await log.append(0, 1)
    const before = await own()
    for (const size of [1, 3])
      await storeCosigned(db.database, origin, { size, note: 'x', witnessed: size === 3 })
    expect((await own()).checkpoint).toBe(before.checkpoint)
    expect((await own()).witnessed).toBeNull()
    expect(await kept(0)).toBeUndefined()
  })

  test('[WIT-60] the first note with the quorum is kept for each size, whatever comes after it', async () => {
    await log.append(0, 1)
    start({ refresh: 300 })
    await expect.poll(() => kept(0), patient).toBeDefined()
    const first = await kept(0)
    expect(readNote(first!, origin, trust)).toMatchObject({ size: 2, witnessed: true })
    const asked = one!.asked.length
    await expect.poll(() => one!.asked.length, patient).toBeGreaterThan(asked + 1)
    await expect.poll(async () => (await own()).witnessed !== first, patient).toBe(true)
    await log.append(2)
    await expect.poll(() => kept(2), patient).toBeDefined()
    expect([await kept(0), await kept(1), await kept(3)]).toEqual([first, first, undefined])
    expect(readNote((await kept(2))!, origin, trust)).toMatchObject({ size: 3, witnessed: true })
    await db.database.run((queries) => queries.execute(sql`update log set checkpoint_size = 2`))
    await storeCosigned(db.database, origin, { size: 2, note: 'another', witnessed: true })
    expect(await kept(1)).toBe(first)
  })

  test('[WIT-31] a burst of publications is few offers, and ends with the newest note cosigned', async () => {
    for (const witness of [one!, two!, partner!]) witness.misbehave = () => sleep(30).then(() => undefined)
    start()
    for (let n = 0; n < 40; n += 1) await log.append(n)
    await expect
      .poll(served, patient)
      .toMatchObject({ newest: { size: 40, ...whole }, witnessed: { size: 40 } })
    for (const { asked } of [one!, two!, partner!]) expect(asked.length).toBeLessThan(40)
  })

  test('[WIT-31] over a log that grows without end the quorum is reached again and again', async () => {
    // Each at a pace of its own: whoever always signed the newest would never meet the other.
    one!.misbehave = () => sleep(7).then(() => undefined)
    two!.misbehave = () => sleep(23).then(() => undefined)
    start()
    const sizes = new Set<number>()
    for (let n = 0; n < 60; n += 1) {
      await log.append(n)
      sizes.add((await own()).witnessedSize)
    }
    expect(sizes.size).toBeGreaterThan(3)
  })

  test('[WIT-31] [WIT-34] a newer registry that leaves a witness as it was begins no second offer, and forgets nothing of it', async () => {
    await log.append(0)
    let release: () => void = () => {}
    one!.misbehave = () =>
      new Promise((resolve) => {
        release = () => resolve(undefined)
      })
    two!.misbehave = () => {
      throw new ProtocolError('RATE_LIMITED', 'later', { evidence: { retryAfter: 3600 } })
    }
    const running = start()
    await expect.poll(() => [one!.asked.length, two!.asked.length], patient).toEqual([1, 1])
    await expect.poll(async () => (await served()).newest?.by, patient).toEqual([whole.by[2]])
    const before = partner!.asked.length
    trust = openTrust({ ...trust.registry, version: 2 }, trust.fingerprint)
    running.wake()
    await log.append(1)
    await expect.poll(() => partner!.asked.length, patient).toBeGreaterThan(before)
    await sleep(100)
    expect([one!.asked.length, two!.asked.length]).toEqual([1, 1])
    // From the size that it had: it was not asked twice.
    expect(partner!.asked.slice(before)).toEqual([2])
    one!.misbehave = undefined
    release()
    await expect.poll(() => one!.size, patient).toBe(2)
  })

  test('[WIT-31] one who never answers delays no other', async () => {
    await log.append(0)
    let release: () => void = () => {}
    two!.misbehave = () =>
      new Promise((resolve) => {
        release = () => resolve(undefined)
      })
    start()
    await expect.poll(served, patient).toMatchObject({ newest: { by: [whole.by[0], whole.by[2]] } })
    await log.append(1)
    await expect.poll(() => partner!.size, patient).toBe(2)
    release()
  })

  test('[WIT-31] a partner is told again when the quorum is there', async () => {
    await log.append(0)
    let release: () => void = () => {}
    two!.misbehave = () =>
      new Promise((resolve) => {
        release = () => resolve(undefined)
      })
    start()
    await expect.poll(() => partner!.asked, patient).toContain(1)
    const before = partner!.asked.length
    await expect.poll(() => two!.underWay, patient).toBe(1)
    two!.misbehave = undefined
    release()
    await expect.poll(() => partner!.asked.length, patient).toBeGreaterThan(before)
  })

  test('[WIT-32] after 409 it is offered once more from the size that was named', async () => {
    await log.append(0, 1, 2)
    start()
    await expect.poll(served, patient).toMatchObject({ newest: { size: 3, ...whole } })
    await offerer!.stop()
    await log.append(3, 4)
    for (const witness of [one!, two!, partner!]) witness.asked = []
    start()
    await expect.poll(served, patient).toMatchObject({ newest: { size: 5, ...whole } })
    expect(one!.asked).toEqual([5, 5])
  })

  test('[WIT-32] a size above all that is signed here is looked into, and stops nothing by itself', async () => {
    await log.append(0)
    one!.size = 7
    start()
    await expect.poll(() => ahead, patient).toContain('localhost:7501/witness')
    await expect.poll(served, patient).toMatchObject({ newest: { by: [whole.by[1], whole.by[2]] } })
    expect((await own()).state).toBe('active')
    ahead.length = 0
    two!.misbehave = () => ({ status: 422, type: '', bytes: new Uint8Array(0) })
    await log.append(1)
    await expect.poll(() => ahead, patient).toContain('localhost:7502/witness')
    two!.misbehave = undefined
    await expect.poll(() => two!.size, patient).toBe(2)
  })

  const answers: Record<string, () => Promise<PostAnswer> | PostAnswer> = {
    'an error': () => ({ status: 500, type: '', bytes: new Uint8Array(0) }),
    'a refusal': () => ({ status: 422, type: '', bytes: new Uint8Array(0) }),
    'nothing in it': () => ({ status: 200, type: 'text/plain', bytes: new Uint8Array(0) }),
    'no text': () => ({ status: 200, type: 'text/plain', bytes: Buffer.alloc(60, 0xff) }),
    'the line of another': async () => ({
      status: 200,
      type: 'text/plain',
      bytes: encodeUtf8(await partner!.line((await own()).checkpoint ?? '')),
    }),
    'a line over another tree': async () => ({
      status: 200,
      type: 'text/plain',
      bytes: encodeUtf8(await one!.line(`x\n\n${((await own()).checkpoint ?? '').split('\n\n')[1]}`)),
    }),
    'a size that is none': () => ({ status: 409, type: 'text/x.tlog.size', bytes: encodeUtf8('01\n') }),
    'a size of another type': () => ({ status: 409, type: 'text/html', bytes: encodeUtf8('1\n') }),
    'always another size': () => ({ status: 409, type: 'text/x.tlog.size', bytes: encodeUtf8('1\n') }),
  }
  test.each(Object.keys(answers))(
    '[WIT-33] %s in an answer is a failure of this witness alone',
    async (name) => {
      await log.append(0, 1)
      one!.misbehave = answers[name]
      start()
      await expect
        .poll(served, patient)
        .toMatchObject({ newest: { by: [whole.by[1], whole.by[2]], witnessed: false }, witnessed: null })
      one!.misbehave = undefined
      await expect.poll(served, patient).toMatchObject({ newest: whole })
    },
  )

  test('[WIT-34] one that fails is left alone for longer and longer, and as long as it asks for', async () => {
    await log.append(0)
    one!.misbehave = () => Promise.reject(new ProtocolError('PEER_UNAVAILABLE', 'gone'))
    two!.misbehave = () =>
      Promise.reject(new ProtocolError('RATE_LIMITED', 'later', { evidence: { retryAfter: 3600 } }))
    start()
    await sleep(1_600)
    expect(one!.asked.length).toBeGreaterThan(1)
    expect(one!.asked.length).toBeLessThan(5)
    await log.append(1)
    await expect.poll(() => partner!.size, patient).toBe(2)
    expect(two!.asked.length).toBe(1)
  })

  test('[WIT-34] an unchanged tree is offered again in time', async () => {
    await log.append(0)
    start({ refresh: 300 })
    await expect.poll(() => one!.asked.length, patient).toBeGreaterThan(2)
    expect(new Set(one!.asked)).toEqual(new Set([1]))
  })

  test('[WIT-35] a frozen log is not offered', async () => {
    await log.append(0)
    await db.database.run((queries) => queries.execute(sql`update log set state = 'frozen'`))
    start()
    await sleep(300)
    expect([one!.asked, partner!.asked]).toEqual([[], []])
  })

  test('[WIT-51] the line of a partner that holds the tree is taken over, and no other', async () => {
    await log.append(0)
    const { checkpoint } = await own()
    const line = { at: Date.now(), role: 'holder' as const }
    const forged = await cosign(checkpoint ?? '', { ...members[2]!, holder: members[0]!.holder }, line)
    mirrored = forged
    start()
    await expect.poll(served, patient).toMatchObject({ newest: whole })
    mirrored = await cosign(checkpoint ?? '', members[2]!, line)
    const holder = members[2]!.entry.cosigners[1]!.name
    await expect
      .poll(served, patient)
      .toMatchObject({ newest: { by: [...whole.by, holder].sort(), witnessed: true } })
    await log.append(1)
    await expect.poll(served, patient).toMatchObject({ newest: { size: 2, ...whole } })
    await sleep(700)
    expect((await served()).newest?.by).not.toContain(holder)
  })
})
