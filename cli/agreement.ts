import { compareText } from '../protocol/canonical.ts'
import { isJsonObject, type JsonObject } from '../protocol/json-value.ts'
import { actWords, agreementKindWords } from '../protocol/record/agreement-word.ts'
import { agreementStates, answers } from '../protocol/standing/condition.ts'
import { labelOf, listOf, textsOf } from './answer.ts'
import { type Client, countOf, createClient, parseAnswer, textOf } from './client.ts'
import { type ReaderFlags, readCredential } from './credential.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { parseDay, parseUrl } from './option.ts'
import { escapeJson, escapeText, formatTable } from './print.ts'
import type { World } from './world.ts'

export interface AgreementReadFlags extends ReaderFlags {
  readonly node: string
  readonly at?: string
  readonly project?: string
  readonly kind?: string
  readonly digest?: string
  readonly json?: true
}

const listHead = [
  '编号 id',
  '种类 kind',
  '双方 parties',
  '状态 state',
  '起 from',
  '止 until',
  '处置期 dispose by',
]

/** `csx agreement list`: by the word of the node; what can be checked offline is in a bundle. */
export async function runAgreementList(flags: AgreementReadFlags, world: World): Promise<Exit> {
  if (flags.at !== undefined) parseDay(flags.at, '--at')
  if (flags.kind !== undefined && !Object.hasOwn(agreementKindWords, flags.kind))
    throw usageError(`种类为 / --kind is one of: ${Object.keys(agreementKindWords).join(' ')}`)
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  const agreements = await listAll(client, flags)
  if (flags.json) {
    world.out(`${escapeJson(JSON.stringify({ total: agreements.length, agreements }))}\n`)
    return exits.verified
  }
  const rows = agreements.map((one) => [
    textOf(one, 'id'),
    labelOf(agreementKindWords, textOf(one, 'kind')),
    listOf(one, 'parties')
      .map((party) => textOf(party, 'name'))
      .join(' — '),
    labelOf(agreementStates, textOf(one, 'state')),
    typeof one.start === 'string' ? one.start : '—',
    one.never ? '不会生效 never' : typeof one.end === 'string' ? one.end : '—',
    typeof one.disposeBy === 'string' ? one.disposeBy : '—',
  ])
  world.out(
    rows.length === 0 ? `${escapeText('没有声明 / no agreement')}\n` : formatTable([listHead, ...rows]),
  )
  return exits.verified
}

async function listAll(
  client: Client,
  { at, project, kind }: AgreementReadFlags,
): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = []
  for (;;) {
    const query = queryOf({ at, project, kind, offset: String(all.length) })
    const page = parseAnswer(await client.call(`/api/v1/agreements${query}`, { maxBytes: 16 << 20 }))
    const listed = listOf(page, 'agreements')
    all.push(...listed)
    if (listed.length === 0 || all.length >= countOf(page, 'total')) return all
  }
}

/** `csx agreement show ID`. Exits like a verdict: 0 in force, 1 not in force, 3 cannot be told. */
export async function runAgreementShow(id: string, flags: AgreementReadFlags, world: World): Promise<Exit> {
  if (flags.at !== undefined) parseDay(flags.at, '--at')
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  const view = await fetchAgreement(client, id, { at: flags.at, digest: flags.digest })
  if (flags.json) world.out(`${escapeJson(JSON.stringify(view))}\n`)
  else world.out(formatView(view))
  const answer = textOf(view, 'answer')
  return answer === 'effective' ? exits.verified : answer === 'undecided' ? exits.undecided : exits.rejected
}

/** As the node shows it. */
export async function fetchAgreement(
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
  const names = new Map(listOf(view, 'parties').map((one) => [textOf(one, 'id'), textOf(one, 'name')]))
  const inTime = listOf(view, 'acts').toSorted((a, b) => compareText(textOf(a, 'at'), textOf(b, 'at')))
  const acts = inTime.map((act) => {
    const who = names.get(textOf(act, 'by')) ?? textOf(act, 'by')
    const counts = act.counts === false ? '  （不计，不影响结论 / does not count）' : ''
    return `  ${textOf(act, 'at')}  ${labelOf(actWords, textOf(act, 'act'))}  ${who}  ${textOf(act, 'origin')} #${countOf(act, 'index')}${counts}`
  })
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
    ...formatHoldings(view),
    '截至 / as known at',
    ...places,
    ...(typeof view.disposeBy === 'string'
      ? [`须于${view.disposeBy}前处置 / to be disposed of by ${view.disposeBy}`]
      : []),
    `${on}：${answer}${textOf(view, 'state') === 'effective' ? '' : `，${state}`}${formatTerm(view)}`,
  ]
    .map((line) => `${escapeText(line)}\n`)
    .join('')
}

/** Beside an interconnection: what each says of holding the other's log. */
function formatHoldings(view: JsonObject): readonly string[] {
  if (view.holdings === undefined) return []
  const names = new Map(listOf(view, 'parties').map((one) => [textOf(one, 'id'), textOf(one, 'name')]))
  const lines = listOf(view, 'holdings').map((one) => {
    const origin = textOf(one, 'origin')
    const name = names.get(textOf(one, 'by')) ?? textOf(one, 'by')
    return one.size === undefined
      ? `  ${name}：未见持有 ${origin} 的签名 / no word of its holder about ${origin} is here`
      : `  ${name}：持有 ${origin} 前${countOf(one, 'size')}条，${textOf(one, 'since')}自述 / holds it below ${countOf(one, 'size')}, by its own word`
  })
  return ['持有对方日志（不影响效力） / holding the other’s log; it decides nothing', ...lines]
}

/** The entry that decided it, which anybody can look up. */
function formatCause({ cause }: JsonObject): string {
  if (!isJsonObject(cause)) return ''
  const [origin, index] = [textOf(cause, 'origin'), countOf(cause, 'index')]
  return `（${origin} 第${index}条 / entry ${index} of ${origin}）`
}

function formatTerm({ start, end, never }: JsonObject): string {
  if (isJsonObject(never))
    return `；不会生效：${textOf(never, 'zh')} / it never comes into force: ${textOf(never, 'en')}`
  if (typeof start !== 'string' || typeof end !== 'string' || end <= start) return ''
  return `；自${start}起，至${end}（不含） / from ${start}, until ${end}`
}
