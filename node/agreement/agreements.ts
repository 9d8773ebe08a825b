import { encodeBase64 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { JsonValue } from '../../protocol/json-value.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import type { ActWord, Agreement, Seen } from '../../protocol/record/agreement.ts'
import { agreementDigest } from '../../protocol/record/agreement-rule.ts'
import { isAttestation } from '../../protocol/record/schema.ts'
import type { Consent } from '../../protocol/standing/consent.ts'
import type { Statement } from '../../protocol/standing/log-statement.ts'
import { findRecognition } from '../../protocol/standing/recognition-evidence.ts'
import { findLog } from '../store/log-store.ts'
import { type Scope, wholeScope } from '../store/scope.ts'
import { actDraft, agreementIn, findProposal } from './agreement-act.ts'
import { type EvidencePlan, planEvidence } from './agreement-evidence.ts'
import { type AgreementSummary, type AgreementView, summarise, viewAgreement } from './agreement-view.ts'
import { type Consequences, consequencesOf, type Question, touching } from './consequence.ts'
import { createDrafting, type Drafting, type DraftingOptions } from './draft/drafting.ts'
import { requireLasting, requireOpen, requireTenable } from './draft/tenable.ts'
import { type KnownAgreement, readKnownAgreements } from './known-agreement.ts'
import type { ProposalReceipt } from './mapping-work.ts'
import { requireProject } from './project.ts'
import { createStatementReader } from './statement-read.ts'

export interface AgreementOptions extends DraftingOptions {
  readonly logPath: (origin: string) => string
  readonly publish: (drafts: readonly JsonValue[]) => Promise<readonly ProposalReceipt[]>
}

/** What one party does about an agreement. */
export interface ActRequest {
  readonly act: ActWord
  readonly id: string
  /** Of the agreement as it was shown: nothing else is signed. */
  readonly digest: string
  /** Of a proposal alone. */
  readonly agreement?: Agreement | undefined
  readonly tier?: 'public' | 'pair' | undefined
  readonly reason?: string | undefined
}

export interface AgreementQuery {
  readonly project?: string | undefined
  readonly kind?: Agreement['kind'] | undefined
  readonly on: string
  readonly limit: number
  readonly offset: number
}

export interface AgreementPage {
  /** Of all pages. */
  readonly total: number
  readonly agreements: readonly AgreementSummary[]
}

export interface Agreements {
  /** A page of what was proposed, in the order of the logs, each with its standing on a date. */
  list(query: AgreementQuery, scope: Scope): Promise<AgreementPage>
  /** @throws {ProtocolError} `NOT_FOUND` */
  view(
    name: { readonly id: string; readonly digest?: string | undefined },
    on: string,
    scope: Scope,
  ): Promise<AgreementView>
  /** What a bundle about it needs. @throws {ProtocolError} `NOT_FOUND` */
  evidence(
    name: { readonly id: string; readonly digest?: string | undefined },
    scope: Scope,
  ): Promise<EvidencePlan>
  /** What would fall if something happened to an edition on a date. @throws {ProtocolError} `NOT_FOUND` */
  whatIf(question: Question, scope: Scope): Promise<Consequences>
  readonly drafting: Drafting
  /** Signs and logs an act as this node's agency. */
  act(request: ActRequest): Promise<ProposalReceipt>
}

/**
 * Agreements of this node's projects: what both logs say of them, and this agency's own acts.
 *
 * @see protocol/spec/agreement.md, AGREE-100 to AGREE-112
 */
export function createAgreements(options: AgreementOptions): Agreements {
  const { deps, database, trust, self } = options

  async function find(
    { id, digest }: { readonly id: string; readonly digest?: string | undefined },
    scope: Scope,
  ): Promise<{ readonly agreement: Agreement; readonly digest: string; readonly known: KnownAgreement }> {
    const acts = await createStatementReader(database, scope).acts([id])
    const agreement = agreementIn(acts, { id, digest }, trust())
    if (!agreement) throw new ProtocolError('NOT_FOUND', 'there is nothing at this address')
    const known = await readKnownAgreements(options, [agreement], scope)
    return { agreement, digest: agreementDigest(agreement), known }
  }

  async function act(request: ActRequest): Promise<ProposalReceipt> {
    const draftOf = request.act === 'propose' ? await proposalOf(request) : await replyTo(request)
    const synthetic = trust().members.get(self)?.synthetic === true
    const [receipt] = await options.publish([{ ...draftOf, ...(synthetic ? { synthetic: true } : {}) }])
    if (!receipt) throw new TypeError('a receipt was expected')
    return receipt
  }

  async function proposalOf({ agreement, digest, id, tier = 'pair' }: ActRequest) {
    if (!agreement || agreement.id !== id || agreementDigest(agreement) !== digest)
      throw new ProtocolError('ATTESTATION_MISMATCH', 'not the agreement of this digest', {
        place: { pointer: '/digest' },
      })
    requireProject(agreement.project, {
      trust: trust(),
      self,
      caller: { standing: 'operator' },
      now: deps.now(),
    })
    requireOpen(agreement, deps.now(), '/agreement/acceptBy')
    const { known } = await readKnownAgreements(options, [agreement], wholeScope)
    requireLasting(known, { agreement, digest, now: deps.now(), pointer: '/agreement' })
    if (agreement.supersedes) await requireTierOf(agreement.supersedes, tier)
    return actDraft({ act: 'propose', agreement, digest, tier })
  }

  /** Acts for other readers are a matter of their own: what is for the pair alone would end nothing that everybody sees. */
  async function requireTierOf(older: { readonly id: string; readonly digest: string }, tier: string) {
    const { agreement, digest, known } = await find(older, wholeScope)
    const { placed } = findProposal(known.known, agreement, digest)
    if (!placed || placed.record.tier === tier) return
    throw new ProtocolError('RULE_VIOLATED', `what it takes the place of is of tier ${placed.record.tier}`, {
      place: { pointer: '/tier' },
      evidence: { tier: placed.record.tier },
    })
  }

  /** On the proposal that stands here, as this node sees its log now. */
  async function replyTo({ act: word, id, digest, reason }: ActRequest) {
    const { agreement, known } = await find({ id, digest }, wholeScope)
    const { consent, placed } = findProposal(known.known, agreement, digest)
    const { state, code } = consent
    if (!placed || !isAttestation(placed.record))
      throw new ProtocolError('ATTESTATION_INCOMPLETE', 'the proposal is not here')
    if (word === 'accept') {
      if (state === 'recalled' && code)
        throw new ProtocolError(code, 'its proposer has withdrawn it', { evidence: { digest } })
      requireAcceptable({ agreement, digest, known, proposer: placed.record.issuer })
    }
    requireSense(word, consent)
    const seen = await lookAt(placed)
    const { tier } = placed.record
    return actDraft({ act: word, agreement, digest, tier, seen, reason })
  }

  /** Nobody signs what would decide nothing, and takes it for done. @see protocol/spec/agreement.md, AGREE-22 and AGREE-23 */
  function requireSense(word: ActWord, { state, proposal, withdrawals }: Consent): void {
    const isOurs = proposal?.issuer === self
    const refuse = (message: string) =>
      new ProtocolError('RULE_VIOLATED', message, { place: { pointer: '/act' } })
    if (word === 'accept' && state === 'consented')
      throw refuse('双方已经同意 / both have consented to it already')
    if (word === 'reject' && state === 'consented')
      throw refuse(
        '双方已经同意，终止须撤回并通知 / both have consented to it: what ends it is a withdrawal, with its notice',
      )
    if (word === 'reject' && isOurs) throw refuse('自己提议的，请撤回 / its own proposer withdraws it')
    if (word === 'withdraw' && state !== 'consented' && !isOurs)
      throw refuse(
        '对方提议而本方尚未同意的，请拒绝 / before there is an acceptance there is nothing to withdraw: reject it',
      )
    if (word === 'withdraw' && (state === 'recalled' || withdrawals.some(({ issuer }) => issuer === self)))
      throw refuse('已经撤回 / it is withdrawn already')
  }

  /** Nobody accepts what could not hold: what is missing would only be found out later. */
  function requireAcceptable({ agreement, digest, known, proposer }: Acceptable): void {
    if (proposer === self)
      throw new ProtocolError('ATTESTATION_SAME_PARTY', 'who proposed does not accept: the other party does')
    requireOpen(agreement, deps.now())
    if (agreement.kind !== 'recognition') {
      requireTenable(known.known, { agreement, digest, now: deps.now() })
      return
    }
    const { mapping, editions } = findRecognition(known.known, agreement, digest)
    if (editions.length < agreement.scope.editions.length)
      throw new ProtocolError('PENDING_DEPENDENCY', 'a pinned edition has not come here yet')
    if (!mapping) throw new ProtocolError('MAPPING_MISSING', 'the mapping set has not come here yet')
    const [error] = mapping.errors
    if (error !== undefined) throw new ProtocolError('MAPPING_INVALID', error)
    requireLasting(known.known, { agreement, digest, now: deps.now() })
  }

  async function lookAt({ origin, index, digest }: Statement): Promise<Seen> {
    const log = await database.run((queries) => findLog(queries, origin))
    const note = log?.checkpoint
    if (!note) throw new ProtocolError('PENDING_DEPENDENCY', 'no checkpoint of that log is here yet')
    const { size, root } = parseHead(note)
    if (index >= size)
      throw new ProtocolError('PENDING_DEPENDENCY', 'the checkpoint here does not cover the proposal yet')
    return { origin, size, root: encodeBase64(root), index, digest }
  }

  return {
    async list({ project, kind, on, limit, offset }, scope) {
      const proposals = await createStatementReader(database, scope).proposals(project)
      const all = [...new Map(proposals.map((one) => [one.digest, one])).values()].filter(
        ({ agreement }) => kind === undefined || agreement.kind === kind,
      )
      const page = all.slice(offset, offset + limit)
      const { known } = await readKnownAgreements(
        options,
        page.map(({ agreement }) => agreement),
        scope,
      )
      return { total: all.length, agreements: page.map((one) => summarise(known, { ...one, on })) }
    },
    async view(name, on, scope) {
      const { agreement, digest, known } = await find(name, scope)
      return viewAgreement(known, { agreement, digest, on })
    },
    async evidence(name, scope) {
      const { agreement, digest, known } = await find(name, scope)
      return planEvidence(known, { agreement, digest, logPath: options.logPath })
    },
    whatIf: async (question, scope) => {
      const reader = createStatementReader(database, scope)
      const edition = await reader.edition(question.edition)
      if (!edition)
        throw new ProtocolError('NOT_FOUND', 'there is no such edition', { place: { pointer: '/edition' } })
      const touched = touching(await reader.proposals(undefined), edition)
      const { known } = await readKnownAgreements(
        options,
        touched.map(({ agreement }) => agreement),
        scope,
      )
      return consequencesOf(question, edition, {
        agreements: touched.map((one) => ({ ...one, known })),
        reports: await reader.reports([edition.record.id]),
      })
    },
    drafting: createDrafting(options),
    act,
  }
}

interface Acceptable {
  readonly agreement: Agreement
  readonly digest: string
  readonly known: KnownAgreement
  readonly proposer: string
}
