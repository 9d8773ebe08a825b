import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticMember } from '../../../fixtures/synthetic/member.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import { signCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { emptyRoot } from '../../../protocol/log/merkle.ts'
import { maxOfferBytes } from '../../../protocol/log/offer.ts'
import { verifyEvidence } from '../../../protocol/verify-evidence.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { TestNode } from '../../support/node.ts'
import { expectProblem, rawBytes } from '../../support/node-request.ts'
import { noteOver, offerOf } from '../../support/offer.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { PeerLog } from '../../support/peer-log.ts'
import { pairedRegistry, readNote, trustOf } from '../../support/witness.ts'

/** A bureau, the other one that is not there, and members whose logs it witnesses: one for each test that needs its own. */
let network: Network
let node: TestNode
let closed: PeerLog
const peers: Peer[] = []
let offset = 0
beforeAll(async () => {
  for (let n = 0; n < 12; n += 1) peers.push(await startPeer(`机关${n}（合成）`))
  for (const { log } of peers) await log.publishStandards(5)
  closed = peers[11]!.log
  const root = Buffer.from(closed.rootAt(4)).toString('base64')
  Object.assign(closed.member.entry.origins[0]!, { closed: { size: 4, root, reason: '测试' } })
  network = await createNetwork(['主管局一（合成）'], { peers, registry: pairedRegistry })
  node = await network.start(0, { pollSeconds: 600, now: () => Date.now() + offset })
})
afterAll(async () => {
  await network.close()
  await Promise.all(peers.map((peer) => peer.close()))
})

const send = (body: string | Uint8Array, init: RequestInit = {}) =>
  node.fetch('/witness/add-checkpoint', { method: 'POST', body: body as string, ...init })
const monitor = (log: PeerLog) => node.fetch(`/witness/${sha256Hex(log.member.origin)}/checkpoint`)
const name = () => node.member.origin.replace('/log/1', '/witness')

async function cosigned(log: PeerLog, old: number, size?: number): Promise<string> {
  const response = await send(await offerOf(log, size === undefined ? { old } : { old, size }))
  const text = await response.text()
  expect([response.status, text.slice(0, 200)]).toEqual([200, expect.stringMatching(/^\u2014 /)])
  return text
}

const lineTime = (line: string) =>
  Number(Buffer.from(line.trim().split(' ').at(-1)!, 'base64').readBigUInt64BE(4))

describe('add-checkpoint, C2SP tlog-witness', () => {
  test('[WIT-23] answers its line over the checkpoint, as text, and shows it with the log’s own to whoever compares', async () => {
    const { log } = peers[0]!
    expect((await monitor(log)).status).toBe(404)
    const response = await send(await offerOf(log, { old: 0, size: 2 }))
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/plain; charset=utf-8',
    ])
    const line = await response.text()
    const trust = trustOf(network.trust)
    expect(readNote((await log.checkpointAt(2)) + line, log.member.origin, trust).by).toEqual([name()])
    expect(Math.abs(lineTime(line) - Date.now() / 1000)).toBeLessThan(60)
    await cosigned(log, 2)
    const shown = await monitor(log)
    expect(shown.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(readNote(await shown.text(), log.member.origin, trust)).toMatchObject({ size: 5, by: [name()] })
  })

  test('[WIT-20] a body in another form is 400', async () => {
    const { log } = peers[1]!
    const good = await offerOf(log, { old: 0 })
    const cut = good.slice(0, -1)
    for (const [body, code] of [
      ['', 'OFFER_MALFORMED'],
      [good.replace('old 0', 'old 00'), 'OFFER_MALFORMED'],
      [good.replaceAll('\n', '\r\n'), 'OFFER_MALFORMED'],
      [cut, 'NOTE_MALFORMED'],
      [good.replace('\n5\n', '\n05\n'), 'CHECKPOINT_MALFORMED'],
    ] as const)
      await expectProblem(await send(body), code, { status: 400 })
    await expectProblem(await send(Buffer.from([0x6f, 0x6c, 0x64, 0xff])), 'TEXT_INVALID_UNICODE', {
      status: 400,
    })
    expect((await monitor(log)).status).toBe(404)
  })

  test('[WIT-21] a log that the registry does not name is 404, and so is its own', async () => {
    const stranger = new PeerLog(syntheticMember('生人（合成）', 'http://localhost:7999'))
    await stranger.publishStandards(1)
    await expectProblem(await send(await offerOf(stranger, { old: 0 })), 'NOT_FOUND', { status: 404 })
    const own = new PeerLog(node.member)
    await own.publishStandards(1)
    await expectProblem(await send(await offerOf(own, { old: 0 })), 'NOT_FOUND', { status: 404 })
    expect((await monitor(own)).status).toBe(404)
  })

  test('[WIT-21] without a good signature of the log it is 403; lines of others are not looked at', async () => {
    const { log } = peers[1]!
    const { origin } = log.member
    const good = await log.checkpointAt(5)
    const byAnother = await signCheckpoint(
      { origin, size: 5, root: log.rootAt(5) },
      origin,
      peers[2]!.member.log,
    )
    const damaged = good.replace(/(\u2014 \S+ )(\S+)/, (_, head, line) => {
      const bytes = Buffer.from(line, 'base64')
      bytes[40]! ^= 1
      return head + bytes.toString('base64')
    })
    for (const note of [byAnother, damaged, good + damaged.split('\n\n')[1]])
      await expectProblem(await send(await offerOf(log, { old: 0, note })), 'CHECKPOINT_SIGNATURE_INVALID', {
        status: 403,
      })
    const witness = syntheticMember('', node.url).entry.cosigners[0]!
    const junk = `\u2014 ${witness.name} ${Buffer.concat([Buffer.from(witness.key.split('+')[1]!, 'hex'), Buffer.alloc(72)]).toString('base64')}\n`
    const response = await send(
      await offerOf(log, { old: 0, note: good + byAnother.split('\n\n')[1] + junk }),
    )
    expect(response.status).toBe(200)
    expect(readNote(await (await monitor(log)).text(), origin, trustOf(network.trust)).by).toEqual([name()])
  })

  test('[WIT-21] of a closed log the closed tree alone', async () => {
    for (const size of [3, 5])
      await expectProblem(await send(await offerOf(closed, { old: 0, size })), 'BEYOND_CLOSE', {
        status: 403,
      })
    const note = await noteOver(closed, 4)
    await expectProblem(await send(await offerOf(closed, { old: 0, note })), 'CONSISTENCY_INVALID', {
      status: 422,
    })
    await cosigned(closed, 0, 4)
  })

  test('[WIT-22] an old size beyond the new one is 400, one that is not what was cosigned 409 with that size', async () => {
    const { log } = peers[2]!
    await expectProblem(await send(await offerOf(log, { old: 6 })), 'OFFER_MALFORMED', { status: 400 })
    await expectProblem(await send(await offerOf(log, { old: Number.MAX_SAFE_INTEGER })), 'OFFER_MALFORMED', {
      status: 400,
    })
    await cosigned(log, 0, 3)
    for (const old of [0, 2, 4, 5]) {
      const response = await send(await offerOf(log, { old }))
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
        409,
        'text/x.tlog.size',
        '3\n',
      ])
    }
    const older = await send(await offerOf(log, { old: 2, size: 2 }))
    expect([older.status, await older.text()]).toEqual([409, '3\n'])
    await cosigned(log, 3)
  })

  test('[WIT-22] a path or a root that is wrong is 422, and changes nothing', async () => {
    const { log } = peers[3]!
    const hash = Buffer.alloc(32, 7)
    const wrong = async (change: Parameters<typeof offerOf>[1]) =>
      expectProblem(await send(await offerOf(log, change)), 'CONSISTENCY_INVALID', { status: 422 })
    await wrong({ old: 0, path: [hash] })
    await wrong({ old: 0, note: await noteOver(log, 0) })
    await cosigned(log, 0, 3)
    await wrong({ old: 3, path: [] })
    await wrong({ old: 3, path: [hash, hash, hash] })
    await wrong({ old: 3, size: 3, path: [hash] })
    await wrong({ old: 3, note: await noteOver(log, 6) })
    const fork = log.fork(2)
    await fork.publishStandards(4, 90)
    await expectProblem(await send(await offerOf(fork, { old: 3 })), 'CONSISTENCY_INVALID', { status: 422 })
    expect(readNote(await (await monitor(log)).text(), log.member.origin, trustOf(network.trust)).size).toBe(
      3,
    )
    await cosigned(log, 3)
  })

  test('[WIT-22] the empty tree is a tree', async () => {
    const { log } = peers[4]!
    const response = await send(await offerOf(log, { old: 0, note: await noteOver(log, 0, emptyRoot) }))
    expect(response.status).toBe(200)
    await cosigned(log, 0)
  })

  test('[WIT-23] the same tree gets the same line for a minute, then a later time; the time never goes back, and a clock in doubt dates nothing', async () => {
    const { log } = peers[5]!
    try {
      const first = await cosigned(log, 0)
      expect(await cosigned(log, 5)).toBe(first)
      offset = -3_600_000
      expect(await cosigned(log, 5)).toBe(first)
      offset = 61_000
      const second = await cosigned(log, 5)
      expect(lineTime(second)).toBeGreaterThanOrEqual(lineTime(first) + 60)
      offset = -180_000
      await log.publishStandards(1)
      expect(lineTime(await cosigned(log, 5))).toBe(lineTime(second))
      await log.publishStandards(1)
      const next = await offerOf(log, { old: 6 })
      for (const [leap, code] of [
        [-3_600_000, 'CLOCK_WENT_BACK'],
        [10 * 365 * 86_400_000, 'TIME_IN_FUTURE'],
      ] as const) {
        offset = leap
        const refused = await send(next)
        expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
        await expectProblem(refused, code, { status: 503 })
      }
      offset = 0
      expect(lineTime(await cosigned(log, 6)) - Date.now() / 1000).toBeLessThan(90)
    } finally {
      offset = 0
    }
  })

  test('[WIT-24] of two histories that are offered at once one is cosigned, whatever the order', async () => {
    const { log } = peers[6]!
    await cosigned(log, 0)
    const forks = await Promise.all(
      [0, 1, 2, 3].map(async (n) => {
        const fork = log.fork(5)
        await fork.publishStandards(2 + n, 100 * (n + 1))
        return offerOf(fork, { old: 5 })
      }),
    )
    const answers = await Promise.all(forks.map((body) => send(body)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
  })

  test('[WIT-25] two roots of one size are proof by themselves: 422, and the log is halted with the evidence', async () => {
    const { log } = peers[7]!
    const fork = log.fork(3)
    await fork.publishStandards(2, 90)
    await node.waitFor(log.member, 5)
    await cosigned(log, 0)
    await expectProblem(await send(await offerOf(fork, { old: 5 })), 'CONSISTENCY_INVALID', { status: 422 })
    await expect
      .poll(async () => (await node.logOf(log.member))?.fault?.code, { timeout: 20_000 })
      .toBe('LOG_EQUIVOCATION')
    const evidence = await (await node.fetch((await node.logOf(log.member))?.evidence ?? '')).text()
    expect(verifyEvidence(Buffer.from(evidence), { trust: trustOf(network.trust), now: 0 }).verdict).toBe(
      'verified',
    )
    await log.publishStandards(1)
    await expectProblem(await send(await offerOf(log, { old: 5 })), 'LOG_EQUIVOCATION', { status: 403 })
  })

  test('[WIT-25] also when the other root was pulled, and never cosigned', async () => {
    const { log } = peers[8]!
    await node.waitFor(log.member, 5)
    const fork = log.fork(3)
    await fork.publishStandards(2, 90)
    await expectProblem(await send(await offerOf(fork, { old: 0 })), 'CONSISTENCY_INVALID', { status: 422 })
    await expect
      .poll(async () => (await node.logOf(log.member))?.fault?.code, { timeout: 20_000 })
      .toBe('LOG_EQUIVOCATION')
  })

  test('[WIT-26] a body beyond its bound is 413, stated, sent or promised; one that never ends holds nobody up', async () => {
    const { log } = peers[9]!
    await expectProblem(await send('x'.repeat(maxOfferBytes + 1)), 'BODY_TOO_LARGE', { status: 413 })
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(Buffer.alloc(65_536, 0x78)),
    })
    await expectProblem(await send('', { body: endless, duplex: 'half' } as RequestInit), 'BODY_TOO_LARGE', {
      status: 413,
    })
    await expectProblem(
      await send(Buffer.from('1f8b08000000000000ff', 'hex'), { headers: { 'content-encoding': 'gzip' } }),
      'TEXT_INVALID_UNICODE',
      { status: 400 },
    )
    const slow = rawBytes(
      node.url,
      'POST /witness/add-checkpoint HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nold 0\n',
    )
    await cosigned(log, 0)
    await slow
  })

  test('[WIT-21] a bad line of a bureau under a checkpoint is nobody’s error', async () => {
    const { log, member } = peers[9]!
    await node.waitFor(member, 5)
    const { name: bureau, key } = network.registry.members[0]!.cosigners[0]!
    const id = Buffer.from(key.split('+')[1]!, 'hex')
    const line = `\u2014 ${bureau} ${Buffer.concat([id, Buffer.alloc(72)]).toString('base64')}\n`
    const lines = node.lines.length
    const response = await send(await offerOf(log, { old: 5, note: (await log.checkpointAt(5)) + line }))
    expect(response.status).toBe(200)
    await node.fetch('/healthz')
    expect(node.lines.slice(lines).filter((said) => said.includes('"level":50'))).toEqual([])
  })

  test('[WIT-26] so many offers of one log at once are refused with 429 that others are not kept waiting', async () => {
    const { log } = peers[10]!
    const bodies = await Promise.all([1, 2, 3, 4, 5].map((size) => offerOf(log, { old: 0, size })))
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => send(bodies[n % 5]!)))
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].filter((status) => ![200, 409, 429].includes(status))).toEqual([])
    expect(
      answers.filter(({ status }) => status === 429).every(({ headers }) => headers.has('retry-after')),
    ).toBe(true)
  })

  test('[WIT-26] whoever repeats a checkpoint of the log keeps it from no witness', async () => {
    const { log } = peers[0]!
    const [first] = await Promise.all([send(await offerOf(log, { old: 5 })), log.publishStandards(1)])
    expect(first.status).toBe(200)
    const statuses = new Set<number>()
    let done = false
    const repeat = async (body: string) => {
      while (!done) statuses.add((await send(body)).status)
    }
    const old = await Promise.all([0, 2].map((from) => offerOf(log, { old: from, size: 2 })))
    const stale = await offerOf(log, { old: 5, size: 5 })
    const replays = Array.from({ length: 24 }, (_, n) => repeat([...old, stale][n % 3]!))
    const answers: number[] = []
    for (let round = 0; round < 20; round += 1) {
      const body = await offerOf(log, { old: log.size - 1 })
      answers.push((await send(body)).status)
      await log.publishStandards(1)
    }
    done = true
    await Promise.all(replays)
    expect(answers).toEqual(Array(20).fill(200))
    expect(statuses).toEqual(new Set([200, 409]))
  })

  test('[WIT-27] what it cosigned is shown by the hash of the origin in lower-case hexadecimal, and nothing else is', async () => {
    const { origin } = peers[0]!.member
    for (const path of [sha256Hex(origin).toUpperCase(), origin, sha256Hex('x'), '%00'])
      expect((await node.fetch(`/witness/${path}/checkpoint`)).status).toBe(404)
    expect((await node.fetch('/witness/add-checkpoint')).status).toBe(405)
  })
})
