import { contexts } from '@digitalbazaar/credentials-context'
import { DataIntegrityProof } from '@digitalbazaar/data-integrity'
import dataIntegrity from '@digitalbazaar/data-integrity-context'
import * as jcsSuite from '@digitalbazaar/eddsa-jcs-2022-cryptosuite'
import multikey from '@digitalbazaar/multikey-context'
import * as vc from '@digitalbazaar/vc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { syntheticMember } from '../../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { decodeBase58, encodeBase58 } from '../../../protocol/base58.ts'
import { exchangeContextDocument } from '../../../protocol/context/exchange.ts'
import { exchangeContext } from '../../../protocol/context/name.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { signerFromSeed } from '../../../protocol/key.ts'
import { signRecord } from '../../../protocol/proof/sign.ts'
import { verifyProofs } from '../../../protocol/proof/verify.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'

const member = syntheticMember('合成甲', 'http://localhost:7401')
const key = member.publish.publicKey
const id = 'https://localhost:7401/id/00000000-0000-4000-8000-000000000001'

async function signed(): Promise<any> {
  const document = composeRecord(syntheticStandard(1), { id, issuer: member.did })
  return structuredClone(
    await signRecord(document, {
      signer: member.publish,
      issuer: member.did,
      domain: member.origin,
      created: '2026-01-01T00:00:00Z',
    }),
  )
}

function outcome(record: any, policy = {}): string {
  try {
    const proofs = Array.isArray(record.proof) ? record.proof : [record.proof]
    verifyProofs(record, proofs, {
      issuer: member.did,
      domain: member.origin,
      required: ['eddsa-jcs-2022'],
      findKey: () => key,
      read: undefined,
      ...policy,
    })
    return 'verified'
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
}

describe('eddsa-jcs-2022', () => {
  test('[REC-8] what was signed verifies; any other member, text, type or order does not', async () => {
    const record = await signed()
    expect(outcome(record)).toBe('verified')
    for (const change of [
      (r: any) => {
        r.credentialSubject.titleZh += '。'
      },
      (r: any) => {
        r.credentialSubject.clauses.reverse()
      },
      (r: any) => {
        r.credentialSubject.important = true
      },
      (r: any) => {
        delete r.credentialSubject.ics
      },
      (r: any) => {
        r.credentialSubject.ics = '03.080'
      },
      (r: any) => {
        r.tier = 'federation'
      },
      (r: any) => {
        r.proof.created = '2026-01-01T00:00:01Z'
      },
      (r: any) => {
        r.proof.extra = 1
      },
      (r: any) => {
        r.credentialSubject = [r.credentialSubject]
      },
    ]) {
      const altered = structuredClone(record)
      change(altered)
      expect(outcome(altered)).toBe('SIGNATURE_INVALID')
    }
  })

  test('[REC-9] a record signed for one log is worthless in another', async () => {
    expect(outcome(await signed(), { domain: 'localhost:7402/log/1' })).toBe('LOG_ORIGIN_MISMATCH')
    expect(outcome(await signed(), { issuer: 'did:web:localhost%3A7402' })).toBe('ISSUER_MISMATCH')
  })

  test('[REC-10] a good proof never hides a bad one, and each required suite must be there', async () => {
    const good = await signed()
    const bad = { ...good.proof, created: '2026-01-01T00:00:09Z' }
    expect(outcome({ ...good, proof: [good.proof] })).toBe('verified')
    expect(outcome({ ...good, proof: [good.proof, bad] })).toBe('SIGNATURE_INVALID')
    expect(outcome({ ...good, proof: [bad, good.proof] })).toBe('SIGNATURE_INVALID')
    expect(outcome({ ...good, proof: [good.proof, good.proof] })).toBe('PROOF_MALFORMED')
    expect(outcome({ ...good, proof: [] })).toBe('PROOF_MISSING')
    expect(outcome({ ...good, proof: { ...good.proof, cryptosuite: 'eddsa-jcs-2099' } })).toBe(
      'SUITE_NOT_ALLOWED',
    )
  })

  test('[REC-11] a proof value is 64 bytes of base58btc', async () => {
    const record = await signed()
    for (const value of ['', 'u123', 'z', 'z11', `${record.proof.proofValue}1`]) {
      expect(['PROOF_MALFORMED', 'JSON_MALFORMED']).toContain(
        outcome({ ...record, proof: { ...record.proof, proofValue: value } }),
      )
    }
    const bytes = decodeBase58(record.proof.proofValue.slice(1))
    bytes[63] = (bytes[63] ?? 0) | 0xe0
    expect(outcome({ ...record, proof: { ...record.proof, proofValue: `z${encodeBase58(bytes)}` } })).toBe(
      'SIGNATURE_INVALID',
    )
  })
})

const documents = new Map<string, object>([
  ...contexts,
  ...dataIntegrity.contexts,
  ...multikey.contexts,
  [exchangeContext, exchangeContextDocument],
])

function loaderFor(publicKey: { multibase: string }, did: string) {
  const method = {
    '@context': 'https://w3id.org/security/multikey/v1',
    id: `${did}#${publicKey.multibase}`,
    type: 'Multikey',
    controller: did,
    publicKeyMultibase: publicKey.multibase,
  }
  const known = new Map<string, object>([
    ...documents,
    [method.id, method],
    [
      did,
      {
        '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
        id: did,
        verificationMethod: [method],
        assertionMethod: [method.id],
      },
    ],
  ])
  return (url: string) => {
    const document = known.get(url)
    return document
      ? Promise.resolve({ contextUrl: null, documentUrl: url, document, tag: 'static' })
      : Promise.reject(new Error(`not known: ${url}`))
  }
}

describe('beside @digitalbazaar/vc', () => {
  test('our records verify there, and not after a change', async () => {
    const record = await signed()
    const suite = new DataIntegrityProof({ cryptosuite: jcsSuite.createVerifyCryptosuite() })
    const documentLoader = loaderFor(key, member.did)
    const good = await vc.verifyCredential({ credential: structuredClone(record), suite, documentLoader })
    expect(good.error?.errors ?? []).toEqual([])
    expect(good.verified).toBe(true)
    record.credentialSubject.titleZh += '！'
    expect((await vc.verifyCredential({ credential: record, suite, documentLoader })).verified).toBe(false)
  })

  test('both sign random documents to the same proof value', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.jsonValue({ maxDepth: 3 }),
        async (seed, extra) => {
          const text = JSON.stringify(extra)
          if (/\\ud[89a-f]/.test(text)) return
          const signer = signerFromSeed(seed)
          const document: any = {
            '@context': ['https://www.w3.org/ns/credentials/v2', exchangeContext],
            about: [text],
            extra: JSON.parse(text),
            id,
            issuer: member.did,
          }
          const ours: any = await signRecord(document, {
            signer,
            issuer: member.did,
            domain: member.origin,
            created: '2026-01-01T00:00:00Z',
          })
          const { proofValue, ...options } = ours.proof
          const theirs = await jcsSuite.createVerifyCryptosuite().createVerifyData({
            cryptosuite: jcsSuite.createVerifyCryptosuite(),
            document,
            proof: options,
            documentLoader: loaderFor(signer.publicKey, member.did),
          })
          expect(signer.publicKey.verify(theirs, decodeBase58(proofValue.slice(1)))).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })
})
