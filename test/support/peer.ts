import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type SyntheticMember, syntheticMember } from '../../fixtures/synthetic/member.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { fullWidth, parseBundlePath, parseTilePath, tileWidth } from '../../protocol/log/tile.ts'
import { PeerLog } from './peer-log.ts'

export interface PeerRequest {
  /** Below the log: `checkpoint`, `tile/0/000.p/5`, `records/000?from=3`; of a log held for another, from `/mirror/` on. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

/** Answers a request in place of the peer and says so, or leaves it to the peer. */
export type Misbehaviour = (
  request: PeerRequest,
  response: ServerResponse,
) => boolean | undefined | Promise<boolean | undefined>

/** A member's server as others see it, over a log in memory: honest until it is told otherwise. */
export class Peer {
  readonly url: string
  readonly member: SyntheticMember
  /** What is served now; a fork takes its place. */
  log: PeerLog
  /** The note to serve; by default the log's own, over everything in it. */
  note: string | undefined
  misbehave: Misbehaviour | undefined
  /** What it holds for others, by origin. */
  readonly mirrors = new Map<string, PeerLog>()
  /** What it shows as cosigned by its witness, by origin. */
  readonly witnessed = new Map<string, string>()
  readonly requests: PeerRequest[] = []
  private readonly server: Server
  private readonly sockets = new Set<Socket>()

  constructor(server: Server, name: string) {
    const { port } = server.address() as AddressInfo
    this.url = `http://localhost:${port}`
    this.member = syntheticMember(name, this.url)
    this.log = new PeerLog(this.member)
    this.server = server
    server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
    server.on('request', (request, response) => void this.answer(request, response))
  }

  /** Paths asked for since the last call. */
  takeRequests(): readonly string[] {
    return this.requests.splice(0).map(({ path }) => path)
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise<void>((closed) => this.server.close(() => closed()))
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(/^\/log\/1\//, '')
    this.requests.push({ path, headers: request.headers })
    if (await this.misbehave?.({ path, headers: request.headers }, response)) return
    const [body, headers] = await this.resource(path)
    if (!body) response.writeHead(404).end()
    else if (headers.etag !== undefined && request.headers['if-none-match'] === headers.etag)
      response.writeHead(304, headers).end()
    else response.writeHead(200, headers).end(body)
  }

  private async resource(
    path: string,
  ): Promise<[Uint8Array | string | undefined, Readonly<Record<string, string>>]> {
    const [, witnessed] = /^\/witness\/([0-9a-f]{64})\/checkpoint$/.exec(path) ?? []
    if (witnessed !== undefined)
      return [[...this.witnessed].find(([origin]) => sha256Hex(origin) === witnessed)?.[1], {}]
    const [, name, rest = ''] = /^\/mirror\/([0-9a-f]{64})\/(.*)$/.exec(path) ?? []
    const held = [...this.mirrors].find(([origin]) => sha256Hex(origin) === name)?.[1]
    if (name !== undefined && !held) return [undefined, {}]
    const log = held ?? this.log
    const below = held ? rest : path
    if (below === 'checkpoint') {
      const note = (held ? undefined : this.note) ?? (await log.checkpointAt(log.size))
      return [note, { etag: `"${sha256Hex(note).slice(0, 32)}"` }]
    }
    try {
      return [partOf(log, below), {}]
    } catch {
      return [undefined, {}]
    }
  }
}

function partOf(log: PeerLog, path: string): Uint8Array | undefined {
  if (path.startsWith('tile/entries/')) {
    const { index, width } = parseBundlePath(path)
    return tileWidth(0, index, log.size) < width ? undefined : log.entryBundle(index, width)
  }
  if (path.startsWith('tile/')) {
    const tile = parseTilePath(path)
    return tileWidth(tile.level, tile.index, log.size) < tile.width ? undefined : log.readTile(tile)
  }
  const [name = '', query] = path.split('?from=')
  const { index, width } = parseBundlePath(name.replace(/^records\//, 'tile/entries/'))
  const start = index * fullWidth
  return log.recordPage(query === undefined ? start : Number(query), start + width)
}

export async function startPeer(name: string): Promise<Peer> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, 'localhost', ready))
  return new Peer(server, name)
}
