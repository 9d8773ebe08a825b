import { createRequire } from 'node:module'
import { contexts } from '@digitalbazaar/credentials-context'
import { describe, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { shareDefinitions } from '../../../node/log/expand-tuning.ts'
import { exchangeContextDocument } from '../../../protocol/context/exchange.ts'
import { exchangeContext } from '../../../protocol/context/name.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'

const load = createRequire(import.meta.url)
const documents = new Map<string, any>([...contexts, [exchangeContext, exchangeContextDocument]])
const id = 'https://localhost:7401/id/00000000-0000-4000-8000-000000000001'

/** A copy of the processor that shares nothing with any other. */
function freshProcessor(): any {
  for (const path of Object.keys(load.cache))
    if (/\/node_modules\/jsonld\//.test(path)) delete load.cache[path]
  return load('jsonld')
}

async function expansionOf(processor: any, document: object): Promise<string> {
  const documentLoader = (url: string) =>
    Promise.resolve({ documentUrl: url, document: documents.get(url), tag: 'static' })
  try {
    const options = { safe: true, base: null, documentLoader }
    return JSON.stringify(await processor.expand(structuredClone(document), options))
  } catch (error: any) {
    return `${error.name} ${JSON.stringify(error.details?.event?.code ?? error.details?.code)}`
  }
}

describe('an expansion that shares definitions', () => {
  test('gives what the untouched processor gives, record after record, refusals too', async () => {
    const issuer = 'did:web:localhost%3A7401'
    const whole: any = composeRecord(syntheticStandard(1), { id, issuer })
    const inner = { ...whole, id: `${id.slice(0, -1)}2`, name: '内' }
    const samples: object[] = [
      whole,
      composeRecord(syntheticEvent({ id, digest: `sha256:${'0'.repeat(64)}` }, 'abolished', '2026-01-01'), {
        id,
        issuer,
      }),
      { ...whole, evidence: [inner, { type: 'Evidence', unknown: 1 }] },
      { ...whole, credentialSubject: { ...whole.credentialSubject, undefinedTerm: 'x' } },
      { ...whole, type: ['VerifiableCredential', 'relative type'] },
      {
        ...whole,
        credentialStatus: {
          type: 'BitstringStatusListEntry',
          statusPurpose: 'revocation',
          statusListIndex: '1',
        },
      },
      { ...whole, relatedResource: [{ id: 'https://localhost/x', mediaType: 'text/plain' }] },
      { '@context': [...whole['@context'], { titleZh: 'https://localhost/other' }], id, titleZh: 'x' },
      { '@context': whole['@context'], '@graph': [whole, inner] },
    ]
    const untouched = freshProcessor()
    const expected = []
    for (const sample of [...samples, ...samples]) expected.push(await expansionOf(untouched, sample))
    const tuned = freshProcessor()
    const initial = () => load('jsonld/lib/context.js').getInitialContext({})
    const before = initial().clone
    shareDefinitions()
    expect(initial().clone).not.toBe(before)
    const actual = []
    for (const sample of [...samples, ...samples]) actual.push(await expansionOf(tuned, sample))
    expect(actual).toEqual(expected)
    expect(new Set(expected).size).toBeGreaterThan(6)
    expect(expected.filter((text) => text.startsWith('jsonld.')).length).toBeGreaterThan(3)
  })
})
