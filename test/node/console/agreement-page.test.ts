import { describe, expect, test } from 'vitest'
import { type ConsoleOptions, createConsole } from '../../../node/console/app.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { elementsOf, findAll, textOf } from './element.ts'
import { fakeNode } from './fake-node.ts'
import {
  agreement,
  consequences,
  fakeComparison,
  fakeListed,
  fakeView,
  ours,
  theirs,
  workOptions,
} from './fake-work.ts'
import { checkPage } from './page-check.ts'

const path = `/agreements/${agreement.id}`

async function get(address: string, change: Partial<ConsoleOptions> = {}) {
  const { options, reported } = await fakeNode([], { options: workOptions(change) })
  const response = await createConsole(options).request(address)
  const page = checkPage(await response.text())
  return { response, page, text: textOf(page), reported }
}

describe('the list of agreements', () => {
  test('[CONSOLE-1] names parties, kind, answer, state, code, term and project', async () => {
    const { text, page } = await get('/agreements')
    for (const part of [
      '璧山（合成）',
      '眉山（合成）',
      '互认',
      '不可判定',
      '提议',
      'RANGE_MISSING',
      '尚未生效',
      'bishan-meishan',
    ])
      expect(text).toContain(part)
    expect(findAll(page, 'a').map(({ attributes }) => attributes.get('href'))).toContain(
      `${path.replaceAll(':', '%3A')}?digest=${fakeView().digest.replace(':', '%3A')}`,
    )
  })

  test('[CONSOLE-1] kind, state and date narrow; what is not understood is said', async () => {
    const asked: object[] = []
    const agreementList = {
      page: async (query: object) => {
        asked.push(query)
        return { total: 0, items: [], unexamined: 7 }
      },
      pinning: async () => ({ total: 0, items: [], unexamined: 0 }),
      agreedRows: async () => [],
    }
    const { text } = await get('/agreements?kind=reuse&state=lapsed&at=2026-03-01&page=3', { agreementList })
    expect(asked).toEqual([{ on: '2026-03-01', kind: 'reuse', state: 'lapsed', limit: 20, offset: 40 }])
    for (const part of ['没有符合条件的声明', '请减少条件', '更早的未计入', '2026年3月1日'])
      expect(text).toContain(part)
    const wrong = await get('/agreements?kind=toString&state=__proto__&at=2026-02-30&page=-1', {
      agreementList,
    })
    expect(wrong.text).toMatch(/已忽略无法识别的条件：种类、状态、所问日期、分页/)
    expect(asked[1]).toEqual({ on: '2026-07-01', limit: 20, offset: 0 })
    const empty = { ...agreementList, page: async () => ({ total: 0, items: [], unexamined: 0 }) }
    expect((await get('/agreements', { agreementList: empty })).text).toContain('csx agreement propose')
  })
})

describe('the page of an agreement', () => {
  test('[CONSOLE-2] statement, digest, answer with its reason, as of, acts, effects, ends and how to check it offline', async () => {
    const { text, page, response } = await get(`${path}?at=2026-07-01`)
    expect(response.status).toBe(200)
    const { digest } = fakeView()
    for (const part of [
      '互认声明',
      digest,
      '不可判定',
      'ATTESTATION_INCOMPLETE',
      '缺少后续条目',
      '第4条',
      'localhost:7402/log/1',
      '双方互认',
      '日志条目第9条',
      '合成发〔2026〕1号',
      '60日后终止',
      '30日宽限后失效',
      '复审逾期',
    ])
      expect(text).toContain(part)
    const [command = ''] = findAll(page, 'code')
      .map(textOf)
      .filter((line) => line.startsWith('csx bundle recognition'))
    expect(command).toMatch(
      new RegExp(
        `^csx bundle recognition ${agreement.id} --digest ${digest} --node http://localhost:7401 -o \\S+ && csx verify \\S+ --trust sha256:[0-9a-f]{64} --at 2026-07-01$`,
      ),
    )
  })

  test('[CONSOLE-2] an act that decides nothing is marked, and nobody is asked to sign by it', async () => {
    const [act] = fakeView().acts
    const acts = [act!, { ...act!, act: 'accept', by: theirs, index: 12, counts: false }]
    const agreements = {
      view: async () => fakeView({ acts }),
      whatIf: async () => Promise.reject(new Error()),
    }
    const { text } = await get(path, { agreements })
    const section = text.slice(text.lastIndexOf('各方行为'))
    expect(section.match(/不计 does not count/g)).toHaveLength(1)
    expect(section).toMatch(/同意 accepted ×不计/)
  })

  test('[CONSOLE-2] a row is not called in force while its agreement is not', async () => {
    const rows = (text: string) =>
      /逐行效力[\s\S]*各方行为/.exec(text.slice(text.lastIndexOf('逐行效力')))?.[0] ?? ''
    expect(rows((await get(path)).text)).not.toContain('有效')
    const view = fakeView({ answer: 'effective', state: 'effective', start: '2026-06-02', end: '2027-03-01' })
    const agreements = { view: async () => view, whatIf: async () => Promise.reject(new Error()) }
    expect(rows((await get(path, { agreements })).text)).toContain('有效')
  })

  test('[AGREE-38] [CONSOLE-2] what never comes into force has no term, and the reason in its place', async () => {
    const never = {
      condition: 'E3',
      code: 'WITHDRAWN',
      zh: '合成标准自2026-02-25起废止',
      en: 'abolished',
    } as const
    const given = { state: 'unmet', start: '2026-03-01', end: '2026-02-25', never } as const
    const agreements = { view: async () => fakeView(given), whatIf: async () => Promise.reject(new Error()) }
    const { text } = await get(path, { agreements })
    expect(text).toMatch(/不会生效[\s\S]{0,40}合成标准自2026-02-25起废止/)
    expect(text).not.toMatch(/2026-02-25前一日止|2026年2月25日前/)
  })

  test('[CONSOLE-2] what may not be read, and what is no id, is not there', async () => {
    for (const other of [
      'urn:uuid:00000000-0000-4000-8000-0000000000ff',
      'x',
      '%00',
      '%ED%A0%80',
      `${agreement.id}%25`,
      'a'.repeat(5000),
    ])
      expect([other.slice(0, 60), (await get(`/agreements/${other}`)).response.status]).toEqual([
        other.slice(0, 60),
        404,
      ])
    expect((await get(`${path}?digest=sha256:0`)).response.status).toBe(404)
  })

  test('[CONSOLE-3] no state is told by colour alone: a mark that is not heard, and words', async () => {
    for (const address of [path, '/agreements', '/compare?a=x&b=y']) {
      const { page } = await get(address)
      const badges = elementsOf(page).filter(({ attributes }) =>
        attributes.get('class')?.startsWith('badge '),
      )
      expect(badges.length).toBeGreaterThan(1)
      for (const badge of badges) expect(textOf(badge)).toMatch(/\p{Script=Han}/u)
    }
  })

  test('[CONSOLE-31] one of 5,000 rows is paged, and its page is small', async () => {
    const effects = Array.from({ length: 5000 }, (_, i) => ({
      row: `row-${i}`,
      from: 0 as const,
      to: 1 as const,
      effect: 'one-way' as const,
    }))
    const large = fakeView({}, { ...agreement, effects } as never)
    const agreements = { view: async () => large, whatIf: async () => Promise.reject(new Error()) }
    const { options } = await fakeNode([], { options: workOptions({ agreements }) })
    const body = await (await createConsole(options).request(`${path}?page=2`)).text()
    expect(Buffer.byteLength(body)).toBeLessThan(200 << 10)
    const text = textOf(checkPage(body))
    for (const part of ['第51—100条', '第2页，共100页', 'csx agreement show', large.digest])
      expect(text).toContain(part)
  })
})

test('[CONSOLE-31] rows with twenty long conditions each fit a page, and the statement says what is left out', async () => {
  const conditions = Array.from({ length: 20 }, () => '条件'.repeat(250))
  const effects = Array.from({ length: 100 }, (_, i) => ({
    row: `row-${i}`,
    from: 0 as const,
    to: 1 as const,
    effect: 'conditional' as const,
    conditions,
  }))
  const view = fakeView({}, { ...agreement, effects } as never)
  const agreements = { view: async () => view, whatIf: async () => Promise.reject(new Error()) }
  const { options } = await fakeNode([], { options: workOptions({ agreements }) })
  const body = await (await createConsole(options).request(path)).text()
  expect(Buffer.byteLength(body)).toBeLessThan(200 << 10)
  expect(textOf(checkPage(body))).toMatch(/其余各行\d+行/)
})

describe('compare and what if', () => {
  test('[CONSOLE-4] two panes, the relation between, limits with their direction, coverage with its figures', async () => {
    const { text, page } = await get('/compare?a=x&b=y')
    for (const part of [
      '甲 DB50/T 990001',
      '乙 DB50/T 990002',
      '第1项要求',
      '甲更严',
      '年度运行费用：',
      '已比对',
      '2 / 3'.replace('2', '1'),
    ])
      expect(text).toContain(part)
    expect(findAll(page, 'svg')[0]?.attributes.get('aria-label')).toMatch(/通过1，待审2，冲突0/)
    const { coverage, ...rest } = fakeComparison() as any
    const compare = async () => ({ ...rest, coverage: { ...coverage, inReview: 1, draft: 1 } })
    const drafted = await get('/compare?a=x&b=y', { compare })
    expect(findAll(drafted.page, 'svg')[0]?.attributes.get('aria-label')).toMatch(
      /通过1，待审1，草拟1，冲突0/,
    )
    const only = await get('/compare?a=x&b=y&only=no-counterpart')
    expect(only.text).toContain('对照共1条')
    expect((await get('/compare?a=x&b=y&only=conflicting')).text).toContain('没有符合此项的条款')
  })

  test('[CONSOLE-30] a name that means nothing is told in the form', async () => {
    const failing = (code: 'NOT_FOUND' | 'QUERY_INVALID', pointer: string) => ({
      compare: async () => {
        throw new ProtocolError(code, 'x', { place: { pointer } })
      },
    })
    const absent = await get('/compare?a=x&b=y', failing('NOT_FOUND', '/b'))
    expect([absent.response.status, absent.text.includes('没有找到乙')]).toEqual([404, true])
    expect(findAll(absent.page, 'input').map(({ attributes }) => attributes.get('value'))).toContain('x')
    const several = await get('/compare?a=x&b=y', failing('QUERY_INVALID', '/a'))
    expect([several.response.status, several.text.includes('有几个版本')]).toEqual([400, true])
    expect((await get('/compare')).text).toContain('请写明要比对的两项标准')
  })

  test('[CONSOLE-5] what would fall, and which reports have a line about it', async () => {
    const { text } = await get('/what-if?edition=https%3A%2F%2Fx%2Fid&on=2026-08-01&kind=abolished')
    for (const part of [
      'DB50/T 990001—2020',
      '2026年8月1日废止',
      '2026年8月31日',
      '失效',
      '2026-Q2',
      '眉山（合成）',
    ])
      expect(text).toContain(part)
    const absent = await get('/what-if?edition=DB50/T%201—2020')
    expect([absent.response.status, absent.text.includes('没有找到这个版本')]).toEqual([404, true])
  })

  test('[CONSOLE-5] [AGREE-107] a clause that is not in the record is told in the form, and nothing is called untouched', async () => {
    const refusing = (code: 'NOT_FOUND' | 'QUERY_INVALID') => ({
      agreements: {
        view: async () => fakeView(),
        whatIf: async () => {
          throw new ProtocolError(code, 'x', {
            place: { pointer: '/clauses/1' },
            evidence: { clause: '9.9' },
          })
        },
      },
    })
    const path = '/what-if?edition=https%3A%2F%2Fx&kind=amendment&clauses=4.2，9.9'
    const absent = await get(path, refusing('NOT_FOUND'))
    expect(absent.response.status).toBe(404)
    expect(absent.text).toContain('该版本的记录中没有这一条款：9.9')
    expect(absent.text).toContain('请照标准页面“条款”表所列的编号填写')
    expect(absent.text).not.toContain('没有声明受影响')
    expect(findAll(absent.page, 'input').map(({ attributes }) => attributes.get('value'))).toContain(
      '4.2，9.9',
    )
    const several = await get(path, refusing('QUERY_INVALID'))
    expect([several.response.status, several.text.includes('有几个条款用这一编号')]).toEqual([400, true])
  })

  test('[CONSOLE-5] the clauses are named as they were understood; what ends the edition ends all of it', async () => {
    const asked: unknown[] = []
    const agreements = {
      view: async () => fakeView(),
      whatIf: async (question: object) => {
        asked.push(question)
        return { ...consequences, agreements: [], clauses: [{ uid: 'c1', locator: '4.2', heading: '维修' }] }
      },
    }
    const { text } = await get('/what-if?edition=https%3A%2F%2Fx&kind=amendment&clauses=4.2、4.3', {
      agreements,
    })
    expect(asked).toMatchObject([{ clauses: ['4.2', '4.3'] }])
    expect(text).toMatch(/于2026年8月1日发布修改单[\s\S]*所及条款：[\s\S]*4\.2 维修/)
    expect(text).toContain('没有因此失效、进入宽限或有行失效的')
    expect((await get('/what-if?edition=https%3A%2F%2Fx&clauses=4.2', { agreements })).text).toContain(
      '所写条款不计',
    )
  })

  test('[CONSOLE-5] the page of a standard names the agreements that pin it and leads on', async () => {
    const { syntheticStandard } = await import('../../../fixtures/synthetic/standard.ts')
    const { options, log } = await fakeNode([syntheticStandard(1)], {
      options: workOptions({
        agreementList: {
          page: async () => ({ total: 0, items: [], unexamined: 0 }),
          pinning: async () => ({
            total: 12,
            items: [fakeListed({ answer: 'effective', state: 'effective' })],
            unexamined: 0,
          }),
          agreedRows: async () => [],
        },
      }),
    })
    const { digest } = log.logged[0]!
    const page = checkPage(await (await createConsole(options).request(`/standards/${digest}`)).text())
    expect(textOf(page)).toMatch(/互认与比对[\s\S]*有效[\s\S]*还有[\s\S]*11/)
    const links = findAll(page, 'a').map(({ attributes }) => attributes.get('href') ?? '')
    expect(links).toContain(`/compare?a=${encodeURIComponent(digest)}`)
    expect(links).toContain(`/what-if?edition=${encodeURIComponent(digest)}`)
  })
})

describe('R32, R35: hostile records and questions', () => {
  const evil = `<script>alert(1)</script>"onmouseover="x" '><img src=x>&lt;\u202egnp\u0000`

  test('[CONSOLE-30] nothing of an agreement becomes markup', async () => {
    const view = fakeView({
      project: evil,
      parties: [
        { id: ours, name: evil },
        { id: evil, name: evil },
      ],
      statement: [evil, `　${evil}`],
      never: { condition: evil as never, zh: evil, en: evil },
      conditions: [
        {
          condition: evil as never,
          outcome: evil as never,
          code: evil as never,
          since: evil,
          cause: { origin: evil, index: 1, recordId: evil, kind: evil },
          detail: evil,
          zh: evil,
          en: evil,
        },
      ],
      rows: [{ row: 'r1', state: evil, until: evil }],
      repin: [evil],
      disposeBy: evil,
      acts: [
        {
          act: evil,
          by: evil,
          origin: evil,
          index: 2,
          at: evil,
          recordId: evil,
          digest: evil,
          reason: evil,
          counts: true,
        },
      ],
      names: { editions: [{ id: evil, digest: evil, name: evil }], rows: [{ row: 'r1', name: evil }] },
      asOf: [{ origin: evil, size: 1 }],
    })
    const agreements = { view: async () => view, whatIf: async () => Promise.reject(new Error()) }
    const { page, text } = await get(path, { agreements })
    expect(elementsOf(page).filter(({ name }) => name === 'img' || name === 'script')).toEqual([])
    expect(text).toContain('‹U+202E›gnp‹U+0000›')
  })

  test.each([
    ['a list asked in no words', '/agreements?kind=%00&state=%ED%A0%80&at=%FF&page=1e9'],
    ['a date of 9,000 digits', `/agreements?at=${'9'.repeat(9000)}`],
    ['names that are none', '/compare?a=%00&b=%ED%A0%80&only=constructor'],
    ['a name of 3,000 ideographs', `/compare?a=${'甲'.repeat(3000)}&b=x`],
    ['a supposition of nothing', '/what-if?edition=%00&on=never&kind=__proto__&clauses=%F0%9F'],
    ['200 clauses', `/what-if?edition=x&clauses=${'a,'.repeat(200)}`],
    ['a name turned round', '/compare?a=%E2%80%AEx&b=%00'],
  ])('[CONSOLE-30] %s is answered, and never with an error of this program', async (_name, address) => {
    const { response, reported } = await get(address)
    expect([200, 400, 404]).toContain(response.status)
    expect(reported).toEqual([])
  })
})
