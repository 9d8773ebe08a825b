import type { Agreement } from '../../protocol/record/agreement.ts'
import { agreementKindWords } from '../../protocol/record/agreement-word.ts'
import { type AgreementState, agreementStates } from '../../protocol/standing/condition.ts'
import type { AgreementPage, ListedAgreement } from '../agreement/agreement-list.ts'
import { showAgreementState, showAnswer, showCode, showTerm } from './agreement-badge.ts'
import { agreementText as text } from './agreement-text.ts'
import { formatCount, showTime } from './display.ts'
import { captionOf, formatChoice, formatForm, formatIgnored, formatInput, formatPaging } from './form.ts'
import { showAsOf } from './label.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { formatEmpty, formatPage, type Site, scrollable } from './page.ts'
import { addressWith, type Parameters } from './parameter.ts'
import { formatHeads } from './section.ts'
import { text as siteText } from './text.ts'

export const agreementsPerPage = 20

/** What the list was asked. */
export interface AgreementSearch {
  readonly kind?: Agreement['kind'] | undefined
  readonly state?: AgreementState | undefined
  readonly day: string
  /** Whether the day is the reader's own choice. */
  readonly dated: boolean
  readonly page: number
  readonly ignored: Parameters['ignored']
}

export function readAgreementSearch(parameters: Parameters, today: string): AgreementSearch {
  const kind = parameters.choice('kind', text.kind, agreementKindWords)
  const state = parameters.choice('state', text.stateLabel, agreementStates)
  const day = parameters.day('at', text.day, today)
  return {
    kind,
    state,
    day,
    dated: day !== today,
    page: parameters.page('page', siteText.pages),
    ignored: parameters.ignored,
  }
}

/** 互认·互通·互用: what the public may know of what agencies agreed. */
export function formatAgreements(
  site: Site,
  { search, found }: { readonly search: AgreementSearch; readonly found: AgreementPage },
): Markup {
  const base = site.base.base
  const { kind, state, day, dated } = search
  const narrowed = kind !== undefined || state !== undefined || dated
  const href = (page: number) =>
    addressWith(`${base}/agreements`, {
      kind,
      state,
      at: dated ? day : '',
      page: page === 1 ? '' : String(page),
    })
  return formatPage(site, {
    title: text.agreements.zh,
    main: html`<div class="intro">
<h1>${say(text.agreements)}</h1>
<p>${say(text.agreementsAbout)}</p>
<p class="hint">${say(text.onlyPublic)}</p>
</div>
<section aria-labelledby="list">
<h2 id="list" tabindex="-1">${say({ zh: '声明', en: 'Agreements' })}</h2>
${formatForm({
  action: `${base}/agreements`,
  label: text.narrow,
  submit: text.narrow,
  clear: narrowed ? `${base}/agreements` : undefined,
  fields: html`${formatChoice('kind', text.kind, { table: agreementKindWords, chosen: kind })}
${formatChoice('state', text.stateLabel, { table: agreementStates, chosen: state })}
${formatInput('at', text.day, { value: day, date: true })}`,
})}
${formatIgnored(search.ignored)}
${formatFound(found, { path: `${base}/agreements`, page: search.page, narrowed })}
${formatPaging({ total: found.total, size: agreementsPerPage, page: search.page, href })}
<p class="asof">${showAsOf(day)}</p>
</section>`,
  })
}

function formatFound(
  found: AgreementPage,
  { path, page, narrowed }: { readonly path: string; readonly page: number; readonly narrowed: boolean },
): Markup {
  const { total, items, unexamined } = found
  const left =
    unexamined === 0
      ? undefined
      : html`<p class="notice"><span class="mark" aria-hidden="true">!</span>${say(text.unexamined)}${formatCount(unexamined)}</p>`
  if (total === 0)
    return html`${narrowed ? formatEmpty(text.noneFound, text.noneFoundRemedy) : formatEmpty(text.noneHere, text.noneHereRemedy)}${left}`
  if (items.length === 0) return formatEmpty(siteText.beyondLast, siteText.beyondLastRemedy)
  const caption = captionOf({ zh: '声明', en: 'agreement(s)' }, { total, size: agreementsPerPage, page })
  return html`${formatAgreementTable(items, { path, caption })}${left}`
}

/** A table of agreements, wherever one stands. */
export function formatAgreementTable(
  items: readonly ListedAgreement[],
  {
    path,
    caption,
  }: { readonly path: string; readonly caption: { readonly zh: string; readonly en: string } },
): Markup {
  return scrollable(
    caption.zh,
    html`<table class="agreements cards" role="table">
<caption>${say(caption)}</caption>
${formatHeads([text.parties, text.kind, text.answer, text.term, text.project, text.proposed])}
<tbody role="rowgroup">
${items.map((item) => formatRow(item, path))}
</tbody>
</table>`,
  )
}

function formatRow(item: ListedAgreement, path: string): Markup {
  const { id, digest, kind, answer, state, code, project, proposedAt } = item
  const address = addressWith(`${path}/${encodeURIComponent(id)}`, { digest })
  return html`<tr role="row">
<th scope="row" role="rowheader" data-label="${text.parties.zh}"><a href="${address}">${showParties(item)}</a><span class="line code">${quote(id)}</span></th>
<td role="cell" data-label="${text.kind.zh}">${say(agreementKindWords[kind])}</td>
<td role="cell" data-label="${text.answer.zh}">${showAnswer(answer)}${state === 'effective' || state === 'undecided' ? undefined : html` ${showAgreementState(state)}`}${
    code === undefined ? undefined : html`<span class="line">${showCode(code)}</span>`
  }</td>
<td role="cell" data-label="${text.term.zh}">${showTerm(item)}</td>
<td role="cell" data-label="${text.project.zh}">${quote(project)}</td>
<td role="cell" data-label="${text.proposed.zh}">${proposedAt === undefined ? undefined : showTime(proposedAt)}</td>
</tr>`
}

/** `璧山 — 眉山`, by the registry. */
export function showParties({ parties }: Pick<ListedAgreement, 'parties'>): Markup {
  return html`${parties.map(({ name }, i) => html`${i === 0 ? undefined : ' — '}${quote(name)}`)}`
}
