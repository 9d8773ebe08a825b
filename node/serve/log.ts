import { type Context, Hono } from 'hono'
import { ProtocolError } from '../../protocol/error.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { formatLine } from '../../protocol/log/record-line.ts'
import { fullWidth, parseBundlePath, parseTilePath } from '../../protocol/log/tile.ts'
import type { Scope } from '../store/scope.ts'
import type { LogReader, ServedLog } from './port.ts'

const immutable = 'public, max-age=31536000, immutable'
const maxRecordsPage = 8 << 20

export interface LogRouteOptions {
  /** The log that a request is about; `undefined` is answered as not found. */
  readonly find: (context: Context) => Promise<ServedLog | undefined>
  /** The records that whoever asks may have. */
  readonly scopeOf: (context: Context) => Promise<Scope>
}

/**
 * The resources of one log, the same for an own log and for one held for another: C2SP tlog-tiles for unmodified clients, and
 * the records beside it. Serves what is signed, never what is merely stored.
 *
 * @see spec/node.md, NODE-1 to NODE-6 (C2SP tlog-tiles); spec/witness.md, WIT-36 and WIT-61
 */
export function createLogRoutes(reader: LogReader, { find, scopeOf }: LogRouteOptions): Hono {
  const app = new Hono()
  const need = async (context: Context): Promise<ServedLog> => {
    // Nothing here needs escapes, and an escaped letter would be a second spelling.
    const log = new URL(context.req.url).pathname.includes('%') ? undefined : await find(context)
    if (!log) throw notFound()
    return log
  }
  app.get('/checkpoint', async (context) => {
    const { checkpoint, original } = await need(context)
    return sendCheckpoint(context, checkpoint, original)
  })
  app.get('/witnessed', async (context) => {
    const log = await need(context)
    const after = context.req.query('after')
    const witnessed =
      after === undefined ? log.witnessed : await reader.findWitnessedAfter(log, readIndex(after))
    if (witnessed === undefined) throw notFound()
    return sendCheckpoint(context, witnessed)
  })
  app.get('/tile/entries/*', async (context) => sendEntryBundle(context, reader, await need(context)))
  app.get('/tile/*', async (context) => sendTile(context, reader, await need(context)))
  app.get('/records/*', async (context) =>
    sendRecords(context, reader, { log: await need(context), scope: await scopeOf(context) }),
  )
  return app
}

/** Whoever has the original lacks nothing but this node's own line, and need not be told all of it again. */
function sendCheckpoint(context: Context, checkpoint: string, original = checkpoint): Response {
  const etag = tagOf(checkpoint)
  const headers = { etag, 'cache-control': 'no-cache', 'content-type': 'text/plain; charset=utf-8' }
  const known = context.req.header('if-none-match')
  if (matches(known, etag) || matches(known, tagOf(original)))
    return new Response(null, { status: 304, headers: { etag, 'cache-control': 'no-cache' } })
  return new Response(checkpoint, { headers })
}

function tagOf(note: string): string {
  return `"${sha256Hex(note).slice(0, 32)}"`
}

/** RFC 9110, section 13.1.2: a list, or any; weak tags compare as strong ones do. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}

async function sendTile(context: Context, reader: LogReader, log: ServedLog): Promise<Response> {
  const tile = readPath(() => parseTilePath(tailOf(context, 'tile/')))
  const bytes = await reader.readTile(log, tile)
  if (!bytes) throw notFound()
  return sendBytes(bytes)
}

async function sendEntryBundle(context: Context, reader: LogReader, log: ServedLog): Promise<Response> {
  const bundle = readPath(() => parseBundlePath(tailOf(context, 'tile/')))
  const bytes = await reader.readEntryBundle(log, bundle)
  if (!bytes) throw notFound()
  return sendBytes(bytes)
}

/** One JSON object a line; the record stands in it as its exact canonical bytes. */
async function sendRecords(
  context: Context,
  reader: LogReader,
  { log, scope }: { readonly log: ServedLog; readonly scope: Scope },
): Promise<Response> {
  const path = tailOf(context, 'records/').replace(/^records\//, 'tile/entries/')
  const bundle = readPath(() => parseBundlePath(path))
  const start = bundle.index * fullWidth
  const end = start + bundle.width
  if (end > log.size) throw notFound()
  const from = readFrom(context.req.query('from'), start, end)
  const { records } = await reader.readRecords(log, { from, end, maxBytes: maxRecordsPage, scope })
  // What only some may have, and what may be added to, stands in nobody's cache.
  const shared =
    bundle.width === fullWidth && records.length === end - from && records.every(({ salt }) => !salt)
  return new Response(Buffer.concat(records.flatMap(formatLine)), {
    headers: {
      'content-type': 'application/x-ndjson',
      'cache-control': shared ? immutable : 'private, no-store',
    },
  })
}

function readFrom(text: string | undefined, start: number, end: number): number {
  if (text === undefined) return start
  const from = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
  if (!(from >= start && from <= end))
    throw new ProtocolError('QUERY_INVALID', '`from` is an index of this bundle', {
      place: { pointer: '/from' },
    })
  return from
}

function readIndex(text: string): number {
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text)
  throw new ProtocolError('QUERY_INVALID', '`after` is the index of an entry', {
    place: { pointer: '/after' },
  })
}

function sendBytes(bytes: Uint8Array): Response {
  return new Response(Buffer.from(bytes), {
    headers: { 'content-type': 'application/octet-stream', 'cache-control': immutable },
  })
}

/** The path from `marker` on, as it was sent: these paths have one spelling and no escapes. A base may be called like a marker. */
function tailOf(context: Context, marker: string): string {
  const path = new URL(context.req.url).pathname
  return path.slice(path.lastIndexOf(`/${marker}`) + 1)
}

function readPath<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) throw notFound()
    throw error
  }
}

export function notFound(): ProtocolError {
  return new ProtocolError('NOT_FOUND', 'there is nothing at this address')
}
