import { describe, expect, test } from 'vitest'
import { type MappingColumn, mappingColumns } from '../../../../node/agreement/sheet/mapping-column.ts'
import { readMappingWorkbook } from '../../../../node/agreement/sheet/mapping-import.ts'
import { formatMappingWorkbook } from '../../../../node/agreement/sheet/mapping-workbook.ts'
import { formatWorkbook } from '../../../../node/agreement/sheet/workbook-write.ts'
import { rowIdOf } from '../../../../protocol/mapping/row-id.ts'
import { mappingRow } from '../../../../protocol/record/mapping-row.ts'
import {
  base,
  cells,
  context,
  edit,
  namePin,
  object,
  read,
  row,
  sheetOf,
  subject,
  third,
  whole,
  withCell,
  withPart,
} from './sample.ts'

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

  test('[MAP-92] a copied line about something else is a new row, above its original and below it; the same line twice is one', () => {
    const copy = edit({ 对方条款: '6.1' })
    const fresh = rowIdOf({ subject, predicate: 'close-match', object: third })
    for (const lines of [
      [cells(), copy, cells()],
      [copy, cells()],
      [copy, copy, cells()],
    ]) {
      const copied = read(...lines)
      expect(copied.faults).toEqual([])
      expect(new Map(copied.rows.map(({ row: id, bases }) => [id, bases]))).toEqual(
        new Map([
          ['r1', [base]],
          [fresh, []],
        ]),
      )
    }
    for (const lines of [
      [cells(), edit({ 备注: 'x' })],
      [edit({ 备注: 'x' }), cells()],
      [copy, edit({ 本方条款: '' })],
      [edit({ 本方条款: '' }), copy],
      [edit({ 关系: '等同' }), cells()],
    ])
      expect(read(...lines).faults).toEqual([expect.objectContaining({ code: 'DUPLICATE_ID', cell: 'A3' })])
    expect(read(copy).rows).toMatchObject([{ row: 'r1', mapping: { object: third } }])
  })

  test('[MAP-92] nobody reviewed a copy', () => {
    const reviewed = { state: 'accepted', reviewer: 'did:web:b.example', reviewedOn: '2026-01-02' } as const
    const mapping = mappingRow.parse({ ...row.mapping, ...reviewed, reviewerLabel: '审核（合成）' })
    const bytes = formatMappingWorkbook({ rows: [{ ...row, mapping }], namePin, standards: [], heading: [] })
    const line = cells(bytes)
    const copyOf = (changes: Partial<Record<MappingColumn, string>>) =>
      readMappingWorkbook(sheetOf([edit({ 对方条款: '6.1', ...changes }, line), line]), {
        ...context,
        baseOf: () => mapping,
      })
    const [copy, original] = copyOf({}).rows
    expect(original?.mapping).toEqual(mapping)
    expect(copy?.mapping).toEqual({ ...row.mapping, object: third, state: 'in-review' })
    expect(copyOf({ 状态: '草拟' }).rows[0]?.mapping).toEqual({
      ...row.mapping,
      object: third,
      state: 'draft',
    })
    expect(copyOf({ 审核人: '另一人（合成）' }).rows[0]?.mapping).toMatchObject({ state: 'accepted' })
  })

  test('[MAP-92] a blank 起草人 takes the author away, as a blank 审核人 does the reviewer', () => {
    const { authorLabel: _, ...unnamed } = row.mapping
    const mapping = mappingRow.parse({
      ...unnamed,
      author: 'did:web:a.example',
      reviewer: 'did:web:b.example',
    })
    const given = { ...context, baseOf: () => mapping }
    const line = edit({ 起草人: 'did:web:a.example', 审核人: 'did:web:b.example' })
    expect(readMappingWorkbook(sheetOf([line]), given).rows[0]?.mapping).toEqual(mapping)
    const blank = sheetOf([edit({ 起草人: '', 审核人: '' }, line)])
    expect(readMappingWorkbook(blank, given).rows[0]?.mapping).toEqual(unnamed)
  })

  test('[MAP-92] without the column of identities no row is known, and a second sheet of rows is not passed over', () => {
    const columns = mappingColumns.map((title) => ({ title, width: 10 }))
    const one = { name: '映射', columns, rows: [cells()] }
    const gone = (name: MappingColumn) => {
      const at = mappingColumns.indexOf(name)
      return formatWorkbook([
        { name: 'x', columns: columns.toSpliced(at, 1), rows: [cells().toSpliced(at, 1)] },
      ])
    }
    expect(readMappingWorkbook(gone('行标识'), context)).toEqual({
      rows: [],
      faults: [expect.objectContaining({ cell: 'A1', code: 'ROW_INVALID' })],
    })
    expect(readMappingWorkbook(gone('行版本'), context).faults).toMatchObject([{ cell: 'T2' }])
    expect(readMappingWorkbook(gone('对方条款'), context).rows[0]?.mapping).toEqual(row.mapping)
    const copied = formatWorkbook([one, { ...one, name: '映射 (2)', rows: [edit({ 备注: '新' })] }])
    expect(readMappingWorkbook(copied, context).faults).toMatchObject([
      { cell: "'映射 (2)'!A1", code: 'ROW_INVALID' },
    ])
    const empty = formatWorkbook([one, { ...one, name: '模板', rows: [] }])
    expect(readMappingWorkbook(empty, context)).toMatchObject({ faults: [], rows: [{ row: 'r1' }] })
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
    ['B2', { 本方条款: '9.9' }, 'ROW_INVALID'],
    ['F2', { 对方条款: '9.9' }, 'ROW_INVALID'],
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

  test.each([
    ['B2', '<v>4.1</v>'],
    ['F2', '<v>5.2000000000000002</v>'],
    ['B2', '<v>1e30</v>'],
    ['S2', '<f>1+1</f>'],
    ['I2', '<f>1+1</f><v></v>'],
  ] as const)('[MAP-94] a number in place of a clause, a formula without a value: %s %s', (cell, inside) => {
    const bytes = withCell(sheetOf([cells()]), cell, `<c r="${cell}">${inside}</c>`)
    expect(readMappingWorkbook(bytes, context)).toEqual({
      rows: [],
      faults: [expect.objectContaining({ cell, code: 'ROW_INVALID' })],
    })
  })

  test('[MAP-94] all that cannot be read in a line is told; what is not read cannot be wrong', () => {
    const broken = ['I2', 'S2'].reduce(
      (bytes, cell) => withCell(bytes, cell, `<c r="${cell}" t="e"><v>#REF!</v></c>`),
      sheetOf([cells()]),
    )
    expect(readMappingWorkbook(broken, context).faults.map(({ cell }) => cell)).toEqual(['I2', 'S2'])
    const merged = withPart(
      sheetOf([cells(), edit({ 行标识: '', 行版本: '', 备注: '' })], [['合成'], []]),
      'xl/worksheets/sheet1.xml',
      (xml) =>
        xml.replace(
          '<autoFilter',
          '<mergeCells><mergeCell ref="A1:U1"/><mergeCell ref="S5:S6"/></mergeCells><autoFilter',
        ),
    )
    expect(readMappingWorkbook(merged, context).faults.map(({ cell }) => cell)).toEqual(['S6'])
    const title = withCell(sheetOf([cells()]), 'C2', '<c r="C2" t="s"><v>9</v></c>')
    expect(readMappingWorkbook(title, context).rows[0]?.mapping).toEqual(row.mapping)
  })

  test('[MAP-93] a whole number is a clause; a day counted from 1904 is that day', () => {
    const five = { ...object, clause: 'c-5' }
    const found = readMappingWorkbook(withCell(sheetOf([cells()]), 'F2', '<c r="F2"><v>5</v></c>'), {
      ...context,
      findPin: (_, clause) => (clause === '5' ? five : undefined),
    })
    expect(found.rows[0]?.mapping.object).toEqual(five)
    const dated = withCell(sheetOf([cells()]), 'Q2', '<c r="Q2"><v>43493</v></c>')
    const from1904 = withPart(dated, 'xl/workbook.xml', (xml) =>
      xml.replace('<sheets>', '<workbookPr date1904="1"/><sheets>'),
    )
    expect(readMappingWorkbook(from1904, context).rows[0]?.mapping.reviewedOn).toBe('2023-01-29')
    expect(readMappingWorkbook(dated, context).rows[0]?.mapping.reviewedOn).toBe('2019-01-28')
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
