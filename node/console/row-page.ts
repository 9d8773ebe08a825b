import {
  differenceKinds,
  effects,
  fieldWords,
  justifications,
  rationales,
} from '../../protocol/record/mapping-word.ts'
import { clauseTypes } from '../../protocol/record/vocabulary.ts'
import type { NamedPin } from '../agreement/named-row.ts'
import type { RowPage } from '../agreement/project-desk.ts'
import type { RowVersion } from '../agreement/project-row.ts'
import { showLimit } from './clause-table.ts'
import { commandLine, formatCommand } from './command.ts'
import { textWords } from './compare-table.ts'
import { formatCount, showDay, showNumber, showTime } from './display.ts'
import { formatRows } from './fact-list.ts'
import { formatLeft } from './form.ts'
import { showWord } from './label.ts'
import { mappingText as text } from './mapping-text.ts'
import { type Child, html, type Markup, quote, say } from './markup.ts'
import { formatPage, type Site } from './page.ts'
import type { NameOf } from './party-list.ts'
import { showDeskState, showRelation, sidesOf } from './row-table.ts'
import { formatSection } from './section.ts'
import { formatPicture } from './set-picture.ts'
import { formatEdit, formatTray, mappingCommand, rowAddress, type TrayParts } from './tray-list.ts'

const mostVersions = 100
const mostTroubles = 10

/** One row: both clauses, the relation, who says so and since when, what contradicts it, and what to do next. */
export function formatRowPage(site: Site, page: RowPage, nameOf: NameOf): Markup {
  const { project, detail, troubles } = page
  const { row, state, spelled, merged } = detail
  const parts: TrayParts = { site, project: project.id, nameOf }
  return formatPage(site, {
    title: `${text.row.zh} ${row}`,
    main: html`<p class="back"><a href="${site.base.base}/work/projects/${encodeURIComponent(project.id)}">${say(text.backToProject)}</a></p>
${formatNeighbours(page, site)}
<div class="intro">
<h1><span class="numbers">${quote(project.nameZh)}</span> ${text.row.zh} ${quote(row)}</h1>
<p class="badges">${showDeskState(state)} ${merged ? html`<span class="badge open">${say(text.merged)}</span>` : undefined}</p>
${detail.reopened ? html`<p>${say(text.reopened)}</p>` : undefined}
</div>
${troubles.length === 0 ? undefined : formatSection('tray', text.tray, html`${formatTray(troubles.slice(0, mostTroubles), parts)}${formatLeft(troubles.length - mostTroubles)}`)}
${formatSection('says', text.says, spelled ? formatSaying(page, { base: site.base.base, nameOf }) : html`<p class="empty">${say(text.withdrew)}</p>`)}
${formatSection('next', text.next, formatNext(page, parts))}
${formatSection('history', text.history, formatHistory(page, nameOf))}`,
  })
}

/** Rows are gone through without a mouse: each way on has a key, which the browser presses with its own (Alt and Shift, mostly). */
function formatNeighbours({ project, detail: { neighbours } }: RowPage, site: Site): Markup | undefined {
  const ways = [
    [neighbours.before, 'p', text.rowBefore],
    [neighbours.after, 'n', text.rowAfter],
    [neighbours.inReview, 'r', text.rowInReview],
  ] as const
  const open = ways.flatMap(([row, key, label]) =>
    row === undefined
      ? []
      : [
          html`<a href="${rowAddress(site, project.id, row)}" accesskey="${key}">${say(label)} <kbd>${key}</kbd></a> `,
        ],
  )
  return open.length === 0 ? undefined : html`<nav class="ways" aria-label="${text.rows.zh}">${open}</nav>`
}

function formatSaying(
  { detail }: RowPage,
  { base, nameOf }: { readonly base: string; readonly nameOf: NameOf },
): Markup {
  const { mapping, spelled, contested } = detail
  const torn = ['relation', 'object', 'row'].some((field) => contested.includes(field))
  if (!mapping || !spelled) return html`<p class="empty">${say(text.withdrew)}</p>`
  const { relation, limits, subject } = spelled
  const [left, right] = sidesOf(spelled)
  return html`${contested.length > 0 ? html`<p class="notice"><span class="mark" aria-hidden="true">!</span>${text.openFields.zh}${contested.map((field, i) => html`${i === 0 ? undefined : '、'}${showWord(fieldWords, field)}`)}</p>` : undefined}
<div class="two">
${formatPin(left, base, left === subject)}
${formatPin(right, base, right === subject)}
</div>
<h3>${say(text.between)}</h3>
${torn ? html`<p>${say(text.contested)}</p>` : html`<p>${showRelation(relation, spelled)}</p>${formatPicture(relation ?? 'unstated')}`}
<h3>${say(text.limits)}</h3>
${
  limits
    ? html`<ul class="plain">${limits.words.map(({ zh, en }) => html`<li class="limit">${quote(zh)} <span lang="en" class="en"><bdi>${en}</bdi></span></li>`)}</ul>`
    : html`<p class="quiet">${say(text.noLimits)}</p>`
}
<p class="quiet">${say(textWords[spelled.text])}；${say(text.textHeld)}</p>
${formatRows([
  [text.justification, showWord(justifications, mapping.justification)],
  [text.rationale, mapping.rationale === undefined ? undefined : showWord(rationales, mapping.rationale)],
  [text.certainty, mapping.certainty === undefined ? undefined : quote(mapping.certainty)],
  [text.strength, mapping.strength === undefined ? undefined : String(mapping.strength)],
  [
    text.differences,
    (mapping.differences ?? []).map(
      (kind) => html`<span class="item">${showWord(differenceKinds, kind)}</span> `,
    ),
  ],
  [text.values, valuesOf(mapping.subjectValue, mapping.objectValue)],
  [text.effect, mapping.effect === undefined ? undefined : showWord(effects, mapping.effect)],
  [
    text.conditions,
    (mapping.conditions ?? []).map((condition) => html`<span class="line">${quote(condition)}</span>`),
  ],
  [text.author, showWho(mapping.author, { label: mapping.authorLabel, on: mapping.mappedOn, nameOf })],
  [
    text.reviewer,
    showWho(mapping.reviewer, { label: mapping.reviewerLabel, on: mapping.reviewedOn, nameOf }),
  ],
  [
    text.derivedFrom,
    (mapping.derivedFrom ?? []).map((one) => html`<span class="item">${quote(one)}</span> `),
  ],
  [text.basis, mapping.basis === undefined ? undefined : quote(mapping.basis)],
  [
    text.comment,
    mapping.comment === undefined ? undefined : html`<span class="prose">${quote(mapping.comment)}</span>`,
  ],
])}`
}

function valuesOf(subject: string | undefined, object: string | undefined): Child {
  if (subject === undefined && object === undefined) return undefined
  return html`甲 ${quote(subject ?? '—')}；乙 ${quote(object ?? '—')}`
}

function showWho(
  did: string | undefined,
  {
    label,
    on,
    nameOf,
  }: { readonly label: string | undefined; readonly on: string | undefined; readonly nameOf: NameOf },
): Child {
  if (did === undefined) return undefined
  return html`${quote(nameOf(did) ?? did)}${label === undefined ? undefined : html`，${quote(label)}`}${on === undefined ? undefined : html`，${showDay(on)}`}`
}

/** One end of the row. The subject is the first of the relation, and is called 甲. */
function formatPin(pin: NamedPin | undefined, base: string, isSubject: boolean): Markup {
  const side = pin && pin.side !== 'other' ? text[pin.side] : undefined
  const letter = isSubject ? text.sideA : text.sideB
  if (!pin) return html`<div class="pane"><h3>${say(letter)}</h3><p>${say(text.noCounterpart)}</p></div>`
  const { clause, number, titleZh, digest, edition } = pin
  return html`<div class="pane"><h3>${say(letter)}${side ? html`（${say(side)}）` : undefined}</h3>
<p>${
    number === undefined
      ? html`${say(text.editionUnknown)} <span class="code">${quote(edition)}</span>`
      : html`<a href="${base}/standards/${digest}">${showNumber(number)} ${quote(titleZh ?? '')}</a>`
  }</p>
${
  clause
    ? html`<p class="heading"><strong>${quote(clause.locator ?? clause.uid)}</strong> ${quote(clause.heading ?? '')}</p>
${clause.clauseType === undefined ? undefined : html`<p class="quiet">${showWord(clauseTypes, clause.clauseType)}</p>`}
${clause.limits.map((limit) => html`<p class="limit">${showLimit(limit)}</p>`)}`
    : html`<p>${say(text.wholeEdition)}</p>`
}
</div>
`
}

/** What this agency may do next about the row, as commands. */
function formatNext({ detail, self }: RowPage, parts: TrayParts): Markup {
  const { row, state, authors, mapping, merged } = detail
  const show = formatCommand(
    { zh: '查看此行与各版本', en: 'Look at it with its versions' },
    mappingCommand('show', [row], parts),
  )
  if (state === 'conflict' || merged) return html`<p>见上面“${say(text.tray)}”。</p>${show}`
  if (state === 'withdrawn' || !mapping) return show
  const byUs = mapping.author === self || (authors.length > 0 && authors.every((author) => author === self))
  const remark = formatCommand(text.remark, mappingCommand('comment', [row, '--text', '备注内容'], parts))
  if (byUs)
    return html`<p>${say(state === 'accepted' ? text.acceptedRow : text.ownRow)}</p>
${remark}
${formatEdit(parts)}
${formatCommand(text.withdrawRow, mappingCommand('withdraw', [row], parts))}`
  return html`${state === 'accepted' ? html`<p>${say(text.acceptedRow)}</p>` : formatCommand(text.accept, mappingCommand('accept', [row, '--label', '审核岗'], parts))}
${formatCommand(text.reject, mappingCommand('reject', [row, '--text', '理由'], parts))}
${remark}
${show}`
}

function formatHistory({ detail, project }: RowPage, nameOf: NameOf): Markup {
  const { history } = detail
  const left = history.length - mostVersions
  return html`${left > 0 ? html`<p class="quiet">较早的${formatCount(left)}次未列，全部见 <code>${commandLine(['csx', 'mapping', 'show', project.id, detail.row])}</code></p>` : undefined}
<ol class="timeline">
${history.slice(Math.max(0, left)).map((version) => formatVersion(version, nameOf))}
</ol>`
}

function formatVersion(
  { version, by, origin, index, at, stands, counts, mapping }: RowVersion,
  nameOf: NameOf,
): Markup {
  const what = mapping
    ? html`${showDeskState(mapping.state)} ${mapping.relation === undefined ? undefined : showRelation(mapping.relation, { subject: nobody })}${mapping.comment === undefined ? undefined : html`，${text.comment.zh}：${quote(mapping.comment)}`}`
    : say(text.withdrew)
  return html`<li>${showTime(at)} ${quote(nameOf(by) ?? by)}：${what}${stands ? html` <strong>${say(text.stands)}</strong>` : undefined}${counts ? undefined : html` <span class="quiet">${say(text.notCounted)}</span>`}<span class="line quiet"><span class="code">${quote(origin)}</span> 第${formatCount(index)}条，<span class="code">${version}</span></span></li>
`
}

const nobody: NamedPin = { edition: '', digest: '', side: 'other' }
