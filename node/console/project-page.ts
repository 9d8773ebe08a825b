import { relations } from '../../protocol/record/mapping-word.ts'
import { classes } from '../../protocol/record/vocabulary.ts'
import type { ProjectPage } from '../agreement/project-desk.ts'
import type { DeskState } from '../agreement/project-row.ts'
import { formatAttributes } from './attribute-table.ts'
import { atOwnNode, commandLine, formatCommand } from './command.ts'
import { formatCoverage } from './coverage-bar.ts'
import { formatCount } from './display.ts'
import { formatChoice, formatForm, formatIgnored, formatPaging } from './form.ts'
import { mappingText as text } from './mapping-text.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { formatEmpty, formatPage, type Site } from './page.ts'
import { addressWith, type Parameters } from './parameter.ts'
import type { NameOf } from './party-list.ts'
import { deskStateWords, formatRowTable, rowsPerPage } from './row-table.ts'
import { formatSection } from './section.ts'
import { text as siteText } from './text.ts'
import { formatEdit, formatTray, mappingCommand, type TrayParts } from './tray-list.ts'

export const trayPerPage = 5

export const relationChoices = { ...relations, unstated: text.unstated } as const

/** What the page of a project was asked. */
export interface RowSearch {
  readonly state: DeskState | undefined
  readonly relation: keyof typeof relationChoices | undefined
  readonly reviewer: string
  readonly class: keyof typeof classes | undefined
  readonly page: number
  readonly tray: number
  readonly ignored: Parameters['ignored']
}

export function readRowSearch(parameters: Parameters): RowSearch {
  return {
    state: parameters.choice('state', text.state, deskStateWords),
    relation: parameters.choice('relation', text.relation, relationChoices),
    reviewer: parameters.text('reviewer', text.reviewer),
    class: parameters.choice('class', text.class, classes),
    page: parameters.page('page', text.rows),
    tray: parameters.page('tray', text.tray),
    ignored: parameters.ignored,
  }
}

export interface ProjectContent {
  readonly page: ProjectPage
  readonly search: RowSearch
  readonly nameOf: NameOf
  /** The agreements of the project, as they stand on the page of all. */
  readonly agreements: Markup
}

/** The work of one project: the two agencies, how far it is, what contradicts what, and the rows. */
export function formatProject(site: Site, { page, search, nameOf, agreements }: ProjectContent): Markup {
  const { project, coverage, tray, self } = page
  const path = `${site.base.base}/work/projects/${encodeURIComponent(project.id)}`
  const { state, relation, reviewer, class: primary } = search
  const asked = { state, relation, reviewer, class: primary }
  const href = (members: Readonly<Record<string, string | undefined>>, at: string) =>
    `${addressWith(path, { ...asked, ...members })}#${at}`
  const [theirs, ours] = [
    project.parties.find(({ id }) => id !== self),
    project.parties.find(({ id }) => id === self),
  ]
  const parts = { site, project: project.id, nameOf }
  return formatPage(site, {
    title: project.nameZh,
    skips: [['rows', { zh: '跳到映射行', en: 'Skip to the rows' }]],
    main: html`<p class="back"><a href="${site.base.base}/work/">${say(text.backToWork)}</a></p>
<div class="intro">
<h1>${quote(project.nameZh)}</h1>
<p class="quiet"><span class="code">${quote(project.id)}</span>${project.underWay ? undefined : html` <span class="badge bad">${say(text.ended)}</span>`}</p>
<ul class="within">
<li><a href="#tray">${say(text.tray)}：${formatCount(tray.total)}</a></li>
<li><a href="#coverage">${say(text.coverage)}</a></li>
<li><a href="#rows">${say(text.rows)}：${formatCount(page.counts.rows)}</a></li>
<li><a href="#agreements">${say(text.agreements)}</a></li>
<li><a href="#attributes">${say(text.attributes)}</a></li>
</ul>
${formatTroubles(page)}
</div>
${formatSection(
  'tray',
  text.tray,
  tray.total === 0
    ? html`<p class="empty">${say(text.trayEmpty)}</p>`
    : html`<p class="hint">${say(text.trayAbout)}</p>
<p>共${formatCount(tray.total)}处 <span lang="en" class="en">${formatCount(tray.total)} in all</span>${tray.omitted === 0 ? undefined : html`；${say(text.omitted)}${formatCount(tray.omitted)}`}</p>
${tray.items.length === 0 ? formatEmpty(siteText.beyondLast, siteText.beyondLastRemedy) : formatTray(tray.items, parts)}
${formatPaging({ total: tray.total, size: trayPerPage, page: search.tray, label: text.tray, href: (to) => href({ tray: String(to), page: String(search.page) }, 'tray') })}`,
)}
${formatSection('coverage', text.coverage, formatCoverages(coverage))}
${formatSection('rows', text.rows, formatRows({ page, search, path, href, parts }))}
${formatSection('agreements', text.agreements, agreements)}
${formatSection('attributes', text.attributes, formatAttributes(page.attributes, { a: `${text.theirs.zh} ${theirs?.name ?? ''}`, b: `${text.ours.zh} ${ours?.name ?? ''}` }))}
${formatSection('places', { zh: '截至', en: 'As of' }, html`<ul class="plain">${page.asOf.map(({ origin, size }) => html`<li><span class="code">${quote(origin)}</span>：${formatCount(size)}条</li>`)}</ul>`)}`,
  })
}

function formatTroubles({ waiting, faults }: ProjectPage): Markup | undefined {
  if (waiting === 0 && faults === 0) return undefined
  return html`<p class="notice"><span class="mark" aria-hidden="true">!</span>${waiting === 0 ? undefined : html`${formatCount(waiting)}${say(text.waiting)} `}${faults === 0 ? undefined : html`${formatCount(faults)}${say(text.faults)}`}</p>`
}

function formatCoverages(coverage: ProjectPage['coverage']): Markup {
  if (!coverage)
    return html`<p class="empty">${say({ zh: '标准过多，未计。', en: 'Too many standards to count here.' })}</p>`
  return html`<p class="hint">按${text.ours.zh}的条款计。${say(text.coverageAbout)}</p>
${formatCoverage(coverage.whole)}
${coverage.byClass.length < 2 ? undefined : coverage.byClass.map(({ class: name, coverage: part }) => html`<h3>${say(classes[name])}</h3>${formatCoverage(part)}`)}`
}

interface RowsParts {
  readonly page: ProjectPage
  readonly search: RowSearch
  readonly path: string
  readonly href: (members: Readonly<Record<string, string | undefined>>, at: string) => string
  readonly parts: TrayParts
}

function formatRows({ page, search, path, href, parts }: RowsParts): Markup {
  const { counts, total, rows, reviewers } = page
  const { nameOf, site, project } = parts
  if (counts.rows === 0)
    return html`<p class="empty">${say(text.noRowsYet)}</p>
${formatCommand(text.noRowsYetDo, `${commandLine(['csx', 'suggest', page.self, otherOf(page), ...atOwnNode(site), '-o', 'rows.sssom.tsv'])}\n${commandLine(['csx', 'mapping', 'import', project, 'rows.sssom.tsv', ...atOwnNode(site)])}`)}`
  const narrowed =
    search.state !== undefined ||
    search.relation !== undefined ||
    search.reviewer !== '' ||
    search.class !== undefined
  const names = Object.fromEntries(reviewers.map((did) => [did, { zh: nameOf(did) ?? did, en: '' }]))
  return html`${formatCounts(counts)}
${formatForm({
  action: path,
  label: { zh: '筛选', en: 'Show' },
  submit: { zh: '筛选', en: 'Show' },
  clear: narrowed ? `${path}#rows` : undefined,
  fields: html`${formatChoice('state', text.state, { table: deskStateWords, chosen: search.state })}
${formatChoice('relation', text.relation, { table: relationChoices, chosen: search.relation })}
${formatChoice('class', text.class, { table: classes, chosen: search.class })}
${formatChoice('reviewer', text.reviewer, { table: names, chosen: search.reviewer })}`,
})}
${formatIgnored(search.ignored)}
${
  total === 0
    ? formatEmpty(text.noRows, text.noRowsRemedy)
    : rows.length === 0
      ? formatEmpty(siteText.beyondLast, siteText.beyondLastRemedy)
      : formatRowTable(rows, { site, project, nameOf, total, page: search.page })
}
${formatPaging({ total, size: rowsPerPage, page: search.page, label: text.rows, href: (to) => href({ page: String(to), tray: String(search.tray) }, 'rows') })}
${counts.states['in-review'] > 0 ? formatCommand(text.acceptAll, mappingCommand('accept', ['--all-in-review', '--label', '审核岗'], parts)) : undefined}
${formatEdit(parts)}`
}

function otherOf({ project, self }: ProjectPage): string {
  return project.parties.find(({ id }) => id !== self)?.id ?? self
}

/** How many rows there are of each kind; a row in conflict is counted as that alone. */
export function formatCounts({ rows, states, conflict, withdrawn }: ProjectPage['counts']): Markup {
  const of = (state: DeskState) =>
    state === 'conflict' ? conflict : state === 'withdrawn' ? withdrawn : states[state]
  const shown = (
    ['accepted', 'in-review', 'conflict', 'draft', 'candidate', 'rejected', 'withdrawn'] as const
  ).filter((state) => of(state) > 0 || state === 'accepted' || state === 'in-review' || state === 'conflict')
  return html`<p>${text.counts.zh} <span lang="en" class="en">${text.counts.en}</span>：${shown.map(
    (state) => html`<span class="item">${say(deskStateWords[state])} ${formatCount(of(state))}</span> `,
  )}<span class="item">${say(text.rowsInAll)} ${formatCount(rows)}</span></p>`
}
