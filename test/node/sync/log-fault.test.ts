import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticMember } from '../../../fixtures/synthetic/member.ts'
import { rowsOf, type StoredLog } from '../../../node/store/log-store.ts'
import { classOf } from '../../../node/sync/failure.ts'
import { haltLog } from '../../../node/sync/halt.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { type ProblemCode, ProtocolError } from '../../../protocol/error.ts'
import { parseEvidence } from '../../../protocol/evidence.ts'
import { signCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { verifyEvidence } from '../../../protocol/verify-evidence.ts'
import { codeOfAsync } from '../../protocol/log/expect-code.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

let bad: Peer
let good: Peer
let node: PeerFollower
beforeEach(async () => {
  bad = await startPeer('璧山（合成）')
  good = await startPeer('眉山（合成）')
  node = await createPeerFollower([bad, good])
  await bad.log.publishStandards(5)
  await good.log.publishStandards(3)
})
afterEach(async () => {
  await node.close()
  await Promise.all([bad.close(), good.close()])
})

/** Follows both, makes the one misbehave, and tells what became of the two. */
async function attack(misdeed: () => Promise<void> | void) {
  const [following] = [node.follow(bad), node.follow(good)]
  await waitUntil(async () => (await heldOf(bad)) === 5 && (await heldOf(good)) === 3)
  await misdeed()
  await good.log.publishStandards(2)
  await waitUntil(async () => (await heldOf(good)) === 5)
  await waitUntil(async () => (await node.logOf(bad)).state === 'halted')
  return { following, log: await node.logOf(bad), other: await node.logOf(good) }
}

async function heldOf(peer: Peer): Promise<number> {
  return (await node.logOf(peer).catch(() => undefined))?.checkpointSize ?? 0
}

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > until) throw new Error('it never came about')
    await sleep(20)
  }
}

function expectHalted(outcome: Awaited<ReturnType<typeof attack>>, code: ProblemCode): void {
  expect(outcome.log.fault?.code).toBe(code)
  expect(outcome.log.size).toBe(5)
  expect(outcome.log.checkpointSize).toBe(5)
  expect(outcome.other.state).toBe('active')
}

/** The evidence that is kept verifies with the registry alone, and says where. */
function expectProven({ fault }: StoredLog, index: number | undefined): void {
  const bytes = encodeUtf8(fault?.evidence ?? '')
  const { verdict, findings } = verifyEvidence(bytes, { trust: node.trust, now: 0 })
  expect([verdict, findings.flatMap(({ code }) => code ?? [])]).toEqual(['verified', []])
  expect(parseEvidence(bytes).evidence).toMatchObject(
    index === undefined ? { kind: 'same-size' } : { kind: 'leaf', index },
  )
}

describe('log faults', () => {
  test('[SYNC-3] a peer that offers an older tree is halted, and its last good records stay readable', async () => {
    const outcome = await attack(async () => {
      bad.note = await bad.log.checkpointAt(4)
    })
    expectHalted(outcome, 'LOG_ROLLBACK')
    expect(outcome.log.fault?.notes).toEqual([await bad.log.checkpointAt(5), await bad.log.checkpointAt(4)])
    expect(await node.standardsOf(bad)).toEqual([0, 1, 2, 3, 4])
  })

  test('[SYNC-3] two roots of one size are equivocation: halted for good, with both notes', async () => {
    const honest = bad.log
    const outcome = await attack(async () => {
      const fork = honest.fork(4)
      await fork.publishStandards(1, 100)
      bad.log = fork
    })
    expectHalted(outcome, 'LOG_EQUIVOCATION')
    expect(outcome.log.fault?.notes).toEqual([await honest.checkpointAt(5), await bad.log.checkpointAt(5)])
    bad.log = honest
    bad.takeRequests()
    expect(await codeOfAsync(() => outcome.following.runOnce())).toBe('LOG_EQUIVOCATION')
    expect(bad.takeRequests()).toEqual([])
    expect((await node.logOf(bad)).state).toBe('halted')
  })

  test('[SYNC-4] a larger tree that does not contain the one seen before is a rewritten history', async () => {
    const honest = bad.log
    const outcome = await attack(async () => {
      const rewritten = honest.fork(2)
      await rewritten.publishStandards(300, 200)
      bad.log = rewritten
    })
    expectHalted(outcome, 'LOG_EQUIVOCATION')
    expect(outcome.log.fault?.notes).toEqual([await honest.checkpointAt(5), await bad.log.checkpointAt(302)])
    expect(await node.rootOf(bad)).toEqual(honest.rootAt(5))
    expectProven(outcome.log, 2)
  })

  test.each([
    ['smaller', 3],
    ['equal', 5],
    ['larger', 7],
  ])(
    '[SYNC-30] another history of a %s size is kept as evidence that anybody can verify',
    async (_, size) => {
      const honest = bad.log
      const outcome = await attack(async () => {
        const fork = honest.fork(1)
        await fork.publishStandards(size - 1, 50)
        bad.log = fork
      })
      expectHalted(outcome, 'LOG_EQUIVOCATION')
      expectProven(outcome.log, size === 5 ? undefined : 1)
    },
  )

  test('[SYNC-30] without the tiles that show where it differs, it is halted as inconsistent until they come', async () => {
    await bad.log.publishStandards(295)
    await node.pull(bad)
    const fork = bad.log.fork(2)
    await fork.publishStandards(400, 500)
    bad.log = fork
    bad.misbehave = ({ path }, response) => {
      if (path !== 'tile/0/000') return false
      response.writeHead(404).end()
      return true
    }
    const following = node.follow(bad)
    expect(await codeOfAsync(() => following.runOnce())).toBe('CONSISTENCY_INVALID')
    const { state, fault } = await node.logOf(bad)
    expect([state, fault?.code, fault?.notes?.length, fault?.evidence]).toEqual([
      'halted',
      'CONSISTENCY_INVALID',
      2,
      undefined,
    ])
    bad.misbehave = undefined
    await waitUntil(async () => (await node.logOf(bad)).fault?.code === 'LOG_EQUIVOCATION')
    expectProven(await node.logOf(bad), 2)
  })

  test('[SYNC-16] nothing takes the place of two histories: neither another fault nor a pull that was under way', async () => {
    await node.pull(bad)
    const { origin } = bad.member
    const fault = { code: 'LOG_EQUIVOCATION', detail: 'shown by another', notes: [], evidence: '{}' }
    expect(await haltLog(node.db.database, origin, fault)).toBe(true)
    expect(await haltLog(node.db.database, origin, { code: 'LOG_ROLLBACK', detail: '', notes: [] })).toBe(
      false,
    )
    await bad.log.publishStandards(1)
    expect(await codeOfAsync(() => node.pull(bad))).toBe('LOG_EQUIVOCATION')
    expect(await node.logOf(bad)).toMatchObject({ state: 'halted', size: 5, fault })
  })

  test('[SYNC-2] a known key with a bad signature', async () => {
    const outcome = await attack(async () => {
      const note = await bad.log.checkpointAt(5)
      bad.note = note.replace(/\n5\n/, '\n6\n')
    })
    expectHalted(outcome, 'CHECKPOINT_SIGNATURE_INVALID')
    expect(outcome.log.fault?.notes).toHaveLength(2)
  })

  test('[SYNC-2] a signature by a key that the registry does not name', async () => {
    const outcome = await attack(async () => {
      const { origin } = bad.member
      const stranger = syntheticMember('生人', 'http://localhost:1').log
      bad.note = await signCheckpoint({ origin, size: 6, root: bad.log.rootAt(5) }, origin, stranger)
    })
    expectHalted(outcome, 'CHECKPOINT_SIGNATURE_INVALID')
  })

  test('[SYNC-2] the checkpoint of another log, signed by this one', async () => {
    const outcome = await attack(async () => {
      const { origin, log } = bad.member
      bad.note = await signCheckpoint(
        { origin: good.member.origin, size: 6, root: bad.log.rootAt(5) },
        origin,
        log,
      )
    })
    expectHalted(outcome, 'LOG_ORIGIN_MISMATCH')
  })

  test('[SYNC-16] a halt for another reason ends with a consistent tree, and its notes are kept', async () => {
    await attack(async () => {
      bad.note = await bad.log.checkpointAt(4)
    })
    const older = bad.note ?? ''
    bad.note = undefined
    await bad.log.publishStandards(1)
    await waitUntil(async () => (await heldOf(bad)) === 6)
    const healed = await node.logOf(bad)
    expect(healed.state).toBe('active')
    expect(healed.fault?.notes).toContain(older)
    bad.note = await bad.log.checkpointAt(3)
    await waitUntil(async () => (await node.logOf(bad)).state === 'halted')
    const [row] = await node.db.database.run((queries) =>
      rowsOf<{ fault: { notes: string[]; earlier: { notes: string[] }[] } }>(
        queries,
        sql`select fault from log where origin = ${bad.member.origin}`,
      ),
    )
    expect(row?.fault.notes).toContain(bad.note)
    expect(row?.fault.earlier.flatMap(({ notes }) => notes)).toContain(older)
  })
})

describe('what is no log fault', () => {
  const form = ['a note with 17 signatures', 'no note', 'a note of another form'] as const
  test.each(form)('[SYNC-2] %s is a transport fault: nobody signed it', async (kind) => {
    await node.pull(bad)
    const note = await bad.log.checkpointAt(5)
    const [head = '', line = ''] = note.split('\n\n')
    const bodies = {
      'a note with 17 signatures': `${head}\n\n${Array.from({ length: 17 }, () => line).join('')}`,
      'no note': '<html>',
      'a note of another form': note.replace('\n5\n', '\n05\n'),
    }
    await bad.log.publishStandards(1)
    bad.note = bodies[kind]
    const code = await codeOfAsync(() => node.pull(bad))
    expect(['NOTE_MALFORMED', 'CHECKPOINT_MALFORMED']).toContain(code)
    expect(classOf(new ProtocolError(code as ProblemCode, ''))).toBe('transport')
    const log = await node.logOf(bad)
    expect([log.state, log.size, log.pendingSize]).toEqual(['active', 5, 5])
    bad.note = undefined
    expect((await node.pull(bad)).applied).toBe(1)
  })

  test('[SYNC-10] there are three classes, and one place decides', () => {
    const faults: readonly ProblemCode[] = [
      'CHECKPOINT_SIGNATURE_INVALID',
      'CONSISTENCY_INVALID',
      'LOG_EQUIVOCATION',
      'LOG_ROLLBACK',
      'LOG_ORIGIN_MISMATCH',
    ]
    const transport: readonly ProblemCode[] = ['PAGE_MALFORMED', 'PEER_TIMEOUT', 'STORAGE_UNAVAILABLE']
    expect(faults.map((code) => classOf(new ProtocolError(code, '')))).toEqual(faults.map(() => 'log'))
    expect(transport.map((code) => classOf(new ProtocolError(code, '')))).toEqual(
      transport.map(() => 'transport'),
    )
    expect(classOf(new TypeError('ours'))).toBe('transport')
  })
})
