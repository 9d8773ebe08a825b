/** A strict reader of the pages' HTML: what a browser would have to repair is an error here. */
export interface Element {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly (Element | string)[]
}

const empty = new Set(['meta', 'link', 'input', 'br'])
const tag = /<(?:!doctype html|(\/)?([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*))>/y

const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
}

function decode(text: string): string {
  if (/&(?!(?:lt|gt|quot|amp|#39);)/.test(text)) throw new Error(`bare ampersand: ${text.slice(0, 80)}`)
  return text.replace(/&(?:lt|gt|quot|amp|#39);/g, (entity) => entities[entity] ?? '')
}

/** @throws {Error} where tags do not balance, an attribute is unquoted or repeated, or a `<` stands bare */
export function readPage(html: string): Element {
  const root = { name: '#root', attributes: new Map<string, string>(), children: [] as (Element | string)[] }
  const open: (typeof root)[] = [root]
  let at = 0
  while (at < html.length) {
    const top = open.at(-1)!
    if (html[at] !== '<') {
      const end = html.indexOf('<', at)
      top.children.push(decode(html.slice(at, end < 0 ? html.length : end)))
      at = end < 0 ? html.length : end
      continue
    }
    tag.lastIndex = at
    const match = tag.exec(html)
    if (!match) throw new Error(`not a tag: ${html.slice(at, at + 80)}`)
    at = tag.lastIndex
    const [, closing, name, rest = ''] = match
    if (name === undefined) continue
    if (closing !== undefined) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`)
      continue
    }
    const attributes = new Map<string, string>()
    for (const [, key = '', value = ''] of rest.matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)) {
      if (attributes.has(key)) throw new Error(`attribute ${key} twice`)
      attributes.set(key, decode(value))
    }
    const element = { name, attributes, children: [] }
    top.children.push(element)
    if (!empty.has(name)) open.push(element)
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)!.name}> is never closed`)
  return root
}

export function textOf(element: Element | string): string {
  if (typeof element === 'string') return element
  return element.children.map(textOf).join('').replace(/\s+/g, ' ')
}

/** All elements below, in order of the document. */
export function elementsOf(element: Element): readonly Element[] {
  return element.children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...elementsOf(child)]))
}

export function findAll(element: Element, name: string): readonly Element[] {
  return elementsOf(element).filter((found) => found.name === name)
}
