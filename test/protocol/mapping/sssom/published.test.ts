import { describe, expect, test } from 'vitest'
import published from '../../../../fixtures/published/sssom.json' with { type: 'json' }
import { decodeUtf8, encodeUtf8 } from '../../../../protocol/bytes.ts'
import { parseSssomTsv } from '../../../../protocol/mapping/sssom/read.ts'
import { formatDouble } from '../../../../protocol/mapping/sssom/value.ts'
import { formatSssomTsv } from '../../../../protocol/mapping/sssom/write.ts'

const read = (tsv: string, metadata?: string) =>
  parseSssomTsv(encodeUtf8(tsv), metadata === undefined ? undefined : encodeUtf8(metadata)).set
const written = (tsv: string) => decodeUtf8(formatSssomTsv(read(tsv)))
const column = ({ columns, records }: ReturnType<typeof read>, name: string) =>
  records.map((record) => record[columns.indexOf(name)])

describe('the examples that the specification prints', () => {
  test('[MAP-10] a set reads the same with its metadata inside and beside it', () => {
    const { embedded, external } = published
    expect(read(external.tsv, external.metadata)).toEqual(read(embedded.tsv))
    expect(column(read(embedded.tsv), 'comment')[0]).toContain('but only "whole" apple types exist.')
  })

  test.each(published.invalid)('[MAP-11] refused: $clause', ({ tsv }) => {
    expect(() => read(tsv)).toThrow(expect.objectContaining({ code: 'SSSOM_MALFORMED' }))
  })

  test('[MAP-14] backslashes before | and before themselves alone', () => {
    const { tsv, authorLabels } = published.escaping
    expect(column(read(tsv), 'author_label')).toEqual(authorLabels)
    expect(written(tsv)).toContain('Alice\\\\Bob|Charlie\\\\|David\\\\\\|Eve\\\\')
  })

  test('[MAP-17] no term found, literals and composite entities are rows like others', () => {
    const absent = read(published.noTermFound.tsv)
    expect(column(absent, 'object_id')[1]).toBe('https://w3id.org/sssom/NoTermFound')
    expect(column(absent, 'object_source')[1]).toBe('http://purl.obolibrary.org/obo/mp')
    const literals = read(published.literals.tsv)
    expect(literals.columns).not.toContain('subject_id')
    expect(column(literals, 'subject_label')).toEqual(['alice', 'bob', 'daphne', 'eve'])
    const [first] = column(read(published.composite.tsv), 'subject_id')
    expect(first).toBe("http://example.org/schema0001/(disease:'MONDO:0005148',phenotype:'HP:0009124')")
  })

  test('[MAP-15] defined and undefined extensions', () => {
    const { extensions, extra, records, columns } = read(published.extensions.tsv)
    expect(extensions.get('ext_baz')).toEqual({
      name: 'ext_baz',
      property: 'https://example.org/properties/bazProperty',
      type: 'https://w3id.org/linkml/Uriorcurie',
    })
    expect(extensions.get('ext_undeclared_baz')?.property).toBe('http://sssom.invalid/ext_undeclared_baz')
    expect([...extra]).toEqual([
      ['ext_foo', 'Foo A'],
      ['ext_undeclared_foo', 'Foo B'],
    ])
    expect(records[0]?.[columns.indexOf('ext_baz')]).toBe('https://example.org/entities/BAZ_0001')
  })

  test.each(published.doubles.rows)('[MAP-19] the number %s is written %s', (value, text) => {
    expect(formatDouble(Number(value))).toBe(text)
  })

  test('[MAP-19] slots in the order of the schema, condensed, without prefixes that nothing uses', () => {
    const [head = '', first = ''] = written(published.embedded.tsv).split('\nsubject_id\t')
    expect(head.split('\n').map((line) => line.replace(/:.*/, ''))).toEqual([
      '#curie_map',
      '#  FOODON',
      '#  KF_FOOD',
      '#  orcid',
      '#mapping_set_id',
      '#mapping_set_description',
      '#license',
      '#mapping_date',
    ])
    expect(`subject_id\t${first.split('\n')[0]}`).toBe(
      'subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\tmapping_justification\tauthor_id\tconfidence\tcomment',
    )
    expect(written(published.literals.tsv)).toContain('\n#subject_type: rdfs literal\nsubject_label\t')
    expect(written(published.composite.tsv)).toMatch(
      /^#sssom_version: "1.1"\n#curie_map:\n# {2}MP: [^\n]*\n# {2}SCHEMA: /,
    )
  })

  test('[MAP-19] the canonical examples are written as they stand', () => {
    for (const { tsv } of [published.embedded, published.rdf]) expect(written(tsv)).toBe(tsv)
  })
})
