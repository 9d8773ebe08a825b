import { z } from '@hono/zod-openapi'
import { tiers } from '../../protocol/log/entry.ts'
import { classes, keysOf, levels } from '../../protocol/record/vocabulary.ts'
import type { lifecycleStates } from '../../protocol/standing/lifecycle.ts'

/** What the API answers, as OpenAPI components. The requests are read by the strict reader and the record schemas. */

const place = z.object({
  pointer: z.string().optional(),
  cell: z.string().optional(),
  index: z.number().int().optional(),
})

export const problem = z
  .object({
    type: z.string(),
    title: z.string().openapi({ example: '与规定的结构不符 / does not fit the schema' }),
    status: z.number().int(),
    code: z.string().openapi({ example: 'SCHEMA_INVALID' }),
    detail: z.string(),
    place,
    remedy: z.string(),
    traceId: z.string(),
  })
  .openapi('Problem')

const entry = z
  .object({
    at: z.string(),
    audience: z.string().optional(),
    commitment: z
      .string()
      .optional()
      .openapi({ description: 'in place of digest, id and type, where the tier is not public' }),
    digest: z.string().optional(),
    id: z.string().optional(),
    index: z.number().int(),
    log: z.string(),
    tier: z.enum(tiers),
    type: z.string().optional(),
    v: z.literal(1),
  })
  .openapi('Entry')

const receiptMembers = {
  id: z.string(),
  digest: z.string(),
  origin: z.string(),
  index: z.number().int(),
  entry,
}

export const receipt = z
  .object({
    ...receiptMembers,
    checkpoint: z.string().openapi({ description: 'the signed note that covers the entry' }),
  })
  .openapi('Receipt')

export const receipts = z
  .object({ receipts: z.array(z.object(receiptMembers)), checkpoint: z.string() })
  .openapi('Receipts')

const warning = z.object({ rule: z.string(), pointer: z.string(), zh: z.string(), en: z.string() })

const states = [
  'drafting',
  'upcoming',
  'in-force',
  'superseded',
  'abolished',
  'disputed',
  'undetermined',
] as const satisfies readonly (keyof typeof lifecycleStates)[]

const summaryMembers = {
  tier: z.string().optional().openapi({ description: 'of one that is not public' }),
  audience: z.string().optional(),
  id: z.string(),
  digest: z.string(),
  issuer: z.string(),
  issuerName: z.string(),
  origin: z.string(),
  own: z.boolean(),
  index: z.number().int(),
  titleZh: z.string(),
  titleEn: z.string().optional(),
  numbers: z.array(z.string()),
  keys: z.array(z.string()),
  level: z.string(),
  mandate: z.string(),
  class: z.string(),
  documentKind: z.string().optional(),
  owners: z.array(z.string()),
  publishedOn: z.string().optional(),
  effectiveOn: z.string().optional(),
  state: z.enum(states),
  since: z.string().optional(),
  reviewDue: z.string().optional(),
  revisedBy: z.string().optional(),
  synthetic: z.boolean(),
  warnings: z.array(warning),
}

export const standardPage = z
  .object({
    total: z.number().int(),
    limit: z.number().int(),
    offset: z.number().int(),
    at: z.string(),
    items: z.array(z.object(summaryMembers)),
  })
  .openapi('StandardPage')

export const standardDetail = z
  .object({
    ...summaryMembers,
    record: z.record(z.string(), z.unknown()),
    events: z.array(
      z.object({
        id: z.string(),
        digest: z.string(),
        origin: z.string(),
        index: z.number().int(),
        eventKind: z.string(),
        date: z.string(),
        announcementNo: z.string().optional(),
      }),
    ),
  })
  .openapi('Standard')

export const recordPlace = z
  .object({
    id: z.string(),
    digest: z.string(),
    type: z.string(),
    issuer: z.string(),
    origin: z.string(),
    own: z.boolean(),
    index: z.number().int(),
    at: z.string(),
    tier: z.string(),
    audience: z.string().optional(),
    log: z.string(),
  })
  .openapi('RecordPlace')

export const logList = z
  .object({
    logs: z.array(
      z.object({
        origin: z.string(),
        own: z.boolean(),
        issuerName: z.string(),
        path: z.string(),
        size: z.number().int(),
        held: z.number().int(),
        visible: z.number().int(),
        witnessed: z.number().int().optional().openapi({
          description:
            'the newest size that the witnesses of the registry saw; absent where it asks for none',
        }),
        state: z.enum(['active', 'halted', 'frozen']),
        fault: z.object({ code: z.string(), detail: z.string() }).optional(),
        evidence: z
          .string()
          .optional()
          .openapi({ description: 'where the evidence of two histories is, below the base' }),
        checkedAt: z.string().optional(),
        warning: z.object({ code: z.enum(['CHECKPOINT_STALE']), detail: z.string() }).optional(),
        quarantined: z.number().int(),
        pending: z.number().int().openapi({ description: 'entries that wait for what they are about' }),
      }),
    ),
  })
  .openapi('Logs')

export const reader = z
  .object({
    standing: z.enum(['stranger', 'member', 'operator']),
    id: z.string().optional(),
    mayRead: z
      .array(z.object({ tier: z.string(), audience: z.string().optional() }))
      .optional()
      .openapi({ description: 'of the own log, beyond tier public; all of it where this is absent' }),
  })
  .openapi('Reader')

const leaf = z.object({
  entry: z.string().optional(),
  hash: z.string().optional(),
  path: z.array(z.string()),
})

export const evidence = z
  .object({
    format: z.literal('csx-evidence'),
    v: z.literal(1),
    kind: z.enum(['same-size', 'leaf']),
    origin: z.string(),
    notes: z.array(z.string()).length(2),
    index: z.number().int().optional(),
    leaves: z.array(leaf).length(2).optional(),
    digest: z.string(),
  })
  .openapi('Evidence')

export const quarantineList = z
  .object({
    entries: z.array(
      z.object({
        origin: z.string(),
        index: z.number().int(),
        code: z.string(),
        detail: z.string(),
        pointer: z.string().optional(),
        seenAt: z.string().optional(),
      }),
    ),
  })
  .openapi('Quarantine')

export const attached = z.object({ digest: z.string(), size: z.number().int() }).openapi('AttachedFile')

export const missingList = z
  .object({
    missing: z.array(
      z.object({
        origin: z.string(),
        index: z.number().int(),
        digest: z.string(),
        mediaType: z.string(),
        name: z.string(),
        code: z.string().openapi({ description: 'what came of asking for it last' }),
      }),
    ),
  })
  .openapi('MissingFiles')

const wholeNumber = z.string().regex(/^(?:0|[1-9]\d{0,8})$/)

export const standardQuery = z.strictObject({
  q: z.string().max(200).optional(),
  number: z.string().max(200).optional(),
  class: z.enum(keysOf(classes)).optional(),
  level: z.enum(keysOf(levels)).optional(),
  state: z.enum(states).optional(),
  issuer: z.string().max(300).optional(),
  at: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .optional(),
  limit: wholeNumber.optional(),
  offset: wholeNumber.optional(),
})

export const importResult = z
  .object({
    mode: z.enum(['preview', 'commit']),
    rows: z.number().int(),
    new: z.number().int(),
    unchanged: z.number().int(),
    revised: z.number().int(),
    faults: z.array(z.record(z.string(), z.unknown())),
    warnings: z.array(z.record(z.string(), z.unknown())),
    receipts: z.array(z.object(receiptMembers)).optional(),
  })
  .openapi('ImportResult')
