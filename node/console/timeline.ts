import { eventKinds } from '../../protocol/record/vocabulary.ts'
import type { EventSummary, StandardDetail } from '../projection/port.ts'
import { formatCount, showDay } from './display.ts'
import { showAsOf, showSince, showState, showWord } from './label.ts'
import { html, type Markup, quote, say } from './markup.ts'
import { text } from './text.ts'

/** The events that made the state, as the protocol's fold takes them; none where dates of the record did. */
export function causesOf({ state, since, events }: StandardDetail, day: string): readonly EventSummary[] {
  const past = events.filter(({ date }) => date <= day)
  switch (state) {
    case 'disputed':
      return past.filter(({ eventKind }) => eventKind === 'superseded' || eventKind === 'abolished')
    case 'superseded':
    case 'abolished':
      return past.filter(({ eventKind, date }) => eventKind === state && date === since).slice(0, 1)
    case 'in-force':
      return past
        .filter(({ eventKind, date }) => eventKind === 'entry-into-force' && date === since)
        .slice(-1)
    default:
      return []
  }
}

/** The state, since when, and what says so: which event at which place of which log, or which date of the record. */
export function formatStanding(detail: StandardDetail, base: string, day: string): Markup {
  const causes = causesOf(detail, day)
  return html`<p class="standing">${showState(detail.state)} ${showSince(detail)}</p>
${causes.length === 0 ? html`<p>${say(reasonOf(detail))}</p>` : html`<ul class="plain">${causes.map((event) => html`<li>依据：${showEvent(event, base)}</li>`)}</ul>`}
${formatFlags(detail, day)}
<p class="asof">${showAsOf(day)}</p>`
}

function reasonOf({ state, publishedOn }: StandardDetail) {
  switch (state) {
    case 'in-force':
      return {
        zh: '依据：记录所载实施日期已到，签发机关的日志中未见代替或废止事件。',
        en: 'By the date in the record; no event in the log of its issuer ended it.',
      }
    case 'upcoming':
    case 'drafting':
      return { zh: '依据：记录所载日期尚未到。', en: 'By the date in the record, which lies ahead.' }
    case 'abolished':
      return { zh: '依据：记录所载废止日期。', en: 'By the date of abolition in the record.' }
    default:
      return publishedOn === undefined
        ? {
            zh: '记录未载明发布与实施日期，是否现行无从判定；请核对标准封面。',
            en: 'The record gives no dates, so nobody can tell; see the cover of the standard.',
          }
        : {
            zh: '记录未载明实施日期，是否现行无从判定；请核对标准封面。',
            en: 'The record gives no date of entry into force, so nobody can tell; see the cover.',
          }
  }
}

const flags = {
  'revision-start': { zh: '修订中', en: 'under revision' },
  amendment: { zh: '有修改单', en: 'amended' },
  'partly-superseded': { zh: '部分被代替', en: 'partly superseded' },
} as const

function formatFlags({ events }: StandardDetail, day: string): Markup | undefined {
  const raised = Object.entries(flags).filter(([kind]) =>
    events.some(({ eventKind, date }) => eventKind === kind && date <= day),
  )
  if (raised.length === 0) return undefined
  return html`<p>${raised.map(([, words]) => html`<span class="badge">${say(words)}</span> `)}</p>`
}

function showEvent(
  { eventKind, date, announcementNo, origin, index, digest }: EventSummary,
  base: string,
): Markup {
  return html`${showDay(date)} ${showWord(eventKinds, eventKind)}${
    announcementNo === undefined ? undefined : html`，${quote(announcementNo)}`
  }，<a href="${base}/records/${digest}">日志条目第${formatCount(index)}条 <span lang="en" class="en">entry ${formatCount(index)}</span></a> <span class="code">${quote(origin)}</span>`
}

interface Moment {
  readonly date: string
  readonly shown: Markup
}

/** Dates of the record and events of the log in one order, each with where it comes from. */
export function formatTimeline(
  detail: StandardDetail,
  stated: { readonly abolishedOn?: string | undefined },
  { base, day }: { readonly base: string; readonly day: string },
): Markup {
  const fact = (kind: string, date: string | undefined): readonly Moment[] =>
    date === undefined
      ? []
      : [
          {
            date,
            shown: html`${showDay(date)} ${showWord(eventKinds, kind)} <span class="quiet">（${say(text.fromRecord)}）</span>`,
          },
        ]
  const moments: readonly Moment[] = [
    ...fact('publication', detail.publishedOn),
    ...fact('entry-into-force', detail.effectiveOn),
    ...fact('abolished', stated.abolishedOn),
    ...detail.events.map((event) => ({ date: event.date, shown: showEvent(event, base) })),
  ]
  if (moments.length === 0) return html`<p class="empty">${say(text.noTimeline)}</p>`
  const inOrder = moments.toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
  return html`<ol class="timeline">
${inOrder.map(({ date, shown }) => html`<li class="${date > day ? 'ahead' : 'past'}">${shown}${date > day ? html` <span class="quiet">${say({ zh: '尚未到', en: 'ahead' })}</span>` : undefined}</li>`)}
</ol>`
}
