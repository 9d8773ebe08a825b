import { describe, expect, test } from 'vitest'
import { type ConsoleOptions, createConsole } from '../../../node/console/app.ts'
import { addDays, legalDateOf } from '../../../protocol/date.ts'
import { versionDigest } from '../../../protocol/mapping/work/version.ts'
import { elementsOf, findAll, textOf } from './element.ts'
import { fakeNode, now } from './fake-node.ts'
import {
  agreement,
  fakeDesk,
  fakeListed,
  fakeView,
  ours,
  password,
  placed,
  projectId,
  rowBetween,
  theirs,
  workOptions,
} from './fake-work.ts'
import { checkPage } from './page-check.ts'

const projectPath = `/work/projects/${projectId}`
const nothing = async () => Promise.reject(new Error('not asked'))

async function request(path: string, init: RequestInit & { readonly change?: Partial<ConsoleOptions> } = {}) {
  const { options, reported } = await fakeNode([], { options: workOptions(init.change) })
  return { response: await createConsole(options).request(path, init), reported }
}

async function get(path: string, change: Partial<ConsoleOptions> = {}) {
  const { response, reported } = await request(path, { headers: { authorization: password }, change })
  const body = await response.text()
  const page = checkPage(body)
  const commands = findAll(page, 'code')
    .map(textOf)
    .filter((line) => line.startsWith('csx '))
  return { response, body, page, text: textOf(page), commands, reported }
}

describe('who may look', () => {
  const paths = [
    '/work/',
    projectPath,
    `${projectPath}/rows/r1`,
    `/work/agreements/${agreement.id}`,
    '/work/compare',
    '/work/what-if',
    '/work/nowhere',
    '/work/projects/none',
  ]

  test('[CONSOLE-20] without the token every address there gives the same 401', async () => {
    const facts = async (path: string, headers: Record<string, string>) => {
      const { response } = await request(path, { headers })
      return [
        response.status,
        response.headers.get('www-authenticate'),
        response.headers.get('cache-control'),
        await response.text(),
      ]
    }
    for (const headers of [{}, { authorization: 'Basic eDp5' }, { authorization: 'nonsense' }]) {
      const first = await facts('/work/', headers)
      expect(first.slice(0, 3)).toEqual([
        401,
        'Basic realm="Chuanyu Standards Exchange, operator", charset="UTF-8"',
        'no-store',
      ])
      for (const path of paths) expect([path, await facts(path, headers)]).toEqual([path, first])
    }
    expect((await request('/work')).response.headers.get('location')).toBe('/work/')
  })

  test('[CONSOLE-20] with it they are pages that nobody keeps', async () => {
    for (const path of paths.slice(0, 6)) {
      const { response } = await get(path)
      expect([path, response.status, response.headers.get('cache-control')]).toEqual([path, 200, 'no-store'])
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    }
    for (const path of paths.slice(6)) expect([path, (await get(path)).response.status]).toEqual([path, 404])
  })

  test('[CONSOLE-21] nothing is written here, also with it', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      for (const path of ['/work/', projectPath]) {
        const { response } = await request(path, { method, headers: { authorization: password } })
        expect([method, path, response.status]).toEqual([method, path, 405])
        expect((await request(path, { method })).response.status).toBe(401)
      }
    const { page } = await get(projectPath)
    expect(findAll(page, 'form').map(({ attributes }) => attributes.get('method'))).toEqual(['get'])
  })
})

describe('the projects', () => {
  test('[CONSOLE-10] coverage with figures, rows by state, contradictions, and what waits for our signature', async () => {
    const { text, page } = await get('/work/')
    for (const part of [
      '璧山—眉山（合成）',
      '待审',
      '冲突',
      '已比对',
      '待解决的矛盾',
      '1份待我方签署',
      '提议',
    ])
      expect(text).toContain(part)
    expect(findAll(page, 'a').map(({ attributes }) => attributes.get('href'))).toContain(projectPath)
    const none = await get('/work/', { desk: { list: async () => [], open: nothing, openRow: nothing } })
    expect(none.text).toContain('请两地主管局在登记册中加入项目')
  })

  test('[CONSOLE-10] what ended, what will end and what is to be disposed of is told before it is missed', async () => {
    const today = legalDateOf(now)
    const [was, lately, soon, later] = [-61, -60 + 1, 60, 61].map((days) => addDays(today, days))
    const one = (id: string, end: string | undefined, change = {}) =>
      fakeListed({
        id,
        answer: 'effective',
        state: 'effective',
        start: '2020-01-01',
        ...(end ? { end } : {}),
        ...change,
      })
    const items = [
      one('long-ago', was),
      one('lately', lately, { answer: 'not-effective', state: 'lapsed' }),
      one('today', today, { answer: 'not-effective', state: 'expired' }),
      one('soon', soon),
      one('later', later),
      one('open', undefined),
      one('never', today, { start: today, answer: 'not-effective', state: 'lapsed' }),
      one('use', was, { kind: 'reuse', answer: 'not-effective', state: 'disposal-due', disposeBy: later }),
    ]
    const page = async () => ({ total: items.length, items, unexamined: 0 })
    const { page: root } = await get('/work/', {
      agreementList: { page, pinning: page, agreedRows: async () => [] },
    })
    const notices = findAll(root, 'p')
      .filter(({ attributes }) => attributes.get('class') === 'notice')
      .map((notice) => [
        textOf(notice).replace(/：.*/s, ''),
        findAll(notice, 'a').map(({ attributes }) => attributes.get('href')?.split('/').at(-1)),
      ])
    expect(notices.slice(-3)).toEqual([
      [expect.stringContaining('待处置'), ['use']],
      [expect.stringContaining('近60日已终止'), ['lately', 'today']],
      [expect.stringContaining('60日内将终止'), ['soon']],
    ])
  })

  test('[CONSOLE-11] contested rows come first, then what rules find, each with its chain and one step', async () => {
    const pages = [await get(projectPath), await get(`${projectPath}?tray=2`)]
    const text = pages.map((one) => one.text).join('\n')
    const at = (part: string) => text.indexOf(part)
    expect(at('双方改法不同')).toBeGreaterThan(0)
    expect(at('exact-and-broader')).toBeGreaterThan(at('双方改法不同'))
    expect(text).toMatch(/字段：关系[\s\S]*原为[\s\S]*严于[\s\S]*眉山（合成）[\s\S]*等同/)
    expect(text).toMatch(/exact-and-broader[\s\S]*r4[\s\S]*r5/)
    expect(text).toContain('limits-contradict')
    const end = `--node http://localhost:7401 --token-file operator.token`
    const commands = pages.flatMap((one) => one.commands)
    for (const command of [
      `csx mapping settle ${projectId} r2 --take 1 ${end}`,
      `csx mapping settle ${projectId} r2 --take 2 ${end}`,
      `csx mapping withdraw ${projectId} r5 ${end}`,
    ])
      expect(commands).toContain(command)
  })

  test('[CONSOLE-12] attributes, and rows in two panes with limits told from our side', async () => {
    const { text, page } = await get(projectPath)
    for (const part of [
      '不一致',
      '登记册未载',
      '我方更严：≤1010 对 ≤1020 元/m²',
      '我方严于（含）',
      '对方没有对应条款',
    ])
      expect(text).toContain(part)
    expect(findAll(page, 'th').map(textOf).join()).toMatch(/对方 theirs.*两者关系.*我方 ours/)
  })

  test.each([
    ['state=conflict', ['r2']],
    ['state=accepted', ['r4', 'r5']],
    ['relation=subset', ['r3']],
    ['relation=none', ['r6']],
    [`reviewer=${encodeURIComponent(ours)}`, ['r4', 'r5']],
    ['class=assets', []],
  ])('[CONSOLE-12] %s narrows the rows', async (query, rows) => {
    const { page } = await get(`${projectPath}?${query}`)
    const links = findAll(page, 'th').flatMap((th) => findAll(th, 'a').map(textOf))
    expect(links.filter((link) => /^r\d$/.test(link)).toSorted()).toEqual(rows)
  })

  test('[CONSOLE-13] a row to be reviewed: both ends, the relation as sets, limits, and the commands', async () => {
    const { text, page, commands } = await get(`${projectPath}/rows/r1`)
    for (const part of [
      '4.1',
      '年度运行费用 ≤',
      '我方严于（含）',
      '甲更严',
      '我方更严',
      '人工比对',
      '比对岗（合成）',
      '现行说法',
      '记录只载标题',
    ])
      expect(text).toContain(part)
    expect(findAll(page, 'circle')).toHaveLength(2)
    const end = `--node http://localhost:7401 --token-file operator.token`
    expect(commands).toContain(`csx mapping accept ${projectId} r1 --label '审核岗' ${end}`)
    expect(commands).toContain(`csx mapping reject ${projectId} r1 --text '理由' ${end}`)
    const contested = await get(`${projectPath}/rows/r2`)
    expect(contested.text).toMatch(/以下各项双方未商定[\s\S]*关系/)
    expect(findAll(contested.page, 'circle')).toEqual([])
    expect(contested.commands.some((line) => line.includes(' accept '))).toBe(false)
  })

  test('[CONSOLE-13] rows are gone through by keys: before, after, the next in review', async () => {
    const ways = async (row: string) =>
      findAll((await get(`${projectPath}/rows/${row}`)).page, 'a').flatMap(({ attributes }) => {
        const key = attributes.get('accesskey')
        return key === undefined ? [] : [[key, attributes.get('href')?.split('/').at(-1)]]
      })
    expect(await ways('r1')).toEqual([
      ['n', 'r2'],
      ['r', 'r3'],
    ])
    expect(await ways('r3')).toEqual([
      ['p', 'r2'],
      ['n', 'r4'],
      ['r', 'r6'],
    ])
    expect((await ways('r6')).at(-1)).toEqual(['r', 'r1'])
  })

  test('[CONSOLE-13] what we wrote ourselves is for the other party to accept', async () => {
    const desk = fakeDesk([
      placed({ row: 'r1', bases: [], mapping: rowBetween('c4-1', { author: ours }) }, ours),
    ])
    const { text, commands } = await get(`${projectPath}/rows/r1`, { desk })
    expect(text).toContain('须由对方审核')
    expect(commands.some((line) => line.startsWith('csx mapping accept'))).toBe(false)
  })
})

describe('the sign page', () => {
  const path = `/work/agreements/${agreement.id}`
  const sign = (change: Parameters<typeof fakeView>[0], text?: typeof agreement) => ({
    agreements: { view: async () => fakeView(change, text), whatIf: nothing },
  })

  test('[CONSOLE-14] says what the signature brings about and what ends it, and the command for exactly this digest', async () => {
    const { text, commands } = await get(path)
    for (const part of ['待我方签署', '我方签署即生效的内容', '签署之后何时终止', '缺少后续条目'])
      expect(text).toContain(part)
    expect(text.indexOf('待我方签署')).toBeLessThan(text.indexOf('声明全文'))
    const { digest } = fakeView()
    const end = '--node http://localhost:7401 --token-file operator.token'
    expect(commands).toContain(`csx agreement accept ${agreement.id} ${end} --digest ${digest}`)
    expect(commands).toContain(
      `csx agreement reject ${agreement.id} ${end} --digest ${digest} --reason '理由'`,
    )
  })

  test('[CONSOLE-14] too late, our own, or in force: there is nothing to accept', async () => {
    const late = await get(path, sign({}, { ...agreement, acceptBy: '2026-06-30' }))
    expect(late.text).toContain('已过同意期限')
    const [act] = fakeView().acts
    const own = await get(path, sign({ acts: [{ ...act!, by: ours }] }))
    expect(own.text).toContain('等待对方签署')
    const consented = [act!, { ...act!, act: 'accept', by: ours }]
    const inForce = await get(path, sign({ acts: consented, answer: 'effective', state: 'effective' }))
    for (const { commands } of [late, own, inForce])
      expect(commands.filter((line) => line.includes('agreement accept'))).toEqual([])
    expect(own.commands.some((line) => line.startsWith('csx agreement withdraw'))).toBe(true)
    expect(inForce.commands.some((line) => line.startsWith('csx agreement withdraw'))).toBe(true)
    expect(
      (await get(`/agreements/${agreement.id}`)).commands.filter((line) => line.includes('agreement accept')),
    ).toEqual([])
  })
})

describe('large and hostile work', () => {
  test('[CONSOLE-31] 10,000 rows: a page is small, and comes in a moment', async () => {
    const changes = Array.from({ length: 10_000 }, (_, i) =>
      placed(
        {
          row: `row-${i}`,
          bases: [],
          mapping: rowBetween('c4-1', { relation: 'subset', comment: `备注${i}（合成）` }),
        },
        theirs,
        i,
      ),
    )
    const change = { desk: fakeDesk(changes) }
    await get(projectPath, change)
    for (const query of ['', '?state=in-review&relation=subset&page=150', '?page=1000000', '?tray=41']) {
      const begun = performance.now()
      const { body } = await get(`${projectPath}${query}`, change)
      expect([query, performance.now() - begun < 1000]).toEqual([query, true])
      expect(Buffer.byteLength(body)).toBeLessThan(200 << 10)
    }
  })

  test('[CONSOLE-30] nothing that a row or a registry says becomes markup', async () => {
    const evil = `<script>alert(1)</script>"'><img src=x>\u202egnp`
    const mapping = {
      ...rowBetween('c4-1'),
      authorLabel: evil,
      comment: evil,
      basis: evil,
      subjectValue: evil,
      conditions: [evil],
      certainty: evil,
      relation: 'constructor',
      justification: evil,
    } as never
    const desk = fakeDesk([placed({ row: 'r1', bases: [], mapping })], new Map())
    for (const path of [projectPath, `${projectPath}/rows/r1`]) {
      const { page, reported } = await get(path, { desk, nameOf: () => evil })
      expect(elementsOf(page).filter(({ name }) => name === 'img' || name === 'script')).toEqual([])
      expect(reported).toEqual([])
    }
  })

  test.each([
    ['a project of no name', '/work/projects/%00'],
    ['half a character', '/work/projects/%ED%A0%80'],
    ['a long project', `/work/projects/${'x'.repeat(5000)}`],
    ['a way up', `${projectPath}/rows/%2e%2e%2f`],
    ['a row of no name', `${projectPath}/rows/%00`],
    ['a long row', `${projectPath}/rows/${'r'.repeat(9000)}`],
    [
      'filters that are none',
      `${projectPath}?state=toString&relation=valueOf&reviewer=%00&class=__proto__&page=0&tray=-1`,
    ],
    ['an agreement of no name', '/work/agreements/%00'],
    ['a comparison of nothing', '/work/compare?a=%00&b=%ED%A0%80'],
    ['a supposition of nothing', '/work/what-if?edition=%00'],
  ])('[CONSOLE-30] %s is answered, and never with an error of this program', async (_name, path) => {
    const { response, reported } = await get(path)
    expect([200, 404]).toContain(response.status)
    expect(reported).toEqual([])
  })
})

describe('the largest that records can say', () => {
  test('[CONSOLE-31] sixteen versions that differ in everything, and clauses with many limits, fit a page', async () => {
    const long = (n: number, length: number) => `${n}${'长'.repeat(length - 3)}`
    const base = { row: 'r1', bases: [], mapping: rowBetween('c4-1') }
    const versions = Array.from({ length: 16 }, (_, n) =>
      placed(
        {
          row: 'r1',
          bases: [versionDigest(base)],
          mapping: rowBetween('c4-1', {
            relation: n % 2 ? 'equal' : 'subset',
            comment: long(n, 2000),
            basis: long(n, 200),
            subjectValue: long(n, 200),
            objectValue: long(n, 200),
            conditions: Array.from({ length: 20 }, (_c, i) => long(n * 100 + i, 500)),
            authorLabel: long(n, 100),
          }),
        },
        n % 2 ? ours : theirs,
        n,
      ),
    )
    const change = { desk: fakeDesk([placed(base), ...versions]) }
    for (const path of [projectPath, `${projectPath}/rows/r1`]) {
      const { body } = await get(path, change)
      expect([path, Buffer.byteLength(body) < 200 << 10]).toEqual([path, true])
    }
  })
})
