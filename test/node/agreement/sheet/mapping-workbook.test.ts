import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openArchive } from '../../../../node/agreement/sheet/archive.ts'
import { mappingColumns } from '../../../../node/agreement/sheet/mapping-column.ts'
import { readMappingWorkbook } from '../../../../node/agreement/sheet/mapping-import.ts'
import { formatMappingWorkbook } from '../../../../node/agreement/sheet/mapping-workbook.ts'
import { readWorkbook } from '../../../../node/agreement/sheet/workbook-read.ts'
import { formatWorkbook } from '../../../../node/agreement/sheet/workbook-write.ts'
import { namedRows } from '../../../protocol/mapping/row-arbitrary.ts'
import { base, context, namePin, row, workbook } from './sample.ts'

const anyRows = fc
  .tuple(namedRows, fc.constantFrom('', '’', '＇', "'", "''", ' ’', '\n＇', '=’'))
  .map(([rows, start]) =>
    rows.map(({ row: name, mapping }) => ({
      row: name,
      mapping: mapping.comment === undefined ? mapping : { ...mapping, comment: start + mapping.comment },
    })),
  )

describe('the workbook', () => {
  test('[MAP-90] four sheets, first row frozen, lists to choose from, the two columns of identity hidden', () => {
    expect(readWorkbook(workbook).map(({ name }) => name)).toEqual(['映射', '标准明细', '说明', '字典'])
    const xml = openArchive(workbook).open('xl/worksheets/sheet1.xml')?.toString() ?? ''
    expect(xml).toContain('state="frozen"')
    expect(xml.match(/hidden="1"/g)).toHaveLength(2)
    expect(xml.match(/<dataValidation /g)).toHaveLength(4)
    expect(xml).toContain(`<formula>$R2="待审"</formula>`)
    expect(xml.match(/<col [^>]* style="3"/g)).toHaveLength(mappingColumns.length)
    const formats = openArchive(workbook).open('xl/styles.xml')?.toString().split('<cellXfs')[1] ?? ''
    expect(formats.split('<xf ')[4]).toContain('numFmtId="49"')
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

  test('[MAP-90] a workbook that could not be read back is not made', () => {
    const make = (rows: number, columns: number, text: string) => () =>
      formatWorkbook([
        {
          name: 'x',
          columns: Array.from({ length: columns }, () => ({ title: 'x', width: 1 })),
          rows: Array.from({ length: rows }, () => [text]),
        },
      ])
    const refused = { code: 'SHEET_LIMIT', message: expect.stringContaining('TSV') }
    expect(make(700, 1, '合'.repeat(30_000))).toThrow(expect.objectContaining(refused))
    expect(make(45_000, 20, '')).toThrow(expect.objectContaining(refused))
  })

  test('[MAP-92] what comes back as it went out changes nothing, whatever is in it', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
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
