import { expect } from 'vitest'
import { type Element, elementsOf, findAll, readPage, textOf } from './element.ts'

const safeAddress = /^(?:\/|#|https?:\/\/)/

/** What every page keeps: accessible structure, nothing that runs, nothing from elsewhere. GB/T 37668 as far as structure goes. */
export function checkPage(html: string): Element {
  const page = readPage(html)
  const all = elementsOf(page)
  const names = all.map(({ name }) => name)
  const count = (name: string) => names.filter((found) => found === name).length
  for (const name of ['html', 'title', 'main', 'h1']) expect([name, count(name)]).toEqual([name, 1])
  expect(findAll(page, 'html')[0]?.attributes.get('lang')).toBe('zh-CN')
  for (const name of ['script', 'style', 'iframe', 'object', 'embed', 'img', 'base']) {
    expect([name, count(name)]).toEqual([name, 0])
  }
  for (const { name, attributes } of all) {
    for (const key of attributes.keys()) {
      expect([name, key, key.startsWith('on') || key === 'style' || key === 'srcdoc']).toEqual([
        name,
        key,
        false,
      ])
    }
  }
  for (const { attributes } of findAll(page, 'a')) expect(attributes.get('href')).toMatch(safeAddress)
  checkPictures(page)
  checkLinks(page)
  checkHeadings(page)
  checkTables(page)
  checkForms(page)
  const ids = all.flatMap(({ attributes }) => attributes.get('id') ?? [])
  expect(new Set(ids).size).toBe(ids.length)
  for (const { attributes } of all) {
    for (const key of ['aria-labelledby', 'aria-describedby']) {
      const id = attributes.get(key)
      if (id !== undefined) expect(ids).toContain(id)
    }
  }
  for (const { attributes } of findAll(page, 'a')) {
    const href = attributes.get('href') ?? ''
    if (href.startsWith('#')) expect(ids).toContain(href.slice(1))
  }
  return page
}

/** A picture is shapes and text, says in words what it shows, and refers to nothing. */
function checkPictures(page: Element): void {
  for (const picture of findAll(page, 'svg')) {
    expect(picture.attributes.get('role')).toBe('img')
    expect(picture.attributes.get('aria-label')).toMatch(/\p{Script=Han}/u)
    const shapes = elementsOf(picture).map(({ name }) => name)
    expect(shapes.filter((name) => !['svg', 'rect', 'circle', 'path', 'text'].includes(name))).toEqual([])
  }
}

/** Nothing is loaded but one stylesheet of this node and an icon that stands in the page. */
function checkLinks(page: Element): void {
  const links = findAll(page, 'link').map(({ attributes }) => [
    attributes.get('rel'),
    attributes.get('href') ?? '',
  ])
  expect(links.map(([rel]) => rel)).toEqual(['icon', 'stylesheet'])
  expect(links[0]?.[1]).toMatch(/^data:image\/svg\+xml,/)
  expect(links[1]?.[1]).toMatch(/^(?:\/[a-z0-9-]+)?\/assets\/[0-9a-f]{32}\.css$/)
}

function checkHeadings(page: Element): void {
  let last = 0
  for (const { name } of elementsOf(page)) {
    const level = /^h([1-6])$/.exec(name)?.[1]
    if (level === undefined) continue
    expect(Number(level)).toBeLessThanOrEqual(last + 1)
    last = Number(level)
  }
}

function checkTables(page: Element): void {
  for (const table of findAll(page, 'table')) {
    expect(textOf(findAll(table, 'caption')[0]!).trim()).not.toBe('')
    for (const { attributes } of findAll(table, 'th'))
      expect(attributes.get('scope')).toMatch(/^(?:col|row)$/)
    const columns = findAll(findAll(table, 'thead')[0]!, 'th').length
    for (const row of findAll(findAll(table, 'tbody')[0]!, 'tr')) {
      expect(row.children.filter((child) => typeof child !== 'string').length).toBe(columns)
    }
  }
}

function checkForms(page: Element): void {
  const labelled = findAll(page, 'label').map(({ attributes }) => attributes.get('for'))
  const shown = findAll(page, 'input').filter(({ attributes }) => attributes.get('type') !== 'hidden')
  for (const field of [...shown, ...findAll(page, 'select')]) {
    expect(labelled).toContain(field.attributes.get('id'))
  }
  for (const { attributes } of findAll(page, 'form')) {
    expect(attributes.get('method')).toBe('get')
    expect(attributes.get('action')).toMatch(/^\//)
  }
}
