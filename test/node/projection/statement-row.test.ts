import { expect, test } from 'vitest'
import { syntheticAct, syntheticBasis, syntheticRecognition } from '../../../fixtures/synthetic/agreement.ts'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import {
  heavySet,
  syntheticIndicators,
  syntheticLine,
  syntheticReport,
} from '../../../fixtures/synthetic/report.ts'
import { projectRecord } from '../../../node/projection/row.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { parseEntry } from '../../../protocol/log/entry.ts'
import type { Draft } from '../../../protocol/record/draft.ts'
import { verifyLoggedRecord } from '../../../protocol/verify.ts'
import { member, stranger } from '../../protocol/verify/sample.ts'

const trust = syntheticTrust([member, stranger])
const agreement = syntheticRecognition({
  project: 'bishan-meishan',
  parties: [member.did, stranger.did],
  editions: [{ id: 'https://bishan.example/id/00000000-0000-4000-8000-000000000001', digest: digestOf('a') }],
  mapping: digestOf('set'),
  basis: digestOf('basis'),
  rows: ['r1'],
})
const seen = { origin: member.origin, size: 1, root: `${'A'.repeat(43)}=`, index: 0, digest: digestOf('p') }

async function rowOf(draft: Draft): Promise<any> {
  const { entry, bytes } = await new SyntheticLog(member).publish(draft)
  return projectRecord(verifyLoggedRecord(parseEntry(entry), bytes, trust))
}

test('[NODE-20] acts are looked up by their agreement, basis documents by their number, with the files they name', async () => {
  expect(await rowOf(syntheticAct({ act: 'propose', agreement }))).toMatchObject({
    kind: 'statement',
    type: 'RecognitionAttestation',
    topic: agreement.id,
    issuer: member.did,
    tier: 'public',
    attachments: [
      { digest: digestOf('set'), mediaType: 'text/tab-separated-values', name: 'mapping.sssom.tsv' },
    ],
  })
  const withdrawn = syntheticAct({ act: 'withdraw', agreement, seen, reason: '合成理由' })
  expect(await rowOf(withdrawn)).toMatchObject({ topic: agreement.id, attachments: [] })
  expect(await rowOf(syntheticBasis('合成发〔2026〕7号', digestOf('file')))).toMatchObject({
    type: 'BasisDocument',
    topic: '合成发〔2026〕7号',
    attachments: [{ digest: digestOf('file'), name: '标准互认工作方案（合成样例）' }],
  })
})

test('[RATE-23] a report is looked up by its period, with the files it names, and a set by its code', async () => {
  const edition = {
    id: 'https://bishan.example/id/00000000-0000-4000-8000-000000000001',
    digest: digestOf('a'),
  }
  const evidence = [{ documentNo: '合成发〔2026〕3号' }, { digest: digestOf('file') }]
  expect(await rowOf(syntheticReport('2026-Q1', [syntheticLine(edition, 1, 2, { evidence })]))).toMatchObject(
    {
      kind: 'statement',
      type: 'ImplementationReport',
      topic: '2026-Q1',
      issuer: member.did,
      attachments: [{ digest: digestOf('file'), name: 'evidence' }],
    },
  )
  expect(await rowOf(syntheticIndicators(heavySet))).toMatchObject({
    type: 'IndicatorSet',
    topic: 'ui-heavy',
  })
})
