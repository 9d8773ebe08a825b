import { describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { createConsole } from '../../../node/console/app.ts'
import type { StandardDetail } from '../../../node/projection/port.ts'
import { elementsOf, findAll, textOf } from './element.ts'
import { fakeNode, nodeName, realStandard } from './fake-node.ts'
import { checkPage } from './page-check.ts'

const script = '<script>alert(1)</script>'
const attribute = '"onmouseover="alert(1)" x="'
const quoted = `'><img src=x onerror=alert(1)>&lt;b&gt;&amp;`
const bidi = 'abc\u202egnp.exe\u2066x\u200by\u0000z\u{e0041}'
const hostile = `${script}${attribute}${quoted}${bidi}`

const visible = `${script}${attribute}${quoted}abc‹U+202E›gnp.exe‹U+2066›x‹U+200B›y‹U+0000›z‹U+E0041›`

function spoil(detail: StandardDetail): StandardDetail {
  return {
    ...detail,
    id: hostile,
    issuer: hostile,
    issuerName: hostile,
    origin: hostile,
    own: false,
    titleZh: hostile,
    titleEn: hostile,
    numbers: [hostile, 'DB50/T 1—2020'],
    level: hostile,
    mandate: '__proto__',
    class: 'constructor',
    owners: [hostile],
    since: hostile,
    reviewDue: '1999-99-99',
    revisedBy: hostile,
    warnings: [{ rule: 'ST5', pointer: '', zh: hostile, en: hostile }],
    events: [
      {
        id: hostile,
        digest: hostile,
        origin: hostile,
        index: 3,
        eventKind: hostile,
        date: hostile,
        announcementNo: hostile,
      },
    ],
    record: { isEscaped: true, toString: hostile, [hostile]: hostile },
  }
}

async function hostilePages(): Promise<readonly string[]> {
  const text = { zh: hostile, en: hostile }
  const node = await fakeNode([syntheticStandard(1)], {
    change: (details) => details.map(spoil),
    logs: [
      {
        origin: hostile,
        own: false,
        issuerName: hostile,
        size: 1,
        held: 1,
        visible: 1,
        state: 'halted',
        fault: { code: hostile, detail: hostile },
        checkedAt: hostile,
        quarantined: 1,
        evidenced: false,
        pending: 0,
      },
    ],
    quarantine: [
      { origin: hostile, index: 1, code: 'toString', detail: hostile, pointer: hostile, seenAt: hostile },
    ],
    options: {
      nodeName: hostile,
      argue: async () => ({
        verdict: 'rejected',
        findings: [{ check: 'form', outcome: 'failed', code: 'BUNDLE_MALFORMED', detail: text }],
        asOf: {
          origin: hostile,
          size: 1,
          root: hostile,
          loggedAt: hostile,
          at: hostile,
          registry: { version: 1, fingerprint: `sha256:${hostile}` },
        },
      }),
    },
  })
  const app = createConsole(node.options)
  const paths = ['/', `/?q=${encodeURIComponent(hostile)}`, `/standards/${node.log.logged[0]!.digest}`]
  return Promise.all(
    paths.map(async (path) => {
      const response = await app.request(path)
      expect([path, response.status]).toEqual([path, 200])
      return response.text()
    }),
  )
}

describe('R32: everything from outside is text', () => {
  test('no field of record, log, quarantine, verdict or query becomes markup', async () => {
    for (const body of await hostilePages()) {
      const page = checkPage(body)
      expect(elementsOf(page).filter(({ name }) => name === 'img' || name === 'b')).toEqual([])
      expect(textOf(page)).toContain(script)
    }
  })

  test('what reorders or hides text is shown by its number, everywhere', async () => {
    for (const body of await hostilePages()) {
      expect(body).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u0000-\u0008]/u)
      expect(textOf(checkPage(body))).toContain(visible)
    }
  })

  test('only plain web addresses become links', async () => {
    const sources = [
      ['https://user:secret@evil.example/', false],
      ['https://example.org/a?x=1', true],
      ['http://例子.测试/', true],
    ] as const
    for (const [url, linked] of sources) {
      const node = await fakeNode([
        realStandard('DB50/T 1055—2020', '甲', { sourceNote: { text: '源', url } }),
      ])
      const response = await createConsole(node.options).request(`/standards/${node.log.logged[0]!.digest}`)
      const page = checkPage(await response.text())
      const out = findAll(page, 'a').filter(({ attributes }) => attributes.get('rel')?.includes('external'))
      expect([url, out.length]).toEqual([url, linked ? 1 : 0])
      expect(textOf(page)).toContain(url)
    }
  })

  test('a record that this program cannot read is shown as it is, as text', async () => {
    const node = await fakeNode([syntheticStandard(1)], {
      change: (details) =>
        details.map((detail) => ({ ...detail, record: { future: [script, { depth: 1 }] } })),
    })
    const response = await createConsole(node.options).request(`/standards/${node.log.logged[0]!.digest}`)
    const text = textOf(checkPage(await response.text()))
    expect(text).toContain('不认识这条记录')
    expect(text).toContain(script)
  })

  test('a right-to-left title moves nothing around it', async () => {
    const node = await fakeNode([realStandard('DB50/T 1055—2020', 'מבחן')])
    const page = checkPage(await (await createConsole(node.options).request('/')).text())
    expect(findAll(page, 'bdi').map(textOf)).toContain('מבחן')
    expect(textOf(page)).toContain(nodeName)
  })
})

describe('R35: any input gets a page', () => {
  test('a record of 2,000 clauses is shown whole', async () => {
    const clauses = Array.from({ length: 2000 }, (_, i) => ({
      uid: `c${i}`,
      locator: `${i + 1}`,
      heading: `第${i + 1}项${'很长的标题'.repeat(20)}`,
    }))
    const node = await fakeNode([realStandard('DB50/T 1055—2020', '甲', { clauses })])
    const response = await createConsole(node.options).request(`/standards/${node.log.logged[0]!.digest}`)
    const page = checkPage(await response.text())
    const tables = findAll(page, 'table')
    expect(tables.map((table) => findAll(findAll(table, 'tbody')[0]!, 'tr').length)).toEqual([100, 1900])
    expect(textOf(page)).toContain('条款共2,000条')
    expect(textOf(page)).toContain('第2000项')
  })

  test.each([
    '/?q=%',
    '/?q=%ED%A0%80',
    '/?q=%00',
    '/?q=a&q=b&__proto__=x',
    `/?q=${'%F0%9F%98%80'.repeat(3000)}`,
    '/?page=1e9',
    '/?page=99999999999999999999',
    '/?state=toString&class=hasOwnProperty',
    '/?=&&&=',
    '/standards/%ED%A0%80',
    '/standards/..%2f..%2fetc',
    `/standards/sha256:${'g'.repeat(64)}`,
    `/standards/SHA256:${'0'.repeat(64)}`,
    '/assets/../app.ts',
    '/assets/00000000000000000000000000000000.css',
  ])('%s is answered, and never with an error of this program', async (path) => {
    const node = await fakeNode([])
    const response = await createConsole(node.options).request(path)
    expect([200, 404]).toContain(response.status)
    checkPage(await response.text())
    expect(node.reported).toEqual([])
  })
})
