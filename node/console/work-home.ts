import type { ListedAgreement } from '../agreement/agreement-list.ts'
import type { ProjectOverview } from '../agreement/project-desk.ts'
import { formatAgreementTable } from './agreement-list.ts'
import { atOwnNode, commandLine, formatCommand } from './command.ts'
import { formatCoverage } from './coverage-bar.ts'
import { formatCount, showDay } from './display.ts'
import { showAsOf } from './label.ts'
import { mappingText as text } from './mapping-text.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { formatEmpty, formatPage, type Site } from './page.ts'
import { addressWith } from './parameter.ts'
import { formatCounts } from './project-page.ts'
import { formatRecentChanges } from './recent-change.ts'

export interface ProjectAgreements {
  readonly total: number
  readonly items: readonly ListedAgreement[]
}

export interface WorkHomeContent {
  readonly projects: readonly { readonly overview: ProjectOverview; readonly agreements: ProjectAgreements }[]
  readonly self: string
  readonly day: string
}

/** The projects of this agency: how far each is, and what waits for a signature. */
export function formatWorkHome(site: Site, { projects, self, day }: WorkHomeContent): Markup {
  const base = site.base.base
  return formatPage(site, {
    title: text.work.zh,
    main: html`<div class="intro">
<h1>${say(text.work)}</h1>
<p>${say(text.workAbout)}</p>
</div>
${projects.length === 0 ? formatEmpty(text.noProjects, text.noProjectsRemedy) : undefined}
${projects.map(({ overview, agreements }, i) => {
  const { project, coverage, counts, troubles } = overview
  const path = `${base}/work/projects/${encodeURIComponent(project.id)}`
  const other = project.parties.find(({ id }) => id !== self)
  return html`<section aria-labelledby="project-${i}">
<h2 id="project-${i}" tabindex="-1"><a href="${path}">${quote(project.nameZh)}</a></h2>
<p class="quiet"><span class="code">${quote(project.id)}</span>${project.from === undefined ? undefined : html`，${showDay(project.from)}起`}${project.to === undefined ? undefined : html`，至${showDay(project.to)}`}${project.underWay ? undefined : html` <span class="badge bad">${say(text.ended)}</span>`}</p>
${troubles === 0 ? undefined : html`<p class="notice"><span class="mark" aria-hidden="true">!</span><a href="${path}#tray">${say(text.tray)}：${formatCount(troubles)}</a></p>`}
${coverage ? formatCoverage(coverage.whole) : undefined}
${formatCounts(counts)}
<p><a href="${path}">${say(text.openProject)}</a>${other ? html` <a href="${addressWith(`${base}/work/compare`, { a: self, b: other.id })}">${say(text.compare)}</a>` : undefined}</p>
<h3>${say(text.agreements)}</h3>
${formatProjectAgreements(site, { project: project.id, agreements, self, day })}
</section>`
})}
<p class="asof">${showAsOf(day)}</p>`,
  })
}

/** A proposal that the other party made, that nobody answered, and that is not too late. */
export function waitsForUs(
  { state, proposedBy, accepted, acceptBy }: ListedAgreement,
  self: string,
  day: string,
): boolean {
  return (
    state === 'proposed' && proposedBy !== undefined && proposedBy !== self && !accepted && day <= acceptBy
  )
}

interface AgreementParts {
  readonly project: string
  readonly agreements: ProjectAgreements
  readonly self: string
  readonly day: string
}

/** The agreements of a project, those that wait for our signature first. */
export function formatProjectAgreements(
  site: Site,
  { project, agreements, self, day }: AgreementParts,
): Markup {
  const { items, total } = agreements
  const waiting = items.filter((item) => waitsForUs(item, self, day))
  const others = items.filter((item) => !waiting.includes(item))
  const left = total - items.length
  if (total === 0)
    return html`<p class="empty">${say(text.noAgreements)}</p>
${formatCommand(
  text.noAgreementsDo,
  commandLine([
    'csx',
    'agreement',
    'draft',
    project,
    ...atOwnNode(site),
    '--basis-number',
    '依据文件文号',
    '--basis-digest',
    'sha256:…',
    '--accept-by',
    'YYYY-MM-DD',
    '--effective-from',
    'YYYY-MM-DD',
    '--valid-until',
    'YYYY-MM-DD',
    '--output',
    'draft.json',
  ]),
)}`
  return html`${waiting.length === 0 ? undefined : html`<p class="notice"><span class="mark" aria-hidden="true">!</span>${formatCount(waiting.length)}${say(text.toSign)}</p>`}
${formatRecentChanges(items, { path: `${site.base.base}/work/agreements`, day })}
${formatAgreementTable([...waiting, ...others], { path: `${site.base.base}/work/agreements`, caption: { zh: `共${formatCount(total)}份`, en: `${formatCount(total)} agreement(s)` } })}
${left > 0 ? html`<p class="quiet">${say(text.olderAgreements)}${formatCount(left)}，<code>${commandLine(['csx', 'agreement', 'list', '--project', project, ...atOwnNode(site)])}</code></p>` : undefined}`
}
