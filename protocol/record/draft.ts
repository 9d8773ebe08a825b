import * as z from 'zod'
import { ProtocolError } from '../error.ts'
import { isJsonObject, type JsonValue } from '../json-value.ts'
import { basisSubject, interconnectionAct, recognitionAct, reuseAct } from './agreement.ts'
import { checkActRules } from './agreement-rule.ts'
import { type EpochStart, type RegistryVersion, statedEnvelope } from './envelope.ts'
import { reportSubject } from './implementation-report.ts'
import { indicatorSubject } from './indicator-set.ts'
import { eventSubject } from './lifecycle-event.ts'
import { mappingProposalSubject } from './mapping-proposal.ts'
import { checkProposalRules } from './mapping-rule.ts'
import { checkIndicatorRules, checkReportRules } from './report-rule.ts'
import { checkStandardRules } from './rule.ts'
import { type Form, findForm, formOf, parseWith } from './schema.ts'
import { standardSubject } from './standard-record.ts'
import { disclosureSubject, erasureSubject, receiptSubject } from './tier-act.ts'
import { checkTierRules } from './tier-rule.ts'
import { type AttestationType, isAttestationType } from './vocabulary.ts'

function statedOf<T extends string, S extends z.ZodType>(type: T, credentialSubject: S) {
  return z.strictObject({ ...statedEnvelope, type: z.literal(type), credentialSubject })
}

const statedStandard = statedOf('StandardRecord', standardSubject)
const statedEvent = statedOf('LifecycleEvent', eventSubject)
const statedProposal = statedOf('MappingProposal', mappingProposalSubject)
const statedRecognition = statedOf('RecognitionAttestation', recognitionAct)
const statedInterconnection = statedOf('InterconnectionAttestation', interconnectionAct)
const statedReuse = statedOf('ReuseAttestation', reuseAct)
const statedBasis = statedOf('BasisDocument', basisSubject)
const statedReport = statedOf('ImplementationReport', reportSubject)
const statedIndicators = statedOf('IndicatorSet', indicatorSubject)
const statedReceipt = statedOf('Receipt', receiptSubject)
const statedDisclosure = statedOf('Disclosure', disclosureSubject)
const statedErasure = statedOf('ErasureRequest', erasureSubject)

/** Made by the node itself, when a log begins that goes on from another; nobody hands one in. */
export interface EpochDraft {
  readonly type: 'EpochStart'
  readonly tier: 'public'
  readonly synthetic?: true
  readonly credentialSubject: EpochStart['credentialSubject']
}

/** Made by the node of a bureau itself, when it holds a new version; nobody hands one in. */
export interface RegistryVersionDraft {
  readonly type: 'RegistryVersion'
  readonly tier: 'public'
  readonly synthetic?: true
  readonly credentialSubject: RegistryVersion['credentialSubject']
}

/** What a publisher hands to its node: a record without context, id, issuer and proof. */
export type Draft =
  | z.output<typeof statedStandard>
  | z.output<typeof statedEvent>
  | z.output<typeof statedProposal>
  | z.output<typeof statedRecognition>
  | z.output<typeof statedInterconnection>
  | z.output<typeof statedReuse>
  | z.output<typeof statedBasis>
  | z.output<typeof statedReport>
  | z.output<typeof statedIndicators>
  | z.output<typeof statedReceipt>
  | z.output<typeof statedDisclosure>
  | z.output<typeof statedErasure>

const statedForms: Readonly<Record<Draft['type'], Form<Draft>>> = {
  StandardRecord: formOf<Draft>(statedStandard),
  LifecycleEvent: formOf<Draft>(statedEvent),
  MappingProposal: formOf<Draft>(statedProposal),
  RecognitionAttestation: formOf<Draft>(statedRecognition),
  InterconnectionAttestation: formOf<Draft>(statedInterconnection),
  ReuseAttestation: formOf<Draft>(statedReuse),
  BasisDocument: formOf<Draft>(statedBasis),
  ImplementationReport: formOf<Draft>(statedReport),
  IndicatorSet: formOf<Draft>(statedIndicators),
  Receipt: formOf<Draft>(statedReceipt),
  Disclosure: formOf<Draft>(statedDisclosure),
  ErasureRequest: formOf<Draft>(statedErasure),
}

/**
 * @throws {ProtocolError} as `parseRecord`
 * @see spec/record.md, REC-14
 */
export function parseDraft(value: JsonValue): Draft {
  if (!isJsonObject(value))
    throw new ProtocolError('SCHEMA_INVALID', 'a JSON object was expected', { place: { pointer: '' } })
  if (value['@context'] !== undefined)
    throw new ProtocolError('KEYWORD_NOT_ALLOWED', 'the node adds the context', {
      place: { pointer: '/@context' },
    })
  const form = findForm(statedForms, value.type)
  if (!form)
    throw new ProtocolError('SCHEMA_INVALID', `type is one of ${Object.keys(statedForms).join(', ')}`, {
      place: { pointer: '/type' },
    })
  const draft = form.accepts(value) ? value : parseWith(form.schema, value)
  checkDraftRules(draft)
  checkTierRules(draft, draft.type)
  return draft
}

/** As far as they do not ask who issues it. */
function checkDraftRules(draft: Draft): void {
  const { type } = draft
  if (type === 'StandardRecord') checkStandardRules(draft.credentialSubject, '/credentialSubject')
  else if (type === 'MappingProposal') checkProposalRules(draft.credentialSubject, draft.audience)
  else if (type === 'ImplementationReport') checkReportRules(draft.credentialSubject)
  else if (type === 'IndicatorSet') checkIndicatorRules(draft.credentialSubject)
  else if (isAct(draft)) checkActRules(draft.credentialSubject, draft)
}

function isAct(draft: Draft): draft is Extract<Draft, { readonly type: AttestationType }> {
  return isAttestationType(draft.type)
}
