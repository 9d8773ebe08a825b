import { contexts } from '@digitalbazaar/credentials-context'
import { DataIntegrityProof } from '@digitalbazaar/data-integrity'
import dataIntegrity from '@digitalbazaar/data-integrity-context'
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey'
import * as jcsSuite from '@digitalbazaar/eddsa-jcs-2022-cryptosuite'
import * as rdfcSuite from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite'
import multikey from '@digitalbazaar/multikey-context'
import * as vc from '@digitalbazaar/vc'
import type { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import type { SyntheticMember } from '../../fixtures/synthetic/member.ts'
import { exchangeContextDocument } from '../../protocol/context/exchange.ts'
import { exchangeContext } from '../../protocol/context/name.ts'
import type { Step } from './measure.ts'

export function openJcs({ member, logged }: SyntheticLog): Step {
  const suite = new DataIntegrityProof({ cryptosuite: jcsSuite.createVerifyCryptosuite() })
  return libraryStep(
    member,
    suite,
    logged.map(({ document }) => document),
  )
}

function libraryStep(member: SyntheticMember, suite: object, credentials: readonly object[]): Step {
  const documentLoader = loaderFor(member)
  const texts = credentials.map((document) => JSON.stringify(document))
  let next = 0
  return async () => {
    for (let i = 0; i < 10; i += 1) {
      const credential: object = JSON.parse(texts[next % texts.length] ?? '{}')
      next += 1
      const { verified, error } = await vc.verifyCredential({ credential, suite, documentLoader })
      if (!verified) throw new Error('the library refused a good record', { cause: error })
    }
    return 10
  }
}

/** The same records, signed with the other suite by the same key. */
export async function openRdfc(log: SyntheticLog): Promise<Step> {
  const { member } = log
  const documentLoader = loaderFor(member)
  const key = await Ed25519Multikey.from({
    id: `${member.did}#${member.publish.publicKey.multibase}`,
    type: 'Multikey',
    controller: member.did,
    publicKeyMultibase: member.publish.publicKey.multibase,
  })
  const signer = {
    algorithm: 'Ed25519',
    id: key.id,
    sign: ({ data }: { data: Uint8Array }) => member.publish.sign(data),
  }
  const credentials: any[] = []
  for (const { document } of log.logged.slice(0, 50)) {
    const { proof: _proof, ...unsigned } = structuredClone(document)
    const suite = new DataIntegrityProof({ signer, cryptosuite: rdfcSuite.cryptosuite })
    credentials.push(await vc.issue({ credential: unsigned, suite, documentLoader }))
  }
  return libraryStep(member, new DataIntegrityProof({ cryptosuite: rdfcSuite.cryptosuite }), credentials)
}

function loaderFor({ did, publish }: SyntheticMember) {
  const method = {
    '@context': 'https://w3id.org/security/multikey/v1',
    id: `${did}#${publish.publicKey.multibase}`,
    type: 'Multikey',
    controller: did,
    publicKeyMultibase: publish.publicKey.multibase,
  }
  const documents = new Map<string, object>([
    ...contexts,
    ...dataIntegrity.contexts,
    ...multikey.contexts,
    [exchangeContext, exchangeContextDocument],
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
    const document = documents.get(url)
    return document
      ? Promise.resolve({ contextUrl: null, documentUrl: url, document, tag: 'static' })
      : Promise.reject(new Error(`not known: ${url}`))
  }
}
