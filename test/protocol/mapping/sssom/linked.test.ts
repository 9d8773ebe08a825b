import fc from 'fast-check'
import library from 'jsonld'
import { describe, expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '../../../../protocol/bytes.ts'
import { setOfRows } from '../../../../protocol/mapping/row-to-set.ts'
import { schemaIri } from '../../../../protocol/mapping/sssom/context.ts'
import { parseSssomJson } from '../../../../protocol/mapping/sssom/json.ts'
import { formatSssomJson, formatSssomJsonLd } from '../../../../protocol/mapping/sssom/json-ld.ts'
import { orderColumns } from '../../../../protocol/mapping/sssom/propagate.ts'
import { parseSssomTsv } from '../../../../protocol/mapping/sssom/read.ts'
import type { MappingSet } from '../../../../protocol/mapping/sssom/set.ts'
import { rowSlots, setSlots } from '../../../../protocol/mapping/sssom/slot.ts'
import { formatSssomTsv } from '../../../../protocol/mapping/sssom/write.ts'
import { row } from '../sample.ts'

const jsonld: any = library
const noFetch = () => Promise.reject(new Error('nothing is fetched'))

async function quadsOf(set: MappingSet): Promise<readonly string[]> {
  const document = JSON.parse(decodeUtf8(formatSssomJsonLd(set)))
  const quads: string = await jsonld.toRDF(document, {
    format: 'application/n-quads',
    documentLoader: noFetch,
  })
  return quads.trimEnd().split('\n')
}

const names = fc.oneof(
  fc.constantFrom(
    'dcterms',
    'comment',
    'did',
    'doi',
    'urn',
    'x',
    'y',
    'http',
    'https',
    'skos',
    'owl',
    'sssom',
    'xsd',
    'slot_name',
    'property',
    'type_hint',
    'subject_id',
    'see_also',
    'Not',
    'id',
    'type',
    'graph',
    'constructor',
    '__proto__',
    'toString',
    'null',
  ),
  fc.stringMatching(/^[a-z_][a-z0-9_.-]{0,5}$/),
)
const builtIn = ['skos', 'owl', 'sssom', 'xsd', 'rdf', 'rdfs', 'semapv', 'linkml']
const standard = [...rowSlots.keys(), ...setSlots.keys()]
const prefixNames = names.filter((name) => !builtIn.includes(name) && name !== '_')
const extensionNames = names.filter((name) => !standard.includes(name))
const own = (name: string) =>
  [`${name}:`, `${name}:x:`, `https://${name}.example/`].filter((iri) => /^[a-z]/.test(iri))
const namespaces = fc
  .tuple(fc.oneof(fc.constantFrom('did', 'doi', 'urn', 'x', 'y', 'skos', 'comment'), names), fc.nat(2))
  .map(([name, n]) => own(name.replace(/[^a-z]/g, ''))[n] ?? 'https://a.example/')

const hostileSets: fc.Arbitrary<MappingSet> = fc
  .record({
    prefixes: fc.uniqueArray(fc.tuple(prefixNames, namespaces), {
      minLength: 1,
      maxLength: 6,
      selector: ([name]) => name,
    }),
    named: fc.uniqueArray(extensionNames, { maxLength: 4 }),
    locals: fc.array(fc.constantFrom('1', 'p:1', '//a', 'x:y:1', ''), { minLength: 5, maxLength: 5 }),
    uri: fc.constantFrom('https://a.example/l', 'doi:10.1/x', 'skos:x', 'x:y', 'did:web:a.example'),
    isReference: fc.boolean(),
  })
  .map(({ prefixes, named, locals, uri, isReference }) => {
    const iri = (n: number) => {
      const [, namespace = ''] = prefixes[n % prefixes.length] ?? []
      const local = locals[n % 5] ?? ''
      return namespace + (namespace.includes('//') ? local : local.replace('//', '')) + n
    }
    const extensions = new Map(
      named.map((name, n) => [
        name,
        {
          name,
          property: n % 2 === 0 ? `http://sssom.invalid/${name}` : iri(20 + n),
          type: isReference ? 'https://w3id.org/linkml/Uriorcurie' : schemaIri('xsd:string'),
        },
      ]),
    )
    const cells = [
      iri(0),
      iri(1),
      schemaIri('skos:exactMatch'),
      'Not',
      iri(2),
      schemaIri('semapv:LexicalMatching'),
    ]
    const columns = ['record_id', 'subject_id', 'predicate_id', 'predicate_modifier', 'object_id']
    const table = orderColumns(
      [...columns, 'mapping_justification', ...named],
      [[...cells, ...named.map((_, n) => iri(10 + n))]],
      extensions,
    )
    return {
      ...table,
      metadata: new Map<string, string>([
        ['mapping_set_id', 'https://a.example/set'],
        ['license', uri],
      ]),
      prefixes: new Map(prefixes),
      extensions,
      extra: new Map(),
    }
  })

/** What a processor can be told of: a name that begins an IRI is none, and JavaScript takes one for something else. */
function isTold(name: string, { prefixes, extensions, metadata }: MappingSet): boolean {
  const properties = [...extensions.values()].map(({ property }) => property)
  const whole = [...prefixes.values(), ...properties, String(metadata.get('license'))]
  return (
    name !== '__proto__' && !whole.some((iri) => iri.startsWith(`${name}:`) && !iri.startsWith(`${name}://`))
  )
}

/** The statements about its one row, as the specification of SSSOM/RDF has them. */
function statementsOf(set: MappingSet): readonly string[] {
  const { columns, records, extensions } = set
  const [record = []] = records
  const subject = `<${record[0]}>`
  const type = `${subject} <${schemaIri('rdf:type')}> <${schemaIri('owl:Axiom')}> .`
  const statements = columns.slice(1).flatMap((name, n) => {
    if (extensions.has(name) && !isTold(name, set)) return []
    const slot = rowSlots.get(name)
    const extension = extensions.get(name)
    const property = slot ? schemaIri(slot.property ?? `sssom:${name}`) : extension?.property
    const value = name === 'predicate_modifier' ? schemaIri('sssom:NegatedPredicate') : record[n + 1]
    const isText = extension && !extension.type.includes('linkml')
    return `${subject} <${property}> ${isText ? `"${value}"` : `<${value}>`} .`
  })
  return [type, ...statements]
}

describe('a set as JSON-LD', () => {
  test('[MAP-20] whatever prefixes and extensions are called, the graph is what the set says', async () => {
    await fc.assert(
      fc.asyncProperty(hostileSets, async (set) => {
        const quads = await quadsOf(set)
        expect(quads).toEqual(expect.arrayContaining([...statementsOf(set)]))
        const license = quads.filter((quad) => quad.includes('/license> '))
        expect(license).toEqual([expect.stringContaining(`<${set.metadata.get('license')}>`)])
        const typed = quads.filter((quad) => quad.includes('sssom/ExtensionDefinition>'))
        expect(typed).toHaveLength(set.extensions.size)
        for (const { name } of set.extensions.values())
          expect(quads.some((quad) => quad.includes(`sssom/slot_name> "${name}"`))).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test('[MAP-20] whatever they are called, the table comes back with all its prefixes', () => {
    fc.assert(
      fc.property(hostileSets, (set) => {
        const bytes = decodeUtf8(formatSssomTsv(set))
        for (const format of [formatSssomJson, formatSssomJsonLd]) {
          const { set: back } = parseSssomJson(format(set))
          for (const [prefix, namespace] of set.prefixes) expect(back.prefixes.get(prefix)).toBe(namespace)
          expect(decodeUtf8(formatSssomTsv(back))).toBe(bytes)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('[MAP-20] a set of ours with author and reviewer is a graph', async () => {
    const set = setOfRows([row('r1')], { setId: 'https://here.example/sets/1' })
    const quads = await quadsOf(set)
    expect(quads.some((quad) => quad.endsWith('<did:web:here.example> .'))).toBe(true)
    expect(decodeUtf8(formatSssomTsv(parseSssomJson(formatSssomJsonLd(set)).set))).toBe(
      decodeUtf8(formatSssomTsv(set)),
    )
  })

  test('[MAP-15] a declared extension keeps its property, written as an IRI or below that of undeclared ones', () => {
    const document = {
      mapping_set_id: 'https://a.example/s',
      license: 'https://a.example/l',
      curie_map: { a: 'https://a.example/', i: 'http://sssom.invalid/' },
      extension_definitions: [
        {
          slot_name: 'ext_a',
          property: 'https://a.example/p',
          type_hint: 'http://www.w3.org/2001/XMLSchema#integer',
        },
        { slot_name: 'ext_b', property: 'i:other' },
      ],
      mappings: [
        {
          subject_id: 'a:1',
          predicate_id: 'skos:exactMatch',
          object_id: 'a:2',
          mapping_justification: 'semapv:LexicalMatching',
          ext_a: 1,
          ext_b: 'x',
        },
      ],
    }
    const { set, remarks } = parseSssomJson(encodeUtf8(JSON.stringify(document)))
    expect(remarks).toEqual([])
    expect(set.extensions.get('ext_a')?.property).toBe('https://a.example/p')
    for (const format of [formatSssomJson, formatSssomJsonLd])
      expect(parseSssomJson(format(set)).set.extensions).toEqual(set.extensions)
  })

  test('[MAP-19] thousands of prefixes, each of which begins the next, are found at once', () => {
    const prefixes = new Map(
      Array.from({ length: 3000 }, (_, n) => [`p${n}`, `https://a.example/${'a'.repeat(n)}`]),
    )
    const table = ['a:1', 'a:2'].map((id) => `${id}\tskos:exactMatch\ta:3\tsemapv:LexicalMatching`)
    const head =
      '#curie_map:\n#  a: https://a.example/\n#mapping_set_id: https://a.example/s\n#license: https://a.example/l'
    const { set } = parseSssomTsv(
      encodeUtf8(
        `${head}\nsubject_id\tpredicate_id\tobject_id\tmapping_justification\n${table.join('\n')}\n`,
      ),
    )
    const [record = []] = set.records
    const records = Array.from({ length: 5000 }, (_, n) => [
      `https://a.example/${'a'.repeat(n % 300)}b`,
      ...record.slice(1),
    ])
    const begun = performance.now()
    const written = decodeUtf8(formatSssomTsv({ ...set, prefixes, records }))
    expect(performance.now() - begun).toBeLessThan(3000)
    expect(written).toContain('p299:b\t')
    expect(written).not.toContain('p300:')
  })
})
