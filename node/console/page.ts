import type { BaseUrl } from '../../protocol/identifier/name.ts'
import type { Text } from '../../protocol/verdict.ts'
import { agreementText, whatIfText } from './agreement-text.ts'
import { mappingText } from './mapping-text.ts'
import { type Child, html, type Markup, say } from './markup.ts'
import { text } from './text.ts'

/** What every page of one node says about it. */
export interface Site {
  readonly base: BaseUrl
  /** The agency's name as the registry gives it. */
  readonly nodeName: string
  readonly network: 'synthetic' | 'production'
  /** What the answers of this node rest on: the registry's version and fingerprint. */
  readonly trustLine: Text
  /** Fingerprint of the root that this node pins. */
  readonly root: string
  /** Path of the stylesheet, named by its digest. */
  readonly stylesheet: string
}

export interface PageParts {
  readonly title: string
  readonly main: Child
  /** What stands beside the name of the page's subject, for those who jump by links. */
  readonly skips?: readonly (readonly [target: string, words: Text])[]
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='4' fill='%23173a63'/%3E%3Cpath d='M8 9h16M8 16h16M8 23h10' stroke='white' stroke-width='3'/%3E%3C/svg%3E"

/** One page: landmarks, a title, ways to skip, and nothing that comes from elsewhere or runs. */
export function formatPage(site: Site, { title, main, skips = [] }: PageParts): Markup {
  const { base, nodeName, stylesheet, trustLine } = site
  return html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${title} · ${nodeName} · ${text.site.zh}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${stylesheet}">
</head>
<body>
<p class="skips"><a href="#main">${text.skip.zh}</a>${skips.map(
    ([target, words]) => html` <a href="#${target}">${words.zh}</a>`,
  )}</p>
<header class="site">
<div class="wide">
<p class="brand"><a href="${base.base}/">${text.site.zh}<span lang="en" class="en">${text.site.en}</span></a></p>
<p class="whose"><bdi>${nodeName}</bdi> ${formatNetwork(site)}</p>
<nav aria-label="${text.navigation.zh}">
<ul>
<li><a href="${base.base}/#standards">${say(text.standards)}</a></li>
<li><a href="${base.base}/#logs">${say(text.logs)}</a></li>
<li><a href="${base.base}/#quarantine">${say(text.quarantine)}</a></li>
<li><a href="${base.base}/agreements">${say(agreementText.agreements)}</a></li>
<li><a href="${base.base}/compare">${say(mappingText.compare)}</a></li>
<li><a href="${base.base}/what-if">${say(whatIfText.short)}</a></li>
<li><a href="${base.base}/work/">${say(mappingText.work)}</a></li>
<li><a href="${base.base}/api/v1/openapi.json">${say(text.openApi)}</a></li>
</ul>
</nav>
</div>
</header>
<main id="main" class="wide" tabindex="-1">
${main}
</main>
<footer class="site">
<div class="wide">
<p>${trustLine.zh}<br><span lang="en" class="en">${trustLine.en}</span></p>
<p>${say(text.readOnly)}</p>
</div>
</footer>
</body>
</html>
`
}

function formatNetwork({ network }: Site): Markup {
  return network === 'synthetic'
    ? html`<span class="badge made-up">${say(text.syntheticNetwork)}</span>`
    : html`<span class="badge real">${say(text.productionNetwork)}</span>`
}

/** A region that scrolls sideways by itself where the window is narrow, also by keyboard. */
export function scrollable(label: string, content: Child): Markup {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">
${content}
</div>`
}

/** What an empty place says: what is the matter, and what to do. */
export function formatEmpty(what: Text, remedy: Text): Markup {
  return html`<div class="empty">
<p>${say(what)}</p>
<p>${say(remedy)}</p>
</div>`
}
