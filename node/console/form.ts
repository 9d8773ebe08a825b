import type { Text } from '../../protocol/verdict.ts'
import { formatCount } from './display.ts'
import { type Child, html, type Markup, quote, say } from './markup.ts'
import { text } from './text.ts'

export interface FormParts {
  readonly action: string
  readonly label: Text
  readonly submit: Text
  readonly fields: Child
  /** Where nothing is asked; shown where something is. */
  readonly clear?: string | undefined
}

/** A plain form, sent by GET, so that each answer has an address of its own. */
export function formatForm({ action, label, submit, fields, clear }: FormParts): Markup {
  return html`<form class="search filters" action="${action}" method="get" aria-label="${label.zh}">
${fields}
<p class="field go"><button type="submit">${say(submit)}</button>${
    clear === undefined ? undefined : html` <a href="${clear}">${say(text.clear)}</a>`
  }</p>
</form>`
}

export function formatChoice(
  name: string,
  label: Text,
  {
    table,
    chosen,
    all = text.all,
  }: {
    readonly table: Readonly<Record<string, Text>>
    readonly chosen: string | undefined
    readonly all?: Text
  },
): Markup {
  return html`<div class="field">
<label for="${name}">${say(label)}</label>
<select id="${name}" name="${name}">
<option value="">${all.zh}</option>
${Object.entries(table).map(([slug, { zh }]) =>
  slug === chosen
    ? html`<option value="${slug}" selected>${zh}</option>`
    : html`<option value="${slug}">${zh}</option>`,
)}
</select>
</div>`
}

export function formatInput(
  name: string,
  label: Text,
  { value, hint, date }: { readonly value: string; readonly hint?: Text; readonly date?: true },
): Markup {
  return html`<div class="field${date ? '' : ' words'}">
<label for="${name}">${say(label)}</label>
${
  hint
    ? html`<input id="${name}" name="${name}" type="${date ? 'date' : 'text'}" value="${value}" maxlength="512" autocomplete="off" aria-describedby="${name}-hint">
<p id="${name}-hint" class="hint">${say(hint)}</p>`
    : html`<input id="${name}" name="${name}" type="${date ? 'date' : 'text'}" value="${value}" maxlength="512" autocomplete="off">`
}
</div>`
}

/** What of a question was not understood, and so did not count. */
export function formatIgnored(ignored: readonly Text[]): Markup | undefined {
  if (ignored.length === 0) return undefined
  return html`<p class="notice" role="status"><span class="mark" aria-hidden="true">!</span>${text.ignored.zh}${quote(
    ignored.map(({ zh }) => zh).join('、'),
  )} <span lang="en" class="en">${text.ignored.en}${ignored.map(({ en }) => en).join(', ')}</span></p>`
}

export interface PagingParts {
  readonly total: number
  readonly size: number
  /** From 1. */
  readonly page: number
  readonly href: (page: number) => string
  /** What the pages are of, where a page of the console has several such lists. */
  readonly label?: Text
}

export function formatPaging({
  total,
  size,
  page,
  href,
  label = text.pages,
}: PagingParts): Markup | undefined {
  const last = Math.ceil(total / size)
  if (last <= 1) return undefined
  const link = (to: number, words: Text, rel: string) =>
    html`<a rel="${rel}" href="${href(to)}">${say(words)}</a>`
  return html`<nav class="paging" aria-label="${label.zh}"><p>
${page > 1 ? link(Math.min(page - 1, last), text.previousPage, 'prev') : undefined}
<span>第${formatCount(page)}页，共${formatCount(last)}页 <span lang="en" class="en">page ${formatCount(page)} of ${formatCount(last)}</span></span>
${page < last ? link(page + 1, text.nextPage, 'next') : undefined}
</p></nav>`
}

/** What of a list is left out of a place that has room for so many, with where all of it is. */
export function formatLeft(left: number, where?: string): Markup | undefined {
  if (left <= 0) return undefined
  const words = {
    zh: `另有${formatCount(left)}项未列${where === undefined ? '' : `，见 ${where}`}`,
    en: `${formatCount(left)} more`,
  }
  return html`<span class="line quiet">${say(words)}</span>`
}

/** `共120条，以下为第51—100条` */
export function captionOf(
  what: Text,
  { total, size, page }: Pick<PagingParts, 'total' | 'size' | 'page'>,
): Text {
  const first = Math.min((page - 1) * size + 1, total)
  const last = Math.min(page * size, total)
  if (total <= size)
    return { zh: `${what.zh}共${formatCount(total)}条`, en: `${formatCount(total)} ${what.en}` }
  return {
    zh: `${what.zh}共${formatCount(total)}条，以下为第${formatCount(first)}—${formatCount(last)}条`,
    en: `${what.en}: ${formatCount(first)}–${formatCount(last)} of ${formatCount(total)}`,
  }
}
