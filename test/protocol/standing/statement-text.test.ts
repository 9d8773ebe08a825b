import { describe, expect, test } from 'vitest'
import {
  syntheticFiles,
  syntheticInterconnection,
  syntheticReuse,
} from '../../../fixtures/synthetic/interconnection.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { describeAgreement } from '../../../protocol/standing/statement-text.ts'
import { east, west } from './recognition-sample.ts'

const names = {
  party: (did: string) => did,
  edition: (id: string) => id,
  clause: (_: string, uid: string) => (uid === 'c1' ? '1 总则' : undefined),
  row: () => undefined,
}
const shared = {
  project: 'bishan-meishan',
  parties: [west, east] as const,
  edition: { id: 'https://west.example/id/1', digest: digestOf('west') },
  basis: digestOf('basis'),
}

describe('the statement that is signed', () => {
  test('[AGREE-100] names every term of an interconnection, and whose run is whose', () => {
    const agreement = syntheticInterconnection({ ...shared, files: syntheticFiles([west, east]) })
    const text = describeAgreement(agreement, agreementDigest(agreement), names).join('\n')
    const { scope, results } = agreement
    for (const part of [
      ...[shared.edition.id, scope.schema, scope.suite.id, scope.suite.version, scope.suite.digest],
      ...[scope.environment, agreement.basis.number, agreement.id, agreementDigest(agreement)],
      ...[agreement.acceptBy, agreement.effectiveFrom, agreement.validUntil, '通知60日', '当日失效'],
    ])
      expect(text).toContain(part)
    const lines = text.split('\n')
    expect(lines.find((line) => line.includes(`${west}的样例数据`))).toContain(
      `${east}测试，运行结果 ${results[1]}`,
    )
    expect(lines.find((line) => line.includes(`${east}的端点`))).toContain(
      `${west}测试，运行结果 ${results[0]}`,
    )
  })

  test('[AGREE-100] names every term of a reuse, and what becomes of it when its ground falls', () => {
    const recognition = {
      id: 'urn:uuid:00000000-0000-4000-8000-0000000000a1',
      digest: digestOf('recognition'),
    }
    const agreement = syntheticReuse(
      { ...shared, ground: { recognition } },
      {
        evidence: [{ documentNo: '合成办〔2026〕7号' }, { digest: digestOf('evidence') }],
        scope: {
          clauses: ['c1', 'c2'],
          matters: ['property'],
          manner: 'local-standard',
          target: { documentNo: '合成办〔2026〕8号', titleZh: '合成办法', digest: digestOf('target') },
        },
      },
    )
    const text = describeAgreement(agreement, agreementDigest(agreement), names).join('\n')
    for (const part of [
      ...[`${east}使用`, shared.edition.id, '1 总则', 'c2', '转化为本地标准', '限事项物业'],
      ...['合成办〔2026〕8号', '《合成办法》', digestOf('target'), recognition.id, recognition.digest],
      ...['合成办〔2026〕7号', digestOf('evidence'), '须于90日内处置', '因撤回而终止的'],
    ])
      expect(text).toContain(part)
    const lawful = syntheticReuse({ ...shared, ground: { statute: 'industry' } })
    const plain = describeAgreement(lawful, agreementDigest(lawful), names).join('\n')
    expect(plain).toContain('依据：行业标准')
    expect(plain).toContain('全文')
    expect(plain).not.toContain('待处置')
  })
})
