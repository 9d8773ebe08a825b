import * as z from 'zod'
import { grounds, manners, revisionRules } from './agreement-word.ts'
import { date, did, digest, line, link, recordId, reference, uid } from './field.ts'
import { rowId } from './mapping-row.ts'
import { effects } from './mapping-word.ts'
import { keysOf, matters } from './vocabulary.ts'

/** What two agencies sign. Its digest is what both acts name; the members are those of PROTOCOL section 10, and nothing else. */

export const agreementId = z
  .string()
  .regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)

/** Another agreement, by its id and its digest (which is not that of a record). */
const agreementReference = z.strictObject({ id: agreementId, digest })

const days = z.number().int().nonnegative().max(366)
const partyIndex = z.union([z.literal(0), z.literal(1)])
const project = z.string().regex(/^[!-~]{1,128}$/)

const terms = {
  v: z.literal(1),
  id: agreementId,
  /** Thirty-two random bytes in hexadecimal: nobody can guess an agreement from its digest. */
  nonce: z.string().regex(/^[0-9a-f]{64}$/),
  project,
  parties: z.tuple([z.strictObject({ id: did }), z.strictObject({ id: did })]),
  /** The normative document behind it, by its number, and the digest of its `BasisDocument` record. */
  basis: z.strictObject({ number: line(120), digest }),
  acceptBy: date,
  effectiveFrom: date,
  validUntil: date,
  onRevision: z.enum(keysOf(revisionRules)),
  graceDays: days,
  noticeDays: days,
  supersedes: agreementReference.optional(),
}

const editions = z.array(reference).min(1).max(200)
/** `<record id>#<uid>`. */
const clauseName = z
  .string()
  .max(600)
  .regex(/^https:\/\/[!-~]+\/id\/[0-9a-f-]{36}#[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
const someMatters = z
  .array(z.enum(keysOf(matters)))
  .min(1)
  .max(20)

const effect = z.strictObject({
  row: rowId,
  from: partyIndex,
  to: partyIndex,
  effect: z.enum(keysOf(effects)),
  conditions: z.array(line(500)).min(1).max(20).optional(),
})

/** 互认: what meets the clauses of one is taken as meeting those of the other, row by row of a pinned mapping set. */
export const recognitionAgreement = z.strictObject({
  ...terms,
  kind: z.literal('recognition'),
  scope: z.strictObject({
    editions,
    clauses: z.array(clauseName).min(1).max(5000).optional(),
    matters: someMatters.optional(),
    divisions: z
      .array(z.string().regex(/^[1-9]\d{5}$/))
      .min(1)
      .max(100)
      .optional(),
  }),
  /** The mapping set in its one spelling, by digest, or by a commitment where the agreement is more public than the set. */
  mapping: z.union([
    z.strictObject({ digest }),
    z.strictObject({ commitment: z.string().regex(/^m1:[0-9a-f]{64}$/) }),
  ]),
  effects: z.array(effect).min(1).max(5000),
})

const endpoint = z.union([z.strictObject({ url: link }), z.strictObject({ sample: digest })])

/** 互通: both speak one interface standard, and each ran the same suite against the other. */
export const interconnectionAgreement = z.strictObject({
  ...terms,
  kind: z.literal('interconnection'),
  scope: z.strictObject({
    interface: reference,
    schema: digest,
    suite: z.strictObject({ id: line(120), version: line(40), digest }),
    /** Of each party, what the other ran the suite against. */
    endpoints: z.tuple([endpoint, endpoint]),
    environment: line(200),
  }),
  /** By each party, its run against the other. */
  results: z.tuple([digest, digest]),
})

/** 互用: one of the two uses a standard of the other, on a ground that can be checked. */
export const reuseAgreement = z.strictObject({
  ...terms,
  kind: z.literal('reuse'),
  scope: z.strictObject({
    reuser: partyIndex,
    edition: reference,
    clauses: z.array(uid).min(1).max(2000).optional(),
    manner: z.enum(keysOf(manners)),
    target: z.strictObject({
      documentNo: line(120),
      titleZh: line(300).optional(),
      digest: digest.optional(),
    }),
    matters: someMatters.optional(),
    ground: z.union([
      z.strictObject({ recognition: agreementReference }),
      z.strictObject({ statute: z.enum(keysOf(grounds)) }),
    ]),
  }),
  /** Days after the recognition behind it fell within which something must be done about it. */
  disposalDays: days,
  evidence: z
    .array(z.union([z.strictObject({ documentNo: line(120) }), z.strictObject({ digest })]))
    .min(1)
    .max(50)
    .optional(),
})

export type RecognitionAgreement = z.output<typeof recognitionAgreement>
export type InterconnectionAgreement = z.output<typeof interconnectionAgreement>
export type ReuseAgreement = z.output<typeof reuseAgreement>
export type Agreement = RecognitionAgreement | InterconnectionAgreement | ReuseAgreement

/** The editions that an agreement pins. */
export function editionsOf(
  agreement: Agreement,
): readonly { readonly id: string; readonly digest: string }[] {
  switch (agreement.kind) {
    case 'recognition':
      return agreement.scope.editions
    case 'interconnection':
      return [agreement.scope.interface]
    case 'reuse':
      return [agreement.scope.edition]
  }
}

/** The files without which nobody can judge it, by digest. */
export function pinnedFiles(agreement: Agreement): readonly string[] {
  switch (agreement.kind) {
    case 'recognition':
      return 'digest' in agreement.mapping ? [agreement.mapping.digest] : []
    case 'interconnection':
      return [agreement.scope.schema, agreement.scope.suite.digest, ...agreement.results]
    case 'reuse':
      return []
  }
}

/** All files that an agreement names, by digest: beside those that it is judged by, sample data, documents and evidence. */
export function namedFiles(agreement: Agreement): readonly string[] {
  return [...new Set([...pinnedFiles(agreement), ...shownFiles(agreement)])]
}

function shownFiles(agreement: Agreement): readonly string[] {
  if (agreement.kind === 'recognition') return []
  if (agreement.kind === 'interconnection')
    return agreement.scope.endpoints.flatMap((endpoint) => ('sample' in endpoint ? [endpoint.sample] : []))
  const { target } = agreement.scope
  const evidence = (agreement.evidence ?? []).flatMap((item) => ('digest' in item ? [item.digest] : []))
  return target.digest === undefined ? evidence : [target.digest, ...evidence]
}

/** The recognition that a reuse rests on. */
export function citedRecognition(
  agreement: Agreement,
): { readonly id: string; readonly digest: string } | undefined {
  if (agreement.kind !== 'reuse') return undefined
  const { ground } = agreement.scope
  return 'recognition' in ground ? ground.recognition : undefined
}

/** The id of a record that a clause name is in. */
export function editionOfClause(name: string): string {
  return name.slice(0, name.indexOf('#'))
}

/** What an act names of the log in which the proposal stands: how it looked when the act was made. */
const seen = z.strictObject({
  origin: z.string().min(1).max(400),
  size: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  root: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
  index: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  digest,
})

export const acts = {
  propose: { zh: '提议', en: 'propose' },
  accept: { zh: '同意', en: 'accept' },
  reject: { zh: '拒绝', en: 'reject' },
  withdraw: { zh: '撤回', en: 'withdraw' },
} as const

function actOf<T extends z.ZodType>(agreement: T) {
  return z.strictObject({
    id: agreementId,
    act: z.enum(['propose', 'accept', 'reject', 'withdraw']),
    agreement: agreement.optional(),
    agreementDigest: digest,
    seen: seen.optional(),
    reason: line(1000).optional(),
  })
}

export const recognitionAct = actOf(recognitionAgreement)
export const interconnectionAct = actOf(interconnectionAgreement)
export const reuseAct = actOf(reuseAgreement)

export type ActWord = keyof typeof acts
export type Seen = z.output<typeof seen>

/** One act of one party about one agreement. */
export interface ActSubject {
  readonly id: string
  readonly act: ActWord
  readonly agreement?: Agreement | undefined
  readonly agreementDigest: string
  readonly seen?: Seen | undefined
  readonly reason?: string | undefined
}

/** The normative document on which agreements rest: 文号, and where there is a file, its digest. */
export const basisSubject = z.strictObject({
  documentNo: line(120),
  titleZh: line(300),
  issuers: z.array(line(200)).min(1).max(20),
  issuedOn: date,
  fileDigest: digest.optional(),
  url: link.optional(),
  replaces: z
    .array(z.strictObject({ id: recordId, digest }))
    .min(1)
    .max(20)
    .optional(),
})
