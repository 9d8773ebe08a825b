import type { Context, Hono } from 'hono'
import { legalDateOf } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { type Caller, scopeFor, stranger } from '../access/policy.ts'
import type { ProjectDesk } from '../agreement/project-desk.ts'
import { formatAgreement } from './agreement-page.ts'
import {
  type AgreementPageOptions,
  lookBy,
  parametersOf,
  readAgreementName,
  sendComparison,
  sendWhatIf,
} from './agreement-routes.ts'
import type { Site } from './page.ts'
import { formatProject, readRowSearch, trayPerPage } from './project-page.ts'
import { nothingThere, sendPage } from './respond.ts'
import { formatRowPage } from './row-page.ts'
import { rowsPerPage } from './row-table.ts'
import { formatSigning } from './sign-section.ts'
import { formatProjectAgreements, formatWorkHome } from './work-home.ts'

export interface WorkPageOptions extends AgreementPageOptions {
  readonly desk: ProjectDesk
  /** Whether an `Authorization` header brings the operator's token as a password. */
  readonly isOperator: (header: string) => boolean
}

const operator: Caller = { standing: 'operator' }
const agreementsShown = 20

/**
 * The coordinators’ pages. Nothing below `/work/` is told apart, nor told at all, to whoever does not bring the operator's token as the
 * password of HTTP Basic; and nothing is written here, so a browser that sends it by itself can do no harm.
 *
 * @see protocol/spec/console.md, CONSOLE-10 to CONSOLE-20
 */
export function mountWorkPages(app: Hono, site: Site, options: WorkPageOptions): void {
  const { desk, agreementList, agreements, self, nameOf, now } = options
  const door = (path: string, answer: (context: Context) => Promise<Response>) => {
    app.get(path, (context) => {
      requirePassword(context, options)
      return answer(context)
    })
  }
  const agreementsOf = (project: string) =>
    agreementList.page(
      { project, on: legalDateOf(now()), limit: agreementsShown, offset: 0 },
      scopeFor('GET /work/', operator),
    )

  app.get('/work', (context) => context.redirect(`${site.base.base}/work/`, 308))
  door('/work/', async () => {
    const day = legalDateOf(now())
    const projects = []
    for (const overview of await desk.list())
      projects.push({ overview, agreements: await agreementsOf(overview.project.id) })
    return sendPage(formatWorkHome(site, { projects, self, day }))
  })
  door('/work/projects/:id', async (context) => {
    const id = context.req.param('id') ?? ''
    const search = readRowSearch(parametersOf(context))
    const { state, relation, reviewer, class: primary } = search
    const page = await desk.open(id, {
      limit: rowsPerPage,
      offset: (search.page - 1) * rowsPerPage,
      trayLimit: trayPerPage,
      trayOffset: (search.tray - 1) * trayPerPage,
      ...(state === undefined ? {} : { state }),
      ...(relation === undefined ? {} : { relation }),
      ...(reviewer === '' ? {} : { reviewer }),
      ...(primary === undefined ? {} : { class: primary }),
    })
    const day = legalDateOf(now())
    const shown = formatProjectAgreements(site, {
      project: id,
      agreements: await agreementsOf(id),
      self,
      day,
    })
    return sendPage(formatProject(site, { page, search, nameOf, agreements: shown }))
  })
  door('/work/projects/:id/rows/:row', async (context) => {
    const page = await desk.openRow(context.req.param('id') ?? '', context.req.param('row') ?? '')
    return sendPage(formatRowPage(site, page, nameOf))
  })
  door('/work/agreements/:id', async (context) => {
    const asked = readAgreementName(context, options)
    const { scope } = lookBy('GET /work/agreements/:id', operator)
    const view = await agreements.view(asked.name, asked.on, scope)
    const signing = formatSigning(site, view, { self, today: asked.today })
    const open = await isOpen(view, options)
    return sendPage(formatAgreement(site, { view, below: '/work', open, nameOf, signing, ...asked }))
  })
  door('/work/compare', (context) =>
    sendComparison(context, site, { options, look: lookBy('GET /work/compare', operator) }),
  )
  door('/work/what-if', (context) =>
    sendWhatIf(context, site, { options, look: lookBy('GET /work/what-if', operator) }),
  )
  app.all('/work/*', (context) => {
    requirePassword(context, options)
    if (context.req.method === 'GET' || context.req.method === 'HEAD') throw nothingThere()
    throw new ProtocolError('METHOD_NOT_ALLOWED', 'these pages are read-only')
  })
}

/** @throws {ProtocolError} `AUTH_REQUIRED` `AUTH_INVALID` */
function requirePassword(context: Context, { isOperator }: WorkPageOptions): void {
  const header = context.req.header('authorization')
  if (header === undefined) throw new ProtocolError('AUTH_REQUIRED', 'the operator token is required')
  if (!isOperator(header)) throw new ProtocolError('AUTH_INVALID', 'the operator token is not valid')
}

/** Whether everybody could gather its evidence. */
async function isOpen(
  { id, digest, on }: { readonly id: string; readonly digest: string; readonly on: string },
  { agreements }: AgreementPageOptions,
): Promise<boolean> {
  try {
    await agreements.view({ id, digest }, on, scopeFor('GET /agreements/:id', stranger))
    return true
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'NOT_FOUND') return false
    throw error
  }
}
