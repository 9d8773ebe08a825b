import { ProtocolError } from '../../protocol/error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { type MappingRow, mappingRow } from '../../protocol/record/mapping-row.ts'
import { parseWith } from '../../protocol/record/schema.ts'
import { type Client, countOf, createClient, parseAnswer, textOf } from '../client.ts'
import { type ReaderFlags, readCredential } from '../credential.ts'
import { parseUrl } from '../option.ts'
import type { World } from '../world.ts'

export interface MappingFlags extends ReaderFlags {
  readonly node: string
  readonly json?: true
}

/** A row as a node shows it. */
export interface ShownRow {
  readonly row: string
  readonly standing: string
  readonly mapping?: MappingRow
  readonly heads: readonly ShownHead[]
  readonly authors: readonly string[]
  readonly reopened: boolean
  readonly incomplete: boolean
}

export interface ShownHead {
  readonly version: string
  readonly by: string
  readonly at: string
  readonly mapping?: MappingRow
}

/** What a node answers about a workspace, all pages of it. */
export interface ShownWorkspace {
  /** Of the first page. */
  readonly answer: JsonObject
  readonly rows: readonly ShownRow[]
  readonly conflicts: readonly JsonObject[]
  /** Names of the parties by their DID. */
  readonly names: ReadonlyMap<string, string>
}

const maxPage = 256 << 20
const timeout = 120_000

export async function openClient(flags: MappingFlags, world: World): Promise<Client> {
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  if (flags.tokenFile !== undefined || flags.asMember !== undefined) return client
  return { ...client, call: (path, request) => client.call(path, request).catch(sayWhoMayAsk) }
}

/** To whoever shows nothing no project is there (WORK-30), and the node must not say why. */
function sayWhoMayAsk(error: unknown): never {
  if (!(error instanceof ProtocolError) || error.code !== 'NOT_FOUND') throw error
  const who =
    '结对项目只对双方开放，请用 --token-file 或 --as-member / a project is open to its two parties: --token-file or --as-member'
  const { place, evidence } = error
  throw new ProtocolError(error.code, `${who} (${error.message})`, { place, evidence, cause: error })
}

export async function fetchProjects(
  client: Client,
): Promise<{ readonly self: string; readonly projects: readonly JsonObject[] }> {
  const answer = parseAnswer(await client.call('/api/v1/projects', { maxBytes: 16 << 20 }))
  return { self: textOf(answer, 'self'), projects: objectsIn(answer.projects) }
}

export function mappingPath(project: string): string {
  return `/api/v1/projects/${encodeURIComponent(project)}/mapping`
}

/** The rows that a query asks for; what it says of the whole is that of the first page. */
export async function fetchWorkspace(
  client: Client,
  project: string,
  query: Readonly<Record<string, string>>,
): Promise<ShownWorkspace> {
  const rows: ShownRow[] = []
  const conflicts: JsonObject[] = []
  let first: JsonObject | undefined
  for (;;) {
    const parameters = new URLSearchParams({ ...query, offset: String(rows.length) })
    const answer = parseAnswer(
      await client.call(`${mappingPath(project)}?${parameters}`, { maxBytes: maxPage, timeout }),
    )
    first ??= answer
    const page = objectsIn(answer.rows).map(readRow)
    rows.push(...page)
    conflicts.push(...objectsIn(answer.conflicts))
    if (page.length === 0 || rows.length >= countOf(answer, 'total')) break
  }
  const parties = isJsonObject(first.project) ? objectsIn(first.project.parties) : []
  const names = new Map(parties.map((party) => [textOf(party, 'id'), textOf(party, 'name')]))
  return { answer: first, rows, conflicts, names }
}

function readRow(value: JsonObject): ShownRow {
  return {
    row: textOf(value, 'row'),
    standing: textOf(value, 'standing'),
    ...mappingIn(value),
    heads: objectsIn(value.heads).map((head) => ({
      version: textOf(head, 'version'),
      by: textOf(head, 'by'),
      at: textOf(head, 'at'),
      ...mappingIn(head),
    })),
    authors: textsIn(value.authors),
    reopened: value.reopened === true,
    incomplete: value.incomplete === true,
  }
}

/** @throws {ProtocolError} `PAGE_MALFORMED` — the node shows what is no row */
function mappingIn({ mapping }: JsonObject): { readonly mapping?: MappingRow } {
  if (mapping === undefined) return {}
  try {
    return { mapping: parseWith(mappingRow, mapping) }
  } catch (cause) {
    throw new ProtocolError('PAGE_MALFORMED', 'an answer of the node: not a row', { cause })
  }
}

export function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

function textsIn(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
