import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runConformance } from '../../cli/conformance/run.ts'
import { syntheticSample, syntheticSchema, syntheticSuite } from '../../fixtures/synthetic/conformance.ts'
import { canonicalize } from '../../protocol/canonical.ts'
import { csx, folder } from './csx.ts'

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return name
}

const list = JSON.stringify(JSON.parse(syntheticSample).list)
const asked: string[] = []
let answer = list
let server: Server
let url: string

beforeAll(async () => {
  file('suite.json', syntheticSuite())
  file('schema.json', syntheticSchema)
  file('sample.json', syntheticSample)
  server = createServer(({ url: path = '', method }, response) => {
    asked.push(`${method} ${path}`)
    if (path.startsWith('/api/standards'))
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
})

afterAll(() => {
  server.close()
})

const run = (...args: string[]) =>
  csx([
    'conformance',
    'run',
    '--suite',
    'suite.json',
    '--schema',
    'schema.json',
    '--by',
    'did:web:bishan.example',
    ...args,
  ])
const check = (name: string, suite = 'suite.json') =>
  csx(['conformance', 'check', name, '--suite', suite, '--schema', 'schema.json'])

describe('csx conformance', () => {
  test('[CONF-32] runs a suite against sample data or an endpoint, and writes the run', async () => {
    const sample = await run('--sample', 'sample.json', '-o', 'run.json', '--environment', '合成测试环境')
    expect(sample.out).toContain('样例为清单')
    expect(sample).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({
      format: 'csx-conformance-run',
      environment: '合成测试环境',
      runBy: 'did:web:bishan.example',
      summary: { passed: 3, failed: 0, notRun: 2, mandatory: { of: 2, passed: 2 } },
    })
    const live = await run('--url', `${url}/`, '--json', '-o', 'live.json')
    expect(live.code).toBe(0)
    expect(live.out).toBe(readFileSync(join(folder, 'live.json'), 'utf8'))
    expect(JSON.parse(live.out)).toMatchObject({ target: { url }, summary: { passed: 2, notRun: 3 } })
    expect(asked).toEqual(['GET /api/standards?page=1', 'GET /api/none'])
  })

  test('[CONF-32] a mandatory case that fails is 1, and a target that nobody reaches is 3', async () => {
    answer = '{"items":[{"number":"x"}]}'
    const wrong = await run('--url', url, '-o', 'wrong.json')
    answer = list
    expect(wrong.code).toBe(1)
    expect(wrong.out).toContain('不符合模式')
    expect(await check('wrong.json')).toMatchObject({ code: 1 })
    file('no.json', 'no json')
    const other = await run('--sample', 'no.json')
    expect(other.out).toMatch(/没有适用于此类对象的必测项|必测项未全部通过/)
    expect((await run('--sample', 'no.json')).code).toBe(1)
    const nobody = await run('--url', 'http://127.0.0.1:1/api', '-o', 'none.json')
    expect(nobody).toMatchObject({ code: 3, out: '', err: expect.stringContaining('稍后再试') })
    expect(nobody.err).not.toContain('无需处理')
    expect(existsSync(join(folder, 'none.json'))).toBe(false)
    expect((await run('--url', 'http://example.com/api')).code).toBe(2)
    expect((await run()).code).toBe(2)
  })

  test('[CONF-32] what could not stand in a run is a matter of usage, before anything is asked', async () => {
    asked.length = 0
    for (const args of [
      ['--url', url, '--by', 'nonsense'],
      ['--url', url, '--environment', ' '],
      ['--url', `${url}/${'x'.repeat(3000)}`],
      ['--sample', 'sample.json', '--by', 'nonsense'],
    ])
      expect([args[0], await run(...args)]).toMatchObject([args[0], { code: 2, out: '' }])
    expect(asked).toEqual([])
  })

  test('[CONF-32] a run ends after ten minutes: what was not asked by then was not run', async () => {
    const many = JSON.parse(syntheticSuite())
    const one = many.cases.find(({ kind }: any) => kind === 'endpoint')
    const cases = Array.from({ length: 300 }, (_, i) => ({ ...one, id: `c${i}` }))
    file('many.json', `${canonicalize({ ...many, cases })}\n`)
    let now = Date.UTC(2026, 3, 1)
    let answers = 1
    let requests = 0
    const said: string[] = []
    const world = {
      now: () => now,
      out: (text: string) => said.push(text),
      err: (text: string) => said.push(text),
      fetch: async () => {
        requests += 1
        if (answers-- > 0) return new Response(list, { headers: { 'content-type': 'application/json' } })
        now += 15_000
        throw new DOMException('too late', 'TimeoutError')
      },
    } as any
    const flags = {
      suite: join(folder, 'many.json'),
      schema: join(folder, 'schema.json'),
      by: 'did:web:bishan.example',
      url,
      environment: '合成测试环境',
      output: join(folder, 'slow.json'),
    }
    expect(await runConformance(flags, world)).toBe(1)
    expect(requests).toBe(41)
    expect(said.join('')).toContain('259个用例未运行')
    expect((await check('slow.json', 'many.json')).code).toBe(1)
    expect(JSON.parse(readFileSync(flags.output, 'utf8')).summary).toMatchObject({
      passed: 1,
      failed: 40,
      notRun: 259,
    })
    await expect(
      runConformance({ ...flags, output: join(folder, 'silent.json') }, world),
    ).rejects.toMatchObject({
      code: 'PEER_TIMEOUT',
    })
    expect(existsSync(join(folder, 'silent.json'))).toBe(false)
  })

  test('[CONF-33] a run is held against suite and schema, offline', async () => {
    await run('--sample', 'sample.json', '-o', 'mine.json')
    const fine = await check('mine.json')
    expect(fine).toMatchObject({ code: 0, err: '' })
    expect(fine.out).toContain('必测项全部通过')
    const text = readFileSync(join(folder, 'mine.json'), 'utf8')
    file('forged.json', text.replace('"passed":3', '"passed":4'))
    expect(await check('forged.json')).toMatchObject({ code: 1, out: '' })
    expect((await check('forged.json')).err).toContain('CONFORMANCE_INVALID')
    file('other.json', syntheticSuite({ version: '2' }))
    expect((await check('mine.json', 'other.json')).err).toContain('/suite/version')
  })
})
