import { describe, expect, test } from 'vitest'
import published from '../../../fixtures/published/vc-di-eddsa.json' with { type: 'json' }
import { decodeBase58 } from '../../../protocol/base58.ts'
import { encodeHex } from '../../../protocol/bytes.ts'
import { canonicalBytes, canonicalize } from '../../../protocol/canonical.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import { parseMultikey } from '../../../protocol/key.ts'
import { eddsaJcs2022 } from '../../../protocol/proof/eddsa-jcs-2022.ts'

const { document, multikey, proof, proofHash, documentHash, signature } = published.jcs
const key = parseMultikey(multikey)

function verifies(changedDocument: object, changedProof: object): boolean {
  const { proofValue, ...options } = { ...proof, ...changedProof }
  const value: any = changedDocument
  return eddsaJcs2022.verify(
    { value, bytes: [canonicalBytes(value)] },
    { options: options as any, proofValue },
    key,
  )
}

describe('W3C VC-DI-EdDSA, appendix B.3: eddsa-jcs-2022', () => {
  test('[REC-8] the hashes on the way are those of the specification', () => {
    const { proofValue, ...options } = proof
    expect(sha256Hex(canonicalize(options))).toBe(proofHash)
    expect(sha256Hex(canonicalize(document))).toBe(documentHash)
    expect(encodeHex(decodeBase58(proofValue.slice(1)))).toBe(signature)
  })

  test('[REC-8] its signature verifies, and over nothing else', () => {
    expect(verifies(document, {})).toBe(true)
    expect(verifies({ ...document, name: 'Alumni credential' }, {})).toBe(false)
    expect(verifies({ ...document, type: [...document.type].reverse() }, {})).toBe(false)
    expect(verifies(document, { created: '2023-02-24T23:36:39Z' })).toBe(false)
    expect(verifies(document, { domain: 'bishan.example/log/1' })).toBe(false)
  })
})
