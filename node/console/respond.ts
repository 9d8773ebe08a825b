import type { Context } from 'hono'
import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { formatFault } from './fault-page.ts'
import { type Markup, renderPage } from './markup.ts'
import type { Site } from './page.ts'
import { stylesheet } from './style.ts'

/** What a fault needs of its page, and where it is noted. */
export interface FaultOptions extends Omit<Site, 'stylesheet'> {
  /** Notes an unforeseen error in the node's log and gives the id under which it is found there. */
  readonly report: (error: Error, path: string) => string
}

export function siteOf({ base, nodeName, network, trustLine, root }: Omit<Site, 'stylesheet'>): Site {
  return { base, nodeName, network, trustLine, root, stylesheet: `${base.base}/assets/${stylesheetName()}` }
}

export function stylesheetName(): string {
  return `${sha256Hex(stylesheet).slice(0, 32)}.css`
}

const statuses: Partial<Readonly<Record<ProblemCode, number>>> = {
  QUERY_INVALID: 400,
  AUTH_REQUIRED: 401,
  AUTH_INVALID: 401,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  STORAGE_UNAVAILABLE: 503,
  STORAGE_FULL: 503,
}

export function sendFault(options: FaultOptions, error: Error, path: string): Promise<Response> {
  const code = error instanceof ProtocolError ? error.code : 'INTERNAL'
  const status = statuses[code] ?? 500
  const noted = status >= 500 ? { traceId: options.report(error, path) } : {}
  return sendPage(formatFault(siteOf(options), { code, ...noted }), status)
}

/** Whether whoever asks would read a page: a browser names HTML in `Accept`, a program rarely does. */
export function prefersPage(context: Context): boolean {
  const accept = context.req.header('accept') ?? ''
  return accept.split(',').some((part) => part.trim().toLowerCase().startsWith('text/html'))
}

export function nothingThere(): ProtocolError {
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

export async function sendPage(page: Markup, status = 200): Promise<Response> {
  const headers = new Headers({
    ...guards,
    'content-type': 'text/html; charset=utf-8',
    'content-language': 'zh-CN',
    'cache-control': 'no-store',
  })
  if (status === 401)
    headers.set('www-authenticate', 'Basic realm="Chuanyu Standards Exchange, operator", charset="UTF-8"')
  if (status === 405) headers.set('allow', 'GET, HEAD')
  if (status === 503) headers.set('retry-after', '5')
  return new Response(await renderPage(page), { status, headers })
}

export function sendStylesheet(): Response {
  return new Response(stylesheet, {
    headers: {
      ...guards,
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    },
  })
}
