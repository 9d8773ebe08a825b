import { contexts } from '@digitalbazaar/credentials-context'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { syntheticMember } from '../../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { exchangeContextDocument } from '../../../protocol/context/exchange.ts'
import { openExpander } from '../../../protocol/context/expand.ts'
import { credentialsContext, vocabulary } from '../../../protocol/context/name.ts'
import { contextPins, exchangeContextPin } from '../../../protocol/context/pin.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { signRecord } from '../../../protocol/proof/sign.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'
import { warningsOf } from '../../../protocol/record/rule.ts'
import { parseRecord, recordJsonSchemas } from '../../../protocol/record/schema.ts'

const member = syntheticMember('合成甲', 'http://localhost:7401')
const id = 'https://localhost:7401/id/00000000-0000-4000-8000-000000000001'
const reference = { id, digest: digestOf('x') }

async function signed(draft = syntheticStandard(1)): Promise<any> {
  const document = composeRecord(draft, { id, issuer: member.did })
  return structuredClone(
    await signRecord(document, {
      signer: member.publish,
      issuer: member.did,
      domain: member.origin,
      created: '2026-01-01T00:00:00Z',
    }),
  )
}

function problem(run: () => unknown): { code: string; pointer: string | undefined } {
  try {
    run()
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code, pointer: error.place.pointer }
    throw error
  }
  return { code: 'accepted', pointer: undefined }
}

async function refusal(change: (record: any) => void) {
  const record = await signed()
  change(record)
  return problem(() => parseRecord(record))
}

describe('the envelope', () => {
  test('[REC-1] a signed record of each type is read, and its bytes are canonical', async () => {
    for (const draft of [syntheticStandard(1), syntheticEvent(reference, 'abolished', '2026-02-01')]) {
      const record = await signed(draft)
      expect(parseRecord(record).type[1]).toBe(draft.type)
      expect(JSON.stringify(record)).toBe(canonicalize(record))
    }
  })

  test('[REC-2] the context is exactly the allowed list', async () => {
    for (const context of [
      undefined,
      'https://www.w3.org/ns/credentials/v2',
      ['https://www.w3.org/ns/credentials/v2'],
      [{ a: 'b' }],
    ]) {
      expect(await refusal((r) => Object.assign(r, { '@context': context }))).toEqual({
        code: 'CONTEXT_NOT_ALLOWED',
        pointer: '/@context',
      })
    }
    expect(await refusal((r) => r['@context'].reverse())).toMatchObject({ code: 'CONTEXT_NOT_ALLOWED' })
    expect(await refusal((r) => r['@context'].push('https://example.org/more'))).toMatchObject({
      code: 'CONTEXT_NOT_ALLOWED',
    })
  })

  test.each([
    ['/credentialSubject/@type', (r: any) => Object.assign(r.credentialSubject, { '@type': 'x' })],
    [
      '/credentialSubject/clauses/0/@id',
      (r: any) => Object.assign(r.credentialSubject.clauses[0], { '@id': 'x' }),
    ],
    ['/@graph', (r: any) => Object.assign(r, { '@graph': [] })],
    ['/credentialSubject/@context', (r: any) => Object.assign(r.credentialSubject, { '@context': [] })],
  ])('[REC-3] a JSON-LD keyword at %s is refused', async (pointer, change) => {
    expect(await refusal(change)).toEqual({ code: 'KEYWORD_NOT_ALLOWED', pointer })
  })

  test.each([
    ['/extra', (r: any) => Object.assign(r, { extra: 1 })],
    ['/credentialSubject/status', (r: any) => Object.assign(r.credentialSubject, { status: 'in-force' })],
    [
      '/credentialSubject/clauses/1/extra',
      (r: any) => Object.assign(r.credentialSubject.clauses[1], { extra: 1 }),
    ],
    [
      '/credentialSubject/__proto__',
      (r: any) => Object.defineProperty(r.credentialSubject, '__proto__', { value: {}, enumerable: true }),
    ],
    ['/credentialSubject/class', (r: any) => Object.assign(r.credentialSubject, { class: '后勤服务' })],
    [
      '/credentialSubject/publishedOn',
      (r: any) => Object.assign(r.credentialSubject, { publishedOn: '2023-02-29' }),
    ],
    ['/type', (r: any) => Object.assign(r, { type: ['VerifiableCredential'] })],
    ['/type', (r: any) => Object.assign(r, { type: ['VerifiableCredential', 'ReviewReport'] })],
    ['/type', (r: any) => Object.assign(r, { type: ['VerifiableCredential', 'StandardRecord', 'X'] })],
    ['/id', (r: any) => Object.assign(r, { id: 'urn:uuid:1' })],
    ['/issuer', (r: any) => Object.assign(r, { issuer: { id: 'did:web:x' } })],
    ['/tier', (r: any) => Object.assign(r, { tier: 'secret' })],
    ['/audience', (r: any) => Object.assign(r, { audience: 'p1' })],
    ['/audience', (r: any) => Object.assign(r, { tier: 'pair' })],
    ['/proof/extra', (r: any) => Object.assign(r.proof, { extra: 1 })],
    ['/proof/previousProof', (r: any) => Object.assign(r.proof, { previousProof: 'x' })],
    ['/proof/expires', (r: any) => Object.assign(r.proof, { expires: '2030-01-01T00:00:00Z' })],
    ['/proof/proofPurpose', (r: any) => Object.assign(r.proof, { proofPurpose: 'authentication' })],
    [
      '/proof/@context',
      (r: any) => {
        delete r.proof['@context']
      },
    ],
    [
      '/proof/domain',
      (r: any) => {
        delete r.proof.domain
      },
    ],
  ])('[REC-4] what the closed schema does not know is refused at %s', async (pointer, change) => {
    expect(await refusal(change)).toEqual({ code: 'SCHEMA_INVALID', pointer })
  })

  test('a record without a proof says so', async () => {
    expect(
      await refusal((r) => {
        delete r.proof
      }),
    ).toEqual({ code: 'PROOF_MISSING', pointer: '/proof' })
  })

  test('[REC-6] invisible, bidi and control characters are refused where they stand', async () => {
    for (const character of ['\u202e', '\u200b', '\u0000', '\u0007', '\ufeff', '\u2066']) {
      expect(
        await refusal((r) => {
          r.credentialSubject.titleZh = `公务${character}用车`
        }),
      ).toEqual({ code: 'TEXT_FORBIDDEN_CHAR', pointer: '/credentialSubject/titleZh' })
    }
    expect(
      await refusal((r) => {
        r.credentialSubject.titleZh = 'Ame\u0301lie'
      }),
    ).toMatchObject({ code: 'SCHEMA_INVALID' })
    expect(
      await refusal((r) => {
        r.credentialSubject.titleZh = ' 公务用车'
      }),
    ).toMatchObject({ code: 'SCHEMA_INVALID' })
    expect(
      await refusal((r) => {
        r.credentialSubject.titleZh = '公务用车（Amélie 𠮷野 №3）'
      }),
    ).toEqual({ code: 'accepted', pointer: undefined })
  })
})

describe('the context', () => {
  test('[REC-5] contexts are pinned by digest, and ours defines every term that a record uses', async () => {
    expect(digestOf(canonicalize(exchangeContextDocument))).toBe(exchangeContextPin)
    expect(digestOf(canonicalize(JSON.parse(JSON.stringify(contexts.get(credentialsContext)))))).toBe(
      contextPins.get(credentialsContext),
    )
    const expand = await openExpander()
    await expect(
      expand(composeRecord(syntheticStandard(2), { id, issuer: member.did })),
    ).resolves.toBeUndefined()
    await expect(
      expand(composeRecord(syntheticEvent(reference, 'review', '2026-02-01'), { id, issuer: member.did })),
    ).resolves.toBeUndefined()
    const defined = Object.keys((exchangeContextDocument as any)['@context'])
    const used = new Set(propertyNames(recordJsonSchemas()))
    const ofCredentials = [
      '@context',
      'id',
      'type',
      'issuer',
      'validFrom',
      'validUntil',
      'proof',
      'credentialSubject',
      'name',
      'mediaType',
      'created',
      'cryptosuite',
      'domain',
      'proofPurpose',
      'proofValue',
      'verificationMethod',
    ]
    // Words of the vocabulary by `@vocab`: no entry of their own, and the pin of the context stays.
    const ofVocabulary = [
      'previous',
      'origin',
      'size',
      'root',
      'version',
      'targets',
      'index',
      'commitment',
      'salt',
      ...ofMapping,
      ...ofAgreements,
      ...ofReports,
    ]
    expect((exchangeContextDocument as any)['@context']['@vocab']).toBe(vocabulary)
    const known = [...defined, ...ofCredentials, ...ofVocabulary]
    expect([...used].filter((name) => !known.includes(name))).toEqual([])
  })

  test('a context that is not pinned, and a value that expansion would drop, are refused', async () => {
    const expand = await openExpander()
    const document = composeRecord(syntheticStandard(2), { id, issuer: member.did })
    await expect(expand({ ...document, '@context': ['https://example.org/evil'] })).rejects.toMatchObject({
      code: 'TERM_UNDEFINED',
    })
    await expect(expand({ ...document, type: ['VerifiableCredential', 'not an iri'] })).rejects.toMatchObject(
      { code: 'TERM_UNDEFINED' },
    )
  })
})

function propertyNames(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own =
    'properties' in schema && typeof schema.properties === 'object' && schema.properties !== null
      ? Object.keys(schema.properties)
      : []
  return [...own, ...Object.values(schema).flatMap(propertyNames)]
}

describe('the rules of one standard', () => {
  test.each([
    [
      'ST1: another key',
      '/credentialSubject/identifiers/0/canonicalKey',
      'RULE_VIOLATED',
      (s: any) => {
        s.identifiers[0].canonicalKey = 'DB50/T 1-2020'
      },
    ],
    [
      'ST1: no number',
      '/credentialSubject/identifiers/0/value',
      'IDENTIFIER_INVALID',
      (s: any) => {
        s.identifiers[0].value = '标准一'
      },
    ],
    [
      'ST1: another scheme',
      '/credentialSubject/identifiers/0/scheme',
      'RULE_VIOLATED',
      (s: any) => {
        s.identifiers[0].scheme = 'GB'
      },
    ],
    [
      'ST1: another level',
      '/credentialSubject/level',
      'RULE_VIOLATED',
      (s: any) => {
        s.level = 'national'
      },
    ],
    [
      'ST2: one number twice',
      '/credentialSubject/identifiers/1/canonicalKey',
      'RULE_VIOLATED',
      (s: any) => {
        s.identifiers.push(s.identifiers[0])
      },
    ],
    [
      'ST3: mandatory without a ground',
      '/credentialSubject/mandateGround',
      'RULE_VIOLATED',
      (s: any) => {
        s.mandate = 'mandatory'
      },
    ],
    [
      'ST6: replaces itself',
      '/credentialSubject/replaces/0',
      'RULE_VIOLATED',
      (s: any) => {
        s.replaces = [
          { value: s.identifiers[0].value, canonicalKey: s.identifiers[0].canonicalKey, extent: 'whole' },
        ]
      },
    ],
    [
      'ST8: no class',
      '/credentialSubject/class',
      'SCHEMA_INVALID',
      (s: any) => {
        delete s.class
      },
    ],
    [
      'two clauses of one uid',
      '/credentialSubject/clauses/1/uid',
      'RULE_VIOLATED',
      (s: any) => {
        s.clauses[1].uid = s.clauses[0].uid
      },
    ],
  ])('[REC-21] %s', async (_, pointer, code, change) => {
    expect(await refusal((r) => change(r.credentialSubject))).toEqual({ code, pointer })
  })

  test('[REC-22] dates and divisions that disagree stand as printed, with a warning', () => {
    const plain = syntheticStandard(1)
    if (plain.type !== 'StandardRecord') throw new Error('a standard was expected')
    expect(warningsOf(plain.credentialSubject)).toEqual([])
    const inverted = { ...plain.credentialSubject, publishedOn: '2019-10-25', effectiveOn: '2019-01-01' }
    expect(warningsOf(inverted).map(({ rule }) => rule)).toEqual(['ST5'])
    const elsewhere = { ...plain.credentialSubject, publishers: [{ nameZh: '合成', divisionCode: '510000' }] }
    expect(warningsOf(elsewhere).map(({ rule }) => rule)).toEqual(['ST4'])
  })
})

describe('drafts', () => {
  test('[REC-14] the node adds context, id and issuer; a draft that states them is refused', () => {
    const draft: any = structuredClone(syntheticStandard(1))
    for (const name of ['id', 'issuer', 'proof', '@context']) {
      expect(['SCHEMA_INVALID', 'KEYWORD_NOT_ALLOWED']).toContain(
        problem(() => parseDraft({ ...draft, [name]: 'x' })).code,
      )
    }
    expect(composeRecord(draft, { id, issuer: member.did })).toMatchObject({ id, issuer: member.did })
  })

  test('random JSON is never accepted, and never breaks the reader', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(problem(() => parseRecord(value as any)).code).not.toBe('accepted')
        expect(problem(() => parseDraft(value as any)).code).not.toBe('accepted')
      }),
    )
  })

  test('[REC-7] the JSON Schemas that are published close every object', () => {
    const text = JSON.stringify(recordJsonSchemas())
    expect(text).not.toContain('"additionalProperties":true')
    expect(recordJsonSchemas().StandardRecord).toMatchObject({ additionalProperties: false })
  })
})

/** Words of mapping work and agreements, all by `@vocab` too. */
const ofMapping =
  'project changes row bases mapping subject clause object objectSource predicate relation justification state rationale strength certainty differences subjectValue objectValue effect conditions author authorLabel mappedOn reviewer reviewerLabel reviewedOn derivedFrom basis comment'.split(
    ' ',
  )
const ofAgreements =
  'act agreement agreementDigest seen reason v kind nonce parties number acceptBy effectiveFrom onRevision graceDays noticeDays supersedes scope editions divisions effects from to results interface schema suite endpoints environment sample disposalDays evidence reuser manner target ground recognition statute issuers issuedOn fileDigest'.split(
    ' ',
  )
const ofReports =
  'period indicatorSet code functions lines applicable clausesApplicable clausesExecuted changeReason executed training times people reuse benefits source importantWeight ordinaryWeight reportWithinDays notApplicableShare'.split(
    ' ',
  )
