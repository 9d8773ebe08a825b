import { messageOf } from '../../protocol/message.ts'
import type { AsOf, Finding, Verdict } from '../../protocol/verdict.ts'
import { formatCount, showTime } from './display.ts'
import { html, type Markup, quote, say } from './markup.ts'
import type { Site } from './page.ts'
import { formatEmpty } from './page.ts'
import { checkNames, outcomeWords, text, verdictWords } from './text.ts'

/** What became of the argument: a verdict, or why there is none. */
export type Argued =
  | { readonly verdict: Verdict }
  | { readonly verdict: undefined; readonly traceId?: string }

/** The verdict as the argument it is: each step with mark and word, then what follows from them, and how to do without this node. */
export function formatArgument(site: Site, digest: string, argued: Argued): Markup {
  return html`${argued.verdict ? formatVerdict(argued.verdict) : formatNone(argued)}
<h3>${say(text.offline)}</h3>
<p class="hint">${say(text.offlineAbout)}</p>
<pre class="command" tabindex="0" role="region" aria-label="${text.offline.zh}"><code>${commandOf(site.base.url, digest, site.root)}</code></pre>`
}

/** One line that a reviewer pastes; nothing in it needs quoting. */
export function commandOf(url: string, digest: string, root: string): string {
  const file = `${digest.slice('sha256:'.length, 'sha256:'.length + 12)}.csx.json`
  return `csx bundle ${digest} --node ${url} -o ${file} && csx verify ${file} --trust ${root}`
}

function formatVerdict(verdict: Verdict): Markup {
  const { findings, asOf } = verdict
  const { mark, ...words } = verdictWords[verdict.verdict]
  return html`<p class="hint">${say(text.verdictAbout)}</p>
<ol class="argument">
${findings.map(formatFinding)}
</ol>
<div class="conclusion ${verdict.verdict}">
<p class="word"><span class="mark" aria-hidden="true">${mark}</span>${text.conclusion.zh}：${say(words)}</p>
${hasOnlyEnded(verdict) ? html`<p>${say(text.endedOnly)}</p>` : undefined}
${asOf ? formatAsOf(asOf) : undefined}
<p class="quiet">${say(text.limitsOfVerdict)}</p>
</div>`
}

function formatFinding({ check, outcome, code, detail }: Finding): Markup {
  const { mark, ...words } = outcomeWords[outcome]
  return html`<li class="${outcome}">
<p class="outcome"><span class="mark" aria-hidden="true">${mark}</span>${say(words)}</p>
<div class="step"><h3>${say(checkNames[check])}${code === undefined ? undefined : html` <span class="code">${code}</span>`}</h3>
<p>${quote(detail.zh)}</p>
<p lang="en" class="en">${quote(detail.en)}</p>${code === undefined ? undefined : formatRemedy(code)}</div>
</li>`
}

function formatRemedy(code: NonNullable<Finding['code']>): Markup {
  const { remedyZh, remedyEn } = messageOf(code)
  return html`<p><strong>${text.whatToDo.zh}</strong>${say({ zh: remedyZh, en: remedyEn })}</p>`
}

function formatAsOf({ origin, size, loggedAt, at, registry }: AsOf): Markup {
  return html`<p>依据：日志 <span class="code">${quote(origin)}</span> 规模${formatCount(size)}的检查点${
    loggedAt === '' ? undefined : html`，最近一条记于${showTime(loggedAt)}`
  }；登记册第${formatCount(registry.version)}版，指纹 <span class="code">${quote(registry.fingerprint)}</span>；所问时间${showTime(at)}。
<span lang="en" class="en">As of checkpoint ${formatCount(size)} of that log and version ${formatCount(registry.version)} of the registry.</span></p>`
}

/** The record is sound, and what it describes has ended: "rejected" alone would tell the reader less than is known. */
export function hasOnlyEnded({ verdict, findings }: Verdict): boolean {
  return (
    verdict === 'rejected' &&
    findings.every(({ check, outcome }) => outcome === 'passed' || check === 'standing')
  )
}

function formatNone({ traceId }: { readonly traceId?: string }): Markup {
  return html`${formatEmpty(text.noVerdict, text.noVerdictRemedy)}${
    traceId === undefined
      ? undefined
      : html`<p>${say(text.traceId)}：<span class="code">${traceId}</span></p>`
  }`
}

/** The conclusion at the head of the page, leading to its reasons. */
export function formatVerdictBadge({ verdict }: Argued): Markup {
  const { mark, ...words } = verdictWords[verdict?.verdict ?? 'undecided']
  return html`<a class="badge verdict ${verdict?.verdict ?? 'undecided'}" href="#verdict"><span class="mark" aria-hidden="true">${mark}</span>${say(words)}</a>`
}
