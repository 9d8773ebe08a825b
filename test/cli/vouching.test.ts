import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cosign } from '../../fixtures/synthetic/cosign.ts'
import { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticPolicy, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { encodeBase64 } from '../../protocol/bytes.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import { csx, folder, put } from './csx.ts'
import { beginningOf, publishMany, startNode, type TestNode } from './node.ts'

const bureaus = [1, 2].map((n) => syntheticMember(`合成主管局${n}`, `http://localhost:741${n}`))
let node: TestNode
let whole: SyntheticLog
let runs = 0

beforeAll(async () => {
  node = await startNode()
  whole = node.log
  await publishMany(whole, 9)
})
beforeEach(() => {
  runs += 1
})
afterEach(() => {
  node.instead.clear()
  node.log = whole
})
afterAll(() => node.close())

/** The registry, as a trust file, with something changed. */
function trustWith(change: (registry: any) => void = () => {}): string {
  const registry = { ...syntheticRegistry([node.member, ...bureaus]), policy: syntheticPolicy(bureaus) }
  const plain = JSON.parse(JSON.stringify(registry))
  change(plain)
  return put(`vouching-${runs}.json`, JSON.stringify(plain))
}

const serve = (name: string, note: string) =>
  node.instead.set(`/log/1/${name}`, (_request, response) => response.end(note))

/** A note over a log that so many of the bureaus cosigned. */
async function noteOf(log: SyntheticLog, count: number): Promise<string> {
  let note = await log.checkpoint()
  for (const bureau of bureaus.slice(0, count))
    note = await cosign(note, bureau, { at: Date.UTC(2026, 0, 6) })
  return note
}

const stateFile = () => join(folder, `vouching-state-${runs}.json`)
const directory = () => join(folder, `vouching-copy-${runs}`)

async function both(trust: string): Promise<{ exits: (number | null)[]; out: string; json: any }> {
  const monitored = await csx(['monitor', node.url, '--trust', trust, '--state', stateFile()])
  const copied = await csx(['copy', node.url, directory(), '--trust', trust, '--json'])
  return { exits: [monitored.code, copied.code], out: monitored.out, json: JSON.parse(copied.out) }
}

describe('csx monitor and csx copy', () => {
  test('[VERIFY-302] ask for the quorum of the policy, and say who saw the tree', async () => {
    serve('checkpoint', await noteOf(whole, 2))
    const { exits, out, json } = await both(trustWith())
    expect([exits, json.verdict, json.code]).toEqual([[0, 0], 'verified', undefined])
    expect(out).toContain('规模9已由合成主管局1、合成主管局2见证')
  })

  test.each([0, 1])(
    '[VERIFY-302] with the lines of %i of two witnesses the tree is undecided, and all the rest is shown',
    async (count) => {
      serve('checkpoint', await noteOf(whole, count))
      serve('witnessed', await noteOf(beginningOf(whole, 4), 2))
      const { exits, out, json } = await both(trustWith())
      expect(exits).toEqual([3, 3])
      expect(out).toContain('9 records verified, 0 faulty')
      expect(out).toContain('size 4 witnessed by localhost:7411/witness, localhost:7412/witness')
      expect(out).toMatch(/size 9 lacks .*localhost:7412\/witness: look again/)
      expect(json).toMatchObject({ verdict: 'undecided', code: 'NOT_WITNESSED', size: 9, verified: 9 })
      expect(existsSync(join(directory(), 'checkpoint'))).toBe(true)
    },
  )

  test('[VERIFY-302] a tree that its witnesses saw as part of a later one is witnessed', async () => {
    serve('checkpoint', await beginningOf(whole, 4).checkpoint())
    serve('witnessed', await noteOf(whole, 2))
    const { exits, out } = await both(trustWith())
    expect([exits, out.includes('size 9 witnessed by')]).toEqual([[0, 0], true])
  })

  test('[VERIFY-302] two signed trees that contradict each other are a fork, and both notes are kept', async () => {
    const fork = new SyntheticLog(node.member)
    for (let n = 0; n < 4; n += 1) await fork.publish(syntheticStandard(n + 50))
    const other = await noteOf(fork, 2)
    serve('witnessed', other)
    const trust = trustWith()
    const { exits, out, json } = await both(trust)
    expect([exits, json.code, out.includes('LOG_EQUIVOCATION')]).toEqual([[1, 1], 'LOG_EQUIVOCATION', true])
    const { faults } = JSON.parse(readFileSync(stateFile(), 'utf8'))
    expect(faults).toMatchObject([{ code: 'LOG_EQUIVOCATION', kept: other }])
    expect(existsSync(join(directory(), 'checkpoint'))).toBe(false)
  })

  test('[VERIFY-302] [TRUST-10] a smaller tree of a closed log is undecided', async () => {
    const { root } = parseHead(await whole.checkpoint())
    const closed = { size: 9, root: encodeBase64(root), reason: '泄露' }
    const trust = trustWith((registry) => {
      registry.policy = 'none'
      registry.members[0].origins[0].closed = closed
    })
    expect((await both(trust)).exits).toEqual([0, 0])
    node.log = beginningOf(whole, 5)
    runs += 1
    const { exits, out, json } = await both(trust)
    expect([exits, json.code]).toEqual([[3, 3], 'INCLUSION_MISSING'])
    expect(out).toContain('5 records verified')
  })
})
