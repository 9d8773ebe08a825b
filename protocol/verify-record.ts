import { ProtocolError } from './error.ts'
import { listProofs } from './proof/verify.ts'
import { Argument, type Verdict, type VerifyOptions, verdictOf } from './verdict.ts'
import { readRecord } from './verify.ts'
import { argueIssuer, argueProof, argueSchema, argueTrust, parseSignedRecord } from './verify-issuer.ts'
import { argueFreshness, argueValidity } from './verify-range.ts'

/**
 * Verifies a signed record that came alone, without its place in a log.
 *
 * At best the answer is `undecided`: the signature can be shown to hold, but not that the issuer logged the record, nor that
 * nothing ended it since. A broken form or signature is proven all the same.
 *
 * Never throws for what is in the file.
 *
 * @see spec/verify.md, VERIFY-15
 */
export function verifyRecord(bytes: Uint8Array, options: VerifyOptions): Verdict {
  const argument = new Argument()
  const read = argument.step(
    'form',
    () => readRecord(bytes),
    ({ digest }) => ({ zh: `单条记录，摘要 ${digest}`, en: 'a record by itself, in canonical form' }),
  )
  if (!read) return { verdict: verdictOf(argument.findings), findings: argument.findings }
  const trust = argueTrust(argument, options)
  const parsed = argueSchema(argument, () => parseSignedRecord(bytes))
  if (!parsed) return { verdict: verdictOf(argument.findings), findings: argument.findings }
  const { document, record } = parsed
  const given = { document, record, origin: listProofs(record.proof)[0]?.domain ?? '' }
  argueIssuer(argument, given, trust)
  argueProof(argument, given, trust)
  argument.step('inclusion', refuseInclusion, () => ({ zh: '', en: '' }))
  argument.step('range', refuseRange, () => ({ zh: '', en: '' }))
  argueValidity(argument, record, options.at ?? options.now)
  argueFreshness(argument, { loggedAt: undefined }, options)
  return { verdict: verdictOf(argument.findings), findings: argument.findings, record }
}

function refuseInclusion(): void {
  throw new ProtocolError('INCLUSION_MISSING', 'a record by itself does not show that it was logged')
}

function refuseRange(): void {
  throw new ProtocolError('RANGE_MISSING', 'a record by itself does not show what came after it')
}
