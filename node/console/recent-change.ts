import { addDays } from '../../protocol/date.ts'
import { agreementKindWords } from '../../protocol/record/agreement-word.ts'
import type { Text } from '../../protocol/verdict.ts'
import type { ListedAgreement } from '../agreement/agreement-list.ts'
import { formatCount, showDay } from './display.ts'
import { mappingText as text } from './mapping-text.ts'
import { html, type Markup, say } from './markup.ts'

/** So many days back and ahead: about as long as nobody may have looked, and as it takes to renew. */
const reach = 60
const mostNamed = 5

/** What ended of late, what is about to end, and what is to be disposed of: a coordinator who looks once a month misses none. */
export function formatRecentChanges(
  items: readonly ListedAgreement[],
  { path, day }: { readonly path: string; readonly day: string },
): Markup {
  const began = items.filter(({ start, end }) => start !== undefined && end !== undefined && start < end)
  const since = addDays(day, -reach)
  const until = addDays(day, reach)
  const name = (label: Text, found: readonly (readonly [ListedAgreement, string | undefined])[]) =>
    found.length === 0
      ? undefined
      : html`<p class="notice"><span class="mark" aria-hidden="true">!</span>${say(label)}：${found
          .slice(0, mostNamed)
          .map(
            ([{ id, kind }, on], i) =>
              html`${i === 0 ? undefined : '、'}<a href="${path}/${encodeURIComponent(id)}">${agreementKindWords[kind].zh}${on === undefined ? undefined : html`（${showDay(on)}）`}</a>`,
          )}${found.length > mostNamed ? html`，共${formatCount(found.length)}份` : undefined}</p>`
  const ended = began.flatMap((one) =>
    one.end !== undefined && since < one.end && one.end <= day ? [[one, one.end] as const] : [],
  )
  const ending = began.flatMap((one) =>
    one.end !== undefined && day < one.end && one.end <= until ? [[one, one.end] as const] : [],
  )
  const disposal = items.flatMap((one) =>
    one.state === 'disposal-due' ? [[one, one.disposeBy] as const] : [],
  )
  return html`${name(text.disposalDue, disposal)}${name(text.endedLately, ended)}${name(text.endingSoon, ending)}`
}
