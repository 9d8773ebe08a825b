import { encodeUtf8 } from '../bytes.ts'
import { canonicalize } from '../canonical.ts'
import { addYears } from '../date.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import { type Digest, formatDigest, sha256Tagged } from '../hash.ts'
import type { JsonObject } from '../json-value.ts'
import {
  type ActSubject,
  type Agreement,
  editionOfClause,
  type InterconnectionAgreement,
  type RecognitionAgreement,
  type ReuseAgreement,
} from './agreement.ts'

/**
 * What both parties sign: SHA-256 of `csx/agreement/v1`, a line feed and the canonical form.
 *
 * @see spec/agreement.md, AGREE-2 (PROTOCOL section 10)
 */
export function agreementDigest(agreement: Agreement): Digest {
  return formatDigest(sha256Tagged('csx/agreement/v1\n', encodeUtf8(canonicalize(plain(agreement)))))
}

/** The same as plain JSON: members that are not there are left out. */
function plain(agreement: Agreement): JsonObject {
  return JSON.parse(JSON.stringify(agreement))
}

/**
 * A commitment to a mapping set that fewer may read than the agreement: `m1:` and SHA-256 of `csx/mapping/v1`, a line feed, the salt and
 * the set's SHA-256.
 *
 * @see spec/agreement.md, AGREE-5
 */
export function commitToMapping(salt: Uint8Array, setHash: Uint8Array): string {
  return `m1:${formatDigest(sha256Tagged('csx/mapping/v1\n', salt, setHash)).slice('sha256:'.length)}`
}

/** The term of a recognition; no longer, so that it is looked at again. */
const maxYears = 5

/**
 * What an act can break by itself: the members that its word asks for, the digest, the id, the issuer as a party, and terms that hold
 * together.
 *
 * @throws {ProtocolError} `RULE_VIOLATED` `ATTESTATION_MISMATCH` `ATTESTATION_SAME_PARTY`, with a pointer
 * @see spec/agreement.md, AGREE-3 and AGREE-4
 */
export function checkActRules(
  act: ActSubject,
  readership: { readonly issuer?: string; readonly audience?: string | undefined },
): void {
  const { agreement } = act
  const carries = act.act === 'propose' || act.act === 'accept'
  if (carries !== (agreement !== undefined))
    throw broken('/agreement', 'a proposal and an acceptance carry the agreement, and nothing else does')
  if ((act.act === 'propose') === (act.seen !== undefined))
    throw broken('/seen', 'every act but a proposal names the proposal that it saw')
  if (act.act === 'withdraw' && act.reason === undefined)
    throw broken('/reason', 'a withdrawal states its reason')
  if (act.seen && act.seen.index >= act.seen.size)
    throw broken('/seen/index', 'the proposal lies outside the tree that was seen')
  if (!agreement) return
  if (agreement.id !== act.id)
    throw mismatch('/agreement/id', 'the act names another agreement than it carries')
  if (agreementDigest(agreement) !== act.agreementDigest)
    throw mismatch('/agreementDigest', 'not the digest of the agreement that it carries')
  checkTerms(agreement)
  const { issuer, audience } = readership
  if (issuer !== undefined && !agreement.parties.some(({ id }) => id === issuer))
    throw mismatch('/agreement/parties', 'the issuer is no party of the agreement')
  if (audience !== undefined && audience !== agreement.project)
    throw mismatch('/agreement/project', 'an act is for the readers of its own project')
}

function checkTerms(agreement: Agreement): void {
  const [first, second] = agreement.parties
  if (first.id === second.id)
    throw new ProtocolError('ATTESTATION_SAME_PARTY', 'an agreement is between two agencies', {
      place: { pointer: '/credentialSubject/agreement/parties' },
    })
  if (first.id > second.id) throw broken('/agreement/parties', 'the parties stand in the order of their ids')
  const { effectiveFrom, validUntil, acceptBy, onRevision, graceDays } = agreement
  if (effectiveFrom >= validUntil)
    throw broken('/agreement/validUntil', '止日不晚于起日 / ends before it begins')
  if (acceptBy >= validUntil)
    throw broken('/agreement/acceptBy', '同意期限不早于止日 / may be accepted after its end')
  const longest = agreement.kind === 'interconnection' ? 1 : maxYears
  if (validUntil > addYears(effectiveFrom, longest))
    throw broken('/agreement/validUntil', `期限超过${longest}年 / lasts longer than ${longest} years`)
  if (onRevision === 'lapse' && graceDays !== 0)
    throw broken(
      '/agreement/graceDays',
      '当日失效的，宽限日数为 0 / without grace there are no days of grace',
    )
  if (onRevision === 'grace' && graceDays === 0)
    throw broken('/agreement/graceDays', '宽限至少一日 / grace lasts a day at the least')
  if (agreement.supersedes?.id === agreement.id)
    throw broken('/agreement/supersedes', '声明不能代替自身 / an agreement does not take its own place')
  if (agreement.kind === 'recognition') checkRecognition(agreement)
  else if (agreement.kind === 'interconnection') checkInterconnection(agreement)
  else checkReuse(agreement)
}

function checkRecognition({ scope, effects }: RecognitionAgreement): void {
  const editions = uniqueOf(
    scope.editions.map(({ id }) => id),
    '/agreement/scope/editions',
  )
  for (const [i, name] of (scope.clauses ?? []).entries())
    if (!editions.has(editionOfClause(name)))
      throw broken(`/agreement/scope/clauses${pointerStep(i)}`, 'a clause of an edition outside the scope')
  uniqueOf(scope.clauses ?? [], '/agreement/scope/clauses')
  uniqueOf(
    effects.map(({ row, from }) => `${row} ${from}`),
    '/agreement/effects',
  )
  const direct = new Set<string>()
  for (const [i, { row, from, to, effect, conditions }] of effects.entries()) {
    const place = `/agreement/effects${pointerStep(i)}`
    if (from === to) throw broken(`${place}/to`, 'an effect goes from one party to the other')
    if (effect === 'direct' && from !== 0)
      throw broken(`${place}/from`, 'what holds both ways is written from 0 to 1')
    if ((effect === 'conditional') !== (conditions !== undefined))
      throw broken(`${place}/conditions`, 'conditions stand with a conditional effect, and with no other')
    if (effect === 'direct') direct.add(row)
  }
  for (const [i, { row, effect }] of effects.entries())
    if (effect !== 'direct' && direct.has(row))
      throw broken(`/agreement/effects${pointerStep(i)}/row`, 'the row holds both ways already')
}

function checkInterconnection({ scope, results }: InterconnectionAgreement): void {
  if (results[0] === results[1]) throw broken('/agreement/results', 'each party has a run of its own')
  const [first, second] = scope.endpoints
  if (canonicalize({ ...first }) === canonicalize({ ...second }))
    throw broken('/agreement/scope/endpoints', 'each party has an endpoint of its own')
}

function checkReuse({ scope, id }: ReuseAgreement): void {
  const { ground } = scope
  if ('recognition' in ground && ground.recognition.id === id)
    throw broken('/agreement/scope/ground', 'an agreement is no ground of itself')
}

function uniqueOf(items: readonly string[], pointer: string): ReadonlySet<string> {
  const met = new Set<string>()
  for (const [i, item] of items.entries()) {
    if (met.has(item)) throw broken(pointer + pointerStep(i), 'stands twice')
    met.add(item)
  }
  return met
}

function broken(pointer: string, message: string): ProtocolError {
  return new ProtocolError('RULE_VIOLATED', message, { place: { pointer: `/credentialSubject${pointer}` } })
}

function mismatch(pointer: string, message: string): ProtocolError {
  return new ProtocolError('ATTESTATION_MISMATCH', message, {
    place: { pointer: `/credentialSubject${pointer}` },
  })
}
