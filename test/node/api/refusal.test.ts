import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import type { ProblemCode } from '../../../protocol/error.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { TestNode } from '../../support/node.ts'
import { expectProblem, rawBytes, rawRequest } from '../../support/node-request.ts'

let network: Network
let node: TestNode
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）'])
  node = await network.start(0)
  await node.publish(syntheticStandard(1))
})
afterAll(() => network.close())

const draft = JSON.stringify(syntheticStandard(2))
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const bytes = (...parts: (string | number)[]) =>
  Uint8Array.from(
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part])))),
  )

async function sizeOf(): Promise<number> {
  return (await node.logOf(node.member))?.size ?? -1
}

describe('the strict reader at the door', () => {
  const bodies: readonly (readonly [string, string | Uint8Array, ProblemCode, number])[] = [
    ['nothing', '', 'JSON_MALFORMED', 400],
    ['blanks', '  \n', 'JSON_MALFORMED', 400],
    ['no JSON', '<xml/>', 'JSON_MALFORMED', 400],
    ['half of it', draft.slice(0, 100), 'JSON_MALFORMED', 400],
    ['two values', `${draft}${draft}`, 'JSON_MALFORMED', 400],
    ['a member twice', draft.replace('{', '{"tier":"public",'), 'JSON_DUPLICATE_KEY', 400],
    ['33 levels', deep(33), 'JSON_TOO_DEEP', 400],
    ['100,000 levels', '['.repeat(100_000), 'JSON_TOO_DEEP', 400],
    ['bad UTF-8', bytes('{"a":"', 0xff, '"}'), 'TEXT_INVALID_UNICODE', 400],
    ['overlong UTF-8', bytes('{"a":"', 0xc0, 0x80, '"}'), 'TEXT_INVALID_UNICODE', 400],
    ['a lone surrogate', '{"a":"\\ud800"}', 'TEXT_INVALID_UNICODE', 400],
    ['a byte order mark', bytes(0xef, 0xbb, 0xbf, '{}'), 'JSON_MALFORMED', 400],
    ['UTF-16', Uint8Array.from(Buffer.from('{}', 'utf16le')), 'JSON_MALFORMED', 400],
    ['1e400', '{"a":1e400}', 'NUMBER_UNSAFE', 400],
    ['2^53 + 1', '{"a":9007199254740993}', 'NUMBER_UNSAFE', 400],
    ['3 MiB', `{"a":"${'x'.repeat(3 << 20)}"}`, 'BODY_TOO_LARGE', 413],
    ['an array', '[]', 'SCHEMA_INVALID', 422],
    ['a number', '1', 'SCHEMA_INVALID', 422],
    ['null', 'null', 'SCHEMA_INVALID', 422],
    ['an empty object', '{}', 'SCHEMA_INVALID', 422],
    ['__proto__', draft.replace('{', '{"__proto__":{"admin":true},'), 'SCHEMA_INVALID', 422],
    ['constructor', draft.replace('{', '{"constructor":{"prototype":{}},'), 'SCHEMA_INVALID', 422],
    ['U+0000 in a title', draft.replace('"titleZh":"', '"titleZh":"\\u0000'), 'TEXT_FORBIDDEN_CHAR', 422],
    ['a raw control character', draft.replace('"titleZh":"', '"titleZh":"\u0001'), 'JSON_MALFORMED', 400],
    [
      'a bidi override in a title',
      draft.replace('"titleZh":"', '"titleZh":"\u202e'),
      'TEXT_FORBIDDEN_CHAR',
      422,
    ],
    ['U+0000 in a member name', draft.replace('{', '{"a\\u0000b":1,'), 'SCHEMA_INVALID', 422],
    ['a context of its own', draft.replace('{', '{"@context":["x"],'), 'KEYWORD_NOT_ALLOWED', 422],
    ['a keyword inside', draft.replace('"titleZh":', '"@id":"x","titleZh":'), 'KEYWORD_NOT_ALLOWED', 422],
    ['a pair without its project', draft.replace('"public"', '"pair"'), 'SCHEMA_INVALID', 422],
    ['an unknown tier', draft.replace('"public"', '"secret"'), 'SCHEMA_INVALID', 422],
    ['another type', draft.replace('"StandardRecord"', '"Coupon"'), 'SCHEMA_INVALID', 422],
  ]
  test.each(bodies)('[NODE-14] %s is refused, and nothing changes', async (_, body, code, status) => {
    const before = await sizeOf()
    await expectProblem(await node.post('/api/v1/records', body), code, { status })
    await expectProblem(
      await node.post('/api/v1/batches', body),
      code === 'BODY_TOO_LARGE' || status === 422 ? 'SCHEMA_INVALID' : code,
    )
    expect(await sizeOf()).toBe(before)
  })

  test('[NODE-10] a refusal names the field by JSON pointer', async () => {
    const wrong = (change: (text: string) => string) => node.post('/api/v1/records', change(draft))
    await expectProblem(
      await wrong((text) => text.replace(/"publishedOn":"[^"]*"/, '"publishedOn":"2020-02-30"')),
      'SCHEMA_INVALID',
      { pointer: '/credentialSubject/publishedOn' },
    )
    await expectProblem(await wrong((text) => text.replace('"le"', '"about"')), 'SCHEMA_INVALID', {
      pointer: '/credentialSubject/clauses/0/limits/0/op',
    })
    await expectProblem(await wrong((text) => text.replace('{', '{"a/b~c":1,')), 'SCHEMA_INVALID', {
      pointer: '/a~1b~0c',
    })
  })

  test.each([
    ['none', undefined],
    ['a form', 'application/x-www-form-urlencoded'],
    ['text', 'text/plain'],
    ['another JSON', 'application/json-patch+json'],
    ['several', 'application/json, text/html'],
  ])('[NODE-14] the content type %s is refused before the body is read', async (_, type) => {
    const headers: Record<string, string> = { authorization: `Bearer ${node.token}` }
    if (type !== undefined) headers['content-type'] = type
    const body = new Uint8Array(Buffer.from('{"not even": '))
    const response = await node.fetch('/api/v1/records', { method: 'POST', headers, body })
    await expectProblem(response, 'MEDIA_TYPE_REFUSED', { status: 415 })
  })

  test('[NODE-10] chunks without a length are read, up to the same bound', async () => {
    const chunked = (body: string) =>
      rawRequest(node.url, '/api/v1/records', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${node.token}`,
          'content-type': 'application/json; charset=utf-8',
          'transfer-encoding': 'chunked',
        },
        body,
      })
    const answer = await chunked('{"type":1}')
    expect([answer.status, JSON.parse(answer.body.toString()).code]).toEqual([422, 'SCHEMA_INVALID'])
    const large = await chunked(`"${'x'.repeat(3 << 20)}"`).catch(() => undefined)
    if (large) expect(large.status).toBe(413)
    expect((await node.fetch('/healthz')).status).toBe(200)
  })
})

describe('who may publish', () => {
  const paths = ['/api/v1/records', '/api/v1/batches', '/api/v1/imports']
  const send = (path: string, authorization?: string) =>
    node.fetch(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: draft,
    })

  test.each(paths)('[NODE-15] %s needs the operator token', async (path) => {
    const missing = await send(path)
    expect(missing.headers.get('www-authenticate')).toMatch(/^Bearer /)
    await expectProblem(missing, 'AUTH_REQUIRED', { status: 401 })
    for (const given of [
      'Bearer x',
      `Bearer ${node.token}x`,
      `Bearer ${node.token.slice(0, -1)}`,
      `Basic ${node.token}`,
      'Bearer',
      `Bearer  ${node.token}`,
      `Bearer ${'x'.repeat(600)}`,
    ])
      await expectProblem(await send(path, given), 'AUTH_INVALID', { status: 401 })
  })

  test('[NODE-15] it is asked for before a byte of the body is read', async () => {
    const answer = await rawBytes(
      node.url,
      'POST /api/v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
      1_000,
    )
    expect(answer).toMatch(/^HTTP\/1.1 401 /)
    expect(answer).toContain('AUTH_REQUIRED')
  })

  test('[NODE-15] the token is in no answer and in no line of the log', async () => {
    await send(paths[0]!, `Bearer ${node.token}`)
    expect(node.lines.length).toBeGreaterThan(0)
    expect(node.lines.filter((line) => line.includes(node.token))).toEqual([])
  })
})

describe('addresses and verbs', () => {
  test.each([
    '/nothing',
    '/api/v1/nothing',
    '/api/v2/records',
    '/log/1',
    '/log/2/checkpoint',
    '/log/01/checkpoint',
    '/log/1/checkpoint/',
    '/log/x/checkpoint',
    '/log/%31/checkpoint',
    '/log/1/%63heckpoint',
    '/log/%00/checkpoint',
    '/log/1%00/checkpoint',
    '/mirror/%00/checkpoint',
    '/mirror/00/checkpoint',
    '/records/sha256:00',
    `/records/sha256:${'0'.repeat(64)}`,
    `/records/SHA256:${'0'.repeat(64)}`,
    `/api/v1/records/sha256:${'0'.repeat(64)}`,
    `/api/v1/standards/sha256:${'f'.repeat(64)}`,
    '/api/v1/standards/x',
    '/ns/v1/schema/constructor',
    '/ns/v1/schema/__proto__',
    '/did.json',
    '/%00',
    '/%ff%fe',
    '/%',
    '/..%2f..%2fetc%2fpasswd',
    '//',
    '/api/v1/records/%E4%BD%A0',
  ])('[NODE-4] %s is not there', async (path) => {
    const { status, body } = await rawRequest(node.url, path)
    expect([path, status]).toEqual([path, 404])
    expect(JSON.parse(body.toString()).code).toBe('NOT_FOUND')
  })

  test.each([
    ['PUT', '/api/v1/records', 'GET, HEAD, POST'],
    ['DELETE', '/api/v1/standards', 'GET, HEAD'],
    ['GET', '/api/v1/batches', 'POST'],
    ['HEAD', '/api/v1/batches', 'POST'],
    ['POST', '/log/1/checkpoint', 'GET, HEAD'],
    ['PATCH', '/healthz', 'GET, HEAD'],
    ['OPTIONS', '/api/v1/imports', 'POST'],
  ])('[NODE-21] %s on %s is not allowed, and Allow says what is', async (method, path, allow) => {
    const answer = await rawRequest(node.url, path, { method })
    expect([answer.status, answer.headers.allow]).toEqual([405, allow])
    if (method !== 'HEAD') expect(JSON.parse(answer.body.toString()).code).toBe('METHOD_NOT_ALLOWED')
  })

  test('[NODE-21] a verb on an address that is not there is not found', async () => {
    expect((await rawRequest(node.url, '/nothing', { method: 'DELETE' })).status).toBe(404)
  })

  test.each([
    '/log/1/checkpoint',
    '/log/1/tile/0/000.p/1',
    '/log/1/records/000.p/1',
    '/api/v1/standards',
    '/api/v1/logs',
    '/ns/v1',
    '/healthz',
    '/readyz',
    '/metrics',
    '/',
  ])('[NODE-21] HEAD of %s answers as GET does, without a body', async (path) => {
    const [head, get] = [
      await rawRequest(node.url, path, { method: 'HEAD' }),
      await rawRequest(node.url, path),
    ]
    expect([head.status, head.body.length]).toEqual([get.status, 0])
    expect(get.status).toBe(200)
    for (const name of ['content-type', 'etag', 'cache-control'])
      expect(head.headers[name]).toBe(get.headers[name])
  })
})

describe('queries', () => {
  test.each([
    '/api/v1/standards?colour=red',
    '/api/v1/standards?limit=-1',
    '/api/v1/standards?limit=1e3',
    '/api/v1/standards?offset=99999999999999999999',
    '/api/v1/standards?at=2020-02-30',
    '/api/v1/standards?at=yesterday',
    '/api/v1/standards?class=colour',
    '/api/v1/standards?level=',
    '/api/v1/standards?state=alive',
    '/api/v1/standards?q=%00',
    '/api/v1/standards?number=1%00',
    '/api/v1/standards?issuer=%00',
    `/api/v1/standards?q=${'x'.repeat(201)}`,
    '/api/v1/standards?limit=1&limit=2',
    '/api/v1/records',
    '/api/v1/rate?period=2026-Q1&agnecy=x',
    '/api/v1/rate?period=2026-Q1&__proto__=x',
    '/api/v1/agreements?kinds=recognition',
    '/api/v1/agreements/urn:uuid:00000000-0000-4000-8000-000000000000?on=2026-01-01',
    '/api/v1/what-if?edition=GB%201-2020&at=2026-01-01',
    '/api/v1/projects/none/mapping?stat=accepted',
    '/api/v1/projects/none/mapping/findings?state=accepted',
    '/api/v1/records?id=',
    '/api/v1/records?id=%00',
    `/api/v1/records?id=${'x'.repeat(513)}`,
    '/log/1/records/000.p/1?from=2',
    '/log/1/records/000.p/1?from=-1',
    '/log/1/records/000.p/1?from=01',
    '/log/1/records/000.p/1?from=',
  ])('[NODE-16] %s cannot be read', async (path) => {
    const { status, body } = await rawRequest(node.url, path)
    expect([status, JSON.parse(body.toString()).code]).toEqual([400, 'QUERY_INVALID'])
  })

  test.each([
    '?q=%25',
    '?q=_',
    '?q=%5C',
    "?q='%22;--",
    '?q=%F0%9F%98%80',
    '?q=%ff',
    '?q=+',
    '?number=%25',
    '?q=1%2F0',
  ])('[NODE-16] the hostile words %s find nothing more than they should', async (query) => {
    const total = async () => (await node.get<{ total: number }>(`/api/v1/standards${query}`)).total
    // What was published before may still be on its way to be seen.
    await expect
      .poll(async () => (await total()) - (query === '?q=+' ? await node.countStandards() : 0))
      .toBe(0)
  })
})

describe('whatever is sent', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => new Uint8Array(Buffer.from(text))),
    fc
      .tuple(fc.nat(draft.length - 1), fc.nat(20), fc.string())
      .map(
        ([at, cut, text]) => new Uint8Array(Buffer.from(draft.slice(0, at) + text + draft.slice(at + cut))),
      ),
  )

  test.each(['/api/v1/records', '/api/v1/batches', '/api/v1/imports', '/api/v1/imports?mode=commit'])(
    '[NODE-14] %s never fails within',
    async (path) => {
      const type = path.includes('imports') ? 'text/csv' : 'application/json'
      await fc.assert(
        fc.asyncProperty(anything, async (body) => {
          const response = await node.post(path, body, { 'content-type': type })
          await response.arrayBuffer()
          expect(response.status).toBeLessThan(500)
        }),
        { numRuns: 60 },
      )
    },
  )

  test('[NODE-14] no address fails within', async () => {
    const segment = fc.oneof(
      fc.constantFrom(
        'api',
        'v1',
        'log',
        '1',
        'tile',
        '0',
        'entries',
        '000',
        '000.p',
        'records',
        'mirror',
        'x001',
      ),
      fc.constantFrom('standards', 'checkpoint', '..', '%00', '%2e', '%', '__proto__', 'ns', 'schema'),
      fc.webSegment(),
    )
    const path = fc.tuple(
      fc.array(segment, { maxLength: 6 }),
      fc.option(fc.webQueryParameters(), { nil: undefined }),
    )
    await fc.assert(
      fc.asyncProperty(path, async ([segments, query]) => {
        const target = `/${segments.join('/')}${query === undefined ? '' : `?${query}`}`
        expect((await rawRequest(node.url, target)).status).toBeLessThan(500)
      }),
      { numRuns: 150 },
    )
  })

  test('[NODE-14] what is no HTTP is refused without a word', async () => {
    expect(await rawBytes(node.url, '\u0000\u0001garbage\r\n\r\n', 1_000)).toMatch(/^HTTP\/1.1 400 /)
    const smuggled =
      'POST /api/v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
    expect(await rawBytes(node.url, smuggled, 1_000)).toMatch(/^HTTP\/1.1 400 /)
    expect((await node.fetch('/healthz')).status).toBe(200)
  })

  test('[NODE-22] connections that send slowly, or break off, hold up nobody', async () => {
    const { hostname, port } = new URL(node.url)
    const head = `POST /api/v1/records HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${node.token}\r\nContent-Type: application/json\r\n`
    const slow = Array.from({ length: 200 }, (_, i) =>
      connect(Number(port), hostname, () => {
        if (i % 2 === 0) slow[i]?.write(head)
        else slow[i]?.write(`${head}Content-Length: 100000\r\n\r\n{"type":`)
      }).on('error', () => {}),
    )
    await sleep(300)
    const begun = performance.now()
    expect((await node.fetch('/api/v1/standards')).status).toBe(200)
    await node.publish(syntheticStandard(50))
    expect(performance.now() - begun).toBeLessThan(10_000)
    const lines = node.lines.length
    for (const socket of slow) socket.destroy()
    await sleep(300)
    expect((await node.fetch('/healthz')).status).toBe(200)
    const said = node.lines.slice(lines).filter((line) => line.includes('"level":50'))
    expect(said).toEqual([])
  })
})

describe('what the log of the node says', () => {
  test('[NODE-14] no request so far met an error that nobody foresaw', () => {
    expect(node.lines.filter((line) => line.includes('unforeseen'))).toEqual([])
  })
})
