import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createConsole } from '../../node/console/app.ts'
import { type FakeNode, fakeNode, realStandard, richNode } from '../node/console/fake-node.ts'
import { agreement, projectId, token, workOptions } from '../node/console/fake-work.ts'
import { type Browsing, browse, executablePath, hasChromium, runInPage } from './chromium.ts'

const tooLong = '很长的标准名称'.repeat(12)

/** The rich node, and one standard that strains the layout. */
function strainedNode(): Promise<FakeNode> {
  return richNode({
    change: (details) =>
      details.map((detail, i) =>
        i === 4
          ? { ...detail, titleZh: tooLong, titleEn: 'W'.repeat(300), issuerName: '局'.repeat(60) }
          : detail,
      ),
  })
}

function describePages(): void {
  let node: FakeNode
  let paths: readonly string[]
  const opened: Browsing[] = []
  const open = async (options: Parameters<typeof browse>[1]) => {
    const browsing = await browse(createConsole(node.options), options)
    opened.push(browsing)
    return browsing
  }
  beforeAll(async () => {
    node = await strainedNode()
    const at = (index: number) => `/standards/${node.log.logged[index]!.digest}`
    paths = ['/', '/?q=zzz&state=bogus', at(0), at(2), at(4), at(7), at(9), '/nowhere']
  })
  afterAll(async () => {
    for (const browsing of opened) await browsing.close()
  })

  test('every page loads without a complaint and asks nobody else for anything', async () => {
    const { open: go, complaints, requests, address } = await open({ width: 1280 })
    for (const path of paths) {
      const page = await go(path)
      expect(await page.title()).toContain('川渝机关事务标准互认交换网')
    }
    expect(complaints.filter((text) => !/status of 404/.test(text))).toEqual([])
    expect(requests.length).toBeGreaterThanOrEqual(paths.length)
    const elsewhere = requests.filter((url) => !url.startsWith(`${address}/`) && !url.startsWith('data:'))
    expect(elsewhere).toEqual([])
    const kinds = requests.filter((url) => url.startsWith(address)).map((url) => new URL(url).pathname)
    expect(
      kinds.filter((path) => !/^\/(?:$|standards\/|nowhere|assets\/[0-9a-f]{32}\.css$)/.test(path)),
    ).toEqual([])
  })

  test('its policy holds: a script that got into a page would not run', async () => {
    const { open: go, complaints } = await open({ width: 1280 })
    const page = await go('/')
    const { title, display } = await runInPage(page, 'smuggle')
    expect(title).not.toBe('taken')
    expect(display).not.toBe('none')
    expect(complaints.some((text) => /Content Security Policy/.test(text))).toBe(true)
  })

  test('search works without scripts, from the keyboard alone', async () => {
    const { open: go } = await open({ width: 1280, javaScript: false })
    const page = await go('/')
    await page.locator('#q').focus()
    await page.keyboard.type('1055')
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=1055/)
    expect(await page.locator('.standards tbody tr').count()).toBe(1)
    expect(await page.locator('#q').inputValue()).toBe('1055')
    await page.selectOption('#state', 'abolished')
    await page.locator('#q').fill('')
    await page.getByRole('button', { name: /检索/ }).click()
    await page.waitForURL(/state=abolished/)
    expect(await page.locator('.standards tbody tr').count()).toBe(1)
    expect(await page.locator('.standards tbody tr').innerText()).toContain('废止')
    await page.getByRole('link', { name: /清除条件/ }).click()
    expect(await page.locator('.standards tbody tr').count()).toBe(20)
  })

  test('the keyboard reaches the first result by the skip link, and the standard behind it', async () => {
    const { open: go } = await open({ width: 1280 })
    const page = await go('/')
    const focused = () => runInPage(page, 'focused')
    await page.keyboard.press('Tab')
    expect(await focused()).toMatchObject({ text: '跳到主要内容', outline: 'solid' })
    expect((await focused()).left).toBeGreaterThanOrEqual(0)
    await page.keyboard.press('Tab')
    expect((await focused()).text).toBe('跳到标准列表')
    await page.keyboard.press('Enter')
    const first = await page.locator('.standards .title a').first().innerText()
    let steps = 0
    while ((await focused()).text !== first && steps < 12) {
      await page.keyboard.press('Tab')
      steps += 1
    }
    expect(await focused()).toMatchObject({ text: first, outline: 'solid' })
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/standards\/sha256:/)
    expect(await page.locator('h1').innerText()).toContain(first)
    expect(await page.locator('.argument li').count()).toBeGreaterThan(10)
  })

  test.each([
    ['a desktop', 1280],
    ['a desktop at 200 %', 640],
    ['a telephone', 375],
    ['a narrow window', 320],
  ])('%s: contrast, names, targets, language and width hold on every page', async (_name, width) => {
    const { open: go } = await open({ width })
    for (const path of paths) {
      const page = await go(path)
      const { texts, overflow, ...faults } = await runInPage(page, 'survey')
      expect([path, faults]).toEqual([path, { pale: [], nameless: [], small: [], wide: [], unmarked: [] }])
      expect([path, overflow]).toEqual([path, 0])
      expect(texts).toBeGreaterThan(10)
    }
  })

  test('a person who hears the page gets tables, landmarks and states as words, also where rows become cards', async () => {
    const { open: go } = await open({ width: 375 })
    const page = await go('/')
    expect(await page.getByRole('main').count()).toBe(1)
    expect(await page.getByRole('banner').count()).toBe(1)
    expect(await page.getByRole('contentinfo').count()).toBe(1)
    expect(await page.getByRole('search').count()).toBe(1)
    const table = page.getByRole('table').first()
    expect(await table.getByRole('columnheader').count()).toBe(5)
    expect(await table.getByRole('row').count()).toBe(21)
    expect(await table.getByRole('rowheader').first().innerText()).toContain('DB50/T 1055—2020')
    const tree = await page.getByRole('main').ariaSnapshot()
    expect(tree).toContain('现行')
    expect(tree).not.toMatch(/[●◐■✓✗]/u)
  })

  test('the printed page holds the argument and leaves out what only a screen can use', async () => {
    const { open: go } = await open({ width: 1000 })
    const page = await go(paths[2] ?? '/')
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.argument').isVisible()).toBe(true)
    expect(await page.locator('.command').isVisible()).toBe(true)
    for (const gone of ['nav', '.back']) expect(await page.locator(gone).first().isVisible()).toBe(false)
    await page.goto(new URL('/', page.url()).href)
    expect(await page.locator('form').isVisible()).toBe(false)
  })

  test('2,000 clauses open in a moment and unfold without a script', async () => {
    const clauses = Array.from({ length: 2000 }, (_, i) => ({
      uid: `c${i}`,
      locator: `${i + 1}`,
      heading: `条款${i + 1}`,
    }))
    const large = await richNode()
    await large.log.publish(realStandard('DB50/T 1057—2020', '大标准', { clauses }))
    const logged = large.log.logged.at(-1)!
    large.details.push({ ...large.details[0]!, digest: logged.digest, record: logged.document })
    const browsing = await browse(createConsole(large.options), { width: 375, javaScript: false })
    opened.push(browsing)
    const page = await browsing.open(`/standards/${logged.digest}`)
    const last = page.getByText('条款2000', { exact: true })
    expect(await last.isVisible()).toBe(false)
    await page.locator('summary').click()
    expect(await last.isVisible()).toBe(true)
  })
}

/** The pages about what agencies agree, over a node with work of each sort. */
function describeWork(): void {
  const opened: Browsing[] = []
  const open = async (options: Parameters<typeof browse>[1]) => {
    const { options: node } = await fakeNode([], { options: workOptions() })
    const browsing = await browse(createConsole(node), options)
    opened.push(browsing)
    return browsing
  }
  const project = `/work/projects/${projectId}`
  const paths = [
    '/agreements',
    `/agreements/${agreement.id}`,
    '/compare?a=x&b=y',
    '/what-if?edition=https%3A%2F%2Fx&kind=abolished',
    '/work/',
    project,
    `${project}/rows/r1`,
    `${project}/rows/r2`,
    `/work/agreements/${agreement.id}`,
    '/work/compare?a=x&b=y',
  ]
  afterAll(async () => {
    for (const browsing of opened) await browsing.close()
  })

  test('[CONSOLE-3] contrast, names, targets, language and width hold on every page, at every width', async () => {
    const { open: go, complaints, requests, address } = await open({ width: 1280, password: token })
    for (const width of [1280, 640, 320])
      for (const path of paths) {
        const page = await go(path)
        await page.setViewportSize({ width, height: 900 })
        const { texts, overflow, ...faults } = await runInPage(page, 'survey')
        const none = { pale: [], nameless: [], small: [], wide: [], unmarked: [] }
        expect([width, path, overflow, faults]).toEqual([width, path, 0, none])
        expect(texts).toBeGreaterThan(10)
      }
    // The first answer below /work/ asks for the password.
    expect(complaints.filter((text) => !/status of 401/.test(text))).toEqual([])
    const elsewhere = requests.filter((url) => !url.startsWith(`${address}/`) && !url.startsWith('data:'))
    expect(elsewhere).toEqual([])
  })

  test('[CONSOLE-3] who hears a page hears states and relations as words, and what a drawing shows', async () => {
    const { open: go } = await open({ width: 375, password: token })
    const tree = async (path: string) => (await go(path)).getByRole('main').ariaSnapshot()
    const row = await tree(`${project}/rows/r1`)
    expect(row).toMatch(/img "严于（含）：甲圈在乙圈之内/)
    expect(await tree('/work/')).toMatch(/img "通过\d+，待审\d+，冲突\d+，无对应\d+，未比对\d+"/)
    const whole = `${row}${await tree(`/agreements/${agreement.id}`)}${await tree(project)}`
    for (const part of ['待审', '不可判定', '未通过', '双方改法不同']) expect(whole).toContain(part)
    expect(whole).not.toMatch(/[●◐■✓✗◔▲▽∩◆]/u)
  })

  test('[CONSOLE-12] rows are narrowed without scripts, from the keyboard alone', async () => {
    const { open: go } = await open({ width: 1280, javaScript: false, password: token })
    const page = await go(project)
    expect(await page.locator('.panes tbody tr').count()).toBe(6)
    await page.locator('#state').focus()
    await page.keyboard.press('ArrowDown')
    await page.locator('#state').press('Tab')
    await page.getByRole('button', { name: /筛选/ }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/state=in-review/)
    expect(await page.locator('.panes tbody tr').count()).toBe(3)
    await page.locator('.panes tbody th a').first().press('Enter')
    await page.waitForURL(/\/rows\/r1$/)
    expect(await page.getByRole('region', { name: '通过' }).innerText()).toContain('csx mapping accept')
  })

  test('[CONSOLE-20] without the password a page says so, and nothing of what is there', async () => {
    const { open: go, context } = await open({ width: 1280 })
    const page = await go('/agreements')
    const answer = await context.request.get(new URL('/work/', page.url()).href)
    expect(answer.status()).toBe(401)
    expect(await answer.text()).toContain('需要登录令牌')
    expect(await answer.text()).not.toContain('璧山—眉山')
  })
}

if (hasChromium) {
  describe('the pages in a browser', describePages)
  describe('the pages about agreements in a browser', describeWork)
} else
  test(`NOT CHECKED: the pages in a browser, because ${executablePath} is not there`, () => {
    process.stderr.write(
      `\n*** NOT CHECKED: the pages were not opened in a browser: ${executablePath} is not there.\n*** To check them: apt-get install --no-install-recommends chromium fonts-noto-cjk\n\n`,
    )
    expect(hasChromium).toBe(false)
  })
