import type { ProblemCode } from '../error.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import {
  canonicalKey,
  divisionDigitsOf,
  parseStandardNumber,
  type StandardNumber,
} from '../identifier/standard-number.ts'
import type { StandardSubject } from './standard-record.ts'

/** A rule that a record breaks without being refused for it: shown beside the record, for ever. */
export interface Warning {
  readonly rule: 'ST3' | 'ST4' | 'ST5' | 'ST6'
  readonly pointer: string
  readonly zh: string
  readonly en: string
}

const levelOfScheme = {
  GB: 'national',
  HB: 'industry',
  'DB-P': 'provincial',
  'DB-M': 'municipal',
  T: 'group',
  Q: 'enterprise',
} as const

/**
 * The rules of DOMAIN section 8.2 that one record can break by itself and that make it unusable:
 * ST1 each number parses, is printed as on covers, and its key is the canonical one; ST3 a local standard is mandatory
 * only on a stated ground; ST6 an edition does not replace itself.
 *
 * @throws {ProtocolError} `RULE_VIOLATED` or `IDENTIFIER_INVALID`, with a pointer below `pointer`
 * @see spec/record.md, REC-21 to REC-24
 */
export function checkStandardRules(subject: StandardSubject, pointer: string): void {
  const keys = new Set<string>()
  for (const [i, identifier] of subject.identifiers.entries()) {
    const place = () => `${pointer}/identifiers${pointerStep(i)}`
    const number = checkNumber(identifier, place)
    if (number.scheme !== identifier.scheme)
      throw broken(`${place()}/scheme`, `the number is of scheme ${number.scheme} (ST1)`)
    if (keys.has(identifier.canonicalKey))
      throw broken(`${place()}/canonicalKey`, 'the same number twice (ST2)')
    keys.add(identifier.canonicalKey)
  }
  const first = subject.identifiers[0]
  if (first && levelOfScheme[first.scheme] !== subject.level) {
    throw broken(
      `${pointer}/level`,
      `a number of scheme ${first.scheme} is of level ${levelOfScheme[first.scheme]} (ST1)`,
    )
  }
  const local = subject.level === 'provincial' || subject.level === 'municipal'
  if (local && subject.mandate === 'mandatory' && subject.mandateGround === undefined) {
    throw broken(
      `${pointer}/mandateGround`,
      'a mandatory local standard states its ground: legacy or special-law (ST3)',
    )
  }
  for (const [i, reference] of (subject.replaces ?? []).entries()) {
    const place = () => `${pointer}/replaces${pointerStep(i)}`
    checkNumber(reference, place)
    if (keys.has(reference.canonicalKey)) throw broken(place(), 'an edition cannot replace itself (ST6)')
  }
  for (const [i, reference] of (subject.normativeRefs ?? []).entries()) {
    checkNumber(reference, () => `${pointer}/normativeRefs${pointerStep(i)}`)
  }
  checkClauses(subject, pointer)
}

function checkNumber(
  stated: { readonly value: string; readonly canonicalKey: string },
  place: () => string,
): StandardNumber {
  let number: StandardNumber
  try {
    number = parseStandardNumber(stated.value)
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    const code: ProblemCode = cause.code
    throw new ProtocolError(code, cause.message, { place: { pointer: `${place()}/value` }, cause })
  }
  const key = canonicalKey(number)
  if (key !== stated.canonicalKey)
    throw broken(`${place()}/canonicalKey`, `the canonical key of this number is ${key} (ST1)`)
  return number
}

function checkClauses(subject: StandardSubject, pointer: string): void {
  if (subject.clauses === undefined) return
  const uids = new Set<string>()
  for (const [i, clause] of subject.clauses.entries()) {
    if (uids.has(clause.uid))
      throw broken(`${pointer}/clauses${pointerStep(i)}/uid`, 'two clauses share a uid')
    uids.add(clause.uid)
  }
}

/** ST4, ST5: facts that stand as printed, and that a reader must be warned of. */
export function warningsOf(subject: StandardSubject): readonly Warning[] {
  const warnings: Warning[] = []
  const { publishedOn, effectiveOn } = subject
  if (publishedOn !== undefined && effectiveOn !== undefined && effectiveOn < publishedOn) {
    warnings.push({
      rule: 'ST5',
      pointer: '/credentialSubject/effectiveOn',
      zh: `实施日期${effectiveOn}早于发布日期${publishedOn}，按原文照录`,
      en: `takes effect on ${effectiveOn}, before its publication on ${publishedOn}: as printed`,
    })
  }
  for (const [i, identifier] of subject.identifiers.entries()) {
    const prefix = divisionDigitsOf(parseStandardNumber(identifier.value))
    const codes = (subject.publishers ?? []).flatMap((publisher) => publisher.divisionCode ?? [])
    if (prefix !== undefined && codes.length > 0 && !codes.some((code) => code.startsWith(prefix))) {
      warnings.push({
        rule: 'ST4',
        pointer: `/credentialSubject/identifiers${pointerStep(i)}`,
        zh: `标准号的区划代码${prefix}与发布单位的区划不符`,
        en: `division ${prefix} in the number is not that of any publisher`,
      })
    }
  }
  return warnings
}

function broken(pointer: string, message: string): ProtocolError {
  return new ProtocolError('RULE_VIOLATED', message, { place: { pointer } })
}
