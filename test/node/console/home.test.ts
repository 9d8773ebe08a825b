import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { createConsole, createNotFoundPage, prefersPage } from '../../../node/console/app.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import { findAll, textOf } from './element.ts'
import { fakeNode, nodeName, richNode } from './fake-node.ts'
import { checkPage } from './page-check.ts'

const rich = await richNode()
const app = createConsole(rich.options)

async function get(path: string): Promise<{ response: Response; body: string }> {
  const response = await app.request(path)
  return { response, body: await response.text() }
}

async function read(path: string): Promise<string> {
  return textOf(checkPage((await get(path)).body))
}

describe('the first page', () => {
  test('stands whole without scripts, with landmarks, labels, captions and scopes', async () => {
    const { response, body } = await get('/')
    expect(response.status).toBe(200)
    const page = checkPage(body)
    expect(findAll(page, 'h1').map(textOf)[0]).toContain(nodeName)
    expect(textOf(findAll(page, 'title')[0]!)).toContain(nodeName)
  })

  test('R32: carries the policy that lets nothing run and nothing come from elsewhere', async () => {
    for (const path of ['/', '/nowhere', '/standards/x', stylesheetOf((await get('/')).body)]) {
      const { response } = await get(path)
      expect(response.headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      )
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
      expect(response.headers.get('set-cookie')).toBeNull()
    }
  })

  test('the stylesheet is named by its digest, never changes, and loads nothing itself', async () => {
    const { response, body } = await get(stylesheetOf((await get('/')).body))
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(body).not.toMatch(/url\(|@import|expression/)
  })

  test('says whose node and which network it is', async () => {
    const synthetic = await read('/')
    expect(synthetic).toContain('合成网络')
    expect(synthetic).toContain('不具效力')
    const { options } = await fakeNode([], { options: { network: 'production' } })
    const production = textOf(checkPage(await (await createConsole(options).request('/')).text()))
    expect(production).toContain('生产网络')
    expect(production).not.toContain('合成网络')
  })

  test('lists numbers in cover form, titles, level, state with its word, since, and the issuer by the registry', async () => {
    const rows = await rowsOf('/')
    const row = rows.find((text) => text.includes('公务用车信息化平台管理规范')) ?? ''
    for (const part of ['DB50/T 1055—2020', '省级地方标准', '推荐性', '现行', '自2021年2月1日起', nodeName])
      expect(row).toContain(part)
    expect(rows.find((text) => text.includes('川渝区域一体化'))).toMatch(
      /DB50\/T 10004—2023.*DB51\/T 10004—2023/,
    )
  })

  test('a review past its date is unknown to this node, never "not done"', async () => {
    const rows = await rowsOf('/')
    const overdue = rows.find((text) => text.includes('DB50/T 1055—2020')) ?? ''
    expect(overdue).toContain('2025年11月1日（已过）')
    expect(overdue).toContain('本节点未见复审记录')
    expect(await read('/')).not.toContain('未复审')
    const reviewed = rows.find((text) => text.includes('DB50/T 990004—')) ?? ''
    expect(reviewed).toContain('2029年10月10日')
    expect(reviewed).not.toContain('未见')
  })

  test('a date inversion is shown as printed, with its warning', async () => {
    const rows = await rowsOf('/')
    expect(rows.find((text) => text.includes('DB51/T 2620—2019'))).toContain(
      '实施日期2019年1月1日早于发布日期2019年10月25日，按原文照录（ST5）',
    )
  })

  test('a made-up standard wears its badge, a real one does not', async () => {
    const rows = await rowsOf('/')
    expect(rows.find((text) => text.includes('990001'))).toContain('合成 synthetic')
    expect(rows.find((text) => text.includes('DB50/T 1055'))).not.toContain('合成')
  })

  test('a halted log says why and what to do', async () => {
    const text = await read('/')
    expect(text).toContain('已停止同步')
    expect(text).toContain('对方日志倒退')
    expect(text).toMatch(/处理办法：.*保留两份检查点/)
    expect(text).toContain('还差4条，正在同步')
  })

  test('[NODE-31] evidence that is kept is linked, and none is promised where there is none', async () => {
    const logs = await rich.options.catalogue.listLogs()
    const evidenced = logs.map((log) => ({ ...log, evidenced: log.state === 'halted' }))
    const shown = await richNode({ logs: evidenced })
    const page = checkPage(await (await createConsole(shown.options).request('/')).text())
    const links = findAll(page, 'a').map(({ attributes }) => attributes.get('href') ?? '')
    expect(links.filter((href) => href.includes('/evidence/'))).toEqual([
      `/api/v1/evidence/${sha256Hex('localhost:7403/log/1')}`,
    ])
  })

  test('quarantined entries are counted and named with code and remedy', async () => {
    const { body } = await get('/')
    const text = textOf(checkPage(body))
    expect(text).toMatch(/隔离 Quarantine\s*1/)
    expect(text).toContain('SIGNATURE_INVALID')
    expect(text).toContain('/proof/proofValue')
  })

  test('searches by words, class, level and state, and keeps what was asked', async () => {
    const { body } = await get('/?q=1055&class=informatization&level=provincial&state=in-force')
    const page = checkPage(body)
    expect((await rowsOf('/?q=1055')).length).toBe(1)
    expect(findAll(page, 'input')[0]?.attributes.get('value')).toBe('1055')
    const selected = findAll(page, 'option').filter(({ attributes }) => attributes.has('selected'))
    expect(selected.map(({ attributes }) => attributes.get('value'))).toEqual([
      'informatization',
      'in-force',
      'provincial',
    ])
  })

  test('pages through what was found and keeps the search in the address', async () => {
    const page = checkPage((await get('/?level=provincial')).body)
    const next = findAll(page, 'a').find(({ attributes }) => attributes.get('rel') === 'next')
    expect(next?.attributes.get('href')).toBe('/?level=provincial&page=2#standards')
    const second = await read('/?level=provincial&page=2')
    expect(second).toContain('以下为第21—28条')
    expect(await read('/?page=99')).toContain('没有这一页')
  })

  test('what is not understood is said and does not narrow', async () => {
    const text = await read('/?state=bogus&class=__proto__&page=-1&q=%E2%80%AE1055')
    expect(text).toContain('已忽略无法识别的条件：标准号、名称或条款标题、类别、状态、分页')
    expect(text).toContain('DB50/T 1055—2020')
  })

  test('an empty place says what to do', async () => {
    expect(await read('/?q=zzz')).toContain('请减少条件')
    const { options } = await fakeNode([], { logs: [] })
    const text = textOf(checkPage(await (await createConsole(options).request('/')).text()))
    for (const part of ['csx import', '还没有日志', '没有被隔离的记录']) expect(text).toContain(part)
  })

  test('is mounted at the base of its node, with and without the slash', async () => {
    const { options, log } = await fakeNode([syntheticStandard(1)], { base: 'http://localhost:7401/bishan' })
    const root = new Hono().route('/bishan', createConsole(options))
    for (const path of ['/bishan', '/bishan/']) {
      const page = checkPage(await (await root.request(path)).text())
      const own = findAll(page, 'a').map(({ attributes }) => attributes.get('href') ?? '')
      expect(own.filter((href) => href.startsWith('/') && !href.startsWith('/bishan/'))).toEqual([])
      expect((await root.request(stylesheetOf(await (await root.request(path)).text()))).status).toBe(200)
    }
    const standard = await root.request(`/bishan/standards/${log.logged[0]!.digest}`)
    expect(standard.status).toBe(200)
    const hrefs = findAll(checkPage(await standard.text()), 'a').map(
      ({ attributes }) => attributes.get('href') ?? '',
    )
    expect(hrefs).toContain('/bishan/log/1/checkpoint')
    expect(hrefs.filter((href) => href.startsWith('/') && !href.startsWith('/bishan/'))).toEqual([])
  })
})

describe('pages of faults', () => {
  test('an address that is not there is a page that says what to do, in the same look', async () => {
    const paths = [
      '/nowhere',
      '/standards/sha256:00',
      `/standards/sha256:${'0'.repeat(64)}`,
      '/standards/%00',
    ]
    for (const path of paths) {
      const { response, body } = await get(path)
      expect([path, response.status]).toEqual([path, 404])
      expect(textOf(checkPage(body))).toMatch(/没有找到.*处理办法/)
    }
  })

  test('the digest of another kind of record leads to the record', async () => {
    const event = rich.log.logged.find(
      ({ document }) => (document.type as readonly string[])[1] === 'LifecycleEvent',
    )!
    const { response, body } = await get(`/standards/${event.digest}`)
    expect(response.status).toBe(404)
    const hrefs = findAll(checkPage(body), 'a').map(({ attributes }) => attributes.get('href'))
    expect(hrefs).toContain(`/records/${event.digest}`)
  })

  test('the pages are read-only', async () => {
    const response = await app.request('/', { method: 'POST', body: 'q=1' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
    checkPage(await response.text())
    expect((await app.request('/', { method: 'HEAD' })).status).toBe(200)
  })

  test('R35: an error inside is a page with a trace id and nothing of its cause', async () => {
    const broken = (error: Error) => async () => {
      throw error
    }
    const { options, reported } = await fakeNode([])
    const failing = (error: Error) =>
      createConsole({ ...options, catalogue: { ...options.catalogue, searchStandards: broken(error) } })
    const inner = await failing(new Error('select secret from t')).request('/')
    expect(inner.status).toBe(500)
    const text = textOf(checkPage(await inner.text()))
    expect(text).toContain('trace-0001')
    expect(text).not.toContain('secret')
    expect(reported.map(({ path }) => path)).toEqual(['/'])
    const down = await failing(new ProtocolError('STORAGE_UNAVAILABLE', 'down')).request('/')
    expect([down.status, down.headers.get('retry-after')]).toEqual([503, '5'])
    expect(textOf(checkPage(await down.text()))).toContain('数据库暂不可用')
  })

  test('whoever mounts the console can show the same page for other addresses', async () => {
    const root = new Hono().route('/', createConsole(rich.options))
    const page = createNotFoundPage(rich.options)
    root.notFound((context) =>
      prefersPage(context) ? page(context) : context.json({ code: 'NOT_FOUND' }, 404),
    )
    const html = await root.request('/api/x', {
      headers: { accept: 'text/html,application/xhtml+xml;q=0.9' },
    })
    expect(textOf(checkPage(await html.text()))).toContain('没有找到')
    expect(
      (await root.request('/api/x', { headers: { accept: '*/*' } })).headers.get('content-type'),
    ).toMatch(/json/)
  })
})

function stylesheetOf(body: string): string {
  return /href="([^"]+\.css)"/.exec(body)?.[1] ?? ''
}

async function rowsOf(path: string): Promise<readonly string[]> {
  const [table] = findAll(checkPage((await get(path)).body), 'tbody')
  return table ? findAll(table, 'tr').map(textOf) : []
}
