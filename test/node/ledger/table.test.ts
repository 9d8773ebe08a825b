import { describe, expect, test } from 'vitest'
import { columnOf, columns } from '../../../node/ledger/column.ts'
import { parseTable } from '../../../node/ledger/table.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { csvRow, fixture, gbk, header, utf8, utf16 } from './own-log.ts'

async function refusal(bytes: Uint8Array): Promise<{ code: string; cell?: string | undefined }> {
  try {
    await parseTable(bytes)
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code, cell: error.place.cell }
    throw error
  }
  return { code: 'accepted' }
}

const plain = [header, csvRow({ 归口单位: '重庆市机关事务管理局', 备注: '来源:封面; 置信:H' })].join('\r\n')
const small = '标准号,标准名称,类别\nGB/T 41568—2022,机关事务管理 术语,基础通用\n'

describe('which encoding', () => {
  test('[IMP-3] a byte order mark decides, and without one what is UTF-8 is UTF-8', async () => {
    const rows = (await parseTable(utf8(plain))).rows
    for (const [bytes, encoding] of [
      [utf8(plain), 'utf-8'],
      [utf8(`\ufeff${plain}`), 'utf-8'],
      [utf16(plain, 'le'), 'utf-16le'],
      [utf16(plain, 'be'), 'utf-16be'],
      [gbk(plain), 'gb18030'],
    ] as const) {
      const table = await parseTable(bytes)
      expect(table.encoding).toBe(encoding)
      expect(table.rows).toEqual(rows)
    }
  })

  test('[IMP-4] bytes that fit no encoding, or read as GB18030 give no header, are refused', async () => {
    const cut = utf8(plain).slice(0, -8)
    expect(await refusal(Uint8Array.from([...cut, 0xe5]))).toMatchObject({ code: 'ENCODING_UNKNOWN' })
    expect(await refusal(Uint8Array.of(0xff, 0xff, 0x41))).toMatchObject({ code: 'ENCODING_UNKNOWN' })
    expect(await refusal(Uint8Array.of(0xff, 0xfe, 0x41))).toMatchObject({ code: 'ENCODING_UNKNOWN' })
    expect(await refusal(Uint8Array.of(0xff, 0xfe, 0x00, 0xd8))).toMatchObject({ code: 'ENCODING_UNKNOWN' })
    expect(await refusal(Uint8Array.of(0xef, 0xbb, 0xbf, 0xb1, 0xea))).toMatchObject({
      code: 'ENCODING_UNKNOWN',
    })
    expect(await refusal(gbk('名录,地址\n甲,乙'))).toMatchObject({ code: 'ENCODING_UNKNOWN' })
  })

  test('[IMP-5] workbooks, archives, PDF, web pages and bytes with NUL are not tables', async () => {
    for (const bytes of [
      Uint8Array.of(0x50, 0x4b, 0x03, 0x04, 0x14, 0x00),
      Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1),
      Uint8Array.of(0x1f, 0x8b, 0x08),
      utf8('%PDF-1.7'),
      utf8('\n <html><table><tr><td>标准号</td></tr></table></html>'),
      utf8(`${small}\0`),
      utf16(`${small}\0`, 'le'),
      new Uint8Array(Buffer.from(small, 'utf16le')),
      Uint8Array.of(0xff, 0x00, 0xff),
    ]) {
      expect(await refusal(bytes)).toMatchObject({ code: 'FILE_TYPE_REFUSED' })
    }
  })
})

describe('limits', () => {
  test('[IMP-6] a file, its rows, columns and cells have an end, named by cell', async () => {
    const row = 'GB/T 41568—2022,机关事务管理 术语,基础通用'
    expect(await refusal(new Uint8Array((16 << 20) + 1))).toMatchObject({ code: 'SHEET_LIMIT' })
    expect(await refusal(utf8(`标准号,标准名称,类别\n${`${row}\n`.repeat(20_001)}`))).toEqual({
      code: 'SHEET_LIMIT',
      cell: 'A20002',
    })
    expect(await refusal(utf8(`${small}x${','.repeat(64)}y`))).toEqual({ code: 'SHEET_LIMIT', cell: 'BM3' })
    expect(await refusal(utf8(`${small}x,${'长'.repeat(4001)}`))).toEqual({ code: 'SHEET_LIMIT', cell: 'B3' })
    expect(await refusal(utf8(small + '\n'.repeat(70_000)))).toMatchObject({ code: 'SHEET_LIMIT' })
  })

  test('[IMP-6] what is within the limits is read', async () => {
    const row = 'GB/T 41568—2022,机关事务管理 术语,基础通用'
    expect((await parseTable(utf8(`标准号,标准名称,类别\n${`${row}\n`.repeat(20_000)}`))).rows).toHaveLength(
      20_000,
    )
    const wide = await parseTable(utf8(`${small}GB/T 1—2020,${'长'.repeat(4000)}${','.repeat(200)}\n`))
    expect(wide.rows[1]?.cells.get('标准名称')).toHaveLength(4000)
    expect((await parseTable(utf8(small + ',,\n'.repeat(30_000)))).rows).toHaveLength(1)
  })

  test.each([
    ['commas', ','.repeat(16 << 20)],
    ['line feeds', '\n'.repeat(16 << 20)],
    ['an open quotation mark', `"${'x'.repeat((16 << 20) - 1)}`],
    ['cells of quotation marks', '"",'.repeat(5 << 20)],
  ])('[IMP-7] a hostile file of %s ends soon', async (_, text) => {
    const start = performance.now()
    const bytes = utf8(small + text).slice(0, 16 << 20)
    expect(['SHEET_LIMIT', 'accepted']).toContain((await refusal(bytes)).code)
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})

describe('rows and cells', () => {
  test('[IMP-7] a table is read in slices, and no row is torn where one ends', async () => {
    const title = (n: number) => `题名“${n}”\r\n第二行${'字'.repeat(n % 50)}`
    const line = (n: number) => `GB/T ${n + 1}—2020,"${title(n)}",后勤服务`
    const table = await parseTable(
      utf8(['标准号,标准名称,类别', ...Array.from({ length: 4_000 }, (_, n) => line(n))].join('\r\n')),
    )
    expect(table.faults).toEqual([])
    expect(table.rows.map(({ cells }) => cells.get('标准名称'))).toEqual(
      Array.from({ length: 4_000 }, (_, n) => title(n)),
    )
    expect(table.rows.at(-1)).toMatchObject({ row: 4_001, line: 2 + 2 * 3_999 })
  })

  test('[IMP-8] comma, tab or semicolon is told from the header', async () => {
    for (const delimiter of [',', '\t', ';'] as const) {
      const table = await parseTable(utf8(small.replaceAll(',', delimiter)))
      expect(table.delimiter).toBe(delimiter)
      expect(table.rows[0]?.cells.get('类别')).toBe('基础通用')
    }
    const tab = await parseTable(
      utf8('机关标准,明细表;2024\n标准号\t标准名称\t类别\nGB/T 1—2020\t甲,乙;丙\t基础通用'),
    )
    expect(tab.rows[0]?.cells.get('标准名称')).toBe('甲,乙;丙')
  })

  test('[IMP-9] title rows above the header are passed, blank rows skipped, columns in any order', async () => {
    const table = await parseTable(
      utf8(
        '璧山区机关事务标准明细表,,\n编制单位：璧山区机关事务管理中心,,\n\n类别,标准名称,标准号\n\n,,\n后勤服务,会议服务规范,DB50/T 1—2020\n',
      ),
    )
    expect(table.faults).toEqual([])
    expect(table.rows).toEqual([
      {
        line: 7,
        row: 7,
        cells: new Map([
          ['类别', '后勤服务'],
          ['标准名称', '会议服务规范'],
          ['标准号', 'DB50/T 1—2020'],
        ]),
      },
    ])
  })

  test('[IMP-9] headings have other names, marks of required columns, line breaks and remarks', async () => {
    expect(columns.map(columnOf)).toEqual(columns)
    for (const [heading, column] of [
      ['标准编号', '标准号'],
      ['＊标准名称（中文）', '标准名称'],
      [' 发布\n日期 ', '发布日期'],
      ['ｉｃｓ', 'ICS'],
      ['类别（七类之一）*', '类别'],
      ['归口', '归口单位'],
      ['代替标准号', '代替关系'],
      ['国际国外标准号及采用关系', undefined],
      ['__proto__', undefined],
      ['', undefined],
    ] as const) {
      expect(columnOf(heading)).toBe(column)
    }
  })

  test('[IMP-10] a missing header, number, title or class and a column that stands twice are faults of the header', async () => {
    expect((await parseTable(utf8('甲,乙\n丙,丁\n'))).faults).toMatchObject([
      { line: 1, cell: 'A1', code: 'ROW_INVALID' },
    ])
    expect((await parseTable(utf8(''))).faults).toHaveLength(1)
    expect((await parseTable(utf8('标题\n标准号,标准名称\nGB/T 1—2020,甲'))).faults).toMatchObject([
      { line: 2, cell: 'A2', column: '类别', code: 'ROW_INVALID' },
    ])
    expect((await parseTable(utf8('序号,标准号,类别,级别\n'))).faults).toMatchObject([{ column: '标准名称' }])
    expect((await parseTable(utf8('标准名称,级别,类别\n'))).faults).toMatchObject([{ column: '标准号' }])
    expect((await parseTable(utf8('标准号,标准名称,类别,标准编号\n'))).faults).toMatchObject([
      { column: '标准号', cell: 'D1' },
    ])
  })

  test('[IMP-11] an unknown column is warned of and not read', async () => {
    const table = await parseTable(
      utf8('标准号,页数,标准名称,类别,constructor\nGB/T 1—2020,7,甲,基础通用,x\n'),
    )
    expect(table.warnings).toMatchObject([
      { column: '页数', cell: 'B1', rule: 'IMP-11' },
      { column: 'constructor', cell: 'E1' },
    ])
    expect([...(table.rows[0]?.cells.keys() ?? [])]).toEqual(['标准号', '标准名称', '类别'])
  })

  test('[IMP-2] line is that of the text, cell that of the spreadsheet', async () => {
    const table = await parseTable(
      utf8(
        '"标题\r\n两行"\r\n标准号,标准名称,类别\r\n"DB50/T 1—2020","会议\n服务\r规范",后勤服务\r\n\nDB50/T 2—2020,乙,后勤服务',
      ),
    )
    expect(table.rows.map(({ line, row }) => ({ line, row }))).toEqual([
      { line: 4, row: 3 },
      { line: 8, row: 5 },
    ])
  })

  test('[IMP-8] a quotation mark without counterpart is a fault at its row', async () => {
    const table = await parseTable(utf8(`${small}"DB50/T 1—2020,会议,后勤服务\nDB50/T 2—2020,乙,后勤服务\n`))
    expect(table.faults).toMatchObject([{ line: 3, code: 'ROW_INVALID' }])
    expect(table.rows).toHaveLength(1)
    expect((await parseTable(utf8(`${small}DB50/T 1—2020,会议"服务"规范,后勤服务\n`))).faults).toMatchObject([
      { line: 3, cell: 'B3' },
    ])
  })

  test('[IMP-1] the tables of both regions are read as they lie', async () => {
    expect(await parseTable(fixture('bishan'))).toMatchObject({ encoding: 'utf-8', faults: [], warnings: [] })
    expect([...(await parseTable(fixture('meishan'))).columns.keys()]).toEqual(columns)
  })
})
