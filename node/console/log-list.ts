import type { LogSummary, QuarantinedEntry } from '../projection/port.ts'
import { evidencePath, formatCount, logPath, showTime } from './display.ts'
import { messageFor } from './label.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { formatEmpty, scrollable } from './page.ts'
import { logStates, text } from './text.ts'

/** The own log and those that are followed: how far each is, and what is wrong with one that stopped. */
export function formatLogs(logs: readonly LogSummary[], base: string): Markup {
  if (logs.length === 0) return formatEmpty(text.noLogs, text.noLogsRemedy)
  return scrollable(
    text.logsFollowed.zh,
    html`<table class="cards" role="table">
<caption>${say({ zh: `共${formatCount(logs.length)}份日志`, en: `${formatCount(logs.length)} log(s)` })}</caption>
<thead role="rowgroup"><tr role="row">
${[text.agency, text.log, text.size, text.held, text.visible, text.state, text.checkedAt].map(
  (label) => html`<th scope="col" role="columnheader">${say(label)}</th>`,
)}
</tr></thead>
<tbody role="rowgroup">
${logs.map((log) => formatLog(log, base))}
</tbody>
</table>`,
  )
}

function formatLog(log: LogSummary, base: string): Markup {
  const count = (label: string, amount: number) =>
    html`<td role="cell" class="count" data-label="${label}">${formatCount(amount)}</td>`
  return html`<tr role="row">
<th scope="row" role="rowheader" data-label="${text.agency.zh}">${quote(log.issuerName)} <span class="quiet tag">${say(log.own ? text.own : text.followed)}</span></th>
<td role="cell" data-label="${text.log.zh}"><a class="code" href="${base}${logPath(log)}/checkpoint">${quote(log.origin)}</a></td>
${count(text.size.zh, log.size)}
${count(text.held.zh, log.held)}
${count(text.visible.zh, log.visible)}
<td role="cell" data-label="${text.state.zh}">${formatLogState(log)}${
    log.evidenced
      ? html`<p class="line"><a href="${base}${evidencePath(log)}">${say(text.evidence)}</a></p>`
      : undefined
  }</td>
<td role="cell" data-label="${text.checkedAt.zh}">${
    log.own
      ? html`<span class="quiet">${say(text.notApplicable)}</span>`
      : log.checkedAt === undefined
        ? say(text.notCheckedYet)
        : showTime(log.checkedAt)
  }</td>
</tr>`
}

function formatLogState({ state, fault, warning, held, size, witnessed, pending }: LogSummary): Markup {
  const { mark, ...words } = logStates[state]
  const badge = html`<span class="badge log ${state}"><span class="mark" aria-hidden="true">${mark}</span>${say(words)}</span>`
  const behind =
    state === 'active' && held < size
      ? html`<span class="line quiet">${say({ zh: `还差${formatCount(size - held)}条，正在同步`, en: 'catching up' })}</span>`
      : undefined
  const unseen =
    witnessed !== undefined && witnessed < size
      ? html`<span class="line quiet">${say({ zh: `见证至${formatCount(witnessed)}条，其后尚未见证`, en: `witnessed up to ${formatCount(witnessed)}` })}</span>`
      : undefined
  const waiting =
    pending > 0
      ? html`<span class="line quiet">${say({ zh: `${formatCount(pending)}条在等待所依据的记录`, en: 'waiting for the record they are about' })}</span>`
      : undefined
  const stale = warning
    ? html`<span class="line alarm">${say(text.stale)}</span>${formatFault(warning)}<p class="quiet">${say(text.staleAbout)}</p>`
    : undefined
  return html`${badge}${behind}${unseen}${waiting}${fault ? formatFault(fault) : undefined}${stale}`
}

/** Why, in the words of the one catalogue, and what to do; the node's own detail beneath, for whoever is asked. */
function formatFault({ code, detail }: { readonly code: string; readonly detail: string }): Markup {
  const message = messageFor(code)
  return html`<div class="fault">
<p>${message ? say(message) : undefined} <span class="code">${quote(code)}</span></p>
${message ? html`<p><strong>${text.whatToDo.zh}</strong>${say({ zh: message.remedyZh, en: message.remedyEn })}</p>` : undefined}
<p lang="en" class="en">${quote(detail)}</p>
</div>`
}

/** Entries that failed their checks, kept apart and told openly; and those that wait. */
export function formatQuarantine(total: number, entries: readonly QuarantinedEntry[]): Markup {
  if (total === 0 && entries.length === 0) return html`<p class="empty">${say(text.noneQuarantined)}</p>`
  const shown = entries.length < total ? `，以下为最近${formatCount(entries.length)}条` : ''
  return scrollable(
    text.quarantined.zh,
    html`<table class="cards" role="table">
<caption>${say({ zh: `共${formatCount(total)}条${shown}`, en: `${formatCount(total)} in all` })}</caption>
<thead role="rowgroup"><tr role="row">
${[text.log, text.entry, text.reason, text.seenAt].map(
  (label) => html`<th scope="col" role="columnheader">${say(label)}</th>`,
)}
</tr></thead>
<tbody role="rowgroup">
${entries.map(
  ({ origin, index, code, detail, pointer, seenAt }) => html`<tr role="row">
<td role="cell" class="code" data-label="${text.log.zh}">${quote(origin)}</td>
<th scope="row" role="rowheader" class="count" data-label="${text.entry.zh}">${formatCount(index)}</th>
<td role="cell" data-label="${text.reason.zh}">${formatFault({ code, detail: pointer === undefined ? detail : `${detail} (${pointer})` })}</td>
<td role="cell" data-label="${text.seenAt.zh}">${seenAt === undefined ? html`<span class="quiet">${say(text.notApplicable)}</span>` : showTime(seenAt)}</td>
</tr>`,
)}
</tbody>
</table>`,
  )
}
