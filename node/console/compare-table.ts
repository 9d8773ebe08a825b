import type { ClauseComparison } from '../../protocol/mapping/compare/edition.ts'
import { type Outcome, outcomes } from '../../protocol/mapping/compare/outcome.ts'
import type { ClauseHead, Statement } from '../../protocol/mapping/compare/statement.ts'
import { relations, rowStates } from '../../protocol/record/mapping-word.ts'
import type { Text } from '../../protocol/verdict.ts'
import type { EditionsCompared } from '../agreement/comparison.ts'
import { captionOf, formatLeft } from './form.ts'
import { showWord } from './label.ts'
import { mappingText as text } from './mapping-text.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { scrollable } from './page.ts'
import { formatHeads } from './section.ts'

export const clausesPerPage = 50

/** One line of the two panes: a clause of A with what a row says of it, or one of B that nothing joins. */
export interface PaneLine {
  readonly a?: ClauseHead
  readonly b?: ClauseHead
  readonly outcome: Outcome
  readonly statement?: Statement
}

/** Every clause of A in its order, one line a row about it; then what of B is left. */
export function linesOf({
  clauses,
  unmatched,
}: Pick<EditionsCompared, 'clauses' | 'unmatched'>): readonly PaneLine[] {
  return [
    ...clauses.flatMap(({ clause, outcome, statements }: ClauseComparison): readonly PaneLine[] => {
      const counted = statements.filter(({ state }) => state !== 'candidate')
      if (counted.length === 0) return [{ a: clause, outcome }]
      return counted.map((statement) => ({
        a: clause,
        outcome: statement.outcome,
        statement,
        ...(statement.counterpart ? { b: statement.counterpart } : {}),
      }))
    }),
    ...unmatched.map(({ clause, outcome }): PaneLine => ({ b: clause, outcome })),
  ]
}

const outcomeTones = {
  equal: ['good', '='],
  stricter: ['good', '▲'],
  looser: ['open', '▽'],
  overlapping: ['open', '∩'],
  conflicting: ['bad', '✗'],
  'no-counterpart': ['plain', '∅'],
  'not-compared': ['plain', '…'],
} as const satisfies Record<Outcome, readonly [tone: string, mark: string]>

/** An outcome is that of A against B, and says who A is where it has a direction. */
export function showOutcome(outcome: Outcome, who: Text): Markup {
  const [tone, mark] = outcomeTones[outcome]
  const { zh, en } = outcomes[outcome]
  const directed = outcome === 'stricter' || outcome === 'looser'
  const words = directed ? { zh: `${who.zh}${zh}`, en: `${who.en} ${en}` } : { zh, en }
  return html`<span class="badge ${tone}"><span class="mark" aria-hidden="true">${mark}</span>${say(words)}</span>`
}

export interface PaneParts {
  readonly total: number
  readonly page: number
  readonly labels: {
    readonly a: { readonly zh: string; readonly en: string }
    readonly b: { readonly zh: string; readonly en: string }
  }
  /** Whether B stands on the left, since A is ours. */
  readonly turned: boolean
  /** What A is called. */
  readonly who: Text
}

/** Two panes with the relation between: theirs on the left and ours on the right where one side is ours, else A and B. */
export function formatPanes(
  lines: readonly PaneLine[],
  { total, page, labels, turned, who }: PaneParts,
): Markup {
  const caption = captionOf({ zh: '对照', en: 'line(s)' }, { total, size: clausesPerPage, page })
  const [left, right] = turned ? [labels.b, labels.a] : [labels.a, labels.b]
  return scrollable(
    caption.zh,
    html`<table class="panes cards" role="table">
<caption>${say(caption)}</caption>
${formatHeads([left, text.between, right])}
<tbody role="rowgroup">
${lines.map((line) => {
  const [near, far] = turned ? [line.b, line.a] : [line.a, line.b]
  return html`<tr role="row">
<td role="cell" data-label="${left.zh}">${showHead(near)}</td>
<td role="cell" class="between" data-label="${text.between.zh}">${showBetween(line, who)}</td>
<td role="cell" data-label="${right.zh}">${showHead(far)}</td>
</tr>`
})}
</tbody>
</table>`,
  )
}

export function showHead(head: Pick<ClauseHead, 'locator' | 'heading'> | undefined): Markup {
  if (!head) return html`<span class="quiet">—</span>`
  return html`<strong>${quote(head.locator)}</strong> ${quote(head.heading)}`
}

function showBetween({ outcome, statement }: PaneLine, who: Text): Markup {
  if (!statement) return showOutcome(outcome, who)
  const { relation, state, row } = statement
  return html`${showOutcome(outcome, who)} <span class="tag">${say(rowStates[state])}</span>${
    relation === undefined ? undefined : html`<span class="line">${showWord(relations, relation)}</span>`
  }${showDetail(statement)}<span class="line quiet">${text.row.zh} ${quote(row)}</span>`
}

/** Limits with their direction in words, and what is known of the texts. */
export function showDetail({
  limits,
  text: texts,
  changes,
}: Pick<Statement, 'limits' | 'text' | 'changes'>): Markup {
  return html`${showLimits(limits?.words ?? [])}<span class="line quiet">${say(textWords[texts])}</span>${
    changes
      ? html`<span class="line changes">${changes.map(({ kind, text: part }) =>
          kind === 'same'
            ? quote(part)
            : kind === 'added'
              ? html`<ins><span class="heard">${text.added.zh}：</span>${quote(part)}</ins>`
              : html`<del><span class="heard">${text.removed.zh}：</span>${quote(part)}</del>`,
        )}</span>`
      : undefined
  }`
}

const mostLimits = 4

export function showLimits(words: readonly Text[]): Markup {
  return html`${words
    .slice(0, mostLimits)
    .map(
      ({ zh, en }) =>
        html`<span class="line limit">${quote(zh)} <span lang="en" class="en"><bdi>${en}</bdi></span></span>`,
    )}${formatLeft(words.length - mostLimits)}`
}

export const textWords = {
  equal: text.textEqual,
  different: text.textDifferent,
  unknown: text.textUnknown,
} as const
