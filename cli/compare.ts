import { decodeUtf8 } from '../protocol/bytes.ts'
import { isJsonObject, type JsonObject } from '../protocol/json-value.ts'
import { attributes } from '../protocol/mapping/compare/agency.ts'
import { outcomes } from '../protocol/mapping/compare/outcome.ts'
import { rowStates } from '../protocol/record/mapping-word.ts'
import { labelOf, listOf, objectOf, textsOf, wordsOf } from './answer.ts'
import { countOf, createClient, parseAnswer, textOf } from './client.ts'
import { type ReaderFlags, readCredential } from './credential.ts'
import { type Exit, exits } from './exit.ts'
import { parseUrl } from './option.ts'
import { escapeJson, escapeText, formatTable } from './print.ts'
import type { World } from './world.ts'

export interface CompareFlags extends ReaderFlags {
  readonly node: string
  readonly at?: string
  readonly json?: true
}

export const comparisonBytes = 64 << 20
export const comparisonTimeout = 120_000

/**
 * `csx compare A B`: by the word of the node. What rests on signatures is in the records, which `csx verify` judges.
 *
 * @see protocol/spec/mapping.md, MAP-76
 */
export async function runCompare(
  a: string,
  b: string,
  { flags, world }: { readonly flags: CompareFlags; readonly world: World },
): Promise<Exit> {
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  const query = new URLSearchParams({ a, b, ...(flags.at === undefined ? {} : { at: flags.at }) })
  const bytes = await client.call(`/api/v1/compare?${query}`, {
    maxBytes: comparisonBytes,
    timeout: comparisonTimeout,
  })
  const answer = parseAnswer(bytes)
  if (flags.json) world.out(`${escapeJson(decodeUtf8(bytes).trimEnd())}\n`)
  else world.out(textOf(answer, 'kind') === 'agencies' ? formatAgencies(answer) : formatEditions(answer))
  return exits.verified
}

/** `DB50/T 990001—2020 会议服务规范` */
export function formatEdition(edition: JsonObject): string {
  return `${textsOf(edition, 'numbers').join(' / ')} ${textOf(edition, 'titleZh')}`
}

function formatEditions(answer: JsonObject): string {
  return [
    line(`甲 A  ${formatEdition(objectOf(answer, 'a'))}`),
    line(`乙 B  ${formatEdition(objectOf(answer, 'b'))}`),
    formatClauses(answer),
    formatCoverage(objectOf(answer, 'coverage')),
  ].join('')
}

/** A row for each statement, below its clause; limits with their direction in a line of their own. */
function formatClauses(answer: JsonObject): string {
  const rows = listOf(answer, 'clauses').flatMap((clause) => {
    const statements = listOf(clause, 'statements')
    const outcome = outcomeLabel(clause, statements)
    const state = typeof clause.state === 'string' ? labelOf(rowStates, clause.state) : ''
    const head = [formatHead(objectOf(clause, 'clause')), outcome, state]
    if (statements.length === 0) return [[...head, '']]
    return statements.map((statement, n) => [...(n === 0 ? head : ['', '', '']), formatStatement(statement)])
  })
  const unmatched = listOf(answer, 'unmatched').map((clause) =>
    line(`  ${formatHead(objectOf(clause, 'clause'))}  ${labelOf(outcomes, textOf(clause, 'outcome'))}`),
  )
  return [
    formatTable([['甲方条款 clause of A', '结论 outcome', '状态 state', '依据 rows'], ...rows]),
    ...(unmatched.length > 0
      ? [line('乙方中没有对上的条款 / clauses of B that none is compared with'), ...unmatched]
      : []),
  ].join('')
}

/** Of the same effect is not the same: both count as equal, and people see which it is. */
function outcomeLabel(of: JsonObject, statements: readonly JsonObject[]): string {
  const outcome = textOf(of, 'outcome')
  const counted = statements.filter(({ outcome: each, state }) => each === 'equal' && state === of.state)
  const isEquivalent = counted.length > 0 && counted.every(({ relation }) => relation === 'equivalent')
  return outcome === 'equal' && isEquivalent ? '等效 equivalent' : labelOf(outcomes, outcome)
}

function formatHead(head: JsonObject): string {
  return `${textOf(head, 'locator')} ${textOf(head, 'heading')}`
}

const textWords = {
  equal: { zh: '文本相同', en: 'equal' },
  different: { zh: '文本不同', en: 'different' },
  unknown: { zh: '文本未知', en: 'unknown' },
} as const

/** `5.2 维修 [通过 accepted]  维修费：甲方更严：≤1200 对 ≤1500 元/m²  文本不同  r2` */
function formatStatement(statement: JsonObject): string {
  const { counterpart, limits } = statement
  const parts = [
    isJsonObject(counterpart) ? `→ ${formatHead(counterpart)}` : '→ —',
    `[${outcomeLabel(statement, [statement])}，${labelOf(rowStates, textOf(statement, 'state'))}]`,
    ...(isJsonObject(limits) ? listOf(limits, 'words').map(wordsOf) : []),
    labelOf(textWords, textOf(statement, 'text')).split(' ')[0] ?? '',
    textOf(statement, 'row'),
  ]
  return parts.join('  ')
}

function formatCoverage(coverage: JsonObject): string {
  const count = (name: string) => countOf(coverage, name)
  const { share } = coverage
  const drafts = coverage.draft === undefined ? 0 : count('draft')
  const draft = drafts === 0 ? '' : `草拟 draft ${drafts}，`
  const fraction = isJsonObject(share)
    ? `${countOf(share, 'numerator')}/${countOf(share, 'denominator')}`
    : '—'
  return line(
    `覆盖 coverage  已比对 compared ${fraction}：通过 accepted ${count('accepted')}，待审 in review ${count('inReview')}，${draft}冲突 conflicting ${count('conflicting')}，无对应 no counterpart ${count('noCounterpart')}，未比对 not compared ${count('notCompared')}，共 of ${count('total')}`,
  )
}

const attributeOutcomes = {
  equal: { zh: '相同', en: 'equal' },
  different: { zh: '≠ 不同', en: 'different' },
  unknown: { zh: '? 未知', en: 'unknown' },
} as const

function formatAgencies(answer: JsonObject): string {
  const [a, b] = [objectOf(answer, 'a'), objectOf(answer, 'b')]
  const sides = listOf(answer, 'attributes').map((each) => [
    labelOf(attributes, textOf(each, 'attribute')),
    textsOf(each, 'a').join('、') || '—',
    textsOf(each, 'b').join('、') || '—',
    labelOf(attributeOutcomes, textOf(each, 'outcome')),
  ])
  const pairs = listOf(answer, 'pairs').flatMap((pair) => [
    line(`\u2500\u2500 ${formatEdition(objectOf(pair, 'a'))}  ↔  ${formatEdition(objectOf(pair, 'b'))}`),
    formatClauses(pair),
    formatCoverage(objectOf(pair, 'coverage')),
  ])
  const alone = (side: string, name: 'aloneA' | 'aloneB') =>
    line(`${side}没有比对的标准 / standards that no row joins: ${listOf(answer, name).length}`)
  return [
    line(`甲 A  ${textOf(a, 'nameZh')}  ${textOf(a, 'id')}  标准 standards ${countOf(a, 'editions')}`),
    line(`乙 B  ${textOf(b, 'nameZh')}  ${textOf(b, 'id')}  标准 standards ${countOf(b, 'editions')}`),
    formatTable([['属性 attribute', '甲 A', '乙 B', '比较 outcome'], ...sides]),
    ...pairs,
    alone('甲方', 'aloneA'),
    alone('乙方', 'aloneB'),
    formatCoverage(objectOf(answer, 'coverage')),
  ].join('')
}

function line(text: string): string {
  return `${escapeText(text)}\n`
}
