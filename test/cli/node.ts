import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { type SyntheticMember, syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { decodeUtf8 } from '../../protocol/bytes.ts'
import { formatEntryBundle, parseBundlePath, parseTilePath } from '../../protocol/log/tile.ts'

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void

/** A node over a log in memory: the resources of one log, its records, and whatever a test puts in their place. */
export interface TestNode {
  readonly url: string
  readonly member: SyntheticMember
  log: SyntheticLog
  readonly trustText: string
  /** `GET /path?query` of each request, in their order. */
  readonly requests: string[]
  /** Answers in place of the node, by path. */
  readonly instead: Map<string, Handler>
  close(): Promise<void>
}

/** How many bytes of records go on one page; small, so that pages have successors. */
const maxPage = 200_000

export async function startNode(): Promise<TestNode> {
  const instead = new Map<string, Handler>()
  const requests: string[] = []
  let node: TestNode | undefined
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      requests.push(`${request.method} ${request.url}`)
      const handler = instead.get(url.pathname)
      if (handler) return handler(request, response, Buffer.concat(chunks))
      answer(node!.log, url)
        .then((found) => {
          response.writeHead(found === undefined ? 404 : 200)
          response.end(found)
        })
        .catch(() => response.writeHead(404).end())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const member = syntheticMember('合成甲', url)
  node = {
    url,
    member,
    log: new SyntheticLog(member),
    trustText: JSON.stringify(syntheticRegistry([member])),
    requests,
    instead,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return node
}

export async function publishMany(log: SyntheticLog, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await log.publish(syntheticStandard(log.logged.length))
}

/** The first entries of a log again, in a log of their own. */
export function beginningOf(log: SyntheticLog, size: number): SyntheticLog {
  const shorter = new SyntheticLog(log.member)
  for (const { document } of log.logged.slice(0, size)) shorter.append(document, (document as any).type[1])
  return shorter
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, {
    'content-type': status < 400 ? 'application/json' : 'application/problem+json',
  })
  response.end(JSON.stringify(value))
}

async function answer(log: SyntheticLog, url: URL): Promise<string | Uint8Array | undefined> {
  const path = url.pathname
  if (path === '/log/1/checkpoint') return log.checkpoint()
  if (path.startsWith('/log/1/records/')) return recordsPage(log, url)
  if (path.startsWith('/log/1/tile/entries/')) {
    const { index, width } = parseBundlePath(path.slice('/log/1/'.length))
    if (index * 256 + width > log.logged.length) return undefined
    return formatEntryBundle(log.logged.slice(index * 256, index * 256 + width).map(({ entry }) => entry))
  }
  if (path.startsWith('/log/1/tile/')) {
    const coord = parseTilePath(path.slice('/log/1/'.length))
    const bytes = log.readTile(coord)
    return bytes.length === coord.width * 32 ? bytes : undefined
  }
  const name = decodeURIComponent(path.split('/').at(-1) ?? '')
  const index = log.logged.findIndex(({ digest, id }) => digest === name || id === url.searchParams.get('id'))
  const found = log.logged[index]
  if (!found) return undefined
  if (path.startsWith('/records/')) return found.bytes
  if (!path.startsWith('/api/v1/records')) return undefined
  const { id, digest } = found
  return JSON.stringify({
    id,
    digest,
    origin: log.member.origin,
    index,
    at: '',
    tier: 'public',
    own: true,
    log: '/log/1',
  })
}

function recordsPage(log: SyntheticLog, url: URL): string | undefined {
  const { index, width } = parseBundlePath(url.pathname.replace('/log/1/records/', 'tile/entries/'))
  const end = index * 256 + width
  if (end > log.logged.length) return undefined
  let page = ''
  for (
    let i = Number(url.searchParams.get('from') ?? index * 256);
    i < end && page.length < maxPage;
    i += 1
  ) {
    const logged = log.logged[i]!
    if (decodeUtf8(logged.entry).includes('"tier":"public"'))
      page += `{"index":${i},"record":${decodeUtf8(logged.bytes)}}\n`
  }
  return page
}
