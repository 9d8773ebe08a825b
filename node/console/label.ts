import { problemCodes } from '../../protocol/error.ts'
import { type Message, messageOf } from '../../protocol/message.ts'
import { type LifecycleState, lifecycleStates } from '../../protocol/standing/lifecycle.ts'
import type { Text } from '../../protocol/verdict.ts'
import type { StandardSummary } from '../projection/port.ts'
import { formatDay, showDay } from './display.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { text } from './text.ts'

/** The word for a slug of a closed list; an unknown one is shown as it is, never dropped. */
export function wordOf(table: Readonly<Record<string, Text>>, slug: string): Text {
  const known = Object.hasOwn(table, slug) ? table[slug] : undefined
  return known ?? { zh: slug, en: '' }
}

export function showWord(table: Readonly<Record<string, Text>>, slug: string): Markup {
  const { zh, en } = wordOf(table, slug)
  return en === '' ? quote(zh) : say({ zh, en })
}

/** The words for a code of the catalogue; a code of a newer node has none. */
export function messageFor(code: string): Message | undefined {
  const known = problemCodes.find((candidate) => candidate === code)
  return known === undefined ? undefined : messageOf(known)
}

/** Shapes beside the words, so that colour says nothing alone. */
const stateMarks = {
  drafting: '…',
  upcoming: '◔',
  'in-force': '●',
  superseded: '◐',
  abolished: '■',
  disputed: '◆',
  undetermined: '?',
} as const satisfies Record<LifecycleState, string>

export function showState(state: LifecycleState): Markup {
  return html`<span class="badge state ${state}"><span class="mark" aria-hidden="true">${stateMarks[state]}</span>${say(lifecycleStates[state])}</span>`
}

/** When the state began, or is to begin. */
export function showSince({ state, since }: Pick<StandardSummary, 'state' | 'since'>): Markup | undefined {
  if (since === undefined) return undefined
  const day = showDay(since)
  switch (state) {
    case 'drafting':
      return html`拟于${day}实施`
    case 'upcoming':
      return html`${day}起实施`
    case 'superseded':
      return html`${day}被代替`
    case 'abolished':
      return html`${day}废止`
    case 'undetermined':
      return html`${day}发布，实施日期未载明`
    default:
      return html`自${day}起`
  }
}

/** `合成`: shown wherever a made-up standard is. */
export function showSynthetic(): Markup {
  return html`<span class="badge made-up">${say(text.synthetic)}</span>`
}

/**
 * When a review is due. What this node has not seen may still have happened elsewhere: it never says "not reviewed".
 *
 * @see DOMAIN, section 4
 */
export function showReview(standard: StandardSummary, day: string): Markup {
  const { state, reviewDue, publishedOn } = standard
  if (state === 'superseded' || state === 'abolished' || state === 'drafting')
    return html`<span class="quiet">${say(text.notApplicable)}</span>`
  if (reviewDue === undefined) return html`<span class="quiet">${say(text.reviewUncomputed)}</span>`
  if (reviewDue >= day) return showDay(reviewDue)
  const unseen = isFirstReview(reviewDue, publishedOn) ? text.noReviewKnown : text.noLaterReviewKnown
  return html`<span class="tag">${showDay(reviewDue)}（${text.past.zh}）</span><span class="notice"><span class="mark" aria-hidden="true">!</span>${say(unseen)}</span>`
}

function isFirstReview(reviewDue: string, publishedOn: string | undefined): boolean {
  return publishedOn !== undefined && Number(reviewDue.slice(0, 4)) - Number(publishedOn.slice(0, 4)) === 5
}

export function showWarnings({ warnings }: Pick<StandardSummary, 'warnings'>): Markup | undefined {
  if (warnings.length === 0) return undefined
  return html`<ul class="warnings">${warnings.map(
    ({ zh, en, rule }) =>
      html`<li class="notice"><span class="mark" aria-hidden="true">!</span>${zh.replace(/\d{4}-\d{2}-\d{2}/g, formatDay)}（${rule}） <span lang="en" class="en">${en}</span></li>`,
  )}</ul>`
}

/** The day for which every state on the page is told. */
export function showAsOf(day: string): Markup {
  return html`${text.statesOn.zh}${showDay(day)} <span lang="en" class="en">${text.statesOn.en}${day}</span>`
}
