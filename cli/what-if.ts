import type { JsonObject } from '../protocol/json-value.ts'
import { agreementKindWords } from '../protocol/record/agreement-word.ts'
import { agreementStates } from '../protocol/standing/condition.ts'
import { labelOf, listOf, objectOf } from './answer.ts'
import { createClient, parseAnswer, textOf } from './client.ts'
import { type ReaderFlags, readCredential } from './credential.ts'
import { type Exit, exits } from './exit.ts'
import { parseUrl } from './option.ts'
import { escapeJson, escapeText, formatTable } from './print.ts'
import type { World } from './world.ts'

export interface WhatIfFlags extends ReaderFlags {
  readonly node: string
  readonly on?: string
  readonly kind?: string
  readonly clauses?: string
  readonly json?: true
}

const supposedKinds = {
  superseded: { zh: '被代替', en: 'superseded' },
  abolished: { zh: '废止', en: 'abolished' },
  amendment: { zh: '发布修改单', en: 'amended' },
  'partly-superseded': { zh: '部分被代替', en: 'superseded in part' },
} as const

/** What ends an edition ends all of it, whichever clauses were written down. */
function describeClauses(clauses: readonly JsonObject[], kind = 'superseded'): string {
  if (kind === 'superseded' || kind === 'abolished')
    return '! 被代替和废止及于全文，所写条款不计 / what replaces or abolishes an edition ends all of it: the clauses do not count'
  const names = clauses.map((clause) => `${textOf(clause, 'locator')} ${textOf(clause, 'heading')}`)
  return `所及条款 / clauses it touches: ${names.join('；')}`
}

/**
 * `csx what-if EDITION`: what would fall if it were replaced. Nothing is logged, and nothing is proven: it is the node's word.
 *
 * @see protocol/spec/agreement.md, AGREE-107
 */
export async function runWhatIf(edition: string, flags: WhatIfFlags, world: World): Promise<Exit> {
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  const { on, kind, clauses } = flags
  const query = new URLSearchParams({
    edition,
    ...(on === undefined ? {} : { on }),
    ...(kind === undefined ? {} : { kind }),
    ...(clauses === undefined ? {} : { clauses }),
  })
  const answer = parseAnswer(await client.call(`/api/v1/what-if?${query}`, { maxBytes: 16 << 20 }))
  if (flags.json) {
    world.out(`${escapeJson(JSON.stringify(answer))}\n`)
    return exits.verified
  }
  const of = objectOf(answer, 'edition')
  const line = (text: string) => `${escapeText(text)}\n`
  const supposed = labelOf(supposedKinds, kind ?? 'superseded').split(' ')[0] ?? ''
  const fallen = listOf(answer, 'agreements').map((one) => [
    textOf(one, 'id'),
    labelOf(agreementKindWords, textOf(one, 'kind')),
    typeof one.graceFrom === 'string' ? one.graceFrom : '—',
    typeof one.fallsOn === 'string' ? one.fallsOn : '—',
    labelOf(agreementStates, textOf(one, 'state')),
    listOf(one, 'rows')
      .map((row) => `${textOf(row, 'row')} ${textOf(row, 'on')}`)
      .join('，') || '—',
    typeof one.disposeBy === 'string' ? one.disposeBy : '—',
  ])
  const reports = listOf(answer, 'reports').map(
    (one) => `  ${textOf(one, 'period')}  ${textOf(one, 'agency')}  ${textOf(one, 'recordId')}`,
  )
  const head = [
    '编号 id',
    '种类 kind',
    '宽限自 grace',
    '失效日 falls on',
    '状态 state',
    '失效行 rows',
    '处置期 dispose by',
  ]
  world.out(
    [
      line(
        `假如 ${textOf(of, 'number')} ${textOf(of, 'titleZh')} 于 ${textOf(answer, 'on')} ${supposed} / if it changed so on that day`,
      ),
      ...(Object.hasOwn(answer, 'clauses') ? [line(describeClauses(listOf(answer, 'clauses'), kind))] : []),
      fallen.length === 0
        ? line('当日有效的声明均不受影响 / no agreement that holds on that day is touched')
        : formatTable([head, ...fallen]),
      reports.length === 0
        ? line('没有实施报告涉及该版本 / no report has a line about it')
        : line(`有${reports.length}份实施报告涉及该版本 / reports with a line about it: ${reports.length}`),
      ...reports.map(line),
    ].join(''),
  )
  return exits.verified
}
