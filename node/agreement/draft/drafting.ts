import { parseRun } from '../../../protocol/conformance/run.ts'
import { parseSuite } from '../../../protocol/conformance/suite.ts'
import { legalDateOf } from '../../../protocol/date.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { type Digest, isDigest } from '../../../protocol/hash.ts'
import type { JsonValue } from '../../../protocol/json-value.ts'
import {
  type Agreement,
  interconnectionAgreement,
  namedFiles,
  reuseAgreement,
} from '../../../protocol/record/agreement.ts'
import { agreementDigest, checkActRules } from '../../../protocol/record/agreement-rule.ts'
import { isStandardRecord, parseWith } from '../../../protocol/record/schema.ts'
import type { KnownLogs } from '../../../protocol/standing/known-log.ts'
import { findRecognition } from '../../../protocol/standing/recognition-evidence.ts'
import { describeAgreement } from '../../../protocol/standing/statement-text.ts'
import type { Project } from '../../../protocol/trust/audience.ts'
import type { Deps } from '../../deps.ts'
import { wholeScope } from '../../store/scope.ts'
import { namesFor } from '../agreement-view.ts'
import { type AgreementSource, readKnownAgreements } from '../known-agreement.ts'
import { findNamed, type NamedEdition, type NameOptions } from '../named.ts'
import { createStatementReader } from '../statement-read.ts'
import { createWorkspaceReader } from '../workspace-read.ts'
import { findBasis, findCited, findPair } from './found.ts'
import { draftInterconnection } from './interconnection.ts'
import { draftRecognition } from './recognition.ts'
import type {
  DraftRequest,
  InterconnectionRequest,
  PairName,
  RecognitionRequest,
  ReuseRequest,
} from './request.ts'
import { draftReuse } from './reuse.ts'
import { requireLasting, requireOpen, requireTenable } from './tenable.ts'

export interface DraftingOptions extends AgreementSource {
  readonly deps: Pick<Deps, 'now' | 'random'>
  /** The DID of this node. */
  readonly self: string
  /** Of all that is here. */
  readonly catalogue: NameOptions['catalogue']
  readonly formatUuid: (random: Uint8Array) => string
  /** Takes a file that a record of this node will name. */
  readonly takeFile: (bytes: Uint8Array) => Promise<void>
  /** The same for one that is here; whether it is. */
  readonly keepFile: (digest: Digest) => Promise<boolean>
}

export interface Drafted {
  readonly agreement: Agreement
  readonly digest: string
  readonly statement: readonly string[]
}

export interface Drafting {
  /** An agreement for people to look at. Nothing is logged. @throws {ProtocolError} what nobody could bring into force by signing */
  draft(request: DraftRequest): Promise<Drafted>
  /** What somebody would sign who signed this text, in words and with the names that are known here. */
  state(agreement: Agreement): Promise<Drafted>
}

/**
 * Drafts agreements of each kind out of what is here.
 *
 * @see protocol/spec/agreement.md, AGREE-101, AGREE-109 to AGREE-112
 */
export function createDrafting(options: DraftingOptions): Drafting {
  const { deps, database, trust, self } = options
  const workspaces = createWorkspaceReader({ database, trust })
  const reader = createStatementReader(database, wholeScope)

  function pairOf(name: PairName): Project {
    return findPair(name, { trust: trust(), self, caller: { standing: 'operator' }, now: deps.now() })
  }

  async function settle<T extends Pick<DraftRequest, 'pair' | 'basis'>>({ pair, basis, ...rest }: T) {
    const project = pairOf(pair)
    const given = { project, random: deps.random, formatUuid: options.formatUuid }
    return { terms: { ...rest, basis: await findBasis(reader, basis) }, given }
  }

  async function editionOf(name: string): Promise<NamedEdition> {
    const day = legalDateOf(deps.now())
    const named = await findNamed(name, 'edition', { catalogue: options.catalogue, trust, day })
    if (named.kind === 'edition') return named.edition
    throw new ProtocolError('NOT_FOUND', 'an edition is named by its id, digest or number', {
      place: { pointer: '/edition' },
    })
  }

  async function recognition(request: RecognitionRequest): Promise<Agreement> {
    const { terms, given } = await settle(request)
    const { workspace } = await workspaces.read(given.project, wholeScope)
    const ids = workspace.rows.flatMap(({ mapping }) =>
      mapping ? [mapping.subject.edition, ...(mapping.object ? [mapping.object.edition] : [])] : [],
    )
    const texts = await reader.editions([...new Set(ids)])
    const byId = new Map(texts.map(({ record }) => [record.id, record]))
    const { agreement, mapping } = draftRecognition(terms, {
      ...given,
      workspace,
      issuerOf: (edition) => byId.get(edition)?.issuer,
      labelOf: ({ edition, clause }) => {
        const record = byId.get(edition)
        if (!record || !isStandardRecord(record)) return undefined
        const { clauses = [], titleZh } = record.credentialSubject
        return clause === undefined ? titleZh : clauses.find(({ uid }) => uid === clause)?.heading
      },
    })
    await options.takeFile(mapping)
    return agreement
  }

  async function interconnection(request: InterconnectionRequest): Promise<Agreement> {
    const { terms, given } = await settle(request)
    const { id, digest } = await editionOf(request.edition)
    const suite = await readAs(terms.suite, '/suite', parseSuite)
    const ourRun = await readAs(terms.runs.ours, '/runs/ours', parseRun)
    const { edition: _, kind: __, ...rest } = terms
    return draftInterconnection({ ...rest, interface: { id, digest } }, { ...given, self, suite, ourRun })
  }

  async function readAs<T>(digest: Digest, pointer: string, read: (bytes: Uint8Array) => T): Promise<T> {
    const bytes = await options.readFile(digest, wholeScope)
    const place = { pointer }
    if (!bytes)
      throw new ProtocolError('CONFORMANCE_MISSING', `no file ${digest} is here: attach it first`, { place })
    try {
      return read(bytes)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      const where = error.place.pointer === undefined ? '' : ` ${error.place.pointer}`
      throw new ProtocolError('CONFORMANCE_INVALID', `cannot be read: ${error.code}${where}`, { place })
    }
  }

  async function reuse(request: ReuseRequest): Promise<Agreement> {
    const { terms, given } = await settle(request)
    const named = await editionOf(request.edition)
    const { subject, summary, id, digest } = named
    const uids = new Set((subject.clauses ?? []).map(({ uid }) => uid))
    const unknown = request.clauses?.findIndex((uid) => !uids.has(uid)) ?? -1
    if (unknown >= 0)
      throw new ProtocolError('NOT_FOUND', 'the edition has no such clause', {
        place: { pointer: `/clauses/${unknown}` },
      })
    const { parties } = given.project
    const user =
      request.reuser ??
      parties.find((party) => parties.includes(summary.issuer) && party !== summary.issuer) ??
      self
    if (!parties.includes(user))
      throw new ProtocolError('ATTESTATION_MISMATCH', 'one of the parties uses the standard', {
        place: { pointer: '/reuser' },
      })
    const { ground: stated } = request
    const ground =
      'statute' in stated
        ? stated
        : { recognition: findCited(await reader.acts([stated.recognition.id]), stated.recognition) }
    const { kind: _, reuser: __, ...rest } = terms
    return draftReuse({ ...rest, ground, edition: { id, digest } }, { ...given, reuser: user })
  }

  /** By what is here; the mapping set of a recognition that was just drafted is here too. */
  async function state(agreement: Agreement): Promise<Drafted> {
    return stateWith(agreement, (await readKnownAgreements(options, [agreement], wholeScope)).known)
  }

  function stateWith(agreement: Agreement, known: KnownLogs): Drafted {
    const digest = agreementDigest(agreement)
    const mapping =
      agreement.kind === 'recognition' ? findRecognition(known, agreement, digest).mapping : undefined
    const names = namesFor(known, mapping, legalDateOf(deps.now()))
    return { agreement, digest, statement: describeAgreement(agreement, digest, names) }
  }

  async function requireSound(agreement: Agreement): Promise<KnownLogs> {
    const digest = agreementDigest(agreement)
    requireForm(agreement)
    requireTerms(agreement)
    const { known } = await readKnownAgreements(options, [agreement], wholeScope)
    requireTenable(known, { agreement, digest, now: deps.now() })
    for (const file of namedFiles(agreement))
      if (!isDigest(file) || !(await options.keepFile(file)))
        throw new ProtocolError('BLOB_MISSING', `no file ${file} is here: attach it first`)
    return known
  }

  function requireTerms(agreement: Agreement): void {
    checkActRules(
      { id: agreement.id, act: 'propose', agreement, agreementDigest: agreementDigest(agreement) },
      { issuer: self },
    )
    requireOpen(agreement, deps.now(), '/acceptBy')
  }

  /** What is put together of names and files may be too long for the form. */
  function requireForm(agreement: Agreement): void {
    const text: JsonValue = JSON.parse(JSON.stringify(agreement))
    if (agreement.kind === 'reuse') parseWith(reuseAgreement, text)
    else parseWith(interconnectionAgreement, text)
  }

  return {
    async draft(request) {
      if (request.kind === 'recognition') {
        const agreement = await recognition(request)
        requireTerms(agreement)
        const { known } = await readKnownAgreements(options, [agreement], wholeScope)
        requireLasting(known, { agreement, digest: agreementDigest(agreement), now: deps.now() })
        return stateWith(agreement, known)
      }
      const agreement =
        request.kind === 'interconnection' ? await interconnection(request) : await reuse(request)
      return stateWith(agreement, await requireSound(agreement))
    },
    state,
  }
}
