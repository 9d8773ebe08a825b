import * as z from 'zod'
import { isCalendarDate } from '../date.ts'
import { isDigest } from '../hash.ts'
import { findForbiddenCharacter } from '../identifier/text.ts'

/** Fields that several schemas share. Every text is bounded; every list has an end. */

/**
 * What nearly every text is made of: printable ASCII, CJK ideographs and punctuation, full-width forms, the dashes and
 * superscripts of numbers and units. None of it is forbidden, and none changes under NFC.
 */
const everyday =
  /^[\x21-\x7e\u00b0-\u00b3\u00b7\u00d7\u2010-\u201f\u2026\u2264\u2265\u3001-\u3029\u4e00-\u9fff\uff01-\uff60](?:[\x20-\x7e\u00b0-\u00b3\u00b7\u00d7\u2010-\u201f\u2026\u2264\u2265\u3001-\u3029\u4e00-\u9fff\uff01-\uff60]*[\x21-\x7e\u00b0-\u00b3\u00b7\u00d7\u2010-\u201f\u2026\u2264\u2265\u3001-\u3029\u4e00-\u9fff\uff01-\uff60])?$/

function isPlain(text: string): boolean {
  return findForbiddenCharacter(text) === undefined
}

function isNormal(text: string): boolean {
  return text.normalize('NFC') === text
}

type TextPayload = z.core.ParsePayload<string>

function refuse({ value, issues }: TextPayload, message: string, code?: 'TEXT_FORBIDDEN_CHAR'): void {
  issues.push({ code: 'custom', input: value, message, ...(code === undefined ? {} : { params: { code } }) })
}

function checkLine(payload: TextPayload): void {
  const { value } = payload
  if (everyday.test(value)) return
  if (!isPlain(value)) refuse(payload, 'a control, bidi or zero-width character', 'TEXT_FORBIDDEN_CHAR')
  else if (value.trim() !== value || !isNormal(value))
    refuse(payload, 'one normal form: NFC, no blanks at the ends')
}

function checkProse(payload: TextPayload): void {
  const { value } = payload
  if (everyday.test(value)) return
  if (!isPlain(value.replace(/[\n\t]/g, '')))
    refuse(payload, 'a control, bidi or zero-width character', 'TEXT_FORBIDDEN_CHAR')
  else if (!isNormal(value)) refuse(payload, 'one normal form: NFC')
}

/** One line of text: no control, bidi or zero-width character (R32), not blank at its ends, Unicode NFC. */
export function line(max: number) {
  return z.string().min(1).max(max).check(checkLine)
}

/** Text of several lines: as `line`, but with line feeds and tabs. */
export function prose(max: number) {
  return z.string().min(1).max(max).check(checkProse)
}

/** Every month has 28 days, so most dates need no calendar. */
const earlyInMonth = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])$/

function isDate(text: string): boolean {
  return earlyInMonth.test(text) || isCalendarDate(text)
}

/** A legal date, without time zone: Asia/Shanghai. */
export const date = z.string().refine(isDate, 'a date YYYY-MM-DD that exists')

export const digest = z.string().refine(isDigest, 'sha256: and 64 lower-case hexadecimal digits')

/** `YYYY-MM-DDThh:mm:ssZ`, an existing moment: the XML Schema dateTimeStamp that every reader understands alike. */
export const moment = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/,
  )
  .refine((text) => isDate(text.slice(0, 10)), 'a date that exists')

export const did = z
  .string()
  .max(300)
  .regex(/^did:web:[a-z0-9.%:A-F-]+$/)

export const recordId = z
  .string()
  .max(512)
  .regex(/^https:\/\/[!-~]+\/id\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)

export const link = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/[^\s\u0000-\u0020\u007f-\u009f<>"\\^`{|}]+$/)

/** An edition or another record, by its id and the digest of its exact bytes. */
export const reference = z.strictObject({ id: recordId, digest })

/** A stable name of a clause within its record; `<record id>#<uid>` refers to it. */
export const uid = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)

/** A decimal as text, so that no reader rounds it: `1200`, `0.35`. */
export const decimal = z
  .string()
  .max(40)
  .regex(/^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/)

/** Who did something: always a name, where known a code. Self-given names are shown beside the registry's. */
export const party = z.strictObject({
  nameZh: line(200),
  party: did.optional(),
  usc: z
    .string()
    .regex(/^[0-9A-HJ-NPQRTUWXY]{18}$/)
    .optional(),
  divisionCode: z
    .string()
    .regex(/^[1-9]\d{5}$/)
    .optional(),
})

/** Another standard, by its number; it need not be known to any node. */
export const numberReference = z.strictObject({ value: line(120), canonicalKey: line(120) })
