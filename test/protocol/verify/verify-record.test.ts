import { describe, expect, test } from 'vitest'
import { syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import type { VerifyOptions } from '../../../protocol/verdict.ts'
import { verifyRecord } from '../../../protocol/verify-record.ts'
import { options, sampleLog, stranger } from './sample.ts'

const log = await sampleLog(2)
const { bytes, document } = log.logged[1]!

function judge(input: Uint8Array, change: Partial<VerifyOptions> = {}): string {
  const { verdict, findings } = verifyRecord(input, { ...options, ...change })
  const codes = findings
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ code, outcome }) => code ?? outcome)
  return [verdict, ...new Set(codes)].join(' ')
}

function altered(change: (value: any) => void): Uint8Array {
  const value: any = structuredClone(document)
  change(value)
  return encodeUtf8(canonicalize(value))
}

describe('a record by itself', () => {
  test('[VERIFY-15] is undecided at best: its signature holds, its place in a log is not shown', () => {
    expect(judge(bytes)).toBe('undecided INCLUSION_MISSING RANGE_MISSING')
    expect(judge(bytes, { freshWithin: 1e15 })).toBe(
      'undecided INCLUSION_MISSING RANGE_MISSING CHECKPOINT_STALE',
    )
  })

  test('[VERIFY-15] is rejected when its signature does not fit, whoever is trusted', () => {
    const changed = altered((value) => {
      value.credentialSubject.titleZh = '另一标题'
    })
    expect(judge(changed)).toBe('rejected INCLUSION_MISSING SIGNATURE_INVALID RANGE_MISSING')
    expect(judge(changed, { trust: undefined })).toContain('SIGNATURE_INVALID')
    expect(judge(changed, { trust: undefined })).toContain('rejected')
    expect(judge(changed, { trust: syntheticTrust([stranger]) })).toContain('rejected NOT_A_MEMBER')
  })

  test('[VERIFY-15] is undecided when nobody vouches for its signer', () => {
    expect(judge(bytes, { trust: undefined })).toBe(
      'undecided NOT_TRUSTED unknown INCLUSION_MISSING RANGE_MISSING',
    )
    expect(judge(bytes, { trust: syntheticTrust([stranger]) })).toBe(
      'undecided NOT_A_MEMBER INCLUSION_MISSING RANGE_MISSING',
    )
  })

  test('[VERIFY-15] is rejected when it is not in canonical form or not a record', () => {
    expect(judge(encodeUtf8(JSON.stringify(document, null, 2)))).toBe('rejected JSON_MALFORMED')
    expect(judge(encodeUtf8('[]'))).toBe('rejected SCHEMA_INVALID')
    expect(
      judge(
        altered((value) => {
          delete value.proof
        }),
      ),
    ).toBe('rejected PROOF_MISSING')
    expect(
      judge(
        altered((value) => {
          value.proof.domain = 'localhost:7402/log/1'
        }),
      ),
    ).toContain('rejected')
  })
})
