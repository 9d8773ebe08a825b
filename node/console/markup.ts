import { html as template } from 'hono/html'
import { findForbiddenCharacter } from '../../protocol/identifier/text.ts'
import type { Text } from '../../protocol/verdict.ts'

/** HTML that was made by a template: never a text from outside. */
export type Markup = ReturnType<typeof template>

/** What a template takes. No objects: hono trusts any that says `isEscaped`, and a record could hold one. */
export type Child = string | number | Markup | undefined | readonly Child[]

/** Escapes each text; only what another template made goes in as it is. */
export function html(strings: TemplateStringsArray, ...values: readonly Child[]): Markup {
  return template(strings, ...values)
}

/**
 * The whole page as text, with every invisible or reordering character shown by its number. Done once, at the way out, so that
 * no field can be forgotten.
 *
 * @see SECURITY.md, R32
 */
export async function renderPage(page: Markup): Promise<string> {
  return revealText(String(await page))
}

/** `‹U+202E›` in place of each character that nobody could see; line feeds and tabs stay. */
export function revealText(text: string): string {
  const parts: string[] = []
  let rest = text
  for (let at = findForbiddenCharacter(rest); at !== undefined; at = findForbiddenCharacter(rest)) {
    const point = rest.codePointAt(at) ?? 0
    const end = at + (point > 0xffff ? 2 : 1)
    const kept = point === 0x0a || point === 0x09
    parts.push(rest.slice(0, at), kept ? rest.slice(at, end) : `‹U+${formatPoint(point)}›`)
    rest = rest.slice(end)
  }
  return parts.join('') + rest
}

function formatPoint(point: number): string {
  return point.toString(16).toUpperCase().padStart(4, '0')
}

/** Chinese, and the English beside it, smaller; a command in it is one, and no English. */
export function say({ zh, en }: Text): Markup {
  return html`${markCommands(zh)} <span lang="en" class="en">${en}</span>`
}

function markCommands(words: string): Child {
  if (!words.includes('csx ')) return words
  return words
    .split(/(csx(?: [a-z][a-z-]*)+)/)
    .map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))
}

/** A text from a record: isolated, so that a right-to-left letter in it moves nothing around it. */
export function quote(text: string): Markup {
  return html`<bdi>${text}</bdi>`
}
