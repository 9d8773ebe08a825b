import type { AgreementView } from '../agreement/agreement-view.ts'
import { effectsPerPage } from './agreement-term.ts'
import { agreementText as text } from './agreement-text.ts'
import { atOwnNode, commandLine, formatCommand } from './command.ts'
import { formatCount, showDay } from './display.ts'
import { html, type Markup, quote, say } from './markup.ts'
import type { Site } from './page.ts'
import { formatSection } from './section.ts'

/**
 * What this agency may do about an agreement, as commands: to sign, with what the signature brings about and what ends it; to take back;
 * to give notice. The statement itself stands below, whole.
 *
 * @see protocol/spec/console.md, CONSOLE-14
 */
export function formatSigning(
  site: Site,
  view: AgreementView,
  { self, today }: { readonly self: string; readonly today: string },
): Markup | undefined {
  const { agreement, state, answer } = view
  const acts = view.acts.filter(({ counts }) => counts)
  if (!agreement.parties.some(({ id }) => id === self)) return undefined
  const proposal = acts.find(({ act }) => act === 'propose')
  const accepted = acts.some(({ act, by }) => act === 'accept' && by !== proposal?.by)
  if (state === 'proposed' && !accepted && proposal)
    return proposal.by === self ? formatOwn(site, view) : formatTheirs(site, view, today > agreement.acceptBy)
  if (accepted && (answer === 'effective' || state === 'upcoming' || state === 'grace'))
    return formatSection(
      'act',
      { zh: '可做的事', en: 'What we may do' },
      formatCommand(text.giveNotice, actCommand(site, view, 'withdraw')),
    )
  return undefined
}

function formatTheirs(site: Site, view: AgreementView, late: boolean): Markup {
  const { agreement, digest } = view
  if (late) return formatSection('sign', text.sign, html`<p>${say(text.signLate)}</p>`)
  const failed = view.conditions.filter(
    ({ outcome, condition }) => outcome !== 'passed' && !beforeConsent.has(condition),
  )
  return formatSection(
    'sign',
    text.sign,
    html`<p>${say(text.signAbout)}</p>
<p>${text.acceptBy.zh}：${showDay(agreement.acceptBy)}</p>
<h3>${say(text.signMakes)}</h3>
<p>${say(text.signMakesText)}</p>
<p>自${showDay(agreement.effectiveFrom)}起，${showDay(agreement.validUntil)}前；${
      agreement.kind === 'recognition'
        ? html`<a href="#effects">${say(text.effects)}：${formatCount(agreement.effects.length)}行</a>${agreement.effects.length > effectsPerPage ? '，分页列出' : undefined}`
        : undefined
    }</p>
<h3>${say(text.signEnds)}</h3>
<p><a href="#ends">${say(text.ends)}</a>；${text.notice.zh}：${agreement.noticeDays}${say(text.noticeDays)}</p>
${failed.map(({ condition, zh, en }) => html`<p class="notice"><span class="mark" aria-hidden="true">!</span>${quote(condition)}：${quote(zh)} <span lang="en" class="en"><bdi>${en}</bdi></span></p>`)}
<p><strong>${say(text.digest)}</strong><span class="line code">${digest}</span></p>
${formatCommand(text.signDo, actCommand(site, view, 'accept'))}
${formatCommand(text.signReject, actCommand(site, view, 'reject'))}`,
  )
}

/** They fail of every proposal until it is accepted, and so are no reason to wait. */
const beforeConsent: ReadonlySet<string> = new Set(['E1', 'E2', 'E5'])

function formatOwn(site: Site, view: AgreementView): Markup {
  return formatSection(
    'sign',
    text.sign,
    html`<p>${say(text.signWaits)}</p>
<p>${text.acceptBy.zh}：${showDay(view.agreement.acceptBy)}</p>
${formatCommand(text.signTakeBack, actCommand(site, view, 'withdraw'))}`,
  )
}

function actCommand(
  site: Site,
  { id, digest }: AgreementView,
  act: 'accept' | 'reject' | 'withdraw',
): string {
  const reason = act === 'accept' ? [] : ['--reason', '理由']
  return commandLine(['csx', 'agreement', act, id, ...atOwnNode(site), '--digest', digest, ...reason])
}
