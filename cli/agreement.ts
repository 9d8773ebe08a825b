import { encodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { isDigest } from '../protocol/hash.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject, type JsonObject } from '../protocol/json-value.ts'
import { agreementStates, answers } from '../protocol/standing/condition.ts'
import { labelOf, listOf, objectOf, textsOf } from './answer.ts'
import { type Client, countOf, createClient, parseAnswer, textOf } from './client.ts'
import { type ReaderFlags, readCredential } from './credential.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { readInput, writeAtomically } from './file.ts'
import { parseUrl } from './option.ts'
import { escapeJson, escapeText, formatDone, formatTable } from './print.ts'
import { readToken } from './publish.ts'
import type { World } from './world.ts'

export interface AgreementReadFlags extends ReaderFlags {
  readonly node: string
  readonly at?: string
  readonly project?: string
  readonly digest?: string
  readonly json?: true
}

/** `csx agreement list`: by the word of the node; what can be checked offline is in a bundle. */
export async function runAgreementList(flags: AgreementReadFlags, world: World): Promise<Exit> {
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  const agreements = await listAll(client, flags)
  if (flags.json) {
    world.out(`${escapeJson(JSON.stringify({ total: agreements.length, agreements }))}\n`)
    return exits.verified
  }
  const rows = agreements.map((one) => [
    textOf(one, 'id'),
    listOf(one, 'parties')
      .map((party) => textOf(party, 'name'))
      .join(' — '),
    labelOf(agreementStates, textOf(one, 'state')),
    typeof one.start === 'string' ? one.start : '—',
    typeof one.end === 'string' ? one.end : '—',
  ])
  world.out(
    rows.length === 0
      ? `${escapeText('没有协议 / no agreement')}\n`
      : formatTable([['编号 id', '双方 parties', '状态 state', '起 from', '止 until'], ...rows]),
  )
  return exits.verified
}

async function listAll(client: Client, { at, project }: AgreementReadFlags): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = []
  for (;;) {
    const query = queryOf({ at, project, offset: String(all.length) })
    const page = parseAnswer(await client.call(`/api/v1/agreements${query}`, { maxBytes: 16 << 20 }))
    const listed = listOf(page, 'agreements')
    all.push(...listed)
    if (listed.length === 0 || all.length >= countOf(page, 'total')) return all
  }
}

/** `csx agreement show ID`. Exits like a verdict: 0 in force, 1 not in force, 3 cannot be told. */
export async function runAgreementShow(id: string, flags: AgreementReadFlags, world: World): Promise<Exit> {
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  const view = await fetchAgreement(client, id, { at: flags.at, digest: flags.digest })
  if (flags.json) world.out(`${escapeJson(JSON.stringify(view))}\n`)
  else world.out(formatView(view))
  const answer = textOf(view, 'answer')
  return answer === 'effective' ? exits.verified : answer === 'undecided' ? exits.undecided : exits.rejected
}

async function fetchAgreement(
  client: Client,
  id: string,
  query: { readonly at?: string | undefined; readonly digest?: string | undefined },
): Promise<JsonObject> {
  return parseAnswer(
    await client.call(`/api/v1/agreements/${encodeURIComponent(id)}${queryOf(query)}`, {
      maxBytes: 16 << 20,
    }),
  )
}

function queryOf(parts: Readonly<Record<string, string | undefined>>): string {
  const stated = Object.entries(parts).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return stated.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(stated))}`
}

const marks = { passed: '✓', failed: '✗', unknown: '?' } as const

function formatView(view: JsonObject): string {
  const conditions = listOf(view, 'conditions').map((one) => {
    const outcome = textOf(one, 'outcome')
    const mark = outcome === 'passed' || outcome === 'failed' ? marks[outcome] : marks.unknown
    const code = typeof one.code === 'string' ? `${one.code}  ` : ''
    return `${mark} ${textOf(one, 'condition')}  ${code}${textOf(one, 'detail')}${formatCause(one)}`
  })
  const acts = listOf(view, 'acts').map(
    (act) =>
      `  ${textOf(act, 'at')}  ${textOf(act, 'act')}  ${textOf(act, 'by')}  ${textOf(act, 'origin')} #${countOf(act, 'index')}`,
  )
  const places = listOf(view, 'asOf').map((log) => `  ${textOf(log, 'origin')}：${countOf(log, 'size')}`)
  const on = textOf(view, 'on')
  const answer = labelOf(answers, textOf(view, 'answer'))
  const state = labelOf(agreementStates, textOf(view, 'state'))
  return [
    ...textsOf(view, 'statement'),
    '',
    '各方行为 / acts',
    ...acts,
    '条件 / conditions',
    ...conditions,
    '截至 / as known at',
    ...places,
    `${on}：${answer}${textOf(view, 'state') === 'effective' ? '' : `，${state}`}${formatTerm(view)}`,
  ]
    .map((line) => `${escapeText(line)}\n`)
    .join('')
}

/** The entry that decided it, which anybody can look up. */
function formatCause({ cause }: JsonObject): string {
  if (!isJsonObject(cause)) return ''
  const [origin, index] = [textOf(cause, 'origin'), countOf(cause, 'index')]
  return `（${origin} 第${index}条 / entry ${index} of ${origin}）`
}

function formatTerm({ start, end }: JsonObject): string {
  if (typeof start !== 'string' || typeof end !== 'string') return ''
  return `；自${start}起，至${end}（不含） / from ${start}, until ${end}`
}

export interface DraftFlags {
  readonly node: string
  readonly tokenFile: string
  readonly basisNumber: string
  readonly basisDigest: string
  readonly acceptBy: string
  readonly effectiveFrom: string
  readonly validUntil: string
  readonly graceDays: string
  readonly noticeDays: string
  readonly rows?: string
  readonly supersedes?: string
  readonly output: string
}

/** `csx agreement draft PROJECT`: a recognition of what both accepted, to look at. Nothing is signed or logged. */
export async function runAgreementDraft(project: string, flags: DraftFlags, world: World): Promise<Exit> {
  const { authorization } = await readToken(flags.tokenFile, world)
  const client = createClient(parseUrl(flags.node), world, async () => authorization)
  const graceDays = daysOf(flags.graceDays)
  const { supersedes } = flags
  const [id, digest] = (supersedes ?? '').split('@')
  if (supersedes !== undefined && (digest === undefined || !isDigest(digest)))
    throw usageError('--supersedes 写作 <编号>@<摘要> / --supersedes is <id>@<digest>')
  const body = {
    project,
    basis: { number: flags.basisNumber, digest: flags.basisDigest },
    acceptBy: flags.acceptBy,
    effectiveFrom: flags.effectiveFrom,
    validUntil: flags.validUntil,
    onRevision: graceDays === 0 ? 'lapse' : 'grace',
    graceDays,
    noticeDays: daysOf(flags.noticeDays),
    ...(flags.rows === undefined ? {} : { rows: flags.rows.split(',') }),
    ...(supersedes === undefined ? {} : { supersedes: { id, digest } }),
  }
  const answer = parseAnswer(await post(client, '/api/v1/agreements/draft', body))
  await writeAtomically(
    flags.output,
    encodeUtf8(`${JSON.stringify(objectOf(answer, 'agreement'), null, 2)}\n`),
  )
  world.out(
    textsOf(answer, 'statement')
      .map((line) => `${escapeText(line)}\n`)
      .join(''),
  )
  const done = formatDone(
    `草案已写入 ${flags.output}，尚未签署；请核对全文后用 csx agreement propose 提议`,
    `the draft is in ${flags.output}, nothing is signed; read it, then csx agreement propose`,
  )
  world.out(`${escapeText(done)}\n`)
  return exits.verified
}

function daysOf(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw usageError(`天数须为整数 / not a number of days: ${text}`)
  return Number(text)
}

function post(client: Client, path: string, body: object): Promise<Uint8Array> {
  return client.call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: encodeUtf8(JSON.stringify(body)),
    maxBytes: 16 << 20,
  })
}

export interface ActFlags {
  readonly node: string
  readonly tokenFile: string
  readonly tier?: string
  readonly reason?: string
  readonly digest?: string
  /** The digest, where nobody is there to type it. */
  readonly yes?: string
}

/** `csx agreement propose FILE`: shows the statement, and signs what was shown. */
export async function runPropose(file: string, flags: ActFlags, world: World): Promise<Exit> {
  const { agreementDigest } = await import('../protocol/record/agreement-rule.ts')
  const { recognitionAgreement, interconnectionAgreement, reuseAgreement } = await import(
    '../protocol/record/agreement.ts'
  )
  const { parseWith } = await import('../protocol/record/schema.ts')
  const { describeAgreement } = await import('../protocol/standing/statement-text.ts')
  const value = parseJson(await readInput(file, 1 << 20, world), 1 << 20)
  const kind = isJsonObject(value) ? value.kind : undefined
  const schema =
    kind === 'interconnection'
      ? interconnectionAgreement
      : kind === 'reuse'
        ? reuseAgreement
        : recognitionAgreement
  const agreement = parseWith<Parameters<typeof agreementDigest>[0]>(schema, value)
  const digest = agreementDigest(agreement)
  const names = { party: (did: string) => did, edition: (id: string) => id, row: () => undefined }
  if (flags.tier !== undefined && flags.tier !== 'public' && flags.tier !== 'pair')
    throw usageError('--tier 为 public 或 pair / --tier is public or pair')
  await confirm(describeAgreement(agreement, digest, names), digest, { flags, world })
  const tier = flags.tier === undefined ? {} : { tier: flags.tier }
  return act({ act: 'propose', id: agreement.id, digest, agreement, ...tier }, flags, world)
}

/** `csx agreement accept | reject | withdraw ID`: as `propose`, about the agreement that the node shows. */
export async function runAct(
  word: 'accept' | 'reject' | 'withdraw',
  id: string,
  { flags, world }: { readonly flags: ActFlags; readonly world: World },
): Promise<Exit> {
  const { authorization } = await readToken(flags.tokenFile, world)
  const client = createClient(parseUrl(flags.node), world, async () => authorization)
  const view = await fetchAgreement(client, id, { digest: flags.digest })
  const digest = textOf(view, 'digest')
  await confirm(textsOf(view, 'statement'), digest, { flags, world })
  const reason = flags.reason === undefined ? {} : { reason: flags.reason }
  return act({ act: word, id, digest, ...reason }, flags, world)
}

/** Nothing is signed that was not shown: the one who signs types the end of the digest that he saw. */
async function confirm(
  statement: readonly string[],
  digest: string,
  { flags, world }: { readonly flags: ActFlags; readonly world: World },
): Promise<void> {
  world.err(statement.map((line) => `${escapeText(line)}\n`).join(''))
  const tail = digest.slice(-8)
  const given =
    flags.yes ??
    (world.inIsTerminal
      ? await world.askLine(`核对无误，请输入摘要末8位签署 / to sign, type the last 8 digits of the digest: `)
      : undefined)
  if (given === undefined)
    throw usageError('无终端时须以 --yes <摘要> 确认 / without a terminal, confirm by --yes <digest>')
  const agrees = flags.yes === undefined ? given.trim() === tail : given === digest
  if (!agrees)
    throw new ProtocolError('ATTESTATION_MISMATCH', 'not the digest of what was shown; nothing was signed', {
      evidence: { digest },
    })
}

async function act(body: object, flags: ActFlags, world: World): Promise<Exit> {
  const { authorization } = await readToken(flags.tokenFile, world)
  const client = createClient(parseUrl(flags.node), world, async () => authorization)
  const answer = parseAnswer(await post(client, '/api/v1/agreements/acts', body))
  const place = `${textOf(answer, 'origin')} #${countOf(answer, 'index')}`
  const done = formatDone(`已签署并记入日志：${place}`, `signed and logged: ${place}`)
  world.out(`${escapeText(done)}\n`)
  return exits.verified
}
