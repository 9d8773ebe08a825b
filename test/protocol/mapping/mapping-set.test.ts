import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '../../../protocol/bytes.ts'
import { formatMappingSet, parseMappingSet } from '../../../protocol/mapping/mapping-set.ts'
import { rowIdOf } from '../../../protocol/mapping/row-id.ts'
import { iriOfPin } from '../../../protocol/mapping/row-to-set.ts'
import { rowsOfSet } from '../../../protocol/mapping/set-to-row.ts'
import { parseSssomTsv } from '../../../protocol/mapping/sssom/read.ts'
import { mappingRow, type Pin } from '../../../protocol/record/mapping-row.ts'
import { readText } from '../../support/source.ts'
import { namedRows } from './row-arbitrary.ts'

const spec = readText('protocol/spec/mapping.md')
const block = (name: string) => {
  const [, rest = ''] = spec.split(`\`\`\`${name}\n`)
  return rest.slice(0, rest.indexOf('\n```'))
}
const example = mappingRow.parse(JSON.parse(block('json mapping-row')))
const setId = 'https://bishan.example/sets/1'
const labelOf = ({ edition, clause }: Pin) =>
  clause === undefined ? undefined : `${clause} of ${edition.slice(8, 14)}\t合成`
const byName = (a: { row: string }, b: { row: string }) => (a.row < b.row ? -1 : 1)
const refusal = (bytes: Uint8Array) => {
  try {
    parseMappingSet(bytes)
  } catch (error: any) {
    return [error.code, error.place.cell]
  }
  return ['read']
}

describe('rows as a mapping set', () => {
  test('[MAP-21] nothing that a row says is lost, with labels or without', () => {
    fc.assert(
      fc.property(namedRows, fc.boolean(), (rows, labelled) => {
        const bytes = formatMappingSet(rows, labelled ? { setId, labelOf } : { setId, title: '合成：1.10' })
        expect(parseMappingSet(bytes)).toEqual(rows.toSorted(byName))
        expect(
          formatMappingSet(rows.toReversed(), labelled ? { setId, labelOf } : { setId, title: '合成：1.10' }),
        ).toEqual(bytes)
      }),
      { numRuns: 200 },
    )
  })

  test('[MAP-21] the example of mapping.md, as any reader of SSSOM sees it', () => {
    const tsv = decodeUtf8(formatMappingSet([{ row: 'r1', mapping: example }], { setId }))
    expect(tsv.trimEnd()).toBe(block('sssom'))
  })

  test('[MAP-21] two rows of one name are refused', () => {
    const row = { row: 'r1', mapping: example }
    expect(() => formatMappingSet([row, row], { setId })).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_ID' }),
    )
  })

  test('[MAP-24] only the canonical bytes of the rows are taken', () => {
    const text = decodeUtf8(
      formatMappingSet(
        [
          { row: 'r1', mapping: example },
          { row: 'r2', mapping: example },
        ],
        { setId },
      ),
    )
    const [head = '', rest = ''] = text.split('\nrecord_id')
    for (const other of [
      text.trimEnd(),
      text.replaceAll('\n', '\r\n'),
      text.replaceAll('\n#', '\n# ').replace('#', '# '),
      text.replace('#license', '#comment: x\n#license').replace(/(#comment.*\n)(#license.*\n)/, '$2$1'),
      `${head.replaceAll('n1', 'm1')}\nrecord_id${rest.replaceAll('n1:', 'm1:')}`,
      text.replace('row:r1', 'row:r3'),
      text.replaceAll('\t0.9\t', '\t0.90\t'),
    ])
      expect(refusal(encodeUtf8(other))).toEqual(['SSSOM_NOT_CANONICAL', undefined])
    expect(refusal(encodeUtf8(text))).toEqual(['read'])
  })
})

describe('rows of other people’s sets', () => {
  const { subject, object } = example
  const names =
    'subject_id predicate_id object_id mapping_justification subject_source_version object_source_version'
  const cells = [
    iriOfPin(subject).replace('https://bishan.example/id/', 'a:'),
    'skos:exactMatch',
    iriOfPin(object ?? subject).replace('https://meishan.example/id/', 'b:'),
    'semapv:LexicalSimilarityThresholdMatching',
    subject.digest,
    object?.digest ?? '',
  ]
  const head =
    '#curie_map:\n#  a: https://bishan.example/id/\n#  b: https://meishan.example/id/\n#  orcid: https://orcid.org/\n#mapping_set_id: https://x.example/s\n#license: https://x.example/l\n'
  const read = (
    more: Record<string, string> = {},
    change: (cells: string[]) => string[] = (same) => same,
  ) => {
    const table = `${[...names.split(' '), ...Object.keys(more)].join('\t')}\n${[...change([...cells]), ...Object.values(more)].join('\t')}\n`
    const { set, placeOf } = parseSssomTsv(encodeUtf8(head + table))
    return rowsOfSet(set, { placeOf })
  }
  const put = (i: number, cell: string) => (row: string[]) => row.with(i, cell)

  test('[MAP-22] a foreign record becomes a candidate, named by what it relates, without a relation of our making', () => {
    const { rows, faults, dropped } = read({ author_id: 'orcid:0000-0001', subject_category: 'x' })
    const mapping = {
      subject,
      object,
      predicate: 'exact-match',
      justification: 'unspecified',
      state: 'candidate',
      authorLabel: 'https://orcid.org/0000-0001',
    } as const
    expect([faults, dropped]).toEqual([[], ['subject_category']])
    expect(rows).toEqual([
      { row: rowIdOf({ subject, predicate: 'exact-match', ...(object ? { object } : {}) }), mapping },
    ])
    const relation = (predicate: string) => read({}, put(1, predicate)).rows[0]?.mapping.relation
    expect(
      ['skos:broadMatch', 'skos:narrowMatch', 'skos:relatedMatch', 'skos:closeMatch'].map(relation),
    ).toEqual(['broader', 'narrower', 'related', undefined])
    const absent = read(
      { object_source: 'b:7b8e2c3a-5d1f-4e6a-9b0c-1d2e3f4a5b6c' },
      put(2, 'sssom:NoTermFound'),
    )
    expect(absent.rows[0]?.mapping).toMatchObject({
      relation: 'none',
      objectSource: { edition: object?.edition, digest: object?.digest },
    })
  })

  test.each([
    ['SSSOM_ROW_FOREIGN', 'predicate_id', read({}, put(1, 'owl:sameAs'))],
    ['SSSOM_ROW_FOREIGN', 'predicate_modifier', read({ predicate_modifier: 'Not' })],
    ['SSSOM_ROW_FOREIGN', 'subject_id', read({}, put(0, 'orcid:0000'))],
    ['SSSOM_ROW_FOREIGN', 'object_id', read({}, put(2, 'b:7b8e2c3a-5d1f-4e6a-9b0c-1d2e3f4a5b6c#x/y'))],
    ['SSSOM_ROW_FOREIGN', 'subject_source_version', read({}, put(4, '2024'))],
    ['SSSOM_ROW_FOREIGN', 'author_id', read({ author_id: 'orcid:1|orcid:2' })],
    ['SCHEMA_INVALID', 'comment', read({ comment: 'zero\u200bwidth' })],
  ])('[MAP-23] %s at %s', (code, column, { rows, faults }) => {
    expect(rows).toEqual([])
    expect(faults).toEqual([expect.objectContaining({ code, cell: `row 8, column ${column}` })])
  })

  test('[MAP-23] what is in a set twice is no second row', () => {
    const row = cells.join('\t')
    const { set, placeOf } = parseSssomTsv(
      encodeUtf8(`${head}${names.split(' ').join('\t')}\n${row}\n${row}\n`),
    )
    const { rows, faults } = rowsOfSet(set, { placeOf })
    expect([rows.length, faults.map(({ code, cell }) => [code, cell])]).toEqual([
      1,
      [['DUPLICATE_ID', 'row 9, column record_id']],
    ])
  })
})
