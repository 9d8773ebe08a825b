import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '../../../../protocol/bytes.ts'
import { parseSssomTsv } from '../../../../protocol/mapping/sssom/read.ts'
import { formatSssomTsv } from '../../../../protocol/mapping/sssom/write.ts'
import { mappingSets } from './set-arbitrary.ts'

const head = [
  '#curie_map:',
  '#  a: https://a.example/',
  '#mapping_set_id: https://a.example/s',
  '#license: https://a.example/l',
]
const names = ['subject_id', 'predicate_id', 'object_id', 'mapping_justification', 'other', 'comment']
const cells = ['a:1', 'skos:exactMatch', 'a:2', 'semapv:LexicalMatching']

function read(...rows: readonly (readonly string[])[]) {
  const lines = [...head, names.join('\t'), ...rows.map((row) => row.join('\t'))]
  return parseSssomTsv(encodeUtf8(`${lines.join('\n')}\n`))
}

/** A cell as a spreadsheet writes it to a tab-separated file. */
function cellOf(text: string): string {
  return /["\t\n,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

describe('a table that a spreadsheet saved', () => {
  test('[MAP-10] cells that are missing at the end are empty, and more of them must be empty', () => {
    const { set, remarks } = read([...cells, 'x', 'y'], cells, [...cells, '', '', '', ''])
    expect(set.records.map((record) => record.slice(4))).toEqual([
      ['x', 'y'],
      [undefined, undefined],
      [undefined, undefined],
    ])
    expect(remarks.map(({ cell }) => cell)).toEqual(['row 7', 'row 8'])
    expect(read(...Array.from({ length: 300 }, () => cells)).remarks).toHaveLength(100)
  })

  test('[MAP-10] several columns without a name are none, where they are empty', () => {
    const lines = [...head, [...names, '', ''].join('\t'), [...cells, '', '', '', ''].join('\t')]
    const { set, remarks } = parseSssomTsv(encodeUtf8(lines.join('\n')))
    expect(set.columns).toEqual(names.slice(0, 4))
    expect(remarks.map(({ what }) => what)).toEqual(['not a slot', 'not a slot'])
  })

  test('[MAP-10] metadata in quotation marks, with tabs after it, says what it said', () => {
    fc.assert(
      fc.property(mappingSets, fc.boolean(), (set, isPadded) => {
        const bytes = formatSssomTsv(set)
        const lines = decodeUtf8(bytes).split('\n')
        const block = lines.findIndex((line) => !line.startsWith('#'))
        const tabs = isPadded ? '\t'.repeat(set.columns.length) : ''
        const saved = lines.map((line, n) => (n < block ? cellOf(line) + tabs : line)).join('\n')
        expect(decodeUtf8(formatSssomTsv(parseSssomTsv(encodeUtf8(saved)).set))).toBe(decodeUtf8(bytes))
      }),
      { numRuns: 60 },
    )
  })
})
