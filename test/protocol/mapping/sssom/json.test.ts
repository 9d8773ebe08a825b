import fc from 'fast-check'
import library from 'jsonld'
import { describe, expect, test } from 'vitest'
import published from '../../../../fixtures/published/sssom.json' with { type: 'json' }
import { decodeUtf8, encodeUtf8 } from '../../../../protocol/bytes.ts'
import { ProtocolError } from '../../../../protocol/error.ts'
import { parseSssomJson } from '../../../../protocol/mapping/sssom/json.ts'
import { formatSssomJson, formatSssomJsonLd } from '../../../../protocol/mapping/sssom/json-ld.ts'
import { parseSssomTsv } from '../../../../protocol/mapping/sssom/read.ts'
import { formatSssomTsv } from '../../../../protocol/mapping/sssom/write.ts'
import { contentOf, mappingSets } from './set-arbitrary.ts'

const jsonld: any = library
const noFetch = () => Promise.reject(new Error('nothing is fetched'))

describe('SSSOM as JSON', () => {
  test('[MAP-20] JSON and JSON-LD say what the table says', () => {
    fc.assert(
      fc.property(mappingSets, (set) => {
        for (const format of [formatSssomJson, formatSssomJsonLd])
          expect(contentOf(parseSssomJson(format(set)).set)).toEqual(contentOf(set))
      }),
      { numRuns: 150 },
    )
  })

  test('[MAP-20] a table that went through JSON is written with the same bytes', () => {
    for (const { tsv } of [published.embedded, published.rdf, published.literals]) {
      const { set } = parseSssomTsv(encodeUtf8(tsv))
      const bytes = decodeUtf8(formatSssomTsv(set))
      for (const format of [formatSssomJson, formatSssomJsonLd])
        expect(decodeUtf8(formatSssomTsv(parseSssomJson(format(set)).set))).toBe(bytes)
    }
  })

  test('[MAP-20] expanded, the example of SSSOM/RDF is the graph that stands beside it', async () => {
    const { set } = parseSssomTsv(encodeUtf8(published.rdf.tsv))
    const document = JSON.parse(decodeUtf8(formatSssomJsonLd(set)))
    const quads = String(
      await jsonld.toRDF(document, { format: 'application/n-quads', documentLoader: noFetch }),
    )
    expect(quads).toContain(
      '<https://example.org/sample-set> <http://purl.org/dc/terms/license> <https://creativecommons.org/licenses/by/4.0/> .',
    )
    for (const [property, value] of published.rdf.firstMapping) {
      const line = new RegExp(`^_:b\\d+ <${escaped(String(property))}> ${escaped(String(value))} \\.$`, 'm')
      expect(quads).toMatch(line)
    }
    // The text of the specification gives a definition a type, the graph of its example does not.
    const definition = quads.match(/<https:\/\/w3id\.org\/sssom\/ExtensionDefinition> \.$/gm) ?? []
    expect(definition).toHaveLength(1)
    expect(quads.trimEnd().split('\n')).toHaveLength(published.rdf.triples + definition.length)
  })

  test('[MAP-20] words become their IRIs, and a row with an id that resource', async () => {
    const { set } = parseSssomTsv(encodeUtf8(published.recordIds.tsv))
    const typed = parseSssomTsv(encodeUtf8(published.literals.tsv)).set
    const quads = (
      await Promise.all(
        [set, typed].map((one) =>
          jsonld.toRDF(JSON.parse(decodeUtf8(formatSssomJsonLd(one))), {
            format: 'application/n-quads',
            documentLoader: noFetch,
          }),
        ),
      )
    ).join('')
    expect(quads).toContain(
      '<https://example.org/sets/record-id#0000001> <http://www.w3.org/2002/07/owl#annotatedSource>',
    )
    expect(quads).toContain(
      '<https://w3id.org/sssom/subject_type> <http://www.w3.org/2000/01/rdf-schema#Literal>',
    )
  })

  test('[MAP-20] a set within a graph is not taken for an empty one', () => {
    const set = { mapping_set_id: 'https://a.example/s', license: 'https://a.example/l', mappings: [] }
    expect(() => parseSssomJson(encodeUtf8(JSON.stringify({ '@graph': [set] })))).toThrow(
      expect.objectContaining({ code: 'SSSOM_MALFORMED', place: { pointer: '/@graph' } }),
    )
  })

  test('[MAP-20] what a table cannot hold is not read', () => {
    const outcome = (row: object, rest: object = {}) => {
      const document = {
        mapping_set_id: 'https://a.example/s',
        license: 'https://a.example/l',
        curie_map: { a: 'https://a.example/' },
        mappings: [
          {
            subject_id: 'a:1',
            predicate_id: 'skos:exactMatch',
            object_id: 'a:2',
            mapping_justification: 'semapv:LexicalMatching',
            ...row,
          },
        ],
        ...rest,
      }
      try {
        const { set } = parseSssomJson(encodeUtf8(JSON.stringify(document)))
        parseSssomTsv(formatSssomTsv(set))
        return 'read'
      } catch (error) {
        return error instanceof ProtocolError ? error.code : error
      }
    }
    const long = 'x'.repeat(1025)
    expect(outcome({ comment: 'x'.repeat(65_536) })).toBe('read')
    expect(outcome({ comment: 'x'.repeat(65_537) })).toBe('SIZE_LIMIT')
    expect(outcome({ ext_a: 'x'.repeat(65_537) })).toBe('SIZE_LIMIT')
    expect(outcome({ author_label: ['|'.repeat(20_000), '|'.repeat(20_000)] })).toBe('SIZE_LIMIT')
    expect(outcome({ comment: 'a\0b' })).toBe('SSSOM_MALFORMED')
    expect(outcome({ author_label: ['a', '\0'] })).toBe('SSSOM_MALFORMED')
    expect(outcome({ ext_a: '\0' })).toBe('SSSOM_MALFORMED')
    expect(outcome({}, { comment: '\0' })).toBe('SSSOM_MALFORMED')
    expect(outcome({}, { comment: 'x'.repeat(260_000) })).toBe('read')
    expect(outcome({}, { comment: 'x'.repeat(300_000) })).toBe('SIZE_LIMIT')
    expect(outcome({}, { comment: '\u0001'.repeat(100_000) })).toBe('SIZE_LIMIT')
    expect(outcome({}, { [long]: 'x' })).toBe('SSSOM_MALFORMED')
    expect(outcome({ [long]: 'x' })).toBe('read')
    const prefix = (name: string) => ({
      curie_map: { a: 'https://a.example/', [name]: 'https://b.example/' },
    })
    expect(outcome({ subject_id: `${long}:1` }, prefix(long))).toBe('SSSOM_PREFIX_INVALID')
    expect(outcome({ subject_id: `${long.slice(1)}:1` }, prefix(long.slice(1)))).toBe('read')
  })

  test('[MAP-20] what cannot be read has its pointer', () => {
    const base = { mapping_set_id: 'https://a.example/s', license: 'https://a.example/l' }
    const row = {
      subject_id: 'https://a.example/1',
      predicate_id: 'skos:exactMatch',
      object_id: 'https://a.example/2',
      mapping_justification: 'semapv:LexicalMatching',
    }
    const outcome = (document: unknown) => {
      try {
        return parseSssomJson(encodeUtf8(JSON.stringify(document))).set.records.length
      } catch (error) {
        return error instanceof ProtocolError ? [error.code, error.place.pointer ?? error.place.cell] : error
      }
    }
    expect(
      outcome({ ...base, mappings: [row, { ...row, confidence: 0.5, author_id: 'urn:x:y', ext_a: true }] }),
    ).toBe(2)
    const names = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`ext_${i}`, 'x']))
    expect(outcome({ ...base, mappings: [names, ...Array.from({ length: 200_000 }, () => ({}))] })).toEqual([
      'SIZE_LIMIT',
      undefined,
    ])
    expect(outcome([])).toEqual(['SSSOM_MALFORMED', ''])
    expect(outcome({ ...base, mappings: {} })).toEqual(['SSSOM_MALFORMED', '/mappings'])
    expect(outcome({ ...base, mappings: [{ ...row, confidence: 2 }] })).toEqual([
      'SSSOM_VALUE_INVALID',
      '/mappings/0/confidence',
    ])
    expect(outcome({ ...base, mappings: [{ ...row, subject_id: 'x:1' }] })).toEqual([
      'SSSOM_PREFIX_INVALID',
      '/mappings/0/subject_id',
    ])
    expect(outcome({ ...base, mappings: [{ ...row, comment: ['a', 'b'] }] })).toEqual([
      'SSSOM_VALUE_INVALID',
      '/mappings/0/comment',
    ])
    expect(outcome({ ...base, mappings: [{ predicate_id: 'skos:exactMatch' }] })).toEqual([
      'SSSOM_SLOT_MISSING',
      'mappings/0, column subject_id',
    ])
    expect(
      outcome({
        ...base,
        '@context': { x: 'https://x.example/' },
        mappings: [{ ...row, subject_id: 'x:1' }],
      }),
    ).toBe(1)
  })
})

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
