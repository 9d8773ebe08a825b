import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { csx, lastLine, put } from './csx.ts'
import { sendJson, startNode, type TestNode } from './node.ts'

let node: TestNode
const token = put('token', 'secret-token\n')
const draft = put('draft.json', JSON.stringify(syntheticStandard(1)))
const table = put('table.csv', '\ufeff序号,标准号,标准名称\n1,DB50/T 990001—2020,甲\n')
const receipt = {
  id: 'https://localhost:1/id/1',
  digest: `sha256:${'a'.repeat(64)}`,
  origin: 'localhost:1/log/1',
  index: 4,
  entry: {},
  checkpoint: 'x',
}

beforeAll(async () => {
  node = await startNode()
})
afterEach(() => node.instead.clear())
afterAll(() => node.close())

function publish(...more: readonly string[]) {
  return csx(['publish', draft, '--node', node.url, '--token-file', token, ...more])
}

describe('csx publish', () => {
  test('sends the file as it is, with token and key, and prints the receipt', async () => {
    const seen: unknown[] = []
    node.instead.set('/api/v1/records', (request, response, body) => {
      seen.push([
        request.method,
        request.url,
        request.headers.authorization,
        request.headers['idempotency-key'],
        request.headers['content-type'],
        JSON.parse(body.toString()).type,
      ])
      sendJson(response, 201, receipt)
    })
    const ended = await publish('--idempotency-key', 'k-1', '--wait', 'visible')
    expect(ended.code).toBe(0)
    expect(ended.out).toContain(receipt.id)
    expect(ended.out).toContain('entry 4 of localhost:1/log/1')
    expect(seen).toEqual([
      [
        'POST',
        '/api/v1/records?wait=visible',
        'Bearer secret-token',
        'k-1',
        'application/json',
        'StandardRecord',
      ],
    ])
    const piped = await csx(['publish', '-', '--node', node.url, '--token-file', token], {
      input: '{"type":"StandardRecord"}',
    })
    expect(piped.code).toBe(0)
  })

  test('says what the node refuses: code, field, remedy; and never the token', async () => {
    node.instead.set('/api/v1/records', (_request, response) =>
      sendJson(response, 422, {
        code: 'SCHEMA_INVALID',
        detail: 'not \u001b[31m good',
        place: { pointer: '/credentialSubject/titleZh' },
        traceId: 't',
      }),
    )
    const { code, out, err } = await publish()
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^✗ SCHEMA_INVALID \(\/credentialSubject\/titleZh\) .+ → .+$/m)
    expect(err).not.toContain('secret-token')
    expect(err).not.toContain('\u001b')
  })

  test('tells a refusal from a node that cannot answer now', async () => {
    for (const [status, body, exit] of [
      [401, { code: 'AUTH_INVALID' }, 1],
      [409, { code: 'IDEMPOTENCY_CONFLICT' }, 1],
      [429, {}, 3],
      [503, { code: 'LOG_FROZEN' }, 3],
      [500, 'oops', 3],
      [302, {}, 1],
    ] as const) {
      node.instead.set('/api/v1/records', (_request, response) => sendJson(response, status, body))
      expect((await publish()).code, String(status)).toBe(exit)
    }
    node.instead.set('/api/v1/records', (request) => request.socket.destroy())
    expect((await publish()).code).toBe(3)
  })

  test('sends nothing that is wrong from the start', async () => {
    node.requests.length = 0
    const bad = put('bad.json', '{"a":1,"a":2}')
    expect((await csx(['publish', bad, '--node', node.url, '--token-file', token])).code).toBe(1)
    expect((await publish('--wait', 'forever')).code).toBe(2)
    expect((await publish('--idempotency-key', 'two words')).code).toBe(2)
    expect((await csx(['publish', draft, '--node', 'http://example.org', '--token-file', token])).code).toBe(
      2,
    )
    expect(
      (await csx(['publish', draft, '--node', node.url, '--token-file', put('no-token', '')])).code,
    ).toBe(1)
    expect((await csx(['publish', draft, '--node', node.url])).code).toBe(2)
    expect(node.requests).toEqual([])
  })
})

describe('csx import', () => {
  const counts = { rows: 1, new: 1, unchanged: 0, revised: 0, faults: [], warnings: [] }
  const fault = {
    line: 2,
    column: '标准号',
    cell: 'C2',
    code: 'IDENTIFIER_INVALID',
    zh: '无法识别',
    en: 'cannot be read',
    remedyZh: '请核对',
    remedyEn: 'check it',
  }

  function answer(
    preview: unknown,
    commit: unknown = { ...counts, receipts: [receipt] },
    status = 200,
  ): string[] {
    const modes: string[] = []
    node.instead.set('/api/v1/imports', (request, response) => {
      const mode = new URL(request.url ?? '', node.url).searchParams.get('mode') ?? ''
      modes.push(`${mode} ${request.headers['content-type']}`)
      sendJson(response, mode === 'commit' ? status : 200, mode === 'commit' ? commit : preview)
    })
    return modes
  }

  function run(...more: readonly string[]) {
    return csx(['import', table, '--node', node.url, '--token-file', token, ...more])
  }

  test('previews, then writes with --yes and prints the receipts', async () => {
    const modes = answer({ ...counts, warnings: [{ ...fault, rule: 'ST5' }] })
    const { code, out } = await run('--yes')
    expect(code).toBe(0)
    expect(modes).toEqual(['preview text/csv', 'commit text/csv'])
    expect(out).toContain('1 rows: 1 new, 0 unchanged, 0 revised')
    expect(out).toMatch(/^! C2 +标准号 +ST5 +无法识别 \/ cannot be read {2}→ 请核对 \/ check it$/m)
    expect(out).toContain(receipt.id)
    expect(lastLine(out)).toContain('1 record(s) published')
  })

  test('writes nothing without a yes', async () => {
    const modes = answer(counts)
    const { code, out } = await run()
    expect([code, modes]).toEqual([3, ['preview text/csv']])
    expect(lastLine(out)).toContain('--yes')
  })

  test('writes nothing when a cell is wrong, and names it', async () => {
    const modes = answer({ ...counts, faults: [fault, { ...fault, cell: 'C3', zh: '\u202e坏' }] })
    const { code, out } = await run('--yes')
    expect([code, modes]).toEqual([1, ['preview text/csv']])
    expect(out).toMatch(/^✗ C2 +标准号 +IDENTIFIER_INVALID +无法识别/m)
    expect(out).not.toContain('\u202e')
  })

  test('has nothing to do the second time', async () => {
    const modes = answer({ ...counts, new: 0, unchanged: 1 })
    expect((await run('--yes')).code).toBe(0)
    expect(modes).toEqual(['preview text/csv'])
  })

  test('a refusal at the commit is a refusal', async () => {
    answer(counts, { code: 'ROW_INVALID', detail: 'x', faults: [fault] }, 422)
    const { code, out } = await run('--yes')
    expect([code, out.includes('✗ C2')]).toEqual([1, true])
    answer(counts, { code: 'STORAGE_FULL', detail: 'x' }, 503)
    expect((await run('--yes')).code).toBe(3)
  })
})
