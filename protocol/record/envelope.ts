import * as z from 'zod'
import { recordContexts } from '../context/name.ts'
import { tiers } from '../log/entry.ts'
import { basisSubject, interconnectionAct, recognitionAct, reuseAct } from './agreement.ts'
import { epochSubject } from './epoch-start.ts'
import { did, line, link, moment, prose, recordId, reference } from './field.ts'
import { reportSubject } from './implementation-report.ts'
import { indicatorSubject } from './indicator-set.ts'
import { eventSubject } from './lifecycle-event.ts'
import { mappingProposalSubject } from './mapping-proposal.ts'
import { registryVersionSubject } from './registry-version.ts'
import { standardSubject } from './standard-record.ts'
import { disclosureSubject, erasureSubject, receiptSubject } from './tier-act.ts'
import { type AttestationType, confidences, keysOf } from './vocabulary.ts'

/** Where a statement comes from and how sure its maker is of it. */
const sourceNote = z.strictObject({
  text: prose(2000),
  url: link.optional(),
  confidence: z.enum(keysOf(confidences)).optional(),
})

/** Members exactly these, no more and no fewer (PROTOCOL section 3). */
const proof = z.strictObject({
  '@context': z.tuple([z.literal(recordContexts[0]), z.literal(recordContexts[1])]),
  created: moment,
  cryptosuite: z.string().regex(/^[a-z0-9-]{1,64}$/),
  domain: z.string().min(1).max(400),
  proofPurpose: z.literal('assertionMethod'),
  proofValue: z.string().regex(/^z[1-9A-HJ-NP-Za-km-z]{1,200}$/),
  type: z.literal('DataIntegrityProof'),
  verificationMethod: z
    .string()
    .max(500)
    .regex(/^did:web:[^#\s]+#z[1-9A-HJ-NP-Za-km-z]+$/),
})

const envelope = {
  '@context': z.tuple([z.literal(recordContexts[0]), z.literal(recordContexts[1])]),
  id: recordId,
  issuer: did,
  tier: z.enum(tiers),
  audience: line(200).optional(),
  about: z.array(line(200)).min(1).max(50).optional(),
  revisionOf: reference.optional(),
  sourceNote: sourceNote.optional(),
  synthetic: z.literal(true).optional(),
  validFrom: moment.optional(),
  validUntil: moment.optional(),
  proof: z.union([proof, z.array(proof).min(1).max(4)]),
}

/** What of the envelope a publisher may state; the node adds the rest. */
export const statedEnvelope = {
  tier: envelope.tier,
  audience: envelope.audience,
  about: envelope.about,
  revisionOf: envelope.revisionOf,
  sourceNote: envelope.sourceNote,
  synthetic: envelope.synthetic,
  validFrom: envelope.validFrom,
  validUntil: envelope.validUntil,
}

function typeOf<T extends string>(name: T) {
  return z.tuple([z.literal('VerifiableCredential'), z.literal(name)])
}

export const standardRecord = z.strictObject({
  ...envelope,
  type: typeOf('StandardRecord'),
  credentialSubject: standardSubject,
})
export const lifecycleEvent = z.strictObject({
  ...envelope,
  type: typeOf('LifecycleEvent'),
  credentialSubject: eventSubject,
})

function attestationOf<T extends AttestationType, S extends z.ZodType>(type: T, credentialSubject: S) {
  return z.strictObject({ ...envelope, type: typeOf(type), credentialSubject })
}

export const recognitionAttestation = attestationOf('RecognitionAttestation', recognitionAct)
export const interconnectionAttestation = attestationOf('InterconnectionAttestation', interconnectionAct)
export const reuseAttestation = attestationOf('ReuseAttestation', reuseAct)

export const mappingProposal = z.strictObject({
  ...envelope,
  type: typeOf('MappingProposal'),
  credentialSubject: mappingProposalSubject,
})

export const basisDocument = z.strictObject({
  ...envelope,
  type: typeOf('BasisDocument'),
  credentialSubject: basisSubject,
})

export const implementationReport = z.strictObject({
  ...envelope,
  type: typeOf('ImplementationReport'),
  credentialSubject: reportSubject,
})
export const indicatorSet = z.strictObject({
  ...envelope,
  type: typeOf('IndicatorSet'),
  credentialSubject: indicatorSubject,
})

export const receiptRecord = z.strictObject({
  ...envelope,
  type: typeOf('Receipt'),
  credentialSubject: receiptSubject,
})
export const disclosureRecord = z.strictObject({
  ...envelope,
  type: typeOf('Disclosure'),
  credentialSubject: disclosureSubject,
})
export const erasureRecord = z.strictObject({
  ...envelope,
  type: typeOf('ErasureRequest'),
  credentialSubject: erasureSubject,
})
export const epochStart = z.strictObject({
  ...envelope,
  tier: z.literal('public'),
  type: typeOf('EpochStart'),
  credentialSubject: epochSubject,
})

export const registryVersion = z.strictObject({
  ...envelope,
  tier: z.literal('public'),
  type: typeOf('RegistryVersion'),
  credentialSubject: registryVersionSubject,
})

export type StandardRecord = z.output<typeof standardRecord>
export type LifecycleEvent = z.output<typeof lifecycleEvent>
export type MappingProposal = z.output<typeof mappingProposal>
export type BasisDocument = z.output<typeof basisDocument>
export type ImplementationReport = z.output<typeof implementationReport>
export type IndicatorSet = z.output<typeof indicatorSet>
export type Attestation =
  | z.output<typeof recognitionAttestation>
  | z.output<typeof interconnectionAttestation>
  | z.output<typeof reuseAttestation>
export type ReceiptRecord = z.output<typeof receiptRecord>
export type DisclosureRecord = z.output<typeof disclosureRecord>
export type ErasureRecord = z.output<typeof erasureRecord>
export type EpochStart = z.output<typeof epochStart>
export type RegistryVersion = z.output<typeof registryVersion>

/** Every record that this version understands: a W3C Verifiable Credential 2.0 of one closed type. */
export type ExchangeRecord =
  | StandardRecord
  | LifecycleEvent
  | MappingProposal
  | Attestation
  | BasisDocument
  | ImplementationReport
  | IndicatorSet
  | ReceiptRecord
  | DisclosureRecord
  | ErasureRecord
  | EpochStart
  | RegistryVersion
