import type { StandardSubject } from '../../protocol/record/standard-record.ts'
import type { StandardDetail } from '../projection/port.ts'
import { formatRows } from './fact-list.ts'
import { type Child, html, type Markup, quote, say } from './markup.ts'
import { text } from './text.ts'

type Party = NonNullable<StandardSubject['publishers']>[number]

/** What the registry calls a DID; nothing where it does not know it. */
export type NameOf = (did: string) => string | undefined

/** Who signed the record, by the registry; and who is named in it, as it says, the registry's name beside each that has one. */
export function formatParties(
  detail: StandardDetail,
  subject: StandardSubject | undefined,
  nameOf: NameOf,
): Markup {
  const list = (parties: readonly Party[] | undefined): Child =>
    (parties ?? []).map((party) => html`<span class="line">${showParty(party, nameOf)}</span>`)
  return formatRows([
    [
      text.issuer,
      html`${quote(detail.issuerName)} <span class="quiet">（${say(text.registryName)}）</span>${detail.own ? html` <span class="badge">${say(text.own)}</span>` : undefined}<span class="line code">${quote(detail.issuer)}</span>`,
    ],
    [{ zh: '标准发布单位', en: 'Publishers' }, list(subject?.publishers)],
    [{ zh: '提出单位', en: 'Proposed by' }, list(subject?.proposers)],
    [{ zh: '归口单位', en: 'Under the care of' }, list(subject?.custodians)],
    [{ zh: '起草单位', en: 'Drafted by' }, list(subject?.drafters)],
  ])
}

/** @see SECURITY.md, R32: the registry's name beside every self-given one. */
function showParty({ nameZh, party, usc, divisionCode }: Party, nameOf: NameOf): Markup {
  const known = party === undefined ? undefined : nameOf(party)
  const codes = [
    usc === undefined ? undefined : `统一社会信用代码 ${usc}`,
    divisionCode === undefined ? undefined : `区划代码 ${divisionCode}`,
  ].filter((code) => code !== undefined)
  return html`${quote(nameZh)} <span class="quiet">（${say(text.selfGiven)}${codes.map((code) => html`；${code}`)}）</span>${
    party === undefined
      ? undefined
      : known === undefined
        ? html`<span class="notice"><span class="mark" aria-hidden="true">!</span>${say(text.notInRegistry)} <span class="code">${quote(party)}</span></span>`
        : html` <span class="line">${say(text.registryName)}：${quote(known)} <span class="code">${quote(party)}</span></span>`
  }`
}
