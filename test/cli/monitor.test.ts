import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { csx, folder, lastLine, put, start } from './csx.ts'
import { beginningOf, publishMany, startNode, type TestNode } from './node.ts'

let node: TestNode
let trust: string
let whole: SyntheticLog

beforeAll(async () => {
  node = await startNode()
  trust = put('node-trust.json', node.trustText)
  whole = node.log
  await publishMany(whole, 300)
})
afterEach(() => {
  node.instead.clear()
  node.log = whole
})
afterAll(() => node.close())

function monitor(state: string, ...more: readonly string[]) {
  return csx(['monitor', node.url, '--trust', trust, '--state', join(folder, state), ...more])
}

function read(state: string): any {
  return JSON.parse(readFileSync(join(folder, state), 'utf8'))
}

describe('csx monitor', () => {
  test('[VERIFY-24] re-derives the whole log from what is served: every entry up to the root, every record', async () => {
    node.requests.length = 0
    const { code, out } = await monitor('fresh.json')
    expect(code).toBe(0)
    expect(lastLine(out)).toBe('结论 / verdict: ✓ 已核实 / verified')
    expect(out).toContain('300 records verified, 0 faulty, 0 unavailable')
    expect(out).toContain(`as of checkpoint 300 of ${node.member.origin}`)
    expect(node.requests.every((request) => request.startsWith('GET /log/1/'))).toBe(true)
    expect(read('fresh.json')).toMatchObject({
      origin: node.member.origin,
      checked: { size: 300 },
      faults: [],
    })
  })

  test('[VERIFY-24] an entry altered on its way is not what was signed', async () => {
    node.instead.set('/log/1/tile/entries/000', (_request, response) => {
      const entries = whole.logged.slice(0, 256).map(({ entry }) => Buffer.from(entry))
      entries[7] = Buffer.from(entries[7]!.toString().replace('"index":7', '"index":8'))
      response.end(
        Buffer.concat(entries.flatMap((entry) => [Buffer.of(entry.length >> 8, entry.length & 255), entry])),
      )
    })
    const { code, out } = await monitor('altered.json')
    expect([code, out.includes('LEAF_MISMATCH')]).toEqual([1, true])
    expect(read('altered.json').checked.size).toBe(0)
  })

  test('[VERIFY-24] a faulty record in an honest log is named by index and code', async () => {
    node.log = beginningOf(whole, 3)
    const changed: any = structuredClone(whole.logged[3]!.document)
    changed.credentialSubject.titleZh = '另一标题'
    node.log.append(changed, 'StandardRecord')
    await node.log.publish(syntheticStandard(4))
    const { code, out } = await monitor('faulty.json')
    expect(code).toBe(1)
    expect(out).toMatch(/^✗ 第3条 \/ entry 3 {2}SIGNATURE_INVALID/m)
    expect(out).toContain('4 records verified, 1 faulty')
    expect((await monitor('faulty.json')).code).toBe(0)
  })

  test('[VERIFY-24] a record that the node does not give, or gives with other bytes, is undecided and asked for again', async () => {
    node.log = beginningOf(whole, 5)
    const line = (index: number, source = index) =>
      `{"index":${index},"record":${Buffer.from(whole.logged[source]!.bytes)}}\n`
    for (const page of [
      line(0) + line(1) + line(3) + line(4),
      line(0) + line(1) + line(2, 9) + line(3) + line(4),
    ]) {
      node.instead.set('/log/1/records/000.p/5', (_request, response) => response.end(page))
      const { code, out } = await monitor('missing.json')
      expect(code).toBe(3)
      expect(out).toMatch(/^\? 第2条 \/ entry 2 {2}RECORD_UNAVAILABLE/m)
    }
    node.instead.clear()
    const { code, out } = await monitor('missing.json')
    expect([code, out.includes('5 records verified')]).toEqual([0, true])
  })

  test('[VERIFY-24] a log that nobody vouches for is undecided, one under a false signature rejected', async () => {
    const other = put(
      'other.json',
      JSON.stringify(syntheticRegistry([syntheticMember('合成乙', 'http://localhost:1')])),
    )
    expect((await csx(['monitor', node.url, '--trust', other, '--state', join(folder, 'x.json')])).code).toBe(
      3,
    )
    expect((await csx(['monitor', node.url, '--state', join(folder, 'x.json')])).code).toBe(3)
    const note = await whole.checkpoint()
    node.instead.set('/log/1/checkpoint', (_request, response) =>
      response.end(note.replace('\n300\n', '\n299\n')),
    )
    const { code, out } = await monitor('x.json')
    expect([code, out.includes('CHECKPOINT_SIGNATURE_INVALID')]).toEqual([1, true])
  })

  test('[VERIFY-25] a smaller tree than the one remembered is a rollback, and both notes are kept', async () => {
    node.log = beginningOf(whole, 20)
    await monitor('rollback.json')
    const kept = await node.log.checkpoint()
    node.log = beginningOf(whole, 15)
    const { code, out } = await monitor('rollback.json')
    expect([code, out.includes('LOG_ROLLBACK')]).toEqual([1, true])
    await monitor('rollback.json')
    expect(read('rollback.json')).toMatchObject({
      checkpoint: kept,
      faults: [{ code: 'LOG_ROLLBACK', kept, seen: await node.log.checkpoint() }],
    })
    node.log = beginningOf(whole, 25)
    expect((await monitor('rollback.json')).code).toBe(0)
  })

  test.each([
    ['of the same size', 20],
    ['of a larger size', 33],
  ])('[VERIFY-25] another history %s is named a fork, and both notes are kept', async (_name, size) => {
    const state = `fork-${size}.json`
    node.log = beginningOf(whole, 20)
    await monitor(state)
    const kept = await node.log.checkpoint()
    const fork = beginningOf(whole, 12)
    const { id, digest } = fork.logged[0]!
    await fork.publish(syntheticEvent({ id, digest }, 'abolished', '2026-01-01'))
    while (fork.logged.length < size) await fork.publish(syntheticStandard(fork.logged.length))
    node.log = fork
    const { code, out } = await monitor(state)
    expect([code, out.includes('LOG_EQUIVOCATION')]).toEqual([1, true])
    expect(read(state)).toMatchObject({
      checkpoint: kept,
      checked: { size: 20 },
      faults: [{ kept, seen: await fork.checkpoint() }],
    })
    const file = join(folder, `fork-${size}.evidence.json`)
    expect([existsSync(file), out.includes(file)]).toEqual([size === 20, size === 20])
    if (size === 20) expect((await csx(['verify', file, '--trust', trust])).code).toBe(0)
  })

  test('[VERIFY-25] tiles that fit neither tree show no fork', async () => {
    node.log = beginningOf(whole, 20)
    await monitor('tiles.json')
    node.log = beginningOf(whole, 30)
    node.instead.set('/log/1/tile/0/000.p/30', (_request, response) => response.end(Buffer.alloc(960, 3)))
    const { code, out } = await monitor('tiles.json')
    expect([code, out.includes('CONSISTENCY_INVALID')]).toEqual([1, true])
  })

  test('[VERIFY-26] goes on from what it remembers, and asks for no full bundle again', async () => {
    node.log = beginningOf(whole, 290)
    await monitor('resume.json')
    node.log = whole
    node.requests.length = 0
    const { code, out } = await monitor('resume.json')
    expect(code).toBe(0)
    expect(out).toContain('10 new entries')
    expect(node.requests.filter((request) => /entries|records/.test(request))).toEqual([
      'GET /log/1/tile/entries/001.p/44',
      'GET /log/1/records/001.p/44?from=290',
    ])
    node.requests.length = 0
    expect((await monitor('resume.json')).code).toBe(0)
    expect(node.requests).toEqual(['GET /log/1/checkpoint'])
  })

  test('[VERIFY-26] a state that it did not write is refused and left alone; a failing network changes nothing', async () => {
    for (const contents of [
      '',
      '{}',
      '{"v":1,"url":"","origin":"","checkpoint":"x","checked":{"size":1,"hashes":[],"lastAt":""},"faults":[]}',
    ]) {
      writeFileSync(join(folder, 'bad.json'), contents)
      const { code, out } = await monitor('bad.json')
      expect([code, out.includes('CONFIG_INVALID')]).toEqual([4, true])
      expect(readFileSync(join(folder, 'bad.json'), 'utf8')).toBe(contents)
    }
    await monitor('kept.json')
    const before = read('kept.json')
    node.instead.set('/log/1/checkpoint', (_request, response) => response.writeHead(500).end())
    expect((await monitor('kept.json')).code).toBe(3)
    expect(read('kept.json')).toEqual(before)
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('[VERIFY-26] without --state it remembers in the usual place', async () => {
    const env = { XDG_STATE_HOME: join(folder, 'state') }
    const run = () => csx(['monitor', `${node.url}/log/1`, '--trust', trust], { env })
    expect((await run()).out).toContain('300 new entries')
    expect((await run()).out).toContain('0 new entries')
  })

  test('[VERIFY-26] an empty XDG_STATE_HOME is none', async () => {
    const home = join(folder, 'home')
    const env = { HOME: home, XDG_STATE_HOME: '' }
    expect((await csx(['monitor', `${node.url}/log/1`, '--trust', trust], { env })).code).toBe(0)
    expect(readdirSync(join(home, '.local/state/csx/monitor'))).toHaveLength(1)
  })

  test('[VERIFY-26] where that place cannot be made, it says why', async () => {
    const env = { HOME: put('no-home', '') }
    const { code, err } = await csx(['monitor', `${node.url}/log/1`, '--trust', trust], { env })
    expect([code, err.split(' ')[1]]).toEqual([4, 'NOT_FOUND'])
  })

  test('[VERIFY-24] with --interval it looks again, and ends at a signal with the last result', async () => {
    node.requests.length = 0
    const { child, ended } = start([
      'monitor',
      node.url,
      '--trust',
      trust,
      '--state',
      join(folder, 'again.json'),
      '--interval',
      '1s',
    ])
    while (node.requests.filter((request) => request.endsWith('/checkpoint')).length < 2)
      await new Promise((resolve) => setTimeout(resolve, 50))
    await new Promise((resolve) => setTimeout(resolve, 300))
    child.kill('SIGINT')
    const { code, out } = await ended
    expect(code).toBe(0)
    expect(out.match(/verdict/g)?.length).toBeGreaterThan(1)
  })
})
