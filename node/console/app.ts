import { type Context, Hono } from 'hono'
import { legalDateOf } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { type Digest, isDigest } from '../../protocol/hash.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import type { StandardRecord } from '../../protocol/record/envelope.ts'
import { isStandardRecord, parseRecord } from '../../protocol/record/schema.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import type { Catalogue } from '../projection/port.ts'
import { type AgreementPageOptions, findPinning, mountAgreementPages } from './agreement-routes.ts'
import type { Argued } from './argument.ts'
import { formatFault } from './fault-page.ts'
import { formatHome } from './home.ts'
import type { NameOf } from './party-list.ts'
import { isNarrowed, queryOf, readSearch } from './query.ts'
import {
  type FaultOptions,
  nothingThere,
  sendFault,
  sendPage,
  sendStylesheet,
  siteOf,
  stylesheetName,
} from './respond.ts'
import { formatStandard } from './standard-page.ts'
import { mountWorkPages, type WorkPageOptions } from './work-routes.ts'

export { prefersPage } from './respond.ts'

export interface ConsoleOptions extends FaultOptions, AgreementPageOptions, WorkPageOptions {
  readonly catalogue: Catalogue
  /** Builds a bundle out of this node's own store and verifies it; `undefined` where there is nothing to argue about. */
  readonly argue: (digest: Digest) => Promise<Verdict | undefined>
  /** The registry's name of a DID, today. */
  readonly nameOf: NameOf
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const listedQuarantine = 20

/** Below a base, a mounted `/` is the base without its slash alone; the second is the base with it. */
const homePaths = ['/', '/:nothing{^$}']

/**
 * The read-only pages of a node, to be mounted at its base. They show what the catalogue says and argue for it; they prove
 * nothing to a reader who does not trust the node, and say how to do without it.
 *
 * @see SECURITY.md, R32, R35
 */
export function createConsole(options: ConsoleOptions): Hono {
  const { catalogue, now } = options
  const site = siteOf(options)
  const app = new Hono()
  app.on('GET', homePaths, async (context) => {
    const search = readSearch((name) => context.req.query(name))
    const day = legalDateOf(now())
    const [page, all, logs, quarantine] = await Promise.all([
      catalogue.searchStandards(queryOf(search, day)),
      isNarrowed(search) ? catalogue.searchStandards({ day, limit: 1, offset: 0 }) : undefined,
      catalogue.listLogs(),
      catalogue.listQuarantine(listedQuarantine),
    ])
    const held = (all ?? page).total
    return sendPage(formatHome(site, { search, day, page, held, logs, quarantine }))
  })
  app.get('/standards/:digest', async (context) => {
    const digest = context.req.param('digest')
    if (!isDigest(digest)) throw nothingThere()
    const day = legalDateOf(now())
    const [detail, place] = await Promise.all([
      catalogue.findStandard(digest, day),
      catalogue.findPlace({ digest }),
    ])
    if (!detail) return sendPage(formatFault(site, { code: 'NOT_FOUND', other: place }), 404)
    const revision =
      detail.revisedBy === undefined ? undefined : await catalogue.findPlace({ id: detail.revisedBy })
    const record = readRecord(detail.record)
    const argued = await argueQuietly(options, digest, context.req.path)
    const pinning = await findPinning(options, detail.id, day)
    return sendPage(
      formatStandard(site, { detail, record, place, revision, argued, pinning, day, nameOf: options.nameOf }),
    )
  })
  mountAgreementPages(app, site, options)
  mountWorkPages(app, site, options)
  app.get(`/assets/${stylesheetName()}`, () => sendStylesheet())
  for (const path of [
    ...homePaths,
    '/standards/:digest',
    '/agreements',
    '/agreements/:id',
    '/compare',
    '/what-if',
  ]) {
    app.all(path, () => {
      throw new ProtocolError('METHOD_NOT_ALLOWED', 'these pages are read-only')
    })
  }
  app.notFound(createNotFoundPage(options))
  app.onError((error, context) => sendFault(options, error, context.req.path))
  return app
}

/** The page for an address that nothing answers; for whoever mounts the console to show to those who ask for HTML. */
export function createNotFoundPage(options: ConsoleOptions): (context: Context) => Promise<Response> {
  return () => sendPage(formatFault(siteOf(options), { code: 'NOT_FOUND' }), 404)
}

/** A record that this program cannot read is shown as it is: the read model may know more of it than this page does. */
function readRecord(value: JsonObject): StandardRecord | undefined {
  try {
    const record = parseRecord(value)
    return isStandardRecord(record) ? record : undefined
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

/** The page is of use without its argument; that there is none is said, and noted. */
async function argueQuietly(
  { argue, report }: ConsoleOptions,
  digest: Digest,
  path: string,
): Promise<Argued> {
  try {
    return { verdict: await argue(digest) }
  } catch (error) {
    return { verdict: undefined, traceId: report(asError(error), path) }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
