import { classes, levels, mandates } from '../../protocol/record/vocabulary.ts'
import type { Text } from '../../protocol/verdict.ts'
import type { StandardPage, StandardSummary } from '../projection/port.ts'
import { formatCount, showNumber } from './display.ts'
import { showReview, showSince, showState, showSynthetic, showWarnings, wordOf } from './label.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { formatEmpty, scrollable } from './page.ts'
import { addressOf, isNarrowed, pageSize, type Search } from './query.ts'
import { text } from './text.ts'

export interface ListOptions {
  readonly base: string
  readonly search: Search
  readonly day: string
}

/** What was found, or what to do where nothing was. */
export function formatStandards({ total, items }: StandardPage, options: ListOptions): Markup {
  const { base, search } = options
  if (total === 0)
    return isNarrowed(search)
      ? formatEmpty(text.noneFound, text.noneFoundRemedy)
      : formatEmpty(text.noneHere, text.noneHereRemedy)
  if (items.length === 0)
    return html`${formatEmpty(text.beyondLast, text.beyondLastRemedy)}
<p><a href="${base}/${addressOf(search, 1)}">${say({ zh: '第一页', en: 'First page' })}</a></p>`
  const caption = captionOf({ total, items }, search)
  return html`${scrollable(
    caption.zh,
    html`<table class="standards cards" role="table">
<caption>${say(caption)}</caption>
<thead role="rowgroup"><tr role="row">
${[text.number, text.title, text.state, text.issuer, text.reviewDue].map(
  (label) => html`<th scope="col" role="columnheader">${say(label)}</th>`,
)}
</tr></thead>
<tbody role="rowgroup">
${items.map((item) => formatRow(item, options))}
</tbody>
</table>`,
  )}
${formatPaging(total, options)}`
}

function captionOf({ total, items }: StandardPage, search: Search): Text {
  const first = (search.page - 1) * pageSize + 1
  const last = first + items.length - 1
  const narrowed = isNarrowed(search)
  return {
    zh: `${narrowed ? '符合条件的标准' : '标准'}共${formatCount(total)}条，以下为第${formatCount(first)}—${formatCount(last)}条`,
    en: `${formatCount(first)}–${formatCount(last)} of ${formatCount(total)}`,
  }
}

function formatRow(item: StandardSummary, { base, day }: ListOptions): Markup {
  const { digest, numbers, titleZh, titleEn } = item
  return html`<tr role="row">
<th scope="row" role="rowheader" data-label="${text.number.zh}">${numbers.map((number) => html`<span class="line">${showNumber(number)}</span>`)}</th>
<td role="cell" class="title" data-label="${text.title.zh}"><a href="${base}/standards/${digest}">${quote(titleZh)}</a>${
    titleEn === undefined ? undefined : html`<span lang="en" class="en line"><bdi>${titleEn}</bdi></span>`
  }${showKind(item)}${item.synthetic ? showSynthetic() : undefined}${
    item.revisedBy === undefined
      ? undefined
      : html`<span class="notice"><span class="mark" aria-hidden="true">!</span>${say(text.revised)}</span>`
  }${showWarnings(item)}</td>
<td role="cell" data-label="${text.state.zh}">${showState(item.state)}<span class="line">${showSince(item)}</span></td>
<td role="cell" data-label="${text.issuer.zh}">${quote(item.issuerName)} ${item.own ? html`<span class="quiet tag">${say(text.own)}</span>` : undefined}</td>
<td role="cell" data-label="${text.reviewDue.zh}">${showReview(item, day)}</td>
</tr>`
}

/** Level, mandate and class on one line: what tells two standards of one title apart. */
function showKind({ level, mandate, class: primary }: StandardSummary): Markup {
  const words = [wordOf(levels, level), wordOf(mandates, mandate), wordOf(classes, primary)]
  const join = (parts: readonly string[], between: string) =>
    parts.filter((part) => part !== '').join(between)
  return html`<span class="line kinds">${quote(
    join(
      words.map(({ zh }) => zh),
      ' · ',
    ),
  )} <span lang="en" class="en">${join(
    words.map(({ en }) => en),
    ', ',
  )}</span></span>`
}

function formatPaging(total: number, { base, search }: ListOptions): Markup | undefined {
  const last = Math.ceil(total / pageSize)
  if (last <= 1) return undefined
  const { page } = search
  const link = (to: number, label: Text, rel: string) =>
    html`<a rel="${rel}" href="${base}/${addressOf(search, to)}">${say(label)}</a>`
  return html`<nav class="paging" aria-label="${text.pages.zh}"><p>
${page > 1 ? link(page - 1, text.previousPage, 'prev') : undefined}
<span>第${formatCount(page)}页，共${formatCount(last)}页 <span lang="en" class="en">page ${formatCount(page)} of ${formatCount(last)}</span></span>
${page < last ? link(page + 1, text.nextPage, 'next') : undefined}
</p></nav>`
}
