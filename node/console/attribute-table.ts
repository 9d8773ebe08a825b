import {
  type AttributeComparison,
  attributes as attributeWords,
} from '../../protocol/mapping/compare/agency.ts'
import { mappingText as text } from './mapping-text.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { scrollable } from './page.ts'
import { formatHeads } from './section.ts'

const outcomeWords = {
  equal: [text.same, '=', 'good'],
  different: [text.differs, '≠', 'bad'],
  unknown: [text.unknown, '?', 'open'],
} as const

/** The five attributes of two agencies side by side, as the registry has them; differences have a mark and a word. */
export function formatAttributes(
  list: readonly AttributeComparison[],
  names: { readonly a: string; readonly b: string },
): Markup {
  return scrollable(
    text.attributes.zh,
    html`<table class="cards" role="table">
<caption>${say({ zh: '据登记册所载', en: 'as the registry has it' })}</caption>
${formatHeads([text.attribute, { zh: names.a, en: '' }, { zh: names.b, en: '' }, text.attributeOutcome])}
<tbody role="rowgroup">
${list.map(({ attribute, a, b, outcome }) => {
  const [words, mark, tone] = outcomeWords[outcome]
  return html`<tr role="row">
<th scope="row" role="rowheader" data-label="${text.attribute.zh}">${say(attributeWords[attribute])}</th>
<td role="cell" data-label="${names.a}">${showValue(a)}</td>
<td role="cell" data-label="${names.b}">${showValue(b)}</td>
<td role="cell" data-label="${text.attributeOutcome.zh}"><span class="badge ${tone}"><span class="mark" aria-hidden="true">${mark}</span>${say(words)}</span></td>
</tr>`
})}
</tbody>
</table>`,
  )
}

function showValue(value: AttributeComparison['a']): Markup {
  if (value === undefined) return html`<span class="quiet">—</span>`
  return quote(typeof value === 'string' ? value : value.join('、'))
}
