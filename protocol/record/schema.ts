import * as z from 'zod'
import { recordContexts } from '../context/name.ts'
import { type Place, type ProblemCode, ProtocolError, pointerStep, problemCodes } from '../error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import { type Accept, compileAcceptance } from './acceptance.ts'
import { checkActRules } from './agreement-rule.ts'
import {
  type Attestation,
  type BasisDocument,
  basisDocument,
  type DisclosureRecord,
  disclosureRecord,
  type EpochStart,
  type ErasureRecord,
  type ExchangeRecord,
  epochStart,
  erasureRecord,
  type ImplementationReport,
  type IndicatorSet,
  implementationReport,
  indicatorSet,
  interconnectionAttestation,
  type LifecycleEvent,
  lifecycleEvent,
  type MappingProposal,
  mappingProposal,
  type ReceiptRecord,
  type RegistryVersion,
  receiptRecord,
  recognitionAttestation,
  registryVersion,
  reuseAttestation,
  type StandardRecord,
  standardRecord,
} from './envelope.ts'
import { checkProposalRules } from './mapping-rule.ts'
import { checkIndicatorRules, checkReportRules } from './report-rule.ts'
import { checkStandardRules } from './rule.ts'
import { checkTierRules } from './tier-rule.ts'
import { isAttestationType, type RecordType } from './vocabulary.ts'

/** A record is at most 1 MiB; attachments are blobs, by digest. */
export const maxRecordBytes = 1 << 20
/** More than the closed schemas can put into 1 MiB; a text with more is no record, and is not built to find out. */
export const maxRecordValues = 1 << 17

/**
 * Reads a whole signed record: the exact context, no JSON-LD keyword elsewhere, the closed schema of its type, and the
 * rules that one record can break by itself (ST1, ST3, ST5 as far as they are errors).
 *
 * Proves the form alone. Nothing is said about the proof, the issuer or the log.
 *
 * @throws {ProtocolError} `CONTEXT_NOT_ALLOWED` `KEYWORD_NOT_ALLOWED` `PROOF_MISSING` `SCHEMA_INVALID`
 *   `TEXT_FORBIDDEN_CHAR` `RULE_VIOLATED`, each with a JSON pointer
 * @see spec/record.md, REC-1 to REC-12
 */
export function parseRecord(value: JsonValue): ExchangeRecord {
  if (!isJsonObject(value))
    throw new ProtocolError('SCHEMA_INVALID', 'a record is a JSON object', { place: { pointer: '' } })
  checkContext(value['@context'], '/@context')
  if (value.proof === undefined)
    throw new ProtocolError('PROOF_MISSING', 'a record has a proof', { place: { pointer: '/proof' } })
  const record = parseByType(value)
  if (isStandardRecord(record)) checkStandardRules(record.credentialSubject, '/credentialSubject')
  else if (isMappingProposal(record)) checkProposalRules(record.credentialSubject, record.audience)
  else if (isImplementationReport(record)) checkReportRules(record.credentialSubject)
  else if (isIndicatorSet(record)) checkIndicatorRules(record.credentialSubject)
  else if (isAttestation(record)) checkActRules(record.credentialSubject, record)
  checkTierRules(record, record.type[1])
  return record
}

export function isStandardRecord(record: ExchangeRecord): record is StandardRecord {
  return record.type[1] === 'StandardRecord'
}

/** A party leaves what it proposed or consented to. */
export function isWithdrawal(record: ExchangeRecord): boolean {
  return isAttestation(record) && record.credentialSubject.act === 'withdraw'
}

export function isLifecycleEvent(record: ExchangeRecord): record is LifecycleEvent {
  return record.type[1] === 'LifecycleEvent'
}

export function isMappingProposal(record: ExchangeRecord): record is MappingProposal {
  return record.type[1] === 'MappingProposal'
}

/** An act about an agreement: 互认, 互通 or 互用. */
export function isAttestation(record: ExchangeRecord): record is Attestation {
  return isAttestationType(record.type[1])
}

export function isBasisDocument(record: ExchangeRecord): record is BasisDocument {
  return record.type[1] === 'BasisDocument'
}

export function isImplementationReport(record: ExchangeRecord): record is ImplementationReport {
  return record.type[1] === 'ImplementationReport'
}

export function isIndicatorSet(record: ExchangeRecord): record is IndicatorSet {
  return record.type[1] === 'IndicatorSet'
}

export function isEpochStart(record: ExchangeRecord): record is EpochStart {
  return record.type[1] === 'EpochStart'
}

export function isRegistryVersion(record: ExchangeRecord): record is RegistryVersion {
  return record.type[1] === 'RegistryVersion'
}

export function isReceipt(record: ExchangeRecord): record is ReceiptRecord {
  return record.type[1] === 'Receipt'
}

export function isDisclosure(record: ExchangeRecord): record is DisclosureRecord {
  return record.type[1] === 'Disclosure'
}

export function isErasureRequest(record: ExchangeRecord): record is ErasureRecord {
  return record.type[1] === 'ErasureRequest'
}

/** A schema with its fast acceptance. */
export interface Form<T> {
  readonly schema: z.ZodType<T>
  readonly accepts: Accept<T>
}

export function formOf<T>(schema: z.ZodType<T>): Form<T> {
  return { schema, accepts: compileAcceptance(schema) }
}

const signedForms: Readonly<Record<RecordType, Form<ExchangeRecord>>> = {
  StandardRecord: formOf<ExchangeRecord>(standardRecord),
  LifecycleEvent: formOf<ExchangeRecord>(lifecycleEvent),
  MappingProposal: formOf<ExchangeRecord>(mappingProposal),
  RecognitionAttestation: formOf<ExchangeRecord>(recognitionAttestation),
  InterconnectionAttestation: formOf<ExchangeRecord>(interconnectionAttestation),
  ReuseAttestation: formOf<ExchangeRecord>(reuseAttestation),
  BasisDocument: formOf<ExchangeRecord>(basisDocument),
  ImplementationReport: formOf<ExchangeRecord>(implementationReport),
  IndicatorSet: formOf<ExchangeRecord>(indicatorSet),
  Receipt: formOf<ExchangeRecord>(receiptRecord),
  Disclosure: formOf<ExchangeRecord>(disclosureRecord),
  ErasureRequest: formOf<ExchangeRecord>(erasureRecord),
  EpochStart: formOf<ExchangeRecord>(epochStart),
  RegistryVersion: formOf<ExchangeRecord>(registryVersion),
}

/** The form of a type; `undefined` for a word that this version does not know. */
export function findForm<T>(
  forms: Readonly<Partial<Record<RecordType, Form<T>>>>,
  name: JsonValue | undefined,
): Form<T> | undefined {
  return typeof name === 'string' && isRecordType(name) ? forms[name] : undefined
}

function isRecordType(name: string): name is RecordType {
  return Object.hasOwn(signedForms, name)
}

function parseByType(value: JsonObject): ExchangeRecord {
  const form = findForm(signedForms, Array.isArray(value.type) ? value.type[1] : undefined)
  if (!form)
    throw new ProtocolError('SCHEMA_INVALID', 'not a record type that this version knows', {
      place: { pointer: '/type' },
    })
  return form.accepts(value) ? value : parseWith(form.schema, value)
}

/** Parses by a closed schema and turns the first fault into a `ProtocolError` with its JSON pointer. */
export function parseWith<T>(schema: z.ZodType<T>, value: JsonValue): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  // The schemas are closed, so a keyword never passes; looked for only now, to give it its own code.
  if (isJsonObject(value)) checkKeywords(value, '', false)
  const { issue, path } = firstFault(result.error.issues, [])
  const extra = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const place: Place = { pointer: [...path, ...extra].map((step) => pointerStep(String(step))).join('') }
  throw new ProtocolError(codeOf(issue), issue?.message ?? 'does not fit the schema', { place })
}

type Issue = z.core.$ZodIssue

/** Where alternatives failed, the one that came furthest is the one that was meant. */
function firstFault(
  issues: readonly Issue[],
  above: readonly PropertyKey[],
): { readonly issue: Issue | undefined; readonly path: readonly PropertyKey[] } {
  const [issue] = issues
  const path = [...above, ...(issue?.path ?? [])]
  if (issue?.code !== 'invalid_union') return { issue, path }
  const meant = issue.errors.find(
    ([inner]) => inner !== undefined && (inner.path.length > 0 || inner.code === 'unrecognized_keys'),
  )
  return meant ? firstFault(meant, path) : { issue, path }
}

function codeOf(issue: Issue | undefined): ProblemCode {
  const stated: unknown = issue?.code === 'custom' ? issue.params?.code : undefined
  return problemCodes.find((code) => code === stated) ?? 'SCHEMA_INVALID'
}

function checkContext(context: JsonValue | undefined, pointer: string): void {
  const exact =
    Array.isArray(context) && context.length === 2 && recordContexts.every((iri, i) => context[i] === iri)
  if (!exact)
    throw new ProtocolError('CONTEXT_NOT_ALLOWED', 'the context is not exactly the allowed list', {
      place: { pointer },
    })
}

/** R10: no JSON-LD keyword but `@context` at the top and in a proof, so that no alias can change what is signed. */
function checkKeywords(value: JsonValue, pointer: string, inProof: boolean): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkKeywords(item, pointer + pointerStep(i), inProof)
    return
  }
  for (const [key, member] of Object.entries(value)) {
    const place = pointer + pointerStep(key)
    const allowed = key === '@context' && (pointer === '' || inProof)
    if (key.startsWith('@') && !allowed)
      throw new ProtocolError('KEYWORD_NOT_ALLOWED', 'a JSON-LD keyword', { place: { pointer: place } })
    if (!allowed) checkKeywords(member, place, place === '/proof')
  }
}

/** JSON Schema (draft 2020-12) of each record type, generated from the schemas that are enforced. */
export function recordJsonSchemas(): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(signedForms).map(([type, { schema }]) => [type, z.toJSONSchema(schema, { io: 'input' })]),
  )
}
