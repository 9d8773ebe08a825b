import { type Context, Hono } from 'hono'
import { legalDateOf } from '../../protocol/date.ts'
import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { type Digest, isDigest, sha256Hex } from '../../protocol/hash.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import type { StandardRecord } from '../../protocol/record/envelope.ts'
import { isStandardRecord, parseRecord } from '../../protocol/record/schema.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import type { Catalogue } from '../projection/port.ts'
import type { Argued } from './argument.ts'
import { formatFault } from './fault-page.ts'
import { formatHome } from './home.ts'
import { type Markup, renderPage } from './markup.ts'
import type { Site } from './page.ts'
import type { NameOf } from './party-list.ts'
import { isNarrowed, queryOf, readSearch } from './query.ts'
import { formatStandard } from './standard-page.ts'
import { stylesheet } from './style.ts'

export interface ConsoleOptions extends Omit<Site, 'stylesheet'> {
  readonly catalogue: Catalogue
  /** Builds a bundle out of this node's own store and verifies it; `undefined` where there is nothing to argue about. */
  readonly argue: (digest: Digest) => Promise<Verdict | undefined>
  /** The registry's name of a DID, today. */
  readonly nameOf: NameOf
  /** Notes an unforeseen error in the node's log and gives the id under which it is found there. */
  readonly report: (error: Error, path: string) => string
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
    return sendPage(
      formatStandard(site, { detail, record, place, revision, argued, day, nameOf: options.nameOf }),
    )
  })
  app.get(`/assets/${stylesheetName()}`, () => sendStylesheet())
  for (const path of [...homePaths, '/standards/:digest']) {
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

/** Whether whoever asks would read a page: a browser names HTML in `Accept`, a program rarely does. */
export function prefersPage(context: Context): boolean {
  const accept = context.req.header('accept') ?? ''
  return accept.split(',').some((part) => part.trim().toLowerCase().startsWith('text/html'))
}

function siteOf({ base, nodeName, network, trustLine, root }: ConsoleOptions): Site {
  return { base, nodeName, network, trustLine, root, stylesheet: `${base.base}/assets/${stylesheetName()}` }
}

function stylesheetName(): string {
  return `${sha256Hex(stylesheet).slice(0, 32)}.css`
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

const statuses: Partial<Readonly<Record<ProblemCode, number>>> = {
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  STORAGE_UNAVAILABLE: 503,
  STORAGE_FULL: 503,
}

function sendFault(options: ConsoleOptions, error: Error, path: string): Promise<Response> {
  const code = error instanceof ProtocolError ? error.code : 'INTERNAL'
  const status = statuses[code] ?? 500
  const noted = status >= 500 ? { traceId: options.report(error, path) } : {}
  return sendPage(formatFault(siteOf(options), { code, ...noted }), status)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function nothingThere(): ProtocolError {
  return new ProtocolError('NOT_FOUND', 'there is no such page')
}

const policy =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const guards = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
} as const

async function sendPage(page: Markup, status = 200): Promise<Response> {
  const headers = new Headers({
    ...guards,
    'content-type': 'text/html; charset=utf-8',
    'content-language': 'zh-CN',
    'cache-control': 'no-store',
  })
  if (status === 405) headers.set('allow', 'GET, HEAD')
  if (status === 503) headers.set('retry-after', '5')
  return new Response(await renderPage(page), { status, headers })
}

function sendStylesheet(): Response {
  return new Response(stylesheet, {
    headers: {
      ...guards,
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    },
  })
}
