import * as z from 'zod'
import { type Digest, isDigest } from './hash.ts'
import type { JsonObject } from './json-value.ts'
import type { CommittedTier } from './log/commitment.ts'

/** Opened entries; each is a secret that somebody gave away. */
const maxOpenings = 1_000

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'a digest')
const hex = z.string().regex(/^[0-9a-f]{64}$/)
const object = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'a record',
)

const opening = z.strictObject({
  digest,
  index: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  salt: hex,
})

const receipt = z.strictObject({
  entry: z.string().min(2).max(2048),
  proof: z.string().min(1).max(131_072),
  record: object,
  salt: hex,
})

/**
 * What a bundle has beside, when it opens entries that are not public.
 *
 * @see spec/tier.md, TIER-71 and TIER-80
 */
export const openedForm = {
  /** What opens entries of the range; absent where nothing is opened. */
  openings: z.array(opening).min(1).max(maxOpenings).optional(),
  /** That the other party of a pair had the subject, out of that party's own log. */
  receipts: z.array(receipt).max(1).optional(),
}

/** The tier of the subject, and the openings of entries for its readers; a public subject has neither. */
export interface OpenedParts {
  readonly tier: CommittedTier
  readonly openings: readonly { readonly digest: string; readonly index: number; readonly salt: string }[]
  readonly receipts: readonly {
    readonly entry: string
    readonly proof: string
    readonly record: JsonObject
    readonly salt: string
  }[]
}

export function formatOpened(opened: OpenedParts | undefined): JsonObject {
  if (!opened) return {}
  const { openings, receipts } = opened
  return {
    openings: openings.map((each) => ({ ...each })),
    ...(receipts.length === 0 ? {} : { receipts: receipts.map((each) => ({ ...each })) }),
  }
}
