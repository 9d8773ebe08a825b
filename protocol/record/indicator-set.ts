import * as z from 'zod'
import { canonicalBytes } from '../canonical.ts'
import { type Digest, formatDigest, sha256Tagged } from '../hash.ts'
import { line, prose } from './field.ts'

/** `ui-1`: what people call an indicator set; its digest says which. */
export const indicatorCode = z.string().regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)

const weight = z.number().int().nonnegative().max(1000)

/**
 * By what reports are weighed, as data. A set never changes: other weights are another set, and what was computed by the old one still
 * computes by it.
 *
 * @see spec/rate.md, RATE-4 (DOMAIN section 8.8; rows 24 and 26 of section 1)
 */
export const indicatorSubject = z.strictObject({
  code: indicatorCode.max(60),
  titleZh: line(200),
  /** The text that the set follows, by its number. */
  documentNo: line(120).optional(),
  /** Of an edition that is marked as important, and of any other. */
  importantWeight: weight,
  ordinaryWeight: weight,
  /** A report that is logged more days than these after the end of its period is late. */
  reportWithinDays: z.number().int().nonnegative().max(366),
  /** More lines than this share that say "not applicable" are looked at; in parts of a hundred. */
  notApplicableShare: z.number().int().nonnegative().max(100),
  note: prose(2000).optional(),
})

export type IndicatorSubject = z.output<typeof indicatorSubject>

/**
 * The digest by which reports name a set: SHA-256 of `csx/indicator-set/v1`, a line feed and the canonical form. It is that of the
 * definition, whoever signs it.
 *
 * @see spec/rate.md, RATE-4
 */
export function indicatorDigest(set: IndicatorSubject): Digest {
  return formatDigest(sha256Tagged('csx/indicator-set/v1\n', canonicalBytes(JSON.parse(JSON.stringify(set)))))
}

/**
 * 标准综合运用率 by our own definition, as long as no text that binds the agencies is at hand.
 *
 * @see spec/rate.md, RATE-5 (DOMAIN section 8.8)
 */
export const builtInIndicators: IndicatorSubject = {
  code: 'ui-1',
  titleZh: '标准综合运用率（本系统定义，第1版）',
  importantWeight: 2,
  ordinaryWeight: 1,
  reportWithinDays: 30,
  notApplicableShare: 30,
}
