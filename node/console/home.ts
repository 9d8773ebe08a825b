import type { LogSummary, QuarantinedEntry, StandardPage } from '../projection/port.ts'
import { formatCount } from './display.ts'
import { showAsOf } from './label.ts'
import { formatLogs, formatQuarantine } from './log-list.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { formatPage, type Site } from './page.ts'
import type { Search } from './query.ts'
import { formatSearchForm } from './search-form.ts'
import { formatStandards } from './standard-list.ts'
import { text } from './text.ts'

export interface HomeContent {
  readonly search: Search
  readonly day: string
  readonly page: StandardPage
  /** Standards in all, whatever was searched for. */
  readonly held: number
  readonly logs: readonly LogSummary[]
  readonly quarantine: readonly QuarantinedEntry[]
}

/** The first page: what this node holds, from whom, and how it stands. */
export function formatHome(site: Site, content: HomeContent): Markup {
  const { search, day, page, held, logs, quarantine } = content
  const base = site.base.base
  const quarantined = logs.reduce((sum, log) => sum + log.quarantined + log.pending, 0)
  const stopped = logs.filter(({ state }) => state !== 'active').length
  const stale = logs.filter(({ warning }) => warning !== undefined).length
  const troubles = [
    ...(stopped === 0 ? [] : [`${formatCount(stopped)}份已停止`]),
    ...(stale === 0 ? [] : [`${formatCount(stale)}份${text.stale.zh}`]),
  ]
  return formatPage(site, {
    title: search.q === '' ? text.standardsHere.zh : `${text.search.zh}：${search.q}`,
    skips: [['standards', text.skipToResults]],
    main: html`<div class="intro">
<h1>${quote(site.nodeName)} <span class="kind">${say(text.node)}</span></h1>
<p>${say(text.nodeAbout)}</p>
${site.network === 'synthetic' ? html`<p class="notice"><span class="mark" aria-hidden="true">!</span>${say(text.syntheticNetwork)}：${say(text.syntheticNetworkAbout)}</p>` : undefined}
<dl class="figures">
${formatFigure('standards', { label: text.standards, count: held, hint: undefined })}
${formatFigure('logs', { label: text.logs, count: logs.length, hint: troubles.length === 0 ? undefined : troubles.join('，') })}
${formatFigure('quarantine', { label: text.quarantine, count: Math.max(quarantined, quarantine.length), hint: undefined })}
</dl>
</div>
<section aria-labelledby="standards">
<h2 id="standards" tabindex="-1">${say(text.standardsHere)}</h2>
${formatSearchForm(base, search)}
${formatStandards(page, { base, search, day })}
<p class="asof">${showAsOf(day)}</p>
</section>
<section aria-labelledby="logs">
<h2 id="logs" tabindex="-1">${say(text.logsFollowed)}</h2>
<p class="hint">${say(text.logsAbout)}</p>
${formatLogs(logs, base)}
</section>
<section aria-labelledby="quarantine">
<h2 id="quarantine" tabindex="-1">${say(text.quarantined)}</h2>
<p class="hint">${say(text.quarantineAbout)}</p>
${formatQuarantine(Math.max(quarantined, quarantine.length), quarantine)}
</section>`,
  })
}

function formatFigure(
  target: string,
  {
    label,
    count,
    hint,
  }: {
    readonly label: typeof text.standards | typeof text.logs | typeof text.quarantine
    readonly count: number
    readonly hint: string | undefined
  },
): Markup {
  return html`<div><dt><a href="#${target}">${say(label)}</a></dt><dd>${formatCount(count)}${hint === undefined ? undefined : html` <span class="alarm">${hint}</span>`}</dd></div>`
}
