import type { ProblemCode } from '../../protocol/error.ts'
import { agreementKindWords } from '../../protocol/record/agreement-word.ts'
import { agreementStates } from '../../protocol/standing/condition.ts'
import type { Consequence } from '../../protocol/standing/what-if.ts'
import type { Consequences } from '../agreement/consequence.ts'
import { supposedWords, whatIfText as text } from './agreement-text.ts'
import { formatCount, showDay, showNumber } from './display.ts'
import {
  captionOf,
  formatChoice,
  formatForm,
  formatIgnored,
  formatInput,
  formatLeft,
  formatPaging,
} from './form.ts'
import { showWord } from './label.ts'
import { mappingText } from './mapping-text.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { formatEmpty, formatPage, type Site, scrollable } from './page.ts'
import { addressWith, type Parameters } from './parameter.ts'
import type { NameOf } from './party-list.ts'
import { formatHeads, formatSection } from './section.ts'
import { text as siteText } from './text.ts'

export interface WhatIfSearch {
  readonly edition: string
  readonly on: string
  readonly kind: keyof typeof supposedWords | undefined
  readonly clauses: string
  readonly page: number
  readonly ignored: Parameters['ignored']
}

export function readWhatIfSearch(parameters: Parameters, today: string): WhatIfSearch {
  return {
    edition: parameters.text('edition', text.edition),
    on: parameters.day('on', text.on, today),
    kind: parameters.choice('kind', text.kind, supposedWords),
    clauses: parameters.text('clauses', text.clauses),
    page: parameters.page('page', siteText.pages),
    ignored: parameters.ignored,
  }
}

/** A name that means nothing, or several things: of one of the clauses, else of the edition. */
export interface WhatIfRefusal {
  readonly code: ProblemCode
  readonly clause?: string
}

export interface WhatIfContent {
  readonly search: WhatIfSearch
  readonly below: '' | '/work'
  /** `undefined`: nothing was asked. */
  readonly answer: Consequences | WhatIfRefusal | undefined
  readonly nameOf: NameOf
}

const perPage = 50
const mostRows = 20

/** The question, and what would fall. */
export function formatWhatIf(site: Site, { search, below, answer, nameOf }: WhatIfContent): Markup {
  const base = site.base.base
  const path = `${base}${below}/what-if`
  const { edition, on, kind, clauses } = search
  return formatPage(site, {
    title: text.title.zh,
    main: html`<div class="intro">
<h1>${say(text.title)}</h1>
<p>${say(text.about)}</p>
</div>
<section aria-labelledby="ask">
<h2 id="ask" tabindex="-1">${say({ zh: '假设', en: 'Suppose' })}</h2>
${formatForm({
  action: path,
  label: text.go,
  submit: text.go,
  clear: edition === '' ? undefined : path,
  fields: html`${formatInput('edition', text.edition, { value: edition })}
${formatChoice('kind', text.kind, { table: supposedWords, chosen: kind, all: supposedWords.superseded })}
${formatInput('on', text.on, { value: on, date: true })}
${formatInput('clauses', text.clauses, { value: clauses })}`,
})}
${formatIgnored(search.ignored)}
</section>
${
  answer === undefined
    ? undefined
    : 'code' in answer
      ? formatRefusal(answer)
      : formatConsequences(answer, { search, base, below, path, nameOf })
}`,
  })
}

function formatRefusal({ code, clause }: WhatIfRefusal): Markup {
  const isAbsent = code === 'NOT_FOUND'
  if (clause === undefined)
    return formatEmpty(isAbsent ? text.noEdition : mappingText.severalEditions, mappingText.notFoundRemedy)
  const words = isAbsent ? text.noClause : text.severalClauses
  return formatEmpty({ zh: `${words.zh}${clause}`, en: `${words.en}${clause}` }, text.clauseRemedy)
}

interface Parts extends Pick<WhatIfContent, 'search' | 'below' | 'nameOf'> {
  readonly base: string
  readonly path: string
}

function formatConsequences(
  { edition, on, clauses, agreements, reports }: Consequences,
  parts: Parts,
): Markup {
  const { search, base, below, path, nameOf } = parts
  const { page, kind } = search
  const shown = agreements.slice((page - 1) * perPage, page * perPage)
  const href = (to: number) =>
    `${addressWith(path, { edition: search.edition, on, kind, clauses: search.clauses, page: String(to) })}#touched`
  const caption = captionOf(
    { zh: '声明', en: 'agreement(s)' },
    { total: agreements.length, size: perPage, page },
  )
  return html`${formatSection(
    'touched',
    text.touched,
    html`<p>假如 <a href="${base}/standards/${edition.digest}">${showNumber(edition.number)} ${quote(edition.titleZh)}</a> 于${showDay(on)}${supposedWords[kind ?? 'superseded'].zh}：</p>
${clauses && formatClauses(clauses, kind)}
${
  agreements.length === 0
    ? formatEmpty(text.none, text.noneAbout)
    : scrollable(
        caption.zh,
        html`<table class="cards" role="table">
<caption>${say(caption)}</caption>
${formatHeads([{ zh: '声明', en: 'Agreement' }, text.grace, text.falls, { zh: '届时状态', en: 'State then' }, text.rows, text.dispose])}
<tbody role="rowgroup">
${shown.map((one) => formatConsequence(one, `${base}${below}/agreements/${encodeURIComponent(one.id)}`))}
</tbody>
</table>`,
      )
}
${formatPaging({ total: agreements.length, size: perPage, page, href })}`,
  )}
${formatSection(
  'reports',
  text.reports,
  reports.length === 0
    ? html`<p class="empty">${say(text.noReports)}</p>`
    : html`<p>${formatCount(reports.length)}份 <span lang="en" class="en">${formatCount(reports.length)} report(s)</span></p>
<ul class="plain">
${reports.slice(0, perPage).map(({ agency, period, recordId }) => html`<li>${quote(period)} ${quote(nameOf(agency) ?? agency)} <span class="code">${quote(recordId)}</span></li>`)}
</ul>`,
)}`
}

/** What ends an edition ends all of it, whichever clauses were written down. */
function formatClauses(clauses: NonNullable<Consequences['clauses']>, kind: WhatIfSearch['kind']): Markup {
  if (kind === undefined || kind === 'superseded' || kind === 'abolished')
    return html`<p class="notice"><span class="mark" aria-hidden="true">!</span>${say(text.clausesOfWhole)}</p>`
  return html`<p>${say(text.clausesNamed)} ${clauses.slice(0, mostRows).map(({ locator, heading }) => html`<span class="line"><strong>${quote(locator)}</strong> ${quote(heading)}</span>`)}${formatLeft(clauses.length - mostRows)}</p>`
}

function formatConsequence(
  { id, kind, fallsOn, graceFrom, state, rows, disposeBy }: Consequence,
  address: string,
): Markup {
  const optional = (day: string | undefined) =>
    day === undefined ? html`<span class="quiet">—</span>` : showDay(day)
  return html`<tr role="row">
<th scope="row" role="rowheader" data-label="${text.touched.zh}"><a href="${address}">${say(agreementKindWords[kind])}</a> <span class="line code">${quote(id)}</span></th>
<td role="cell" data-label="${text.grace.zh}">${optional(graceFrom)}</td>
<td role="cell" data-label="${text.falls.zh}">${fallsOn === undefined ? html`<span class="quiet">${say(text.goesOn)}</span>` : showDay(fallsOn)}</td>
<td role="cell" data-label="届时状态">${showWord(agreementStates, state)}</td>
<td role="cell" data-label="${text.rows.zh}">${rows.length === 0 ? html`<span class="quiet">—</span>` : undefined}${rows.slice(0, mostRows).map(({ row, on }) => html`<span class="line">${quote(row)} ${showDay(on)}</span>`)}${rows.length > mostRows ? html`<span class="line quiet">共${formatCount(rows.length)}行</span>` : undefined}</td>
<td role="cell" data-label="${text.dispose.zh}">${optional(disposeBy)}</td>
</tr>`
}
