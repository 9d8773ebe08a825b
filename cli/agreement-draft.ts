import { encodeUtf8 } from '../protocol/bytes.ts'
import { type Digest, isDigest } from '../protocol/hash.ts'
import type { JsonObject } from '../protocol/json-value.ts'
import { objectOf, textsOf } from './answer.ts'
import { attachFile } from './attach.ts'
import { type Client, parseAnswer } from './client.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { readInput, writeAtomically } from './file.ts'
import { openOperator, postJson } from './operator.ts'
import { isUrl, parseDay, parseUrl } from './option.ts'
import { escapeText, formatDone } from './print.ts'
import type { World } from './world.ts'

export interface DraftFlags {
  readonly node: string
  readonly tokenFile: string
  readonly basisNumber: string
  readonly basisDigest?: string
  readonly acceptBy: string
  readonly effectiveFrom: string
  readonly validUntil: string
  readonly graceDays: string
  readonly noticeDays: string
  readonly supersedes?: string
  readonly output: string
}

export interface RecognitionFlags extends DraftFlags {
  readonly rows?: string
}

export interface InterconnectionFlags extends DraftFlags {
  readonly edition: string
  readonly schema: string
  readonly suite: string
  readonly ourRun: string
  readonly theirRun: string
  readonly ourEndpoint: string
  readonly theirEndpoint: string
  readonly environment?: string
}

export interface ReuseFlags extends DraftFlags {
  readonly edition: string
  readonly recognition?: string
  readonly ground?: string
  readonly clauses?: string
  readonly matters?: string
  readonly manner: string
  readonly targetNumber: string
  readonly targetTitle?: string
  readonly targetFile?: string
  readonly evidence?: readonly string[]
  readonly evidenceFile?: readonly string[]
  readonly disposalDays: string
  readonly reuser?: string
}

/** `csx agreement draft PROJECT`: a recognition of what both accepted, to look at. Nothing is signed or logged. */
export async function runRecognitionDraft(
  project: string,
  flags: RecognitionFlags,
  world: World,
): Promise<Exit> {
  const body = { ...termsOf(project, flags), ...listed('rows', flags.rows) }
  return draft(await openOperator(flags, world), { ...body }, { flags, world })
}

/**
 * `csx agreement draft-interconnection PROJECT`: hands in the files that the node has not, and drafts over their digests.
 *
 * @see protocol/spec/agreement.md, AGREE-109
 */
export async function runInterconnectionDraft(
  project: string,
  flags: InterconnectionFlags,
  world: World,
): Promise<Exit> {
  const terms = termsOf(project, flags)
  const client = await openOperator(flags, world)
  const handIn = (text: string) => handInFile(client, text, world)
  const endpoint = async (text: string) =>
    isUrl(text) ? { url: parseUrl(text) } : { sample: await handIn(text) }
  const { edition, environment } = flags
  const body = {
    ...terms,
    kind: 'interconnection',
    edition,
    schema: await handIn(flags.schema),
    suite: await handIn(flags.suite),
    runs: { ours: await handIn(flags.ourRun), theirs: await handIn(flags.theirRun) },
    endpoints: { ours: await endpoint(flags.ourEndpoint), theirs: await endpoint(flags.theirEndpoint) },
    ...(environment === undefined ? {} : { environment }),
  }
  return draft(client, body, { flags, world })
}

/**
 * `csx agreement draft-reuse PROJECT`: on a recognition, or on a ground that the law gives.
 *
 * @see protocol/spec/agreement.md, AGREE-110
 */
export async function runReuseDraft(project: string, flags: ReuseFlags, world: World): Promise<Exit> {
  const terms = termsOf(project, flags)
  const ground = groundOf(flags)
  const client = await openOperator(flags, world)
  const handIn = (text: string) => handInFile(client, text, world)
  const { edition, manner, reuser, targetNumber, targetTitle, targetFile } = flags
  const evidence: object[] = (flags.evidence ?? []).map((documentNo) => ({ documentNo }))
  for (const file of flags.evidenceFile ?? []) evidence.push({ digest: await handIn(file) })
  const body = {
    ...terms,
    kind: 'reuse',
    edition,
    ...listed('clauses', flags.clauses),
    ...listed('matters', flags.matters),
    manner,
    target: {
      documentNo: targetNumber,
      ...(targetTitle === undefined ? {} : { titleZh: targetTitle }),
      ...(targetFile === undefined ? {} : { digest: await handIn(targetFile) }),
    },
    ground,
    ...(evidence.length === 0 ? {} : { evidence }),
    disposalDays: daysOf(flags.disposalDays, '--disposal-days'),
    ...(reuser === undefined ? {} : { reuser }),
  }
  return draft(client, body, { flags, world })
}

function groundOf({ recognition, ground }: ReuseFlags): object {
  if ((recognition === undefined) === (ground === undefined))
    throw usageError('请写 --recognition 或 --ground 之一 / one of --recognition and --ground')
  if (recognition === undefined) return { statute: ground }
  const [id, digest] = recognition.split('@')
  if (digest !== undefined && !isDigest(digest))
    throw usageError('--recognition 写作 <编号>[@<摘要>] / --recognition is <id>[@<digest>]')
  return { recognition: { id, ...(digest === undefined ? {} : { digest }) } }
}

/** A file of this machine, or the digest of one that is at the node. */
async function handInFile(client: Client, text: string, world: World): Promise<Digest> {
  return isDigest(text) ? text : attachFile(client, await readInput(text, maxFileBytes, world))
}

/** Of sample data; the others are smaller, and the node says so. */
const maxFileBytes = 16 << 20

function termsOf(project: string, flags: DraftFlags): JsonObject {
  const graceDays = daysOf(flags.graceDays, '--grace-days')
  const { supersedes, basisNumber: number, basisDigest } = flags
  const [id = '', digest = ''] = (supersedes ?? '').split('@')
  if (supersedes !== undefined && !isDigest(digest))
    throw usageError('--supersedes 写作 <编号>@<摘要> / --supersedes is <id>@<digest>')
  return {
    ...(project.startsWith('did:') ? { parties: project.split(',') } : { project }),
    basis: { number, ...(basisDigest === undefined ? {} : { digest: basisDigest }) },
    acceptBy: parseDay(flags.acceptBy, '--accept-by'),
    effectiveFrom: parseDay(flags.effectiveFrom, '--effective-from'),
    validUntil: parseDay(flags.validUntil, '--valid-until'),
    onRevision: graceDays === 0 ? 'lapse' : 'grace',
    graceDays,
    noticeDays: daysOf(flags.noticeDays, '--notice-days'),
    ...(supersedes === undefined ? {} : { supersedes: { id, digest } }),
  }
}

function listed(name: string, text: string | undefined): JsonObject {
  return text === undefined ? {} : { [name]: text.split(',') }
}

function daysOf(text: string, option: string): number {
  if (!/^\d{1,3}$/.test(text))
    throw usageError(`${option} 为天数，须为整数 / ${option} is a number of days: ${text}`)
  return Number(text)
}

async function draft(
  client: Client,
  body: object,
  { flags: { output }, world }: { readonly flags: DraftFlags; readonly world: World },
): Promise<Exit> {
  const answer = parseAnswer(await postJson(client, '/api/v1/agreements/draft', body))
  await writeAtomically(output, encodeUtf8(`${JSON.stringify(objectOf(answer, 'agreement'), null, 2)}\n`))
  const done = formatDone(
    `草案已写入 ${output}，尚未签署；请核对全文后用 csx agreement propose 提议`,
    `the draft is in ${output}, nothing is signed; read it, then csx agreement propose`,
  )
  world.out([...textsOf(answer, 'statement'), done].map((line) => `${escapeText(line)}\n`).join(''))
  return exits.verified
}
