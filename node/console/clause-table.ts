import type { StandardSubject } from '../../protocol/record/standard-record.ts'
import { clauseTypes } from '../../protocol/record/vocabulary.ts'
import { formatCount } from './display.ts'
import { showWord } from './label.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { scrollable } from './page.ts'
import { operators, text } from './text.ts'

type Clause = NonNullable<StandardSubject['clauses']>[number]
type Limit = NonNullable<Clause['limits']>[number]

/** Beyond these the reader unfolds the rest; nothing is left out. */
const shownAtOnce = 100

export function formatClauses(clauses: readonly Clause[] | undefined): Markup {
  if (clauses === undefined || clauses.length === 0) return html`<p class="empty">${say(text.noClauses)}</p>`
  const [first, rest] = [clauses.slice(0, shownAtOnce), clauses.slice(shownAtOnce)]
  return html`<p class="hint">${say(text.clausesAbout)}</p>
${formatTable(first, { zh: `条款共${formatCount(clauses.length)}条${rest.length === 0 ? '' : `，先列前${formatCount(first.length)}条`}`, en: `${formatCount(clauses.length)} clauses` })}
${
  rest.length === 0
    ? undefined
    : html`<details><summary>${say({ zh: `${text.clauseRest.zh}${formatCount(rest.length)}条`, en: `${text.clauseRest.en} (${formatCount(rest.length)})` })}</summary>
${formatTable(rest, { zh: `第${formatCount(first.length + 1)}条起`, en: `from the ${formatCount(first.length + 1)}th on` })}
</details>`
}`
}

function formatTable(
  clauses: readonly Clause[],
  caption: { readonly zh: string; readonly en: string },
): Markup {
  return scrollable(
    caption.zh,
    html`<table class="clauses">
<caption>${say(caption)}</caption>
<thead><tr>${[text.locator, text.heading, text.clauseType, text.limits].map((label) => html`<th scope="col">${say(label)}</th>`)}</tr></thead>
<tbody>
${clauses.map(formatClause)}
</tbody>
</table>`,
  )
}

function formatClause({ locator, heading, clauseType, limits }: Clause): Markup {
  return html`<tr><th scope="row">${quote(locator)}</th><td>${quote(heading)}</td><td>${
    clauseType === undefined ? undefined : showWord(clauseTypes, clauseType)
  }</td><td>${(limits ?? []).map((limit) => html`<span class="line">${showLimit(limit)}</span>`)}</td></tr>
`
}

/** `年度运行费用 ≤ 1200 元/m²`; the sign also as a word, for those who hear it. */
export function showLimit({ quantity, op, value, unit, per }: Limit): Markup {
  const { sign, zh } = operators[op]
  const measure = [unit, per].filter((part) => part !== undefined).join('/')
  return html`${quote(quantity)} <span aria-hidden="true">${sign}</span><span class="heard">${zh}</span> <span class="number">${quote(value)}${measure === '' ? undefined : html` ${quote(measure)}`}</span>`
}
