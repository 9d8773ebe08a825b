import { compareText } from '../../protocol/canonical.ts'
import type { FindingCode } from '../../protocol/mapping/rule/code.ts'
import type { MappingFinding } from '../../protocol/mapping/rule/finding.ts'
import type { Conflict } from '../../protocol/mapping/work/workspace.ts'
import {
  differenceKinds,
  effects,
  fieldWords,
  justifications,
  predicates,
  rationales,
  relations,
  rowStates,
} from '../../protocol/record/mapping-word.ts'
import type { Text } from '../../protocol/verdict.ts'
import type { TrayItem } from '../agreement/conflict-tray.ts'
import { atOwnNode, commandLine, formatCommand } from './command.ts'
import { formatCount, formatTime, showTime } from './display.ts'
import { formatLeft } from './form.ts'
import { showWord } from './label.ts'
import { mappingText as text } from './mapping-text.ts'
import { html, type Markup, quote, say } from './markup.ts'
import type { Site } from './page.ts'
import type { NameOf } from './party-list.ts'

/** A row may have sixteen versions that differ in twenty fields; a page has room for these. */
const [mostFields, mostSides] = [6, 4]

export interface TrayParts {
  readonly site: Site
  /** Id of the project. */
  readonly project: string
  readonly nameOf: NameOf
}

/** Each contradiction with the chain that produced it and one step that puts it right. */
export function formatTray(items: readonly TrayItem[], parts: TrayParts): Markup {
  return html`<ul class="tray">
${items.map((item) => formatItem(item, parts))}
</ul>`
}

function formatItem(item: TrayItem, parts: TrayParts): Markup {
  switch (item.kind) {
    case 'contested':
      return formatContested(item, parts)
    case 'finding':
      return formatFinding(item.finding, parts)
    case 'merged':
      return html`<li class="open"><h3><span class="mark" aria-hidden="true">◑</span>${linkRow(item.row, parts)} ${say(text.merged)}</h3>
${item.reopened ? html`<p>${say(text.reopened)}</p>` : undefined}
${formatCommand(text.record, mappingCommand('settle', [item.row], parts))}</li>
`
  }
}

function formatContested(
  { row, fields, heads }: Extract<TrayItem, { readonly kind: 'contested' }>,
  parts: TrayParts,
): Markup {
  return html`<li class="bad"><h3><span class="mark" aria-hidden="true">✗</span>${linkRow(row, parts)} ${say(text.contested)}</h3>
${fields.slice(0, mostFields).map((field) => formatField(field, parts.nameOf))}
${formatLeft(fields.length - mostFields, `csx mapping show ${parts.project} ${row}`)}
<p class="hint">${say(text.repair)}</p>
${heads.slice(0, mostSides).map(({ version, by, at }, i) =>
  formatCommand(
    {
      zh: `${text.takeSide.zh}：第${i + 1}个版本，${parts.nameOf(by) ?? by}，${formatTime(at)}`,
      en: `version ${i + 1}, ${version.slice(0, 15)}…`,
    },
    mappingCommand('settle', [row, '--take', String(i + 1)], parts),
  ),
)}${formatLeft(heads.length - mostSides, `csx mapping show ${parts.project} ${row}`)}</li>
`
}

/** What a field was and what each side made of it. */
export function formatField({ field, base, sides, more }: Conflict, nameOf: NameOf): Markup {
  return html`<div class="contested"><p><strong>${text.field.zh}：${showWord(fieldWords, field)}</strong>${
    base === undefined
      ? undefined
      : html` <span class="quiet">${text.was.zh} ${showValue(field, base)}</span>`
  }</p>
<ul class="plain">
${sides.slice(0, mostSides).map(({ by, at, value }) => html`<li>${quote(nameOf(by) ?? by)}，${showTime(at)}：${showValue(field, value)}</li>`)}
</ul>${formatLeft(sides.length - mostSides + (more ?? 0))}</div>
`
}

const longestValue = 200

const valueWords: Readonly<Record<string, Readonly<Record<string, Text>>>> = {
  relation: relations,
  predicate: predicates,
  justification: justifications,
  rationale: rationales,
  effect: effects,
  state: rowStates,
  differences: differenceKinds,
}

/** A value of any form as people can read it: words of a closed list as such; what else it holds is a record’s, and is text. */
export function showValue(field: string, value: unknown): Markup {
  if (value === undefined) return html`<span class="quiet">${say(text.nothing)}</span>`
  const words = Object.hasOwn(valueWords, field) ? valueWords[field] : undefined
  if (words && typeof value === 'string') return showWord(words, value)
  if (words && Array.isArray(value))
    return html`${value.map((one) => html`${showWord(words, String(one))} `)}`
  const written = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return quote(written.length > longestValue ? `${written.slice(0, longestValue)}…` : written)
}

const longestChain = 12

function formatFinding(
  { rule, code, severity, rows, sentence, repair }: MappingFinding,
  parts: TrayParts,
): Markup {
  const [tone, mark] = severity === 'error' ? ['bad', '✗'] : ['open', '!']
  const shown = rows.slice(0, longestChain)
  return html`<li class="${tone}"><h3><span class="mark" aria-hidden="true">${mark}</span>${say(severity === 'error' ? text.error : text.warning)} <span class="code">${rule} ${code}</span></h3>
<p>${quote(sentence.zh)} <span lang="en" class="en"><bdi>${sentence.en}</bdi></span></p>
<p>${text.chain.zh}：${shown.map((row, i) => html`${i === 0 ? undefined : ' → '}${linkRow(row, parts)}`)}${
    rows.length > longestChain
      ? html` … <span class="quiet">共${formatCount(rows.length)}行</span>`
      : undefined
  }</p>
<p><strong>${text.repair.zh}：</strong>${repair.zh} <span lang="en" class="en">${repair.en}</span></p>
${formatRepair({ code, rows }, parts)}</li>
`
}

/** Which step is the one: where rows exclude each other one of them goes; else what is written is corrected. */
const withdrawn: ReadonlySet<FindingCode> = new Set([
  'exact-and-broader',
  'exact-and-related',
  'related-and-broader',
  'broader-cycle',
  'maps-to-itself',
  'relations-contradict',
  'input-unknown',
  'inputs-give-other',
  'input-not-accepted',
])

function formatRepair({ code, rows }: Pick<MappingFinding, 'code' | 'rows'>, parts: TrayParts): Markup {
  const { project } = parts
  if (withdrawn.has(code)) {
    // The one whose name comes last: the same for both parties, whoever looks.
    const last = rows.toSorted(compareText).at(-1) ?? ''
    return formatCommand(
      { zh: `${text.withdrawRow.zh} ${last}`, en: text.withdrawRow.en },
      mappingCommand('withdraw', [last], parts),
    )
  }
  if (code === 'edition-unknown')
    return formatCommand(
      text.followLog,
      commandLine(['csx', 'mapping', 'show', project, ...rows.slice(0, 1), ...atOwnNode(parts.site)]),
    )
  return formatEdit(parts)
}

/** Out as a workbook, and in again. */
export function formatEdit({ site, project }: TrayParts): Markup {
  const end = atOwnNode(site)
  const file = `${project.replaceAll(/[^A-Za-z0-9._-]/g, '-')}.xlsx`
  return formatCommand(
    text.editRows,
    `${commandLine(['csx', 'mapping', 'export', project, '-o', file, ...end])}\n${commandLine(['csx', 'mapping', 'import', project, file, ...end])}`,
  )
}

export function mappingCommand(act: string, words: readonly string[], { site, project }: TrayParts): string {
  return commandLine(['csx', 'mapping', act, project, ...words, ...atOwnNode(site)])
}

export function linkRow(row: string, { site, project }: TrayParts): Markup {
  return html`<a href="${rowAddress(site, project, row)}">${quote(row)}</a>`
}

export function rowAddress({ base }: Site, project: string, row: string): string {
  return `${base.base}/work/projects/${encodeURIComponent(project)}/rows/${encodeURIComponent(row)}`
}
