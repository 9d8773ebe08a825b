import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openArchive, packArchive } from '../../../../node/agreement/sheet/archive.ts'
import {
  type MappingColumn,
  mappingColumns,
  type NamePin,
} from '../../../../node/agreement/sheet/mapping-column.ts'
import { type ImportContext, readMappingWorkbook } from '../../../../node/agreement/sheet/mapping-import.ts'
import {
  formatMappingWorkbook,
  type SheetMapping,
} from '../../../../node/agreement/sheet/mapping-workbook.ts'
import { readWorkbook } from '../../../../node/agreement/sheet/workbook-read.ts'
import { formatWorkbook } from '../../../../node/agreement/sheet/workbook-write.ts'
import { rowIdOf } from '../../../../protocol/mapping/row-id.ts'
import { mappingRow, type Pin } from '../../../../protocol/record/mapping-row.ts'
import { namedRows } from '../../../protocol/mapping/row-arbitrary.ts'
import { readText } from '../../../support/source.ts'

const [, rest = ''] = readText('protocol/spec/mapping.md').split('```json mapping-row\n')
const example = mappingRow.parse(JSON.parse(rest.slice(0, rest.indexOf('\n```'))))
const { subject, object = subject } = example
const third = { ...object, clause: 'c-6.1' }
const whole: Pin = { edition: object.edition, digest: object.digest }
const numbers = new Map([
  [subject.edition, 'DB50/T 990001-2026'],
  [object.edition, 'DB51/T 990002-2026'],
])
const namePin: NamePin = ({ edition, clause = '' }) => ({
  number: numbers.get(edition) ?? edition,
  clause: clause.replace('c-', ''),
  title: '合成标题',
})
const pins = [subject, object, third, whole, { edition: subject.edition, digest: subject.digest }]
const base = `sha256:${'b'.repeat(64)}`
const row: SheetMapping = {
  row: 'r1',
  bases: [base],
  mapping: { ...example, comment: '=1+1\n第二行', authorLabel: '-起草（合成）' },
}
const context: ImportContext = {
  baseOf: (id, bases) => (id === 'r1' && bases.join() === base ? row.mapping : undefined),
  namePin,
  findPin: (number, clause) => {
    const found = pins.filter((pin) => namePin(pin).number === number && namePin(pin).clause === clause)
    return found.length === 1 ? found[0] : undefined
  },
}
const workbook = formatMappingWorkbook({
  rows: [row],
  namePin,
  standards: [{ 标准号: '001', 备注: '@x' }],
  heading: ['合成项目'],
})
const cells = (): string[] => {
  const [sheet] = readWorkbook(workbook)
  return mappingColumns.map((_, i) => (sheet?.rows[1]?.cells.get(i) ?? '').replace(/^'/, ''))
}
const edit = (changes: Partial<Record<MappingColumn, string>>, from = cells()) =>
  mappingColumns.map((name, i) => changes[name] ?? from[i] ?? '')
const sheetOf = (rows: readonly (readonly string[])[], above: readonly (readonly string[])[] = []) => {
  const columns = mappingColumns.map((title) => ({ title, width: 10 }))
  if (above.length === 0) return formatWorkbook([{ name: '映射', columns, rows }])
  return formatWorkbook([
    {
      name: '随便',
      columns: [{ title: '对照表（合并的标题行）', width: 10 }],
      rows: [...above, [...mappingColumns], ...rows],
    },
  ])
}
const read = (...rows: (readonly string[])[]) => readMappingWorkbook(sheetOf(rows), context)

describe('the workbook', () => {
  test('[MAP-90] four sheets, first row frozen, lists to choose from, the two columns of identity hidden', () => {
    expect(readWorkbook(workbook).map(({ name }) => name)).toEqual(['映射', '标准明细', '说明', '字典'])
    const xml = openArchive(workbook).open('xl/worksheets/sheet1.xml')?.toString() ?? ''
    expect(xml).toContain('state="frozen"')
    expect(xml.match(/hidden="1"/g)).toHaveLength(2)
    expect(xml.match(/<dataValidation /g)).toHaveLength(4)
    expect(xml).toContain(`<formula>$R2="待审"</formula>`)
    const [mapping, standards, , words] = readWorkbook(workbook)
    expect([...(mapping?.rows[0]?.cells.values() ?? [])]).toEqual([...mappingColumns])
    expect(standards?.rows[1]?.cells.get(2)).toBe('001')
    expect(words?.rows[1]?.cells.get(0)).toBe('等同')
    expect(
      formatMappingWorkbook({
        rows: [row],
        namePin,
        standards: [{ 标准号: '001', 备注: '@x' }],
        heading: ['合成项目'],
      }),
    ).toEqual(workbook)
  })

  test('[MAP-90] no cell is a formula, or begins like one', () => {
    const starts = ['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠', "'"]
    const bytes = formatWorkbook([
      { name: 'x', columns: [{ title: '=x', width: 1 }], rows: starts.map((start) => [`${start}cmd`]) },
    ])
    expect(openArchive(bytes).open('xl/worksheets/sheet1.xml')?.toString()).not.toContain('<f>')
    for (const { cells: found } of readWorkbook(bytes)[0]?.rows ?? []) expect(found.get(0)).toMatch(/^'/)
  })

  test('[MAP-92] what comes back as it went out changes nothing, whatever is in it', () => {
    fc.assert(
      fc.property(namedRows, (rows) => {
        const all = new Map(rows.map((each) => [each.row, each.mapping]))
        const bytes = formatMappingWorkbook({
          rows: rows.map((each) => ({ ...each, bases: [base] })),
          namePin: ({ edition, clause = '' }) => ({ number: edition, clause, title: '' }),
          standards: [],
          heading: [],
        })
        const back = readMappingWorkbook(bytes, {
          ...context,
          namePin: ({ edition, clause = '' }) => ({ number: edition, clause, title: '' }),
          baseOf: (id) => all.get(id),
        })
        expect(back.faults).toEqual([])
        expect(back.rows.map(({ line: _, ...edited }) => edited)).toEqual(
          rows.map((each) => ({ ...each, bases: [base] })),
        )
      }),
      { numRuns: 60 },
    )
  })
})

describe('an edited workbook', () => {
  test('[MAP-92] edited, sorted otherwise, partly deleted, with a title above: each row stands on what it was taken from', () => {
    const added = edit({ 行标识: '', 行版本: '', 对方条款: '6.1', 关系: '等同' })
    const bytes = sheetOf([added, [], edit({ 本方值: '≤1300元/m²', 状态: '通过' })], [['川渝对照'], []])
    const { rows, faults } = readMappingWorkbook(bytes, context)
    expect(faults).toEqual([])
    expect(rows.map(({ row: id, bases }) => [id, bases])).toEqual([
      [rowIdOf({ subject, predicate: 'exact-match', object: third }), []],
      ['r1', [base]],
    ])
    expect(rows[1]?.mapping).toEqual({ ...row.mapping, subjectValue: '≤1300元/m²', state: 'accepted' })
    expect(rows[0]?.mapping).toMatchObject({
      object: third,
      relation: 'equal',
      justification: 'manual-curation',
      state: 'in-review',
    })
  })

  test('[MAP-92] a copied line about something else is a new row; the same line twice is one', () => {
    const copied = read(cells(), edit({ 对方条款: '6.1' }), cells())
    expect(copied.faults).toEqual([])
    expect(copied.rows.map(({ bases }) => bases.length)).toEqual([1, 0])
    expect(read(cells(), edit({ 备注: 'x' })).faults).toEqual([
      expect.objectContaining({ code: 'DUPLICATE_ID', cell: 'A3' }),
    ])
  })

  test('[MAP-93] widths, dashes, blanks, bracketed words, dates of every spelling, numbers as text', () => {
    const tolerant = edit({
      本方标准号: '　ＤＢ50／Ｔ 990001—2026 ',
      关系: '严于(含) ',
      差异类型: '数值，范围；术语',
      采信结论: '附条件',
      条件: '一\r\n\r\n二 ',
      置信度: '９０％',
      审核日期: '2023年1月29日',
      状态: '待审',
    })
    const [edited] = read(tolerant).rows
    expect(edited?.mapping).toEqual({
      ...row.mapping,
      differences: ['value', 'scope', 'terminology'],
      effect: 'conditional',
      conditions: ['一', '二'],
      reviewedOn: '2023-01-29',
    })
    for (const day of ['44955', '2023.1.29', '2023/1/29', '20230129', '２０２３－０１－２９'])
      expect(read(edit({ 审核日期: day })).rows[0]?.mapping.reviewedOn).toBe('2023-01-29')
    expect(read(edit({ 关系: '无对应', 对方条款: '——' })).rows[0]?.mapping).toMatchObject({
      relation: 'none',
      objectSource: whole,
    })
    expect(read(edit({ 关系: '无对应', 对方条款: '——' })).rows[0]?.mapping.object).toBeUndefined()
  })

  test.each([
    ['D2', { 关系: '更严' }, 'ROW_INVALID'],
    ['A2', { 本方标准号: 'DB50/T 1-2020' }, 'ROW_INVALID'],
    ['E2', { 对方条款: '9.9' }, 'ROW_INVALID'],
    ['F2', { 关系: '无对应' }, 'ROW_INVALID'],
    ['N2', { 置信度: '1.5' }, 'ROW_INVALID'],
    ['Q2', { 审核日期: '29.1.2023' }, 'ROW_INVALID'],
    ['R2', { 状态: '同意' }, 'ROW_INVALID'],
    ['S2', { 备注: '零\u200b宽' }, 'ROW_INVALID'],
    ['T2', { 行标识: 'r2' }, 'ROW_INVALID'],
    ['T2', { 行版本: `sha256:${'c'.repeat(64)}` }, 'ROW_INVALID'],
  ] as const)('[MAP-94] a fault at %s of %o', (cell, changes, code) => {
    const { rows, faults } = read(edit(changes))
    expect(rows).toEqual([])
    expect(faults).toEqual([expect.objectContaining({ cell, code })])
  })

  test('[MAP-94] a workbook without the header says so', () => {
    expect(
      readMappingWorkbook(
        formatWorkbook([{ name: 'x', columns: [{ title: 'x', width: 1 }], rows: [] }]),
        context,
      ).faults,
    ).toHaveLength(1)
  })
})

describe('hostile files', () => {
  const part = (name: string) => openArchive(workbook).open(name)?.toString() ?? ''
  const withPart = (name: string, text: string) => {
    const names = [
      'xl/workbook.xml',
      'xl/_rels/workbook.xml.rels',
      'xl/worksheets/sheet1.xml',
      'xl/worksheets/sheet2.xml',
      'xl/worksheets/sheet3.xml',
      'xl/worksheets/sheet4.xml',
    ]
    return packArchive(new Map(names.map((each) => [each, each === name ? text : part(each)])))
  }
  const codeOf = (bytes: Uint8Array) => {
    try {
      readWorkbook(bytes)
    } catch (error: any) {
      return error.code
    }
    return 'read'
  }
  const sheet = (data: string) =>
    withPart('xl/worksheets/sheet1.xml', `<worksheet><sheetData>${data}</sheetData></worksheet>`)

  test('[MAP-91] what is no workbook, and what is one in name', () => {
    for (const bytes of [
      new Uint8Array(),
      Buffer.from('a,b\n'),
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.from('PK\x03\x04'),
    ])
      expect(codeOf(bytes)).toBe('FILE_TYPE_REFUSED')
    expect(codeOf(packArchive(new Map([['a.txt', 'x']])))).toBe('FILE_TYPE_REFUSED')
    expect(
      codeOf(withPart('xl/workbook.xml', '<!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>')),
    ).toBe('FILE_TYPE_REFUSED')
    expect(codeOf(withPart('xl/workbook.xml', '<workbook>'))).toBe('FILE_TYPE_REFUSED')
    fc.assert(
      fc.property(fc.nat(workbook.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const altered = workbook.map((byte, i) => (i === at ? byte ^ flip : byte))
        expect([
          'read',
          'FILE_TYPE_REFUSED',
          'ARCHIVE_LIMIT',
          'SHEET_LIMIT',
          'TEXT_INVALID_UNICODE',
        ]).toContain(codeOf(altered))
      }),
    )
  })

  test('[MAP-91] bombs: parts that unpack to more than they say or than may be', () => {
    const big = `<!--${' '.repeat(100 << 20)}-->`
    expect(codeOf(withPart('xl/workbook.xml', big))).toBe('ARCHIVE_LIMIT')
    expect(codeOf(packArchive(new Map(Array.from({ length: 300 }, (_, i) => [`${i}`, '']))))).toBe(
      'ARCHIVE_LIMIT',
    )
    const bomb = Buffer.from(withPart('xl/workbook.xml', `<workbook>${' '.repeat(1 << 20)}</workbook>`))
    const at = bomb.indexOf('PK\x01\x02')
    bomb.writeUInt32LE(100, at + 24)
    expect(codeOf(bomb)).toBe('FILE_TYPE_REFUSED')
  })

  test('[MAP-91] more cells, columns or characters than a sheet may have', () => {
    expect(codeOf(sheet('<row r="1"><c r="XFD1" t="str"><v>x</v></c></row>'))).toBe('SHEET_LIMIT')
    expect(codeOf(sheet('<row r="9999999"><c r="A1"><v>1</v></c></row>'))).toBe('SHEET_LIMIT')
    expect(codeOf(sheet(`<row r="1"><c r="A1" t="str"><v>${'x'.repeat(40_000)}</v></c></row>`))).toBe(
      'SHEET_LIMIT',
    )
    const [read1] = readWorkbook(
      sheet(
        '<row><c><f>1+1</f><v>2</v></c><c t="b"><v>1</v></c><c><v>0.90000000000000002</v></c><c t="s"><v>7</v></c></row>',
      ),
    )
    expect([...(read1?.rows[0]?.cells.values() ?? [])]).toEqual(['2', 'TRUE', '0.9'])
  })
})
