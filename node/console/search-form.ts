import { classes, levels } from '../../protocol/record/vocabulary.ts'
import { lifecycleStates } from '../../protocol/standing/lifecycle.ts'
import { formatChoice } from './form.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { isNarrowed, type Search } from './query.ts'
import { text } from './text.ts'

/** The search: a plain form, sent by GET, so that each answer has an address of its own. */
export function formatSearchForm(base: string, search: Search): Markup {
  return html`<form class="search" role="search" action="${base}/" method="get" aria-label="${text.search.zh}">
<div class="field words">
<label for="q">${say(text.searchWords)}</label>
<input id="q" name="q" type="search" value="${search.q}" maxlength="200" autocomplete="off" aria-describedby="q-hint">
<p id="q-hint" class="hint">${say(text.searchHint)}</p>
</div>
${formatChoice('class', text.class, { table: classes, chosen: search.class })}
${formatChoice('state', text.state, { table: lifecycleStates, chosen: search.state })}
${formatChoice('level', text.level, { table: levels, chosen: search.level })}
<p class="field go"><button type="submit">${say(text.search)}</button>${
    isNarrowed(search) ? html` <a href="${base}/#standards">${say(text.clear)}</a>` : undefined
  }</p>
</form>
${formatIgnored(search)}`
}

const fields = {
  q: text.searchWords,
  class: text.class,
  level: text.level,
  state: text.state,
  page: text.pages,
} as const

function formatIgnored({ ignored }: Search): Markup | undefined {
  if (ignored.length === 0) return undefined
  return html`<p class="notice" role="status"><span class="mark" aria-hidden="true">!</span>${text.ignored.zh}${quote(
    ignored.map((name) => fields[name].zh).join('、'),
  )} <span lang="en" class="en">${text.ignored.en}${ignored.map((name) => fields[name].en).join(', ')}</span></p>`
}
