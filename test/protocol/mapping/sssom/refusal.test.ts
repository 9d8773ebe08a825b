import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../../../protocol/bytes.ts'
import { ProtocolError } from '../../../../protocol/error.ts'
import { condense, propagate } from '../../../../protocol/mapping/sssom/propagate.ts'
import { parseSssomTsv } from '../../../../protocol/mapping/sssom/read.ts'
import { formatSssomTsv } from '../../../../protocol/mapping/sssom/write.ts'
import { parseYamlBlock } from '../../../../protocol/mapping/sssom/yaml-block.ts'

const head = [
  '#curie_map:',
  '#  a: https://a.example/',
  '#mapping_set_id: https://a.example/set',
  '#license: https://a.example/l',
]
const names = ['subject_id', 'predicate_id', 'object_id', 'mapping_justification']
const cells = ['a:1', 'skos:exactMatch', 'a:2', 'semapv:LexicalMatching']

interface Change {
  readonly head?: readonly string[]
  readonly more?: Readonly<Record<string, string>>
  readonly rows?: readonly string[]
}

function tsv({ head: extra = [], more = {}, rows }: Change): string {
  const row = [...cells, ...Object.values(more)].join('\t')
  return [...head, ...extra, [...names, ...Object.keys(more)].join('\t'), ...(rows ?? [row]), ''].join('\n')
}

function outcome(text: string, metadata?: string): readonly [string, string?] {
  try {
    parseSssomTsv(encodeUtf8(text), metadata === undefined ? undefined : encodeUtf8(metadata))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return [error.code, error.place.cell ?? error.place.pointer ?? '']
  }
  return ['read']
}

describe('what is refused', () => {
  const row = cells.join('\t')
  test.each([
    ['a byte order mark', `\ufeff${tsv({})}`, 'row 1'],
    ['NUL', tsv({ more: { comment: '\0' } }), 'row 1'],
    ['no metadata', `${names.join('\t')}\n${row}\n`, 'row 1'],
    ['a quotation mark without its counterpart', tsv({ more: { comment: '"x' } }), 'row 6, column 5'],
    ['text after a quoted cell', tsv({ more: { comment: '"x"y' } }), 'row 6, column 6'],
    ['a carriage return in a cell', tsv({ more: { comment: 'x\ry' } }), 'row 6'],
    ['a row too wide', tsv({ rows: [`${row}\tx`] }), 'row 6'],
    ['a row far too wide', tsv({ rows: [`${row}${'\t'.repeat(300)}x`] }), 'row 6'],
    [
      'a cell below one of two columns without a name',
      `${[...head, [...names, '', ''].join('\t'), `${row}\t\tx`].join('\n')}\n`,
      'row 6, column 6',
    ],
    ['a line of metadata quoted by halves', `"#a: "b"\n${tsv({})}`, 'row 1'],
    ['an empty line', tsv({ rows: [row, '', row] }), 'row 7'],
    [
      'a column twice',
      tsv({ more: { subject_id: 'a:1' } }).replace('justification\t', 'justification\tsubject_id\t'),
      'row 5',
    ],
  ])('[MAP-10] %s', (_, text, place) => {
    expect(outcome(text.replace(/subject_id\tsubject_id$/m, 'subject_id'))).toEqual([
      'SSSOM_MALFORMED',
      place,
    ])
  })

  test('[MAP-10] metadata in the file and beside it; CRLF and empty lines at the end are read', () => {
    expect(outcome(tsv({}), 'license: https://a.example/l')).toEqual(['SSSOM_MALFORMED', 'row 1'])
    expect(outcome(`${names.join('\t')}\n`, '#license: https://a.example/l')).toEqual([
      'SSSOM_MALFORMED',
      'line 1',
    ])
    expect(outcome(tsv({ more: { comment: '"x\r\ny"' } }).replaceAll('\n', '\r\n'))).toEqual(['read'])
    expect(outcome(`${tsv({})}\n\r\n`)).toEqual(['read'])
    expect(outcome(tsv({}).trimEnd())).toEqual(['read'])
    expect(outcome(tsv({ more: { comment: 'a "quoted" word' } }))).toEqual(['read'])
  })

  test('[MAP-10] a header or a row of a million cells is not held', () => {
    const wide = '\t'.repeat(1 << 20)
    expect(outcome(tsv({ rows: [wide] }))).toEqual(['SSSOM_MALFORMED', 'row 6'])
    expect(outcome(`${head.join('\n')}\n${wide}\n`)).toEqual(['SSSOM_MALFORMED', 'row 5'])
    expect(outcome(`${head.join('\n')}\n"${wide}"${wide}\n`)[0]).toBe('SSSOM_MALFORMED')
    expect(outcome(tsv({ more: { comment: 'x'.repeat(70_000) } }))).toEqual([
      'SIZE_LIMIT',
      'row 6, column comment',
    ])
  })

  test.each([
    'a: &x 1',
    'a: *x',
    'a: !!str 1',
    'a: !x 1',
    '%YAML 1.2',
    'license: https://b.example/',
    '- x',
    'a: [',
    'a: b: c',
  ])('[MAP-11] the line %s in the metadata', (line) => {
    expect(outcome(tsv({ head: [`#${line}`] }))[0]).toBe('SSSOM_MALFORMED')
  })

  test.each(['[ ', '{a: ', '? ', '- ', '[{', 'a:\n'])(
    '[MAP-11] levels are counted before anything descends into them: %j',
    (level) => {
      const deep = `a:\n  ${level.includes('\n') ? '' : level.repeat(40_000)}`
      const steps = Array.from({ length: 60 }, (_, n) => `${' '.repeat(n)}a:\n`).join('')
      expect(() => parseYamlBlock(level.includes('\n') ? steps : deep)).toThrow('too deep')
    },
  )

  test('[MAP-11] a block is read in a time that grows with its length, and not followed down without end', () => {
    const begun = performance.now()
    for (const block of [
      '"'.repeat(200_000),
      '[ '.repeat(100_000),
      'a:\n'.repeat(60_000),
      `a: ${'{b: '.repeat(50_000)}`,
    ])
      expect(outcome(`${names.join('\t')}\n`, block)[0]).toBe('SSSOM_MALFORMED')
    expect(performance.now() - begun).toBeLessThan(15_000)
    expect(outcome(tsv({ head: [`#comment: ${'x'.repeat(300_000)}`] }))[0]).toBe('SIZE_LIMIT')
  })

  test.each([
    ['SSSOM_VERSION_UNKNOWN', '/sssom_version', '#sssom_version: 2.0'],
    ['SSSOM_VERSION_UNKNOWN', '/sssom_version', '#sssom_version: 1.10'],
    ['SSSOM_VALUE_INVALID', '/mapping_date', '#mapping_date: 2023-02-29'],
    ['SSSOM_VALUE_INVALID', '/mapping_set_confidence', '#mapping_set_confidence: 1.2'],
    ['SSSOM_VALUE_INVALID', '/comment', '#comment: [a, b]'],
    ['SSSOM_PREFIX_INVALID', '/creator_id', '#creator_id: orcid:0000'],
    ['SSSOM_PREFIX_INVALID', '/creator_id', '#creator_id: https://orcid.org/0000'],
  ])('[MAP-12] %s at %s', (code, place, line) => {
    expect(outcome(tsv({ head: [line] }))).toEqual([code, place])
  })

  test('[MAP-13] a built-in prefix declared otherwise, a prefix that is no name, one that stands for no IRI', () => {
    for (const line of [
      '#  skos: https://a.example/',
      '#  _: https://a.example/',
      '#  1x: https://a.example/',
      '#  b: x y',
    ])
      expect(outcome(tsv({}).replace('#  a:', `${line}\n#  a:`))[0]).toBe('SSSOM_PREFIX_INVALID')
    expect(outcome(tsv({ rows: [cells.join('\t').replace('a:1', 'constructor:1')] }))).toEqual([
      'SSSOM_PREFIX_INVALID',
      'row 6, column subject_id',
    ])
  })

  test.each([
    ['confidence', '1.01'],
    ['confidence', '0x1'],
    ['confidence', 'NaN'],
    ['mapping_date', '2023-1-9'],
    ['subject_type', 'Owl class'],
    ['subject_type', 'constructor'],
    ['predicate_type', 'rdfs literal'],
    ['author_label', 'a||b'],
    ['author_id', 'sssom:NoTermFound'],
    ['mapping_cardinality', '1:0'],
    ['match_type', 'constructor'],
  ])('[MAP-14] [MAP-17] %s with the value %s', (name, value) => {
    const text = tsv({ more: { [name]: value } })
    const shown = name === 'match_type' ? text.replace('mapping_justification', 'other') : text
    const column = name === 'match_type' ? 'mapping_justification' : name
    expect(outcome(shown)).toEqual(['SSSOM_VALUE_INVALID', `row 6, column ${column}`])
  })

  test('[MAP-14] a relative reference where a URI must stand, in version 1.1 alone', () => {
    expect(outcome(tsv({ more: { see_also: 'file.txt' } }))).toEqual(['read'])
    const [code] = outcome(tsv({ head: ['#sssom_version: "1.1"'], more: { see_also: 'file.txt' } }))
    expect(code).toBe('SSSOM_VALUE_INVALID')
  })

  test('[MAP-15] extensions called like members of an object are kept, and what is not of its type is refused', () => {
    const { set } = parseSssomTsv(encodeUtf8(tsv({ more: { constructor: 'x', toString: 'y' } })))
    expect(set.columns.slice(4)).toEqual(['constructor', 'toString'])
    const definition = ['#extension_definitions:', '#  - slot_name: ext_n', '#    type_hint: xsd:integer']
    expect(outcome(tsv({ head: definition, more: { ext_n: 'x' } }))).toEqual([
      'SSSOM_VALUE_INVALID',
      'row 9, column ext_n',
    ])
    const twice = [...definition, '#  - slot_name: ext_n']
    expect(outcome(tsv({ head: twice }))).toEqual(['SSSOM_VALUE_INVALID', '/extension_definitions'])
    const shared = ['#extension_definitions:', '#  - slot_name: ext_n', '#    property: i:ext_m']
    const both = { head: shared, more: { ext_n: 'x', ext_m: 'y' } }
    expect(outcome(tsv(both).replace('#  a:', '#  i: http://sssom.invalid/\n#  a:'))).toEqual([
      'SSSOM_VALUE_INVALID',
      '/extension_definitions',
    ])
  })

  test('[MAP-16] a slot goes down unless a row has it, and up unless a row differs', () => {
    const all = parseSssomTsv(encodeUtf8(tsv({ head: ['#mapping_tool: t'] }))).set
    expect([all.columns.includes('mapping_tool'), all.metadata.has('mapping_tool')]).toEqual([true, false])
    const rows = [`${cells.join('\t')}\tu`, `${cells.join('\t')}\t`]
    const mixed = parseSssomTsv(
      encodeUtf8(tsv({ head: ['#mapping_tool: t'], more: { mapping_tool: '' }, rows })),
    ).set
    expect(mixed.metadata.get('mapping_tool')).toBe('t')
    expect(condense(all).metadata.get('mapping_tool')).toBe('t')
    expect(propagate(condense(all), new Map())).toEqual(propagate(all, new Map()))
    expect(condense(mixed).metadata.get('mapping_tool')).toBe('t')
  })

  test('[MAP-17] what a row must have', () => {
    const without = (name: string) => outcome(tsv({}).replace(name, 'other'))
    for (const name of names) expect(without(name)).toEqual(['SSSOM_SLOT_MISSING', `row 6, column ${name}`])
    expect(outcome(tsv({ more: { review_date: '2026-01-05' } }))).toEqual([
      'SSSOM_SLOT_MISSING',
      'row 6, column reviewer_id',
    ])
    const ids = (a: string, b: string) =>
      tsv({ more: { record_id: '' }, rows: [`${cells.join('\t')}\t${a}`, `${cells.join('\t')}\t${b}`] })
    expect(outcome(ids('a:1', ''))).toEqual(['SSSOM_SLOT_MISSING', 'row 7, column record_id'])
    expect(outcome(ids('a:1', 'a:1'))).toEqual(['SSSOM_VALUE_INVALID', 'row 7, column record_id'])
  })

  test('[MAP-18] names of before version 1.0', () => {
    const old = tsv({ more: { match_term_type: 'ConceptMatch', semantic_similarity_score: '0.5' } })
    const { set } = parseSssomTsv(
      encodeUtf8(
        old.replace('mapping_justification', 'match_type').replace('semapv:LexicalMatching', 'Lexical'),
      ),
    )
    expect(set.records[0]?.[set.columns.indexOf('mapping_justification')]).toBe(
      'https://w3id.org/semapv/vocab/LexicalMatching',
    )
    expect(set.columns).toEqual(expect.arrayContaining(['subject_type', 'object_type', 'similarity_score']))
    const logical = old
      .replace('mapping_justification', 'match_type')
      .replace('semapv:LexicalMatching', 'Logical')
    const [record = []] = parseSssomTsv(encodeUtf8(logical)).set.records
    expect(record).toContain('https://w3id.org/semapv/vocab/LogicalReasoning')
    const { remarks } = parseSssomTsv(encodeUtf8(tsv({ more: { predicate_type: 'owl class' } })))
    expect(remarks.map(({ pointer }) => pointer)).toEqual(['/sssom_version'])
  })

  test('[MAP-19] an identifier without a prefix is refused, and so is a relative reference beside slots of 1.1', () => {
    const { set } = parseSssomTsv(encodeUtf8(tsv({ more: { see_also: 'x' } })))
    expect(() => formatSssomTsv({ ...set, prefixes: new Map() })).toThrow(
      expect.objectContaining({ code: 'SSSOM_PREFIX_INVALID' }),
    )
    const long = { ...set, metadata: new Map([...set.metadata, ['comment', 'x'.repeat(300_000)]]) }
    expect(() => formatSssomTsv(long)).toThrow(expect.objectContaining({ code: 'SIZE_LIMIT' }))
    const newer = parseSssomTsv(encodeUtf8(tsv({ more: { see_also: 'x', predicate_type: 'owl class' } }))).set
    expect(() => formatSssomTsv(newer)).toThrow(expect.objectContaining({ code: 'SSSOM_VALUE_INVALID' }))
  })
})
