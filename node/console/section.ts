import type { Text } from '../../protocol/verdict.ts'
import { type Child, html, type Markup, say } from './markup.ts'

export function formatSection(id: string, title: Text, content: Child): Markup {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}" tabindex="-1">${say(title)}</h2>
${content}
</section>`
}

export function formatNotice(words: Child): Markup {
  return html`<p class="notice"><span class="mark" aria-hidden="true">!</span>${words}</p>`
}

/** Heads of a table of cards. */
export function formatHeads(labels: readonly Text[]): Markup {
  return html`<thead role="rowgroup"><tr role="row">
${labels.map((label) => html`<th scope="col" role="columnheader">${say(label)}</th>`)}
</tr></thead>`
}
