import { ProtocolError } from './error.ts'
import type { Digest } from './hash.ts'
import type { JsonObject } from './json-value.ts'
import { parseMultikey } from './key.ts'
import { listProofs, verifyProofs } from './proof/verify.ts'
import type { ExchangeRecord } from './record/envelope.ts'
import { parseRecord } from './record/schema.ts'
import { purposeOf, recordTypes } from './record/vocabulary.ts'
import { nameAt } from './trust/registry.ts'
import type { RegistryChain } from './trust/registry-chain.ts'
import type { Trust } from './trust/trust.ts'
import { findMember, findRecordKey } from './trust/validity.ts'
import type { Argument, VerifyOptions } from './verdict.ts'
import { checkIssuer, checkProofs, readRecord, requiredSuites } from './verify.ts'
import { chooseTrust, describeTrust } from './verify-registry.ts'

/** A record as received, and the log it was signed for. Without an index it is outside any log as yet. */
export interface RecordCase {
  readonly document: JsonObject
  readonly record: ExchangeRecord
  readonly origin: string
  readonly index?: number
}

/**
 * The root of trust comes from outside the file. Whether it asks for witnesses is told here, and argued with the checkpoint.
 *
 * @see spec/verify.md, VERIFY-3
 */
export function argueTrust(
  argument: Argument,
  options: VerifyOptions,
  chain?: RegistryChain,
): Trust | undefined {
  return argument.step(
    'trust',
    () => chooseTrust(options, chain),
    (trust) => describeTrust(trust, { unused: chain !== undefined && trust === options.trust }),
  )
}

export interface SignedRecord {
  readonly bytes: Uint8Array
  readonly document: JsonObject
  readonly record: ExchangeRecord
  readonly digest: Digest
}

/** The form of a record and its rules. @throws {ProtocolError} as `readRecord` and `parseRecord` */
export function parseSignedRecord(bytes: Uint8Array): SignedRecord {
  const { document, digest } = readRecord(bytes)
  return { bytes, document, record: parseRecord(document), digest }
}

/** @see spec/verify.md, VERIFY-8 */
export function argueSchema(argument: Argument, read: () => SignedRecord): SignedRecord | undefined {
  return argument.step('schema', read, ({ record }) => ({
    zh: `${recordTypes[record.type[1]].zh}，结构与规则相符`,
    en: `a ${record.type[1]} by its closed schema and rules`,
  }))
}

/** @see spec/verify.md, VERIFY-4 */
export function argueIssuer(
  argument: Argument,
  { record, origin }: RecordCase,
  trust: Trust | undefined,
): void {
  if (!trust) {
    argument.skip('issuer')
    return
  }
  argument.step(
    'issuer',
    () => {
      findMember(trust, record.issuer)
      return checkIssuer(trust, record, origin)
    },
    (member) => ({
      zh: `发布机关 ${nameAt(member.profile, '9999-12-31')}（${member.id}）`,
      en: `issuer ${member.id}, in its own log`,
    }),
  )
}

/**
 * The issuer's signature. Where nobody vouches for the key, a signature that does not even fit the key it names is still
 * proven bad, and one that fits proves nothing.
 *
 * @see spec/verify.md, VERIFY-8
 */
export function argueProof(argument: Argument, given: RecordCase, trust: Trust | undefined): void {
  const { document, record, origin, index } = given
  const run = () => {
    if (!trust?.members.has(record.issuer)) {
      checkFit(given)
      if (trust) findMember(trust, record.issuer)
      throw new ProtocolError('NOT_TRUSTED', 'the signature fits the key it names, for which nobody vouches')
    }
    if (index !== undefined) checkProofs(trust, document, record, { origin, index })
    else checkUnlogged(given, trust)
  }
  argument.step('proof', run, () =>
    index === undefined
      ? { zh: '发布机关的签名有效', en: 'signed by the issuer, with a key it may use in this log' }
      : {
          zh: '发布机关的签名有效，密钥在此位置有效',
          en: 'signed by the issuer with a key valid at this index',
        },
  )
}

function checkFit({ document, record, origin }: RecordCase): void {
  verifyProofs(document, listProofs(record.proof), {
    issuer: record.issuer,
    domain: origin,
    required: requiredSuites,
    findKey: parseMultikey,
    read: undefined,
  })
}

/** A key is valid for a range of indices; a record without a place may come from any of them. */
function checkUnlogged({ document, record, origin }: RecordCase, trust: Trust): void {
  verifyProofs(document, listProofs(record.proof), {
    issuer: record.issuer,
    domain: origin,
    required: requiredSuites,
    findKey: (multikey) => {
      const index = trust.keys.get(multikey)?.valid.find((range) => range.origin === origin)?.from ?? 0
      const purpose = purposeOf(record.type[1])
      return findRecordKey(trust, multikey, { issuer: record.issuer, purpose, origin, index })
    },
    read: undefined,
  })
}
