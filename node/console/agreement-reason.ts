import { actWords } from '../../protocol/record/agreement-word.ts'
import { conditions as conditionWords } from '../../protocol/standing/condition.ts'
import type { AgreementView } from '../agreement/agreement-view.ts'
import { showCode } from './agreement-badge.ts'
import { agreementText as text } from './agreement-text.ts'
import { formatCount, showDay, showTime } from './display.ts'
import { formatLeft } from './form.ts'
import { messageFor, showWord, wordOf } from './label.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { scrollable } from './page.ts'
import type { NameOf } from './party-list.ts'
import { formatHeads } from './section.ts'
import { outcomeWords, text as siteText } from './text.ts'

const mostActs = 100

type Condition = AgreementView['conditions'][number]

/** Each condition with what decided it: mark and word, code, since when, and the entry that anybody can look up. */
export function formatConditions({ conditions }: AgreementView, base: string): Markup {
  return html`<p class="hint">${say(text.whyAbout)}</p>
<ul class="argument named">
${conditions.map((condition) => formatCondition(condition, base))}
</ul>`
}

function formatCondition(
  { condition, outcome, code, since, cause, zh, en }: Condition,
  base: string,
): Markup {
  const known = outcome === 'passed' || outcome === 'failed' ? outcome : 'unknown'
  const { mark, ...words } = outcomeWords[known]
  const message = code === undefined ? undefined : messageFor(code)
  return html`<li class="${known}">
<p class="outcome"><span class="mark" aria-hidden="true">${mark}</span>${say(words)}</p>
<div class="step"><h3><span class="code">${quote(condition)}</span> ${showWord(conditionWords, condition)}</h3>
${code === undefined ? undefined : html`<p>${showCode(code)}</p>`}
<p>${quote(zh)} <span lang="en" class="en"><bdi>${en}</bdi></span></p>
${since === undefined ? undefined : html`<p>${text.since.zh}：${showDay(since)}</p>`}
${
  cause === undefined
    ? undefined
    : html`<p>${say(text.decidedBy)}<span class="code">${quote(cause.origin)}</span> 第${formatCount(cause.index)}条${
        cause.recordId === ''
          ? undefined
          : html` <a href="${base}/api/v1/records?id=${encodeURIComponent(cause.recordId)}">${say(siteText.rawRecord)}</a>`
      }</p>`
}
${message && known !== 'passed' ? html`<p><strong>${siteText.whatToDo.zh}</strong>${say({ zh: message.remedyZh, en: message.remedyEn })}</p>` : undefined}</div>
</li>`
}

/** How far each log is known on which the answer rests. */
export function formatPlaces({ asOf, on }: Pick<AgreementView, 'asOf' | 'on'>): Markup {
  return html`<p>${text.day.zh}：${showDay(on)} <span lang="en" class="en">${on}</span></p>
<p class="hint">${say(text.asOfAbout)}</p>
${scrollable(
  text.asOf.zh,
  html`<table class="cards" role="table">
<caption>${say({ zh: `共${formatCount(asOf.length)}份日志`, en: `${formatCount(asOf.length)} log(s)` })}</caption>
${formatHeads([siteText.log, text.entries])}
<tbody role="rowgroup">
${asOf.map(
  ({ origin, size }) =>
    html`<tr role="row"><th scope="row" role="rowheader" class="code" data-label="${siteText.log.zh}">${quote(origin)}</th><td role="cell" class="count" data-label="${text.entries.zh}">${formatCount(size)}</td></tr>`,
)}
</tbody>
</table>`,
)}`
}

/** Who did what, when by the log itself, and at which place of which log. */
export function formatActs(
  { acts }: Pick<AgreementView, 'acts'>,
  { base, nameOf }: { readonly base: string; readonly nameOf: NameOf },
): Markup {
  const sorted = acts.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  return html`<p class="hint">${say(text.actsAbout)}</p>
<ol class="timeline">
${sorted.slice(0, mostActs).map(({ act, by, at, origin, index, digest, reason, counts }) => {
  const name = nameOf(by)
  const { zh, en } = wordOf(actWords, act)
  return html`<li>${showTime(at)} ${name === undefined ? html`<span class="code">${quote(by)}</span>` : quote(name)}<strong>${zh}</strong> <span lang="en" class="en">${en}</span>${counts ? undefined : html` <span class="badge quiet"><span class="mark" aria-hidden="true">×</span>${say(text.doesNotCount)}</span>`}${
    reason === undefined ? undefined : html`，理由：${quote(reason)}`
  }<span class="line"><a href="${base}/records/${digest}">日志条目第${formatCount(index)}条 <span lang="en" class="en">entry ${formatCount(index)}</span></a> <span class="code">${quote(origin)}</span></span></li>`
})}
</ol>${formatLeft(sorted.length - mostActs)}`
}
