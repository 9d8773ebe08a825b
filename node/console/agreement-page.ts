import { agreementKindWords } from '../../protocol/record/agreement-word.ts'
import type { AgreementView } from '../agreement/agreement-view.ts'
import { linkAnswer, showAgreementState, showCode } from './agreement-badge.ts'
import { showParties } from './agreement-list.ts'
import { formatActs, formatConditions, formatPlaces } from './agreement-reason.ts'
import { formatEffects, formatEnds, formatScope, formatStatement } from './agreement-term.ts'
import { agreementText as text } from './agreement-text.ts'
import { commandLine, formatCommand } from './command.ts'
import { showDay } from './display.ts'
import { formatForm, formatIgnored, formatInput } from './form.ts'
import { messageFor } from './label.ts'
import { type Child, html, type Markup, quote, say } from './markup.ts'
import { formatPage, type Site } from './page.ts'
import { addressWith, type Parameters } from './parameter.ts'
import type { NameOf } from './party-list.ts'
import { formatNotice, formatSection } from './section.ts'

export interface AgreementContent {
  readonly view: AgreementView
  /** Where it stands: below nothing, or below `/work`. */
  readonly below: '' | '/work'
  /** Whether everybody may read it. */
  readonly open: boolean
  readonly today: string
  readonly page: number
  readonly ignored: Parameters['ignored']
  readonly nameOf: NameOf
  /** What stands between its head and its statement: the sign page. */
  readonly signing?: Child
}

/** One agreement: what was signed, whether it holds on the day asked and why, who did what, and what would end it. */
export function formatAgreement(site: Site, content: AgreementContent): Markup {
  const { view, below, today, page, ignored, nameOf, signing } = content
  const base = site.base.base
  const { id, digest, kind, answer, state, on, agreement } = view
  const path = `${base}${below}/agreements/${encodeURIComponent(id)}`
  const at = on === today ? '' : on
  const scope = formatScope(agreement)
  const code =
    view.conditions.find(({ outcome }) => outcome === 'failed')?.code ??
    view.conditions.find(({ outcome }) => outcome === 'unknown')?.code
  return formatPage(site, {
    title: `${agreementKindWords[kind].zh} ${view.parties.map(({ name }) => name).join('—')}`,
    main: html`<p class="back"><a href="${base}${below === '' ? '/agreements' : '/work/'}">${say(text.back)}</a></p>
<div class="intro">
<h1>${showParties(view)} <span class="kind">${say(agreementKindWords[kind])}</span></h1>
<p class="badges">${linkAnswer(answer)} ${state === 'undecided' ? undefined : showAgreementState(state)}</p>
${code === undefined ? undefined : html`<p>${showCode(code)}${remedyOf(code)}</p>`}
<p class="quiet">${text.project.zh}：${quote(view.project)}；${text.day.zh}：${showDay(on)}；<span class="code">${quote(id)}</span></p>
${view.reviewOverdue ? formatNotice(say(text.reviewOverdue)) : undefined}
${formatForm({
  action: path,
  label: text.day,
  submit: { zh: '换日期', en: 'Ask' },
  clear: at === '' ? undefined : addressWith(path, { digest }),
  fields: html`${formatInput('at', text.day, { value: on, date: true })}<input type="hidden" name="digest" value="${digest}">`,
})}
${formatIgnored(ignored)}
</div>
${signing}
${formatSection('statement', text.statement, formatStatement(view))}
${formatSection('why', text.why, html`${formatConditions(view, base)}`)}
${formatSection('places', text.asOf, formatPlaces(view))}
${kind === 'recognition' ? formatSection('effects', text.effects, formatEffects(view, { page, href: (to) => `${addressWith(path, { digest, at, page: String(to) })}#effects` })) : undefined}
${scope ? formatSection('terms', text.terms, scope) : undefined}
${formatSection('acts', text.acts, formatActs(view, { base, nameOf }))}
${formatSection('ends', text.ends, formatEnds(view, { base, below }))}
${formatSection('verify', text.verify, formatOffline(site, view, content.open))}`,
  })
}

function remedyOf(code: string): Markup | undefined {
  const message = messageFor(code)
  return message && html` ${say({ zh: message.remedyZh, en: message.remedyEn })}`
}

function formatOffline(site: Site, { id, digest, kind, on }: AgreementView, isOpen: boolean): Markup {
  const file = `${digest.slice('sha256:'.length, 'sha256:'.length + 12)}.csx.json`
  const gather = ['csx', 'bundle', kind, id, '--digest', digest, '--node', site.base.url]
  const rights = isOpen ? [] : ['--token-file', 'operator.token', '--disclose']
  const lines = `${commandLine([...gather, ...rights, '-o', file])} && ${commandLine(['csx', 'verify', file, '--trust', site.root, '--at', on])}`
  return html`${formatCommand(text.verifyAbout, lines)}
${isOpen ? undefined : formatNotice(say(text.verifyPair))}`
}
