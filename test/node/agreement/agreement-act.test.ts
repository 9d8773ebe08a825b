import { expect, test } from 'vitest'
import { syntheticRecognition } from '../../../fixtures/synthetic/agreement.ts'
import { recognitionTrust } from '../../../fixtures/synthetic/recognition.ts'
import { agreementIn } from '../../../node/agreement/agreement-act.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'

const [west, east, bureau] = ['7401', '7402', '7409'].map((port) => `did:web:localhost%3A${port}`) as [
  string,
  string,
  string,
]

function between(parties: readonly [string, string], change: object = {}) {
  const digest = digestOf('合成')
  return syntheticRecognition(
    { project: 'bishan-meishan', parties, editions: [], mapping: digest, basis: digest, rows: ['r1'] },
    change,
  )
}

function proposedAt(at: string, agreement: ReturnType<typeof between>): any {
  const credentialSubject = {
    id: agreement.id,
    act: 'propose',
    agreement,
    agreementDigest: agreementDigest(agreement),
  }
  const record = { type: ['VerifiableCredential', 'RecognitionAttestation'], credentialSubject }
  return { origin: 'localhost:7401/log/1', index: 0, at, digest: digestOf(at), record }
}

test('[AGREE-102] who writes another’s id first takes it from nobody: an agreement of the project’s parties comes before', () => {
  const ours = between([west, east])
  const others = between([west, bureau], { nonce: '00'.repeat(32) })
  const acts = [proposedAt('2026-02-02T00:00:00.000Z', ours), proposedAt('2026-01-01T00:00:00.000Z', others)]
  const trust = recognitionTrust()
  expect(agreementIn(acts, { id: ours.id }, trust)).toEqual(ours)
  expect(agreementIn(acts, { id: ours.id, digest: agreementDigest(others) }, trust)).toEqual(others)
  expect(agreementIn(acts.slice(1), { id: ours.id }, trust)).toEqual(others)
  expect(agreementIn(acts, { id: 'urn:uuid:00000000-0000-4000-8000-000000000000' }, trust)).toBeUndefined()
})
