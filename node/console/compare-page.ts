import type { ProblemCode } from '../../protocol/error.ts'
import { type Outcome, outcomes } from '../../protocol/mapping/compare/outcome.ts'
import type {
  AgenciesCompared,
  ComparisonAnswer,
  EditionName,
  EditionsCompared,
} from '../agreement/comparison.ts'
import { formatAttributes } from './attribute-table.ts'
import { clausesPerPage, formatPanes, linesOf, showDetail, showOutcome } from './compare-table.ts'
import { formatCoverage, showShare } from './coverage-bar.ts'
import { formatCount, showNumber } from './display.ts'
import { captionOf, formatChoice, formatForm, formatIgnored, formatInput, formatPaging } from './form.ts'
import { showAsOf } from './label.ts'
import { mappingText as text } from './mapping-text.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { formatEmpty, formatPage, type Site, scrollable } from './page.ts'
import { addressWith, type Parameters } from './parameter.ts'
import { formatHeads, formatNotice, formatSection } from './section.ts'
import { text as siteText } from './text.ts'

export interface CompareSearch {
  readonly a: string
  readonly b: string
  readonly day: string
  readonly dated: boolean
  readonly only: Outcome | undefined
  readonly page: number
  readonly ignored: Parameters['ignored']
}

export function readCompareSearch(parameters: Parameters, today: string): CompareSearch {
  const [a, b] = [parameters.text('a', text.sideA), parameters.text('b', text.sideB)]
  const day = parameters.day('at', { zh: '所问日期', en: 'On' }, today)
  const only = parameters.choice('only', text.show, outcomes)
  return {
    a,
    b,
    day,
    dated: day !== today,
    only,
    page: parameters.page('page', siteText.pages),
    ignored: parameters.ignored,
  }
}

export interface CompareContent {
  readonly search: CompareSearch
  readonly below: '' | '/work'
  /** What came of it; a refusal where a name means nothing here. */
  readonly answer: ComparisonAnswer | { readonly code: ProblemCode; readonly side: 'a' | 'b' } | undefined
  /** The DID of this node, for its operator. */
  readonly self: string | undefined
}

/** Two standards, or two agencies, side by side. */
export function formatCompare(site: Site, { search, below, answer, self }: CompareContent): Markup {
  const path = `${site.base.base}${below}/compare`
  const { a, b, day, dated, only } = search
  const clear = a === '' && b === '' ? undefined : path
  return formatPage(site, {
    title: text.compare.zh,
    main: html`<div class="intro">
<h1>${say(text.compare)}</h1>
<p>${say(below === '' ? text.compareAbout : text.compareAboutWork)}</p>
</div>
<section aria-labelledby="ask">
<h2 id="ask" tabindex="-1">${say({ zh: '比对对象', en: 'What to compare' })}</h2>
${formatForm({
  action: path,
  label: text.go,
  submit: text.go,
  clear,
  fields: html`${formatInput('a', text.sideA, { value: a, hint: text.nameHint })}
${formatInput('b', text.sideB, { value: b })}
${formatChoice('only', text.show, { table: outcomes, chosen: only })}
${formatInput('at', { zh: '所问日期', en: 'On' }, { value: day, date: true })}`,
})}
${formatIgnored(search.ignored)}
</section>
${formatAnswer({ path, search, answer, self, base: site.base.base, below, at: dated ? day : '' })}
<p class="asof">${showAsOf(day)}</p>`,
  })
}

interface AnswerParts extends Omit<CompareContent, 'answer'> {
  readonly answer: CompareContent['answer']
  readonly path: string
  readonly base: string
  readonly at: string
}

function formatAnswer(parts: AnswerParts): Markup {
  const { answer } = parts
  if (!answer) return formatEmpty(text.nothingAsked, text.nothingAskedRemedy)
  if ('code' in answer) {
    if (answer.code === 'QUERY_INVALID') return formatNotice(say(text.severalEditions))
    return formatEmpty(answer.side === 'a' ? text.notFoundA : text.notFoundB, text.notFoundRemedy)
  }
  return answer.kind === 'editions' ? formatEditions(answer, parts) : formatAgencies(answer, parts)
}

function formatEditions(answer: EditionsCompared, { path, search, self, base, at }: AnswerParts): Markup {
  const { only, page } = search
  const ours = answer.a.issuer === self ? 'a' : answer.b.issuer === self ? 'b' : undefined
  const lines = linesOf(answer).filter(({ outcome }) => only === undefined || outcome === only)
  const shown = lines.slice((page - 1) * clausesPerPage, page * clausesPerPage)
  const sideOf = (side: 'a' | 'b') =>
    ours === undefined ? (side === 'a' ? text.sideA : text.sideB) : ours === side ? text.ours : text.theirs
  const who = sideOf('a')
  const name = (side: 'a' | 'b') => {
    const words = sideOf(side)
    return { zh: `${words.zh} ${answer[side].numbers.join(' / ')}`, en: words.en }
  }
  const href = (to: number) =>
    `${addressWith(path, { a: search.a, b: search.b, at, only, page: String(to) })}#lines`
  return html`${formatSection(
    'coverage',
    text.coverage,
    html`<ul class="plain sides">
<li>${showSide(answer.a, ours === 'a' ? text.ours : ours === 'b' ? text.theirs : text.sideA, base)}</li>
<li>${showSide(answer.b, ours === 'b' ? text.ours : ours === 'a' ? text.theirs : text.sideB, base)}</li>
</ul>
<p class="hint">按${who.zh}的条款计。${say(text.coverageAbout)}</p>
${formatCoverage(answer.coverage)}`,
  )}
${formatSection(
  'lines',
  { zh: '逐条对照', en: 'Clause by clause' },
  html`${answer.whole.length === 0 ? undefined : html`<h3>${say(text.whole)}</h3>${answer.whole.map((statement) => html`<p>${showOutcome(statement.outcome, who)}${showDetail(statement)}</p>`)}`}
${
  lines.length === 0
    ? only === undefined
      ? html`<p class="empty">${say(text.noClauses)}</p>`
      : formatEmpty(text.noneFits, text.noneFitsRemedy)
    : shown.length === 0
      ? formatEmpty(siteText.beyondLast, siteText.beyondLastRemedy)
      : formatPanes(shown, {
          total: lines.length,
          page,
          labels: { a: name('a'), b: name('b') },
          turned: ours === 'a',
          who,
        })
}
${formatPaging({ total: lines.length, size: clausesPerPage, page, href })}`,
)}`
}

function showSide(
  edition: EditionName,
  words: { readonly zh: string; readonly en: string },
  base: string,
): Markup {
  return html`<strong>${say(words)}</strong> ${linkEdition(edition, base)}，${quote(edition.issuerName)}`
}

function linkEdition({ digest, numbers, titleZh }: EditionName, base: string): Markup {
  return html`<a href="${base}/standards/${digest}">${numbers.map((number) => html`${showNumber(number)} `)}${quote(titleZh)}</a>`
}

function formatAgencies(answer: AgenciesCompared, { path, search, base, at }: AnswerParts): Markup {
  const { page } = search
  const size = clausesPerPage
  const pairs = answer.pairs.slice((page - 1) * size, page * size)
  const caption = captionOf({ zh: '标准对', en: 'pair(s)' }, { total: answer.pairs.length, size, page })
  const href = (to: number) =>
    `${addressWith(path, { a: search.a, b: search.b, at, page: String(to) })}#pairs`
  return html`${formatSection('attributes', text.attributes, formatAttributes(answer.attributes, { a: answer.a.nameZh, b: answer.b.nameZh }))}
${formatSection('coverage', text.coverage, html`<p class="hint">按${quote(answer.a.nameZh)}的条款计。${say(text.coverageAbout)}</p>${formatCoverage(answer.coverage)}`)}
${formatSection(
  'pairs',
  text.pairs,
  answer.pairs.length === 0
    ? html`<p class="empty">${say(text.notCompared)}</p>`
    : html`${scrollable(
        caption.zh,
        html`<table class="cards" role="table">
<caption>${say(caption)}</caption>
${formatHeads([text.sideA, text.sideB, text.share, text.openPair])}
<tbody role="rowgroup">
${pairs.map(({ a, b, coverage }) => {
  const done = coverage.accepted + coverage.conflicting + coverage.noCounterpart
  return html`<tr role="row">
<td role="cell" data-label="${text.sideA.zh}">${a && linkEdition(a, base)}</td>
<td role="cell" data-label="${text.sideB.zh}">${b && linkEdition(b, base)}</td>
<td role="cell" class="count" data-label="${text.share.zh}">${formatCount(done)} / ${formatCount(coverage.total)}${coverage.total === 0 ? undefined : html` <span class="quiet">${showShare(done, coverage.total)}</span>`}</td>
<td role="cell" data-label="${text.openPair.zh}">${a && b && html`<a href="${addressWith(path, { a: a.digest, b: b.digest, at })}">${say(text.openPair)}</a>`}</td>
</tr>`
})}
</tbody>
</table>`,
      )}
${formatPaging({ total: answer.pairs.length, size, page, href })}`,
)}
${formatSection(
  'alone',
  text.alone,
  html`${formatAlone(answer.a.nameZh, answer.aloneA, base)}${formatAlone(answer.b.nameZh, answer.aloneB, base)}`,
)}`
}

const mostAlone = 50

function formatAlone(name: string, editions: readonly EditionName[], base: string): Markup {
  const left = editions.length - mostAlone
  return html`<h3>${quote(name)}：${formatCount(editions.length)}</h3>
<ul class="plain">
${editions.slice(0, mostAlone).map((edition) => html`<li>${linkEdition(edition, base)}</li>`)}
</ul>${left > 0 ? html`<p class="quiet">另有${formatCount(left)}项 <span lang="en" class="en">${formatCount(left)} more</span></p>` : undefined}`
}
