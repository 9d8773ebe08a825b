import type { ProblemCode } from '../../protocol/error.ts'
import { messageOf } from '../../protocol/message.ts'
import type { RecordPlace } from '../projection/port.ts'
import { mappingText } from './mapping-text.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { formatPage, type Site } from './page.ts'
import { text } from './text.ts'

export interface FaultContent {
  readonly code: ProblemCode
  /** What the node's own log has too; given where somebody must look it up. */
  readonly traceId?: string
  /** A record of another kind that the address means. */
  readonly other?: RecordPlace | undefined
}

/** What went wrong and what to do, in the words of the one catalogue; never a stack, path or query. */
export function formatFault(site: Site, { code, traceId, other }: FaultContent): Markup {
  const { zh, en, remedyZh, remedyEn } = messageOf(code)
  const base = site.base.base
  return formatPage(site, {
    title: zh,
    main: html`<div class="intro">
<h1>${say({ zh, en })}</h1>
${code === 'NOT_FOUND' ? html`<p>${say(text.notFoundAbout)}</p>` : undefined}
${code === 'AUTH_REQUIRED' || code === 'AUTH_INVALID' ? html`<p>${say(mappingText.password)}</p>` : undefined}
<p><strong>${text.whatToDo.zh}</strong>${say({ zh: remedyZh, en: remedyEn })}</p>
${
  other === undefined
    ? undefined
    : html`<p>${say(text.otherRecord)}<a href="${base}/records/${other.digest}">${quote(other.type)}</a></p>`
}
${traceId === undefined ? undefined : html`<p>${say(text.traceId)}：<span class="code">${traceId}</span></p>`}
<p class="quiet code">${code}</p>
</div>
<p class="back"><a href="${base}/">${say(text.backToList)}</a></p>`,
  })
}
