import { stat } from 'node:fs/promises'
import { ProtocolError } from '../protocol/error.ts'
import { sha256Hex } from '../protocol/hash.ts'
import { parseHead } from '../protocol/log/checkpoint.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import type { RepairSource } from './admin/port.ts'
import type { PeerClient } from './sync/client.ts'
import { createDirectorySource } from './sync/directory.ts'
import { fetchRecordsOf } from './sync/fetch.ts'
import { createHttpSource, type LogSource } from './sync/source.ts'

export interface SourceOptions {
  readonly trust: Trust
  readonly client: PeerClient
  /** This node's member. */
  readonly self: string
}

/** Who is asked for a damaged log, in this order. */
export type SourcesFor = (origin: string) => Promise<readonly RepairSource[]>

/**
 * The sources that an operator names: the URL of a log or mirror, the base URL of a member, or a directory with the layout of a log.
 * When he names none, the log's own member first, then the mirrors of all others.
 *
 * @throws {ProtocolError} `USAGE_INVALID` — neither a URL nor a directory; `ADDRESS_FORBIDDEN` — the registry names no such address
 * @see spec/durability.md, DUR-35
 */
export async function openSources(given: readonly string[], options: SourceOptions): Promise<SourcesFor> {
  for (const source of given) await checkSource(source, options.trust)
  return async (origin) => {
    if (given.length === 0) return sourcesOfMembers(origin, options)
    const opened: RepairSource[] = []
    for (const name of given) {
      const url = isUrl(name) ? urlFor(name.replace(/\/+$/, ''), origin, options.trust) : undefined
      if (url !== undefined) opened.push(asSource(url, openUrl(url, options)))
      if (!isUrl(name) && (await holds(name, origin)))
        opened.push(asSource(name, createDirectorySource(name)))
    }
    return opened
  }
}

function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source)
}

/** An operator's word does not open a way to an address that the registry does not name (R21). */
async function checkSource(source: string, { registry }: Trust): Promise<void> {
  if (!isUrl(source)) {
    const facts = await stat(source).catch(() => undefined)
    if (facts?.isDirectory()) return
    throw new ProtocolError('USAGE_INVALID', `neither a URL nor a directory: ${source}`)
  }
  const known = registry.members.flatMap(({ endpoints, origins }) => [
    endpoints.base,
    ...origins.map(({ url }) => url),
  ])
  if (!URL.canParse(source)) throw new ProtocolError('USAGE_INVALID', `not a URL: ${source}`)
  if (!known.some((url) => new URL(url).origin === new URL(source).origin))
    throw new ProtocolError('ADDRESS_FORBIDDEN', `the registry names no member at ${source}`)
}

/** `undefined`: what is served there is another log. */
function urlFor(source: string, origin: string, trust: Trust): string | undefined {
  const mirrored = /\/mirror\/([0-9a-f]{64})$/.exec(source)?.[1]
  if (mirrored !== undefined) return mirrored === sha256Hex(origin) ? source : undefined
  const url = trust.logs.get(origin)?.log.url
  if (/\/log\/\d+$/.test(source)) {
    const served = [...trust.logs.values()].find(({ log }) => log.url === source)
    return served === undefined || source === url ? source : undefined
  }
  return url?.startsWith(`${source}/log/`) ? url : `${source}/mirror/${sha256Hex(origin)}`
}

/** The log's own member first, then the mirrors of all others. */
export function sourcesOfMembers(origin: string, options: SourceOptions): readonly RepairSource[] {
  const { trust, self } = options
  const log = trust.logs.get(origin)
  const others = trust.registry.members.filter(({ id }) => id !== self && id !== log?.member.id)
  const urls = others.map(
    ({ endpoints }) => `${endpoints.base.replace(/\/+$/, '')}/mirror/${sha256Hex(origin)}`,
  )
  const first = log && log.member.id !== self ? [log.log.url] : []
  return [...first, ...urls].map((url) => asSource(url, openUrl(url, options)))
}

function openUrl(url: string, { client }: SourceOptions): LogSource {
  return createHttpSource(client, url, new AbortController().signal)
}

/** By the first line of its checkpoint, which only saves questions: what it holds is proven later. */
async function holds(directory: string, origin: string): Promise<boolean> {
  try {
    const fetched = await createDirectorySource(directory).fetchCheckpoint()
    return fetched !== undefined && parseHead(fetched.note).origin === origin
  } catch (error) {
    if (error instanceof ProtocolError) return true
    throw error
  }
}

function asSource(name: string, source: LogSource): RepairSource {
  return {
    name,
    fetchTile: source.fetchTile,
    fetchEntryBundle: source.fetchEntryBundle,
    fetchNote: async () => (await source.fetchCheckpoint())?.note,
    fetchRecords: (wanted, take) => fetchRecordsOf(source, wanted, take),
  }
}
