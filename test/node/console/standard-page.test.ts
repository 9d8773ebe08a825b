import { describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { createConsole } from '../../../node/console/app.ts'
import { commandOf, hasOnlyEnded } from '../../../node/console/argument.ts'
import { causesOf } from '../../../node/console/timeline.ts'
import type { StandardDetail } from '../../../node/projection/port.ts'
import { type Element, elementsOf, findAll, textOf } from './element.ts'
import { type FakeNode, fakeNode, nodeName, realStandard, realStandards, richNode } from './fake-node.ts'
import { checkPage } from './page-check.ts'

const rich = await richNode()

async function pageOf(node: FakeNode, index: number): Promise<Element> {
  const response = await createConsole(node.options).request(`/standards/${node.log.logged[index]!.digest}`)
  expect(response.status).toBe(200)
  return checkPage(await response.text())
}

function sectionOf(page: Element, id: string): Element {
  const section = findAll(page, 'section').find(({ attributes }) => attributes.get('aria-labelledby') === id)
  if (!section) throw new Error(`no section ${id}`)
  return section
}

const find = (title: string) => rich.details.find(({ titleZh }) => titleZh === title)!.index

describe('one standard', () => {
  test('shows every bibliographic fact of the record under its label', async () => {
    const text = textOf(sectionOf(await pageOf(rich, find('公务用车信息化平台管理规范')), 'facts'))
    for (const part of [
      '标准号 Number',
      'DB50/T 1055—2020',
      '中国标准分类 CCS',
      'L04',
      '2020年11月1日',
      '2021年2月1日',
      '公务用车 official vehicles',
      '推荐性 recommended',
    ])
      expect(text).toContain(part)
  })

  test('a joint standard shows both numbers, and references with and without dates', async () => {
    const text = textOf(sectionOf(await pageOf(rich, 2), 'facts'))
    expect(text).toMatch(/DB50\/T 10004—2023.*DB51\/T 10004—2023/)
    expect(text).toContain('GB/T 41568 （不注日期）')
  })

  test('limits are told in words and signs', async () => {
    const text = textOf(sectionOf(await pageOf(rich, 6), 'clauses'))
    expect(text).toContain('年度运行费用 ≤不大于 1010 元/m²')
  })

  test('an ended standard names the event, its entry and its announcement', async () => {
    const page = await pageOf(rich, 7)
    const why = textOf(sectionOf(page, 'why'))
    expect(why).toContain('废止')
    expect(why).toContain('2025年12月1日')
    expect(why).toContain('合成公告〔2026〕1号')
    expect(why).toContain('日志条目第30条')
    expect(textOf(sectionOf(page, 'timeline'))).toMatch(
      /2021年3月1日 发布.*2021年6月1日 实施.*2025年12月1日 废止/,
    )
  })

  test('one in force says that dates of the record make it so; one without dates that nobody can tell', async () => {
    expect(textOf(sectionOf(await pageOf(rich, 0), 'why'))).toContain('记录所载实施日期已到')
    expect(textOf(sectionOf(await pageOf(rich, 5), 'why'))).toContain('无从判定')
    expect(textOf(sectionOf(await pageOf(rich, 10), 'why'))).toContain('有修改单')
  })

  test('the issuer is named by the registry, everybody else as the record says', async () => {
    const party = (did: string) => ({ nameZh: '自称某局', party: did })
    const node = await fakeNode([
      realStandard('DB50/T 1055—2020', '甲', {
        publishers: [party('did:web:localhost%3A7401'), party('did:web:unknown.example')],
      }),
    ])
    const text = textOf(sectionOf(await pageOf(node, 0), 'parties'))
    expect(text).toContain(`${nodeName} （登记册名称`)
    expect(text).toContain('自称某局 （记录自述')
    expect(text).toContain(`登记册名称 name in the registry：${nodeName}`)
    expect(text).toContain('登记册中没有此标识')
  })

  test('its place in the log, and the raw data', async () => {
    const section = sectionOf(await pageOf(rich, 0), 'place')
    const text = textOf(section)
    for (const part of [
      'localhost:7401/log/1',
      '第0条',
      '2026年1月5日 09:00:00（北京时间）',
      rich.log.logged[0]!.digest,
    ])
      expect(text).toContain(part)
    const { digest } = rich.log.logged[0]!
    expect(findAll(section, 'a').map(({ attributes }) => attributes.get('href'))).toEqual([
      `/records/${digest}`,
      `/api/v1/standards/${digest}`,
      '/log/1/checkpoint',
    ])
  })

  test('a log of another agency is linked where this node holds it', async () => {
    const node = await fakeNode([syntheticStandard(1)], {
      change: (details) =>
        details.map((detail) => ({ ...detail, own: false, origin: 'other.example/log/1' })),
    })
    const hrefs = findAll(await pageOf(node, 0), 'a').map(({ attributes }) => attributes.get('href') ?? '')
    expect(hrefs.filter((href) => /^\/mirror\/[0-9a-f]{64}\/checkpoint$/.test(href)).length).toBe(1)
  })

  test('the source is shown with how sure its issuer is, and linked', async () => {
    const section = sectionOf(await pageOf(rich, 0), 'source')
    expect(textOf(section)).toContain('高（见封面或官方文本）')
    const [link] = findAll(section, 'a')
    expect(link?.attributes.get('href')).toBe('https://example.org/db50-1055?a=1&b=2')
    expect(link?.attributes.get('rel')).toBe('external noopener noreferrer nofollow')
  })

  test('a revised record leads to its revision', async () => {
    const node = await fakeNode([syntheticStandard(1), syntheticStandard(2)], {
      change: ([first, second]) => [{ ...first!, revisedBy: second!.id }, second!],
    })
    const page = await pageOf(node, 0)
    expect(textOf(page)).toContain('记录已被修订')
    expect(findAll(page, 'a').map(({ attributes }) => attributes.get('href'))).toContain(
      `/standards/${node.log.logged[1]!.digest}`,
    )
  })
})

describe('the verdict on the page', () => {
  test('is the argument of the verifier, line by line, with mark and word', async () => {
    const page = await pageOf(rich, 0)
    const [list] = findAll(sectionOf(page, 'verdict'), 'ol')
    const lines = findAll(list!, 'li').map(textOf)
    const verdict = await rich.options.argue(rich.log.logged[0]!.digest)
    expect(lines.length).toBe(verdict!.findings.length)
    for (const [i, { detail }] of verdict!.findings.entries()) {
      expect(lines[i]).toContain('✓通过 passed')
      expect(lines[i]).toContain(detail.zh)
      expect(lines[i]).toContain(detail.en)
    }
    expect(textOf(page)).toContain('结论：已核实 verified')
    expect(textOf(page)).toContain(verdict!.asOf!.registry.fingerprint)
  })

  test('an ended standard is told from a forged one', async () => {
    const page = await pageOf(rich, 7)
    const lines = elementsOf(page).filter(
      ({ name, attributes }) => name === 'li' && attributes.get('class') === 'failed',
    )
    expect(lines.map(textOf).join()).toMatch(/✗未通过.*WITHDRAWN.*处理办法：请改用现行标准/)
    expect(textOf(page)).toContain('记录真实、未被改动，但已被代替、废止或修订')
    const forged = {
      verdict: 'rejected',
      findings: [{ check: 'proof', outcome: 'failed', detail: { zh: '', en: '' } }],
    } as const
    expect(hasOnlyEnded(forged)).toBe(false)
  })

  test('what could not be checked is marked as that, and leaves the conclusion open', async () => {
    const node = await fakeNode([syntheticStandard(1)], {
      options: {
        argue: async () => ({
          verdict: 'undecided',
          findings: [
            { check: 'trust', outcome: 'unknown', code: 'NOT_TRUSTED', detail: { zh: '没有', en: 'none' } },
          ],
        }),
      },
    })
    const text = textOf(await pageOf(node, 0))
    expect(text).toContain('?无法核验 could not be checked')
    expect(text).toContain('结论：不可判定 undecided')
  })

  test('the page stands without it: says so, names the trace, and still shows the command', async () => {
    const node = await fakeNode([syntheticStandard(1)], {
      options: {
        argue: async () => {
          throw new Error('no store')
        },
      },
    })
    const text = textOf(await pageOf(node, 0))
    expect(text).toContain('本节点暂时不能给出论证')
    expect(text).toContain('trace-0001')
    expect(text).not.toContain('no store')
    expect(text).toContain('csx verify')
    expect(node.reported.length).toBe(1)
    const none = await fakeNode([syntheticStandard(1)], { options: { argue: async () => undefined } })
    expect(textOf(await pageOf(none, 0))).toContain('不可判定')
  })

  test('the command checks it offline, in one line that a shell takes as it is', () => {
    const digest = `sha256:${'ab'.repeat(32)}`
    const command = commandOf('https://a.example/bishan', digest, `sha256:${'cd'.repeat(32)}`)
    expect(command).toBe(
      `csx bundle ${digest} --node https://a.example/bishan -o abababababab.csx.json && csx verify abababababab.csx.json --trust sha256:${'cd'.repeat(32)}`,
    )
    expect(command).toMatch(/^[A-Za-z0-9 :/.&-]+$/)
  })
})

test('the cause of a state is the event that the fold took, none that lies ahead', () => {
  const event = (eventKind: string, date: string, index: number) => ({
    id: `i${index}`,
    digest: `d${index}`,
    origin: 'o',
    index,
    eventKind,
    date,
  })
  const detail = (state: StandardDetail['state'], since: string) =>
    ({
      state,
      since,
      events: [
        event('superseded', '2024-01-01', 1),
        event('abolished', '2025-01-01', 2),
        event('abolished', '2027-01-01', 3),
      ],
    }) as unknown as StandardDetail
  const indices = (given: StandardDetail) => causesOf(given, '2026-01-01').map(({ index }) => index)
  expect(indices(detail('superseded', '2024-01-01'))).toEqual([1])
  expect(indices(detail('abolished', '2025-01-01'))).toEqual([2])
  expect(indices(detail('disputed', '2024-01-01'))).toEqual([1, 2])
  expect(indices(detail('in-force', '2020-01-01'))).toEqual([])
  expect(realStandards.length).toBeGreaterThan(0)
})
