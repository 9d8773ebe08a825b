import {
  type AgreementState,
  type Answer,
  agreementStates,
  answers,
} from '../../protocol/standing/condition.ts'
import type { Text } from '../../protocol/verdict.ts'
import { agreementText as text } from './agreement-text.ts'
import { showDay } from './display.ts'
import { messageFor } from './label.ts'
import { html, type Markup, quote, say } from './markup.ts'

/** Shapes beside the words, so that colour says nothing alone. */
const answerMarks = { effective: '✓', 'not-effective': '✗', undecided: '?' } as const satisfies Record<
  Answer,
  string
>

const tones = {
  proposed: ['open', '…'],
  rejected: ['bad', '✗'],
  upcoming: ['open', '◔'],
  effective: ['good', '●'],
  grace: ['open', '◑'],
  lapsed: ['bad', '■'],
  withdrawn: ['bad', '■'],
  expired: ['bad', '■'],
  renewed: ['bad', '◐'],
  unmet: ['bad', '✗'],
  'disposal-due': ['bad', '◆'],
  disputed: ['open', '◆'],
  undecided: ['open', '?'],
} as const satisfies Record<AgreementState, readonly [tone: string, mark: string]>

const answerTones = { effective: 'good', 'not-effective': 'bad', undecided: 'open' } as const

/** 有效, 无效 or 不可判定. */
export function showAnswer(answer: Answer): Markup {
  return html`<span class="badge ${answerTones[answer]}"><span class="mark" aria-hidden="true">${answerMarks[answer]}</span>${say(answers[answer])}</span>`
}

/** The answer, leading to its reasons. */
export function linkAnswer(answer: Answer): Markup {
  return html`<a class="badge ${answerTones[answer]}" href="#why"><span class="mark" aria-hidden="true">${answerMarks[answer]}</span>${say(answers[answer])}</a>`
}

export function showAgreementState(state: AgreementState): Markup {
  const [tone, mark] = tones[state]
  return html`<span class="badge ${tone}"><span class="mark" aria-hidden="true">${mark}</span>${say(agreementStates[state])}</span>`
}

/** A code with its words; one of a newer node stands alone. */
export function showCode(code: string): Markup {
  const message = messageFor(code)
  return html`<span class="reason"><span class="code">${quote(code)}</span>${message ? html` ${say(message)}` : undefined}</span>`
}

interface Term {
  readonly start?: string
  readonly end?: string
  readonly never?: Text
}

/** `2026年3月1日至2027年3月1日前一日`: the end is not included. */
export function showTerm({ start, end, never }: Term): Markup {
  if (never)
    return html`${say(text.never)}：${quote(never.zh)} <span lang="en" class="en"><bdi>${never.en}</bdi></span>`
  if (start === undefined) return html`<span class="quiet">${say(text.notBegun)}</span>`
  if (end === undefined || end <= start) return html`自${showDay(start)}起`
  return html`${showDay(start)}起，${showDay(end)}前`
}
