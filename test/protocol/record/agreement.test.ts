import { describe, expect, test } from 'vitest'
import {
  syntheticActValue,
  syntheticBasis,
  syntheticRecognition,
} from '../../../fixtures/synthetic/agreement.ts'
import { openExpander } from '../../../protocol/context/expand.ts'
import type { ProtocolError } from '../../../protocol/error.ts'
import { type Digest, sha256 } from '../../../protocol/hash.ts'
import type { JsonObject } from '../../../protocol/json-value.ts'
import { agreementDigest, commitToMapping } from '../../../protocol/record/agreement-rule.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'

const digest = (n: number): Digest => `sha256:${String(n).repeat(64)}`
const editions = [
  { id: 'https://bishan.example/id/00000000-0000-4000-8000-000000000001', digest: digest(1) },
  { id: 'https://meishan.example/id/00000000-0000-4000-8000-000000000002', digest: digest(2) },
]
const facts = {
  project: 'bishan-meishan',
  parties: ['did:web:meishan.example', 'did:web:bishan.example'],
  editions,
  mapping: digest(3),
  basis: digest(4),
  rows: ['r1', 'r2'],
} as const
const agreement = syntheticRecognition(facts)
const seen = {
  origin: 'bishan.example/log/1',
  size: 9,
  root: `${'A'.repeat(43)}=`,
  index: 8,
  digest: digest(5),
}
const actValue = (part: Parameters<typeof syntheticActValue>[0]): any => syntheticActValue(part)

function refusalOf(value: any): { code: string; pointer: string | undefined } {
  try {
    parseDraft(value)
  } catch (error) {
    const { code, place } = error as ProtocolError
    return { code, pointer: place.pointer }
  }
  return { code: 'none', pointer: undefined }
}

describe('agreements and acts', () => {
  test('[AGREE-1] an act of each word has a draft, and each expands without loss', async () => {
    const expand = await openExpander()
    const drafts = [
      actValue({ act: 'propose', agreement }),
      actValue({ act: 'accept', agreement, seen }),
      actValue({ act: 'reject', agreement, seen }),
      actValue({ act: 'withdraw', agreement, seen, reason: '标准修订' }),
      actValue({ act: 'propose', agreement, tier: 'pair' }),
      JSON.parse(JSON.stringify(syntheticBasis())),
    ].map((value) => parseDraft(value))
    for (const draft of drafts) {
      const id = 'https://bishan.example/id/00000000-0000-4000-8000-000000000009'
      await expect(
        expand(composeRecord(draft, { id, issuer: 'did:web:bishan.example' })),
      ).resolves.toBeUndefined()
    }
    expect(drafts).toHaveLength(6)
  })

  test('[AGREE-2] the digest is of the canonical form, whatever the order of members', () => {
    const turned = Object.fromEntries(Object.entries(agreement).reverse()) as typeof agreement
    expect(agreementDigest(turned)).toBe(agreementDigest(agreement))
    const other = syntheticRecognition(facts, { graceDays: 31 })
    expect(agreementDigest(other)).not.toBe(agreementDigest(agreement))
  })

  test('[AGREE-5] a commitment to a mapping set is over salt and set', () => {
    const set = sha256(new TextEncoder().encode('x'))
    const salt = new Uint8Array(32)
    expect(commitToMapping(salt, set)).toMatch(/^m1:[0-9a-f]{64}$/)
    expect(commitToMapping(salt.fill(1), set)).not.toBe(commitToMapping(new Uint8Array(32), set))
    const committed = syntheticRecognition(facts, { mapping: { commitment: commitToMapping(salt, set) } })
    expect(refusalOf(actValue({ act: 'propose', agreement: committed })).code).toBe('none')
  })

  test('[AGREE-3] each term that does not hold together has its place', () => {
    const part = (change: object) =>
      refusalOf(actValue({ act: 'propose', agreement: { ...agreement, ...change } as any }))
    const at = (pointer: string) => ({
      code: 'RULE_VIOLATED',
      pointer: `/credentialSubject/agreement/${pointer}`,
    })
    expect(part({ validUntil: '2026-03-01' })).toEqual(at('validUntil'))
    expect(part({ validUntil: '2031-03-02' })).toEqual(at('validUntil'))
    expect(part({ acceptBy: '2027-03-01' })).toEqual(at('acceptBy'))
    expect(part({ onRevision: 'lapse' })).toEqual(at('graceDays'))
    expect(part({ graceDays: 0 })).toEqual(at('graceDays'))
    expect(part({ parties: agreement.parties.toReversed() })).toEqual(at('parties'))
    expect(part({ parties: [agreement.parties[0], agreement.parties[0]] })).toEqual({
      code: 'ATTESTATION_SAME_PARTY',
      pointer: '/credentialSubject/agreement/parties',
    })
    expect(part({ supersedes: { id: agreement.id, digest: digest(6) } })).toEqual(at('supersedes'))
    expect(part({ scope: { editions: [editions[0], editions[0]] } })).toEqual(at('scope/editions/1'))
    expect(
      part({
        scope: {
          editions,
          clauses: [`https://x.example/id/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}#c1`],
        },
      }),
    ).toEqual(at('scope/clauses/0'))
    const effect = { row: 'r1', from: 0, to: 1, effect: 'direct' }
    expect(part({ effects: [{ ...effect, to: 0 }] })).toEqual(at('effects/0/to'))
    expect(part({ effects: [{ ...effect, from: 1, to: 0 }] })).toEqual(at('effects/0/from'))
    expect(part({ effects: [effect, effect] })).toEqual(at('effects/1'))
    expect(part({ effects: [effect, { ...effect, from: 1, to: 0, effect: 'one-way' }] })).toEqual(
      at('effects/1/row'),
    )
    expect(part({ effects: [{ ...effect, effect: 'conditional' }] })).toEqual(at('effects/0/conditions'))
    expect(part({ effects: [{ ...effect, conditions: ['另附说明'] }] })).toEqual(at('effects/0/conditions'))
    expect(part({})).toEqual({ code: 'none', pointer: undefined })
  })

  test('[AGREE-4] an act has the members of its word, its own agreement and its own digest', () => {
    const good = actValue({ act: 'accept', agreement, seen })
    const changed = (change: object) => {
      const credentialSubject: JsonObject = { ...good.credentialSubject, ...change }
      return refusalOf({ ...good, credentialSubject: JSON.parse(JSON.stringify(credentialSubject)) })
    }
    const broken = (pointer: string) => ({ code: 'RULE_VIOLATED', pointer: `/credentialSubject/${pointer}` })
    expect(changed({})).toEqual({ code: 'none', pointer: undefined })
    expect(changed({ agreement: undefined })).toEqual(broken('agreement'))
    expect(changed({ act: 'reject' })).toEqual(broken('agreement'))
    expect(changed({ seen: undefined })).toEqual(broken('seen'))
    expect(changed({ act: 'propose' })).toEqual(broken('seen'))
    expect(changed({ seen: { ...seen, index: 9 } })).toEqual(broken('seen/index'))
    expect(changed({ agreement: undefined, act: 'withdraw' })).toEqual(broken('reason'))
    expect(changed({ agreementDigest: digest(7) })).toEqual({
      code: 'ATTESTATION_MISMATCH',
      pointer: '/credentialSubject/agreementDigest',
    })
    expect(changed({ id: 'urn:uuid:00000000-0000-4000-8000-0000000000a2' })).toEqual({
      code: 'ATTESTATION_MISMATCH',
      pointer: '/credentialSubject/agreement/id',
    })
    expect(refusalOf({ ...good, tier: 'pair', audience: 'another' })).toEqual({
      code: 'ATTESTATION_MISMATCH',
      pointer: '/credentialSubject/agreement/project',
    })
    expect(refusalOf({ ...good, tier: 'private' })).toEqual({ code: 'RULE_VIOLATED', pointer: '/tier' })
  })
})

describe('mapping work in a record', () => {
  const pin = { edition: editions[0]?.id, digest: digest(1), clause: 'c4-1' }
  const mapping = {
    subject: pin,
    object: { edition: editions[1]?.id, digest: digest(2), clause: 'c5' },
    predicate: 'close-match',
    relation: 'superset',
    justification: 'manual-curation',
    state: 'draft',
    certainty: '0.9',
  }
  const proposal = (changes: readonly object[], audience = 'bishan-meishan'): any => ({
    type: 'MappingProposal',
    tier: 'pair',
    audience,
    synthetic: true,
    credentialSubject: { project: 'bishan-meishan', changes },
  })
  const at = (pointer: string) => ({ code: 'RULE_VIOLATED', pointer: `/credentialSubject/${pointer}` })

  test('[REC-600] a proposal is for its own project, and its rows say what they have to', () => {
    const change = { row: 'r1', bases: [], mapping }
    const { object: _gone, ...open } = mapping
    const none = { ...open, relation: 'none', objectSource: { edition: editions[1]?.id, digest: digest(2) } }
    expect(refusalOf(proposal([change, { ...change, row: 'r2', mapping: none }])).code).toBe('none')
    expect(refusalOf(proposal([change], 'another'))).toEqual(at('project'))
    expect(refusalOf({ ...proposal([change]), tier: 'public', audience: undefined }).code).toBe(
      'RULE_VIOLATED',
    )
    expect(refusalOf(proposal([change, change]))).toEqual(at('changes/1/row'))
    expect(refusalOf(proposal([{ row: 'r1', bases: [] }]))).toEqual(at('changes/0/bases'))
    expect(refusalOf(proposal([{ row: 'r1', bases: [digest(1), digest(1)] }]))).toEqual(at('changes/0/bases'))
    expect(refusalOf(proposal([{ ...change, mapping: open }]))).toEqual(at('changes/0/mapping/objectSource'))
    expect(refusalOf(proposal([{ ...change, mapping: { ...mapping, relation: 'none' } }]))).toEqual(
      at('changes/0/mapping/relation'),
    )
    expect(refusalOf(proposal([{ ...change, mapping: { ...mapping, certainty: '1.01' } }])).code).toBe(
      'SCHEMA_INVALID',
    )
  })

  test('[REC-601] a basis document has a number, a title, issuers and a date', () => {
    const basis = JSON.parse(JSON.stringify(syntheticBasis()))
    for (const name of ['documentNo', 'titleZh', 'issuers', 'issuedOn']) {
      const { [name]: _without, ...credentialSubject } = basis.credentialSubject
      expect(refusalOf({ ...basis, credentialSubject }).code).toBe('SCHEMA_INVALID')
    }
    expect(refusalOf(basis).code).toBe('none')
  })
})
