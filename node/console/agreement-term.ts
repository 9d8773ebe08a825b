import type { Agreement } from '../../protocol/record/agreement.ts'
import { grounds, manners } from '../../protocol/record/agreement-word.ts'
import { effects } from '../../protocol/record/mapping-word.ts'
import type { AgreementView } from '../agreement/agreement-view.ts'
import { showTerm } from './agreement-badge.ts'
import { rowStandingWords, agreementText as text } from './agreement-text.ts'
import { formatCount, showDay } from './display.ts'
import { formatRows } from './fact-list.ts'
import { captionOf, formatLeft, formatPaging } from './form.ts'
import { showWord } from './label.ts'
import { type Child, html, type Markup, quote, say } from './markup.ts'
import { scrollable } from './page.ts'
import { formatHeads } from './section.ts'

export const effectsPerPage = 50
/** So much of a statement stands on one page: a recognition may have 5,000 rows with conditions. */
const [statementLines, statementLength] = [120, 15_000]
const [mostConditions, longestCondition] = [3, 100]

/** The statement line by line; of a very long one the lines about rows stand on their own pages, and the digest is over all. */
export function formatStatement({
  statement,
  digest,
  id,
}: Pick<AgreementView, 'statement' | 'digest' | 'id'>): Markup {
  const head = statement.slice(0, fitting(statement))
  const tail = statement.slice(Math.max(head.length, statement.length - 4))
  const left = statement.length - head.length - tail.length
  return html`<p class="hint">${say(text.statementAbout)}</p>
<div class="statement">
${head.map(formatLine)}
${
  left > 0
    ? html`<p class="notice"><span class="mark" aria-hidden="true">!</span>${text.otherLines.zh}${formatCount(left)}行，逐行见“${text.effects.zh}”，全文见 <code>csx agreement show ${id}</code> <span lang="en" class="en">${formatCount(left)} more lines below, the whole by that command</span></p>`
    : undefined
}
${tail.map(formatLine)}
</div>
<p><strong>${say(text.digest)}</strong><span class="line code">${quote(digest)}</span></p>`
}

function fitting(lines: readonly string[]): number {
  let length = 0
  const over = lines.findIndex((line, i) => {
    length += line.length
    return i >= statementLines || length > statementLength
  })
  return over < 0 ? lines.length : over
}

function formatLine(line: string): Markup {
  const indented = line.startsWith('　')
  return html`<p class="${indented ? 'row' : 'clause'}">${quote(line.trim())}</p>
`
}

export interface EffectsParts {
  readonly page: number
  readonly href: (page: number) => string
}

/** What each row of a recognition brings about, and what has become of it on the day. */
export function formatEffects(view: AgreementView, { page, href }: EffectsParts): Markup | undefined {
  const { agreement } = view
  if (agreement.kind !== 'recognition') return undefined
  const names = new Map(view.names.rows.map(({ row, name }) => [row, name]))
  const states = new Map(view.rows.map((row) => [row.row, row]))
  const size = effectsPerPage
  const total = agreement.effects.length
  const party = (i: number) => view.parties[i]?.name ?? view.parties[i]?.id ?? ''
  const shown = agreement.effects.slice((page - 1) * size, page * size)
  const caption = captionOf({ zh: '映射行', en: 'row(s)' }, { total, size, page })
  return html`${scrollable(
    caption.zh,
    html`<table class="cards" role="table">
<caption>${say(caption)}</caption>
${formatHeads([text.row, text.clauses, text.effect, text.direction, text.rowState])}
<tbody role="rowgroup">
${shown.map(({ row, from, to, effect, conditions }) => {
  const standing = states.get(row)
  const direction =
    effect === 'direct'
      ? say(text.both)
      : effect === 'refused'
        ? html`${quote(party(to))}不采信${quote(party(from))}`
        : html`符合${quote(party(from))}条款的，${quote(party(to))}采信`
  return html`<tr role="row">
<th scope="row" role="rowheader" data-label="${text.row.zh}">${quote(row)}</th>
<td role="cell" data-label="${text.clauses.zh}">${quote(names.get(row) ?? '—')}</td>
<td role="cell" data-label="${text.effect.zh}">${showWord(effects, effect)}${showConditions(conditions ?? [])}</td>
<td role="cell" data-label="${text.direction.zh}">${direction}</td>
<td role="cell" data-label="${text.rowState.zh}">${standing && (standing.state !== 'effective' || view.answer === 'effective') ? html`${showWord(rowStandingWords, standing.state)}${standing.until === undefined ? undefined : html` <span class="line">自${showDay(standing.until)}</span>`}` : html`<span class="quiet">—</span>`}</td>
</tr>`
})}
</tbody>
</table>`,
  )}
${formatPaging({ total, size, page, href, label: text.effects })}`
}

/** What the other kinds of agreement name beside the terms of all. */
export function formatScope(agreement: Agreement): Markup | undefined {
  if (agreement.kind === 'recognition') return undefined
  if (agreement.kind === 'interconnection') {
    const { suite, endpoints, environment } = agreement.scope
    const ends: Child = endpoints.map(
      (end) => html`<span class="line code">${quote('url' in end ? end.url : end.sample)}</span>`,
    )
    return formatRows([
      [
        text.suite,
        html`${quote(`${suite.id} ${suite.version}`)}<span class="line code">${suite.digest}</span>`,
      ],
      [text.endpoints, ends],
      [text.environment, quote(environment)],
    ])
  }
  const { manner, target, ground, reuser } = agreement.scope
  return formatRows([
    [{ zh: '采用方', en: 'Used by' }, html`<span class="code">${quote(agreement.parties[reuser].id)}</span>`],
    [text.manner, showWord(manners, manner)],
    [text.target, quote([target.documentNo, target.titleZh].filter((part) => part !== undefined).join(' '))],
    [
      text.ground,
      'statute' in ground
        ? showWord(grounds, ground.statute)
        : html`互认声明 <span class="code">${quote(ground.recognition.id)}</span>`,
    ],
  ])
}

/** Everything that would end it, each with what follows and when. */
export function formatEnds(
  view: AgreementView,
  { base, below }: { readonly base: string; readonly below: string },
): Markup {
  const { agreement, start, end, never, names } = view
  const lapse =
    agreement.onRevision === 'lapse' ? say(text.atOnce) : html`${agreement.graceDays}${say(text.afterGrace)}`
  return formatRows([
    [{ zh: '自', en: 'From' }, never ? undefined : showDay(start ?? agreement.effectiveFrom)],
    [text.acceptBy, start === undefined ? showDay(agreement.acceptBy) : undefined],
    [text.endOfTerm, never ? showTerm(view) : html`${showDay(end ?? agreement.validUntil)}前一日止`],
    [text.notice, html`${agreement.noticeDays}${say(text.noticeDays)}`],
    [
      text.basis,
      html`${quote(agreement.basis.number)} <a class="code" href="${base}/records/${agreement.basis.digest}">${agreement.basis.digest}</a>`,
    ],
    [text.revision, lapse],
    [
      text.pinned,
      names.editions.map(
        ({ id, digest, name }) =>
          html`<span class="line"><a href="${base}/standards/${digest}">${quote(name)}</a> <a href="${base}${below}/what-if?edition=${encodeURIComponent(id)}">${say(text.whatIf)}</a></span>`,
      ),
    ],
    [text.repin, view.repin.map((id) => html`<span class="line code">${quote(id)}</span>`)],
    [text.disposeBy, view.disposeBy === undefined ? undefined : showDay(view.disposeBy)],
  ])
}

function showConditions(conditions: readonly string[]): Markup {
  const cut = (one: string) => (one.length > longestCondition ? `${one.slice(0, longestCondition)}…` : one)
  return html`${conditions
    .slice(0, mostConditions)
    .map(
      (one) => html`<span class="line">条件：${quote(cut(one))}</span>`,
    )}${formatLeft(conditions.length - mostConditions, 'csx agreement show')}`
}
