import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { csx, folder, lastLine, linesOf, put } from './csx.ts'
import { publishMany, sendJson, startNode, type TestNode } from './node.ts'

let node: TestNode
let trust: string

beforeAll(async () => {
  node = await startNode()
  trust = put('node-trust.json', node.trustText)
  await publishMany(node.log, 300)
})
afterEach(() => node.instead.clear())
afterAll(() => node.close())

const file = join(folder, 'gathered.csx.json')

describe('csx get', () => {
  test('gives the exact bytes of a record, by its digest and by its id', async () => {
    const { digest, id, bytes } = node.log.logged[7]!
    for (const name of [digest, id]) {
      const ended = await csx(['get', name, '--node', node.url])
      expect(ended.code).toBe(0)
      expect(Buffer.compare(ended.bytes, bytes)).toBe(0)
    }
  })

  test('refuses other bytes than those asked for', async () => {
    const { digest } = node.log.logged[7]!
    node.instead.set(`/records/${digest}`, (_request, response) => response.end(node.log.logged[8]!.bytes))
    const { code, out, err } = await csx(['get', digest, '--node', node.url])
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('DIGEST_MISMATCH')
  })

  test('names what is not there, and what is no name', async () => {
    const absent = await csx(['get', `sha256:${'0'.repeat(64)}`, '--node', node.url])
    expect([absent.code, absent.err.includes('NOT_FOUND')]).toEqual([4, true])
    expect((await csx(['get', 'hello', '--node', node.url])).code).toBe(2)
  })
})

describe('csx bundle', () => {
  test.each([0, 1, 255, 256, 257, 299])(
    '[BUNDLE-9] gathers from a node what a log gives by itself: entry %i of 300',
    async (index) => {
      const { code, out, err } = await csx([
        'bundle',
        node.log.logged[index]!.digest,
        '--node',
        node.url,
        '-o',
        file,
        '--trust',
        trust,
      ])
      expect([code, out]).toEqual([0, ''])
      expect(lastLine(err)).toContain('verified')
      expect(readFileSync(file, 'utf8')).toBe(await node.log.bundle(index))
    },
  )

  test('[BUNDLE-9] goes to standard output, byte for byte, and verifies elsewhere', async () => {
    const ended = await csx(['bundle', node.log.logged[290]!.id, '--node', node.url])
    expect(ended.code).toBe(0)
    const judged = await csx(['verify', '-', '--trust', trust], { input: ended.bytes })
    expect(judged.code).toBe(0)
  })

  test('[BUNDLE-9] follows the pages of records to their end', async () => {
    node.requests.length = 0
    await csx(['bundle', node.log.logged[0]!.digest, '--node', node.url, '-o', file])
    expect(node.requests.filter((request) => request.includes('/records/000?from=')).length).toBeGreaterThan(
      1,
    )
  })

  test('[BUNDLE-9] takes the full resource where a partial one is gone', async () => {
    const real = await node.log.checkpoint()
    await publishMany(node.log, 212)
    node.instead.set('/log/1/checkpoint', (_request, response) => response.end(real))
    for (const path of ['tile/entries/001.p/44', 'records/001.p/44', 'tile/0/001.p/44'])
      node.instead.set(`/log/1/${path}`, (_request, response) => response.writeHead(404).end())
    const { code } = await csx([
      'bundle',
      node.log.logged[280]!.digest,
      '--node',
      node.url,
      '-o',
      file,
      '--trust',
      trust,
    ])
    expect(code).toBe(0)
    expect(JSON.parse(readFileSync(file, 'utf8')).ranges[0].entries).toHaveLength(20)
  })

  test('[BUNDLE-9] a node that contradicts itself, or keeps a record back, gives no bundle', async () => {
    const name = node.log.logged[500]!.digest
    node.instead.set('/log/1/tile/0/001', (_request, response) => response.end(Buffer.alloc(8192, 1)))
    const lying = await csx(['bundle', name, '--node', node.url])
    expect([lying.code, lying.out]).toEqual([1, ''])
    expect(lying.err).toMatch(/INCLUSION_INVALID|RANGE_INVALID/)
    node.instead.clear()
    node.instead.set('/log/1/records/001', (_request, response) => response.end())
    const withheld = await csx(['bundle', name, '--node', node.url])
    expect([withheld.code, withheld.err.includes('RECORD_UNAVAILABLE')]).toEqual([3, true])
  })

  test('a place outside the node is not followed', async () => {
    const { id, digest } = node.log.logged[3]!
    for (const log of ['https://example.org/log/1', '//example.org/log/1', '/../log/1', '/log/1?x=1']) {
      node.instead.set(`/api/v1/records/${digest}`, (_request, response) =>
        sendJson(response, 200, { id, digest, origin: node.member.origin, index: 3, log }),
      )
      const { code, err } = await csx(['bundle', digest, '--node', node.url])
      expect([code, err.includes('PAGE_MALFORMED')]).toEqual([3, true])
    }
  })
})

describe('csx verify with an address', () => {
  test('[VERIFY-20] of a record at a node: the bundle is gathered there and judged', async () => {
    const { digest } = node.log.logged[3]!
    const { code, out } = await csx(['verify', `${node.url}/records/${digest}`, '--trust', trust])
    expect(code).toBe(0)
    expect(out).toContain(`as of checkpoint ${node.log.logged.length} of ${node.member.origin}`)
  })

  test('[VERIFY-20] of any other file: it is fetched and judged as if it lay here', async () => {
    const bundle = await node.log.bundle(400)
    node.instead.set('/files/a.csx.json', (_request, response) => response.end(bundle))
    node.instead.set('/files/b.csx.json', (_request, response) =>
      response.end(bundle.replace('recommended', 'mandatory')),
    )
    expect((await csx(['verify', `${node.url}/files/a.csx.json`, '--trust', trust])).code).toBe(0)
    expect((await csx(['verify', `${node.url}/files/b.csx.json`, '--trust', trust])).code).toBe(1)
    expect((await csx(['verify', `${node.url}/files/c.csx.json`, '--trust', trust])).code).toBe(4)
  })

  test('[VERIFY-20] a network that fails leaves it undecided', async () => {
    const gone = createServer()
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
    const { port } = gone.address() as AddressInfo
    await new Promise((resolve) => gone.close(resolve))
    const ended = await csx(['verify', `http://127.0.0.1:${port}/x`, '--trust', trust, '--json'])
    expect(ended.code).toBe(3)
    expect(linesOf(ended.out)[0]).toMatchObject({
      verdict: 'undecided',
      checks: [{ outcome: 'unknown', code: 'PEER_UNAVAILABLE' }],
    })
    node.instead.set('/files/busy', (_request, response) => response.writeHead(503).end())
    expect((await csx(['verify', `${node.url}/files/busy`, '--trust', trust])).code).toBe(3)
  })

  test('[VERIFY-20] redirects to another origin are refused, those within it followed', async () => {
    const bundle = await node.log.bundle(400)
    const other = createServer((_request, response) => response.end(bundle))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    node.instead.set('/away', (_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end(),
    )
    node.instead.set('/near', (_request, response) => response.writeHead(302, { location: '/files/a' }).end())
    node.instead.set('/loop', (_request, response) => response.writeHead(302, { location: '/loop' }).end())
    node.instead.set('/files/a', (_request, response) => response.end(bundle))
    const away = await csx(['verify', `${node.url}/away`, '--trust', trust, '--json'])
    expect([away.code, linesOf(away.out)[0].checks[0].code]).toEqual([3, 'REDIRECT_REFUSED'])
    expect((await csx(['verify', `${node.url}/near`, '--trust', trust])).code).toBe(0)
    expect((await csx(['verify', `${node.url}/loop`, '--trust', trust])).code).toBe(3)
    await new Promise((resolve) => other.close(resolve))
  })

  test('[VERIFY-20] an answer without end is cut off at the limit', async () => {
    node.instead.set('/endless', (_request, response) => {
      const chunk = Buffer.alloc(1 << 20, 0x20)
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', more)
      response.on('error', () => {})
      more()
    })
    const ended = await csx(['verify', `${node.url}/endless`, '--json'])
    expect([ended.code, linesOf(ended.out)[0].checks[0].code]).toEqual([4, 'RESPONSE_TOO_LARGE'])
  })
})

test('a log served under the address of another is named', async () => {
  const { digest, id } = node.log.logged[3]!
  const before = node.log
  node.log = new SyntheticLog({ ...node.member, origin: 'localhost:1/log/1' })
  await publishMany(node.log, 5)
  node.instead.set(`/api/v1/records/${digest}`, (_request, response) =>
    sendJson(response, 200, { id, digest, origin: node.member.origin, index: 3, log: '/log/1' }),
  )
  const { code, err } = await csx(['bundle', digest, '--node', node.url])
  node.log = before
  expect([code, err.includes('LOG_ORIGIN_MISMATCH')]).toEqual([1, true])
})
