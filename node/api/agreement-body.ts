import { z } from '@hono/zod-openapi'
import { ProtocolError } from '../../protocol/error.ts'
import { isJsonObject, type JsonValue } from '../../protocol/json-value.ts'
import {
  acts,
  agreementId,
  interconnectionAgreement,
  recognitionAgreement,
  reuseAgreement,
} from '../../protocol/record/agreement.ts'
import { revisionRules } from '../../protocol/record/agreement-word.ts'
import { date, did, digest, line } from '../../protocol/record/field.ts'
import { rowId } from '../../protocol/record/mapping-row.ts'
import { parseWith } from '../../protocol/record/schema.ts'
import { keysOf } from '../../protocol/record/vocabulary.ts'
import type { DraftRequest, PairName } from '../agreement/draft/request.ts'

const days = z.number().int().nonnegative().max(366)
const named = z.strictObject({ id: agreementId, digest })

const shared = {
  project: z
    .string()
    .regex(/^[!-~]{1,128}$/)
    .optional(),
  /** In place of the project: its parties, of which this node is one. */
  parties: z.array(did).min(1).max(2).optional(),
  basis: z.strictObject({ number: line(120), digest: digest.optional() }),
  acceptBy: date,
  effectiveFrom: date,
  validUntil: date,
  onRevision: z.enum(keysOf(revisionRules)),
  graceDays: days,
  noticeDays: days,
  supersedes: named.optional(),
}

/** An id, a digest or a number. */
const edition = line(512)

const recognitionBody = z.strictObject({
  ...shared,
  kind: z.literal('recognition').default('recognition'),
  rows: z.array(rowId).min(1).max(5000).optional(),
})

const { endpoints } = interconnectionAgreement.shape.scope.shape
const [endpoint] = endpoints.def.items

const interconnectionBody = z.strictObject({
  ...shared,
  kind: z.literal('interconnection'),
  edition,
  schema: digest,
  suite: digest,
  runs: z.strictObject({ ours: digest, theirs: digest }),
  endpoints: z.strictObject({ ours: endpoint, theirs: endpoint }),
  environment: line(200).optional(),
})

const scope = reuseAgreement.shape.scope.shape
const [, statute] = scope.ground.def.options

const reuseBody = z.strictObject({
  ...shared,
  kind: z.literal('reuse'),
  edition,
  clauses: scope.clauses,
  matters: scope.matters,
  manner: scope.manner,
  target: scope.target,
  ground: z.union([
    z.strictObject({ recognition: z.strictObject({ id: agreementId, digest: digest.optional() }) }),
    statute,
  ]),
  evidence: reuseAgreement.shape.evidence,
  disposalDays: days,
  reuser: did.optional(),
})

/**
 * What to draft. Without `kind` it is a recognition.
 *
 * @throws {ProtocolError} `SCHEMA_INVALID`
 * @see spec/agreement.md, AGREE-101, AGREE-109, AGREE-110
 */
export function readDraftRequest(value: JsonValue): DraftRequest {
  const kind = isJsonObject(value) ? value.kind : undefined
  if (kind === 'interconnection') {
    const { project, parties, ...rest } = parseWith(interconnectionBody, value)
    return { ...rest, pair: pairOf(project, parties) }
  }
  if (kind === 'reuse') {
    const { project, parties, ...rest } = parseWith(reuseBody, value)
    return { ...rest, pair: pairOf(project, parties) }
  }
  const { project, parties, ...rest } = parseWith(recognitionBody, value)
  return { ...rest, pair: pairOf(project, parties) }
}

function pairOf(project: string | undefined, parties: readonly string[] | undefined): PairName {
  if (project !== undefined && parties === undefined) return { project }
  if (project === undefined && parties !== undefined) return { parties }
  throw new ProtocolError('SCHEMA_INVALID', 'the project, or in its place its parties', {
    place: { pointer: '/project' },
  })
}

const anyAgreement = z.union([recognitionAgreement, interconnectionAgreement, reuseAgreement])

export const statementBody = z.strictObject({ agreement: anyAgreement })

export const actBody = z.strictObject({
  act: z.enum(keysOf(acts)),
  id: agreementId,
  digest,
  agreement: anyAgreement.optional(),
  tier: z.enum(['public', 'pair']).optional(),
  reason: line(1000).optional(),
})
