import { expect, test } from 'vitest'
import { syntheticAct, syntheticRecognition } from '../../../fixtures/synthetic/agreement.ts'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import type { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { parseEntry } from '../../../protocol/log/entry.ts'
import type { Draft } from '../../../protocol/record/draft.ts'
import { verifyLoggedRecord } from '../../../protocol/verify.ts'
import { member, stranger } from './sample.ts'

const trust = syntheticTrust([member, stranger])
const agreement = syntheticRecognition({
  project: 'bishan-meishan',
  parties: [member.did, stranger.did],
  editions: [
    {
      id: `${member.base.replace('http:', 'https:')}/id/00000000-0000-4000-8000-000000000001`,
      digest: digestOf('a'),
    },
  ],
  mapping: digestOf('b'),
  basis: digestOf('c'),
  rows: ['r1'],
})

async function codeOf(log: SyntheticLog, draft: Draft): Promise<string> {
  const { entry, bytes } = await log.publish(draft)
  try {
    verifyLoggedRecord(parseEntry(entry), bytes, trust)
    return 'passed'
  } catch (error) {
    return (error as ProtocolError).code
  }
}

test('[REC-602] acts about agreements are signed by a key of purpose attest, and nothing else is', async () => {
  const act = syntheticAct({ act: 'propose', agreement })
  expect(await codeOf(new SyntheticLog(member), act)).toBe('passed')
  expect(await codeOf(new SyntheticLog({ ...member, attest: member.publish }), act)).toBe('PURPOSE_MISMATCH')
  expect(await codeOf(new SyntheticLog({ ...member, publish: member.attest }), syntheticStandard(1))).toBe(
    'PURPOSE_MISMATCH',
  )
})

test('[AGREE-4] an act by somebody who is no party of its agreement does not count', async () => {
  const third = syntheticMember('合成第三方', 'http://localhost:7499')
  const act = syntheticAct({ act: 'propose', agreement })
  const { entry, bytes } = await new SyntheticLog(third).publish(act)
  expect(() =>
    verifyLoggedRecord(parseEntry(entry), bytes, syntheticTrust([member, stranger, third])),
  ).toThrow(expect.objectContaining({ code: 'ATTESTATION_MISMATCH' }))
})
