import { contexts } from '@digitalbazaar/credentials-context'
import { DataIntegrityProof } from '@digitalbazaar/data-integrity'
import dataIntegrity from '@digitalbazaar/data-integrity-context'
import * as jcsSuite from '@digitalbazaar/eddsa-jcs-2022-cryptosuite'
import multikeyContext from '@digitalbazaar/multikey-context'
import * as vc from '@digitalbazaar/vc'
import jsonld from 'jsonld'
import { describe, expect, test } from 'vitest'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticSeed } from '../../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { exchangeContextDocument } from '../../../protocol/context/exchange.ts'
import { exchangeContext } from '../../../protocol/context/name.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { signerFromSeed } from '../../../protocol/key.ts'
import { makeDidDocument, parseDidDocument } from '../../../protocol/trust/did-document.ts'
import type { Member } from '../../../protocol/trust/registry.ts'
import { readText } from '../../support/source.ts'

const member = syntheticMember('合成甲', 'http://localhost:7401')
const { did, origin } = member
const older = signerFromSeed(syntheticSeed('publish', `${did} before`)).publicKey.multibase
const newest = member.publish.publicKey.multibase
const idOf = (multikey: string) => `${did}#${multikey}`

/** The publish key changes at index 1000. */
const rotated: Member = {
  ...member.entry,
  keys: [
    { multikey: older, purpose: 'publish', valid: [{ origin, from: 0, to: 1000 }] },
    ...member.entry.keys.map((key) =>
      key.purpose === 'publish' ? { ...key, valid: [{ origin, from: 1000 }] } : key,
    ),
  ],
}

const documentAt = (size: number, of: Member = rotated): any => makeDidDocument(of, () => size)

function codeOf(document: unknown, asked = did): string {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  try {
    parseDidDocument(encodeUtf8(text), asked)
    return 'read'
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error)
  }
}

const loaded = new Map<string, unknown>([
  ...contexts,
  ...dataIntegrity.contexts,
  ...multikeyContext.contexts,
  [exchangeContext, exchangeContextDocument],
  ['https://www.w3.org/ns/did/v1', JSON.parse(readText('fixtures/published/did-core-context.json')).context],
])

/** What a stranger resolves: contexts, the DID, and its keys out of the same document. */
function resolver(document: any) {
  return async (url: string): Promise<any> => {
    const [base] = url.split('#')
    const method = document.verificationMethod.find(({ id }: any) => id === url)
    const found =
      loaded.get(url) ??
      (url === did
        ? document
        : base === did && method
          ? { '@context': document['@context'][1], ...method }
          : undefined)
    if (!found) throw new Error(`not known: ${url}`)
    return { contextUrl: null, documentUrl: url, document: found, tag: 'static' }
  }
}

describe('the DID document', () => {
  test('[KEY-40] each key of a purpose that strangers meet, in the relationship of its purpose', () => {
    const { publish, attest, request, log, witness, holder } = member
    const document = documentAt(0, member.entry)
    expect(document).toMatchObject({
      id: did,
      assertionMethod: [publish, attest].map(({ publicKey }) => idOf(publicKey.multibase)),
      authentication: [idOf(request.publicKey.multibase)],
    })
    const text = JSON.stringify(document)
    for (const { publicKey } of [log, witness, holder]) expect(text).not.toContain(publicKey.multibase)
  })

  test('[KEY-41] a key that ended stays in the document and leaves its relationship', () => {
    for (const [size, keys] of [
      [0, [older, newest]],
      [999, [older, newest]],
      [1000, [newest]],
      [5000, [newest]],
    ] as const) {
      const document = documentAt(size)
      const asserting: string[] = document.assertionMethod
      expect(asserting.filter((id) => !id.endsWith(member.attest.publicKey.multibase))).toEqual(
        keys.map(idOf),
      )
      expect(document.verificationMethod.map(({ id }: any) => id)).toContain(idOf(older))
    }
  })

  test('[KEY-41] the keys of a closed log stand in no relationship', () => {
    const [log] = member.entry.origins
    if (!log) throw new Error('no log')
    const closed = { ...log, closed: { size: 3, root: 'A'.repeat(43).concat('='), reason: '合成' } }
    const document = documentAt(3, { ...member.entry, origins: [closed] })
    expect(document).toMatchObject({ assertionMethod: [], authentication: [] })
    expect(document.verificationMethod).toHaveLength(3)
  })

  test('[KEY-40] it is sound linked data by the context of DID Core, and says the same there', async () => {
    const document = documentAt(1000)
    const options = { documentLoader: resolver(document), safe: true as const, base: null }
    const [expanded] = (await jsonld.expand(document, options)) as any[]
    const security = 'https://w3id.org/security#'
    expect(expanded['@id']).toBe(did)
    expect(expanded[`${security}assertionMethod`].map((node: any) => node['@id'])).toEqual(
      document.assertionMethod,
    )
    expect(expanded[`${security}authenticationMethod`].map((node: any) => node['@id'])).toEqual(
      document.authentication,
    )
    const methods = expanded[`${security}verificationMethod`]
    expect(methods).toHaveLength(4)
    for (const method of methods) {
      expect(method['@type']).toEqual([`${security}Multikey`])
      expect(method[`${security}controller`]).toEqual([{ '@id': did }])
      expect(method[`${security}publicKeyMultibase`][0]['@value']).toMatch(/^z6Mk/)
    }
  })

  test('[KEY-40] a stranger’s library verifies a record of ours by it, and none by a key that ended', async () => {
    const log = new SyntheticLog(member)
    const { document: credential } = await log.publish(syntheticStandard(1))
    const suite = () => new DataIntegrityProof({ cryptosuite: jcsSuite.createVerifyCryptosuite() })
    const verify = async (document: any) => {
      const documentLoader = resolver(document)
      return vc.verifyCredential({ credential: structuredClone(credential), suite: suite(), documentLoader })
    }
    expect((await verify(documentAt(1000))).verified).toBe(true)
    const ended: Member = {
      ...member.entry,
      keys: member.entry.keys.map((key) => ({ ...key, valid: [{ origin, from: 0, to: 1 }] })),
    }
    expect((await verify(documentAt(1, ended))).verified).toBe(false)
  })
})

describe('a DID document from outside', () => {
  test('[KEY-42] ours reads back, with each key in its relationship', () => {
    const { keys } = parseDidDocument(encodeUtf8(JSON.stringify(documentAt(1000))), did)
    expect([...keys].map(([id, { relationships }]) => [id, [...relationships]])).toEqual([
      [idOf(older), []],
      [idOf(newest), ['assertionMethod']],
      [idOf(member.attest.publicKey.multibase), ['assertionMethod']],
      [idOf(member.request.publicKey.multibase), ['authentication']],
    ])
  })

  test.each([
    ['of another DID', (d: any) => ({ ...d, id: 'did:web:localhost%3A7402' }), 'DID_MISMATCH'],
    [
      'of the same DID in another spelling',
      (d: any) => ({ ...d, id: 'did:web:localhost%3a7401' }),
      'DID_MALFORMED',
    ],
    ['without an id', ({ id: _id, ...d }: any) => d, 'DID_MALFORMED'],
    ['a list', (d: any) => [d], 'DID_MALFORMED'],
    [
      'with an id twice',
      (d: any) => JSON.stringify(d).replace('{', '{"id":"did:web:a.example",'),
      'JSON_DUPLICATE_KEY',
    ],
    [
      'with a key of another controller',
      (d: any) => {
        d.verificationMethod[0].controller = 'did:web:localhost%3A7402'
        return d
      },
      'KEY_CONTROLLER_MISMATCH',
    ],
    [
      'with a key under another name',
      (d: any) => {
        d.verificationMethod[0].id = `${did}#key-1`
        return d
      },
      'DID_MALFORMED',
    ],
    [
      'with a key of another kind',
      (d: any) => {
        d.verificationMethod[0].type = 'JsonWebKey'
        return d
      },
      'DID_MALFORMED',
    ],
    [
      'with a key that is none',
      (d: any) => {
        const multikey = 'z6MkBad'
        d.verificationMethod[0] = {
          ...d.verificationMethod[0],
          id: `${did}#${multikey}`,
          publicKeyMultibase: multikey,
        }
        return d
      },
      'KEY_MALFORMED',
    ],
    [
      'with a key twice',
      (d: any) => ({ ...d, verificationMethod: [...d.verificationMethod, d.verificationMethod[0]] }),
      'DID_MALFORMED',
    ],
    [
      'with a relationship to a stranger’s key',
      (d: any) => ({ ...d, authentication: [`did:web:a.example#${older}`] }),
      'DID_MALFORMED',
    ],
    [
      'with a relationship that is no list',
      (d: any) => ({ ...d, authentication: idOf(newest) }),
      'DID_MALFORMED',
    ],
  ])('[KEY-42] %s is refused', (_name, change, code) => {
    expect(codeOf(change(documentAt(1000)))).toBe(code)
  })

  test('[KEY-42] the DID that is asked for is held to the grammar first', () => {
    for (const asked of ['did:web:localhost%3a7401', 'did:key:z6Mk', 'did:web:127.0.0.1', `${did}#key`, ''])
      expect(codeOf(documentAt(0), asked)).toBe('DID_MALFORMED')
  })
})
