import { agreementKindWords } from '../../protocol/record/agreement-word.ts'
import type { StandardRecord } from '../../protocol/record/envelope.ts'
import { confidences } from '../../protocol/record/vocabulary.ts'
import type { AgreementPage } from '../agreement/agreement-list.ts'
import type { RecordPlace, StandardDetail } from '../projection/port.ts'
import { showAgreementState, showAnswer, showTerm } from './agreement-badge.ts'
import { showParties } from './agreement-list.ts'
import { agreementText } from './agreement-text.ts'
import { type Argued, formatArgument, formatVerdictBadge } from './argument.ts'
import { formatClauses } from './clause-table.ts'
import { formatCount, logPath, showLink, showNumber, showTime } from './display.ts'
import { formatFacts, formatRows } from './fact-list.ts'
import { showState, showSynthetic, showWarnings, showWord } from './label.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { formatPage, type Site } from './page.ts'
import { addressWith } from './parameter.ts'
import { formatParties, type NameOf } from './party-list.ts'
import { formatNotice, formatSection } from './section.ts'
import { text } from './text.ts'
import { formatStanding, formatTimeline } from './timeline.ts'

export interface StandardContent {
  readonly detail: StandardDetail
  /** The record as this program understands it; absent where it does not. */
  readonly record: StandardRecord | undefined
  readonly place: RecordPlace | undefined
  readonly revision: RecordPlace | undefined
  readonly argued: Argued
  /** Public agreements that pin it. */
  readonly pinning: AgreementPage
  readonly nameOf: NameOf
  readonly day: string
}

/** One standard: what it is, how it stands and why, who says so, and the argument for it. */
export function formatStandard(site: Site, content: StandardContent): Markup {
  const { detail, record, argued, day, nameOf } = content
  const { digest, numbers, titleZh, titleEn } = detail
  const base = site.base.base
  const subject = record?.credentialSubject
  return formatPage(site, {
    title: `${numbers.join(' / ')} ${titleZh}`,
    main: html`<p class="back"><a href="${base}/#standards">${say(text.backToList)}</a></p>
<div class="intro">
<h1><span class="numbers">${numbers.map((number, i) => html`${i === 0 ? undefined : ' = '}${showNumber(number)}`)}</span> ${quote(titleZh)}${
      titleEn === undefined ? undefined : html` <span lang="en" class="en line"><bdi>${titleEn}</bdi></span>`
    }</h1>
<p class="badges">${showState(detail.state)} ${formatVerdictBadge(argued)} ${detail.synthetic ? showSynthetic() : undefined}</p>
${detail.synthetic ? formatNotice(say(text.syntheticRecordAbout)) : undefined}
${formatRevision(content, base)}
${showWarnings(detail)}
</div>
${formatSection('why', text.whyState, formatStanding(detail, base, day))}
${formatSection('facts', text.facts, subject ? formatFacts(subject, detail, { base, day }) : formatRaw(detail))}
${formatSection('parties', text.issuerTitle, formatParties(detail, subject, nameOf))}
${formatSection('timeline', text.timeline, formatTimeline(detail, { abolishedOn: subject?.abolishedOn }, { base, day }))}
${formatSection('pinning', agreementText.pinnedBy, formatPinning(content, base))}
${formatSection('verdict', text.verdict, formatArgument(site, digest, argued))}
${formatSection('source', text.source, formatSource(record))}
${formatSection('place', text.place, formatPlace(content, base))}
${formatSection('clauses', text.clauses, formatClauses(subject?.clauses))}`,
  })
}

/** What was agreed about it, and how to look further. */
function formatPinning({ detail, pinning }: StandardContent, base: string): Markup {
  const { items, total } = pinning
  return html`${
    total === 0
      ? html`<p class="empty">${say(agreementText.pinnedByNone)}</p>`
      : html`<ul class="plain">
${items.map((item) => html`<li><a href="${addressWith(`${base}/agreements/${item.id}`, { digest: item.digest })}">${say(agreementKindWords[item.kind])}：${showParties(item)}</a> ${showAnswer(item.answer)}${item.state === 'effective' || item.state === 'undecided' ? undefined : html` ${showAgreementState(item.state)}`} <span class="quiet">${showTerm(item)}</span></li>`)}
</ul>${total > items.length ? html`<p class="quiet">${say(agreementText.more)}${formatCount(total - items.length)}</p>` : undefined}`
  }
<p><a href="${addressWith(`${base}/compare`, { a: detail.digest })}">${say(agreementText.compareWith)}</a></p>
<p><a href="${addressWith(`${base}/what-if`, { edition: detail.digest })}">${say(agreementText.whatIfThis)}</a></p>`
}

function formatRevision({ detail, revision }: StandardContent, base: string): Markup | undefined {
  if (detail.revisedBy === undefined) return undefined
  const link =
    revision?.type === 'StandardRecord'
      ? html`<a href="${base}/standards/${revision.digest}">${say({ zh: '查看新的记录', en: 'see the newer record' })}</a>`
      : html`<span class="code">${quote(detail.revisedBy)}</span>`
  return formatNotice(html`${say(text.revised)}：${link}`)
}

const longestRaw = 200_000

/** A record of a newer program: as it is, as text. */
function formatRaw({ record }: StandardDetail): Markup {
  const shown = JSON.stringify(record, null, 2)
  return html`${formatNotice(say(text.unreadable))}
<pre class="raw" tabindex="0" role="region" aria-label="${text.data.zh}"><code>${shown.slice(0, longestRaw)}</code></pre>`
}

function formatSource(record: StandardRecord | undefined): Markup {
  const note = record?.sourceNote
  if (note === undefined) return html`<p class="empty">${say(text.noSource)}</p>`
  return formatRows([
    [text.source, html`<span class="prose">${quote(note.text)}</span>`],
    [text.sourceLink, note.url === undefined ? undefined : showLink(note.url)],
    [text.confidence, note.confidence === undefined ? undefined : showWord(confidences, note.confidence)],
  ])
}

function formatPlace({ detail, place }: StandardContent, base: string): Markup {
  const { digest, origin, index, id } = detail
  const data: readonly (readonly [string, { readonly zh: string; readonly en: string }])[] = [
    [`/records/${digest}`, text.rawRecord],
    [`/api/v1/standards/${digest}`, text.jsonApi],
    [`${logPath(detail)}/checkpoint`, text.checkpoint],
  ]
  return formatRows([
    [text.origin, html`<span class="code">${quote(origin)}</span>`],
    [
      text.index,
      html`第${formatCount(index)}条 <span class="quiet">（${say({ zh: '序号从0起', en: 'counted from 0' })}）</span>`,
    ],
    [text.loggedAt, place === undefined ? undefined : showTime(place.at)],
    [text.recordId, html`<span class="code">${quote(id)}</span>`],
    [text.digest, html`<span class="code">${digest}</span>`],
    [
      text.data,
      data.map(([path, words]) => html`<span class="line"><a href="${base}${path}">${say(words)}</a></span>`),
    ],
  ])
}
