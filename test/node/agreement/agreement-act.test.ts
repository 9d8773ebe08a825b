import { expect, test } from 'vitest'
import { syntheticRecognition } from '../../../fixtures/synthetic/agreement.ts'
import { recognitionTrust } from '../../../fixtures/synthetic/recognition.ts'
import { agreementIn } from '../../../node/agreement/agreement-act.ts'
import { actsIn } from '../../../node/agreement/agreement-view.ts'
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

test('[AGREE-105] an act that decides nothing is marked: repeated, of a stranger, of another text, of another proposal', () => {
  const ours = between([west, east])
  const digest = agreementDigest(ours)
  const type = ['VerifiableCredential', 'RecognitionAttestation']
  const logged = (issuer: string, index: number, subject: object): any => ({
    origin: issuer === west ? 'localhost:7401/log/1' : `localhost:${issuer === east ? 7402 : 7409}/log/1`,
    index,
    at: `2026-02-0${index}T00:00:00.000Z`,
    digest: digestOf(`${issuer} ${index}`),
    record: {
      id: `https://x.example/id/${issuer.slice(-4)}-${index}`,
      type,
      issuer,
      tier: 'public',
      credentialSubject: { id: ours.id, agreementDigest: digest, ...subject },
    },
  })
  const proposal = logged(west, 1, { act: 'propose', agreement: ours })
  const seen = { origin: proposal.origin, index: 1, digest: proposal.digest, size: 2, root: '' }
  const accept = { act: 'accept', agreement: ours, seen }
  const statements = [
    proposal,
    logged(west, 2, { act: 'propose', agreement: ours }),
    logged(east, 3, { ...accept, agreementDigest: digestOf('another') }),
    logged(east, 4, { ...accept, seen: { ...seen, index: 0 } }),
    logged(east, 5, accept),
    logged(east, 6, accept),
    logged(bureau, 7, accept),
    logged(east, 8, { act: 'withdraw', reason: '合成', seen }),
  ]
  const known: any = { trust: recognitionTrust(), statements, loggedOn: ({ at }: any) => at.slice(0, 10) }
  const counting = (of = digest) =>
    actsIn(known, ours, of).flatMap(({ counts, index }) => (counts ? [index] : []))
  expect(actsIn(known, ours, digest)).toHaveLength(statements.length)
  expect(counting()).toEqual([1, 5, 8])
  expect(counting(digestOf('none'))).toEqual([])
  expect(actsIn({ ...known, statements: [] }, ours, digest)).toEqual([])
})
