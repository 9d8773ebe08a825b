import { type Relation, relations, rowStates } from '../../protocol/record/mapping-word.ts'
import type { NamedPin, SpelledRow } from '../agreement/named-row.ts'
import type { DeskRow, DeskState } from '../agreement/project-row.ts'
import { showLimits, textWords } from './compare-table.ts'
import { showNumber } from './display.ts'
import { captionOf } from './form.ts'
import { mappingText as text } from './mapping-text.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { type Site, scrollable } from './page.ts'
import type { NameOf } from './party-list.ts'
import { formatHeads } from './section.ts'
import { rowAddress } from './tray-list.ts'

export const rowsPerPage = 50

/** States of rows as people choose among them. */
export const deskStateWords = {
  'in-review': rowStates['in-review'],
  accepted: rowStates.accepted,
  draft: rowStates.draft,
  candidate: rowStates.candidate,
  rejected: rowStates.rejected,
  conflict: { zh: '冲突', en: 'in conflict' },
  withdrawn: { zh: '已撤', en: 'withdrawn' },
} as const satisfies Record<DeskState, { readonly zh: string; readonly en: string }>

const marks = {
  'in-review': ['open', '◔'],
  accepted: ['good', '✓'],
  draft: ['plain', '…'],
  candidate: ['plain', '…'],
  rejected: ['bad', '✗'],
  conflict: ['bad', '◆'],
  withdrawn: ['plain', '■'],
} as const satisfies Record<DeskState, readonly [tone: string, mark: string]>

export function showDeskState(state: DeskState): Markup {
  const [tone, mark] = marks[state]
  return html`<span class="badge ${tone}"><span class="mark" aria-hidden="true">${mark}</span>${say(deskStateWords[state])}</span>`
}

export interface RowTableParts {
  readonly site: Site
  readonly project: string
  readonly nameOf: NameOf
  readonly total: number
  readonly page: number
}

/** Two panes: theirs on the left, ours on the right, and what stands between. */
export function formatRowTable(
  rows: readonly DeskRow[],
  { site, project, nameOf, total, page }: RowTableParts,
): Markup {
  const caption = captionOf({ zh: '映射行', en: 'row(s)' }, { total, size: rowsPerPage, page })
  return scrollable(
    caption.zh,
    html`<table class="panes cards" role="table">
<caption>${say(caption)}</caption>
${formatHeads([text.row, text.theirs, text.between, text.ours, text.state])}
<tbody role="rowgroup">
${rows.map(({ row, state, merged, incomplete, contested, mapping, spelled }) => {
  const [left, right] = spelled ? sidesOf(spelled) : []
  return html`<tr role="row">
<th scope="row" role="rowheader" data-label="${text.row.zh}"><a href="${rowAddress(site, project, row)}">${quote(row)}</a></th>
<td role="cell" data-label="${text.theirs.zh}">${spelled ? showPane(left) : undefined}</td>
<td role="cell" class="between" data-label="${text.between.zh}">${contested.length > 0 ? say(text.contested) : spelled ? showBetween(spelled) : html`<span class="quiet">—</span>`}</td>
<td role="cell" data-label="${text.ours.zh}">${spelled ? showPane(right) : undefined}</td>
<td role="cell" data-label="${text.state.zh}">${showDeskState(state)}${merged ? html`<span class="line quiet">${say(text.merged)}</span>` : undefined}${
    incomplete ? html`<span class="line quiet">${say(text.incomplete)}</span>` : undefined
  }${mapping?.reviewer === undefined ? undefined : html`<span class="line quiet">${text.reviewer.zh}：${quote(nameOf(mapping.reviewer) ?? mapping.reviewer)}</span>`}</td>
</tr>`
})}
</tbody>
</table>`,
  )
}

/** What stands on the left and what on the right; of a row without counterpart, the standard that was looked through. */
export function sidesOf({
  subject,
  object,
  objectSource,
}: SpelledRow): readonly [NamedPin | undefined, NamedPin | undefined] {
  const other = object ?? objectSource
  return subject.side === 'theirs' || (subject.side === 'other' && other?.side === 'ours')
    ? [subject, other]
    : [other, subject]
}

export function showPane(pin: NamedPin | undefined): Markup {
  if (!pin) return html`<span class="quiet">—</span>`
  const { clause, number, titleZh, edition } = pin
  const standard =
    number === undefined
      ? html`<span class="line quiet">${say(text.editionUnknown)}<span class="line code">${quote(edition)}</span></span>`
      : html`<span class="line quiet">${showNumber(number)} ${quote(titleZh ?? '')}</span>`
  if (!clause) return html`${say(text.wholeEdition)}${standard}`
  return html`<strong>${quote(clause.locator ?? clause.uid)}</strong> ${quote(clause.heading ?? '')}${standard}`
}

/** The relation read from left to right, in a Chinese word with its set picture’s mark, and the limits. */
function showBetween(spelled: SpelledRow): Markup {
  const { relation, limits, text: texts, object } = spelled
  return html`${showRelation(relation, spelled)}${object ? undefined : html`<span class="line quiet">${say(text.noCounterpart)}</span>`}${showLimits(limits?.words ?? [])}${object && texts !== 'unknown' ? html`<span class="line quiet">${say(textWords[texts])}</span>` : undefined}`
}

const relationMarks = {
  equal: '=',
  equivalent: '≈',
  superset: '▲',
  subset: '▽',
  intersects: '∩',
  related: '~',
  conflict: '✗',
  none: '∅',
  broader: '↑',
  narrower: '↓',
} as const satisfies Record<Relation, string>

/** `我方严于（含）对方`: a relation is that of its subject. */
export function showRelation(
  relation: Relation | undefined,
  { subject }: Pick<SpelledRow, 'subject'>,
): Markup {
  if (relation === undefined || !Object.hasOwn(relations, relation))
    return html`<span class="quiet">${say(text.unstated)}</span>`
  const who = subject.side === 'ours' ? text.ours.zh : subject.side === 'theirs' ? text.theirs.zh : ''
  const directed = relation === 'superset' || relation === 'subset'
  return html`<strong class="relation"><span class="mark" aria-hidden="true">${relationMarks[relation]}</span>${directed ? who : ''}${relations[relation].zh}</strong> <span lang="en" class="en">${relations[relation].en}</span>`
}
