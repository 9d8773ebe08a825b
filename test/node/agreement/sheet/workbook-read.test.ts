import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openArchive, packArchive } from '../../../../node/agreement/sheet/archive.ts'
import { readWorkbook } from '../../../../node/agreement/sheet/workbook-read.ts'
import { workbook } from './sample.ts'

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
        '<row><c><f>1+1</f><v>2</v></c><c t="b"><v>1</v></c><c><v>0.90000000000000002</v></c><c t="str"><f>x</f><v></v></c><c t="d"><v>2023-01-29T00:00:00</v></c><c t="str"><v><![CDATA[<]]></v></c></row>',
      ),
    )
    const [line] = read1?.rows ?? []
    expect([...(line?.cells ?? [])]).toEqual([
      [0, '2'],
      [1, 'TRUE'],
      [2, '0.9'],
      [4, '2023-01-29'],
      [5, '<'],
    ])
    expect([...(line?.numbers ?? [])]).toEqual([0, 2])
    expect(line?.unread.size).toBe(0)
  })

  test('[MAP-91] what a parser would hold before anybody sees it: depth, attributes, long stretches, empty cells', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
    expect(codeOf(sheet(nested(50)))).toBe('read')
    expect(codeOf(sheet(nested(70)))).toBe('SHEET_LIMIT')
    expect(codeOf(sheet('<a>'.repeat(1 << 20)))).toBe('SHEET_LIMIT')
    const attributes = (amount: number) => Array.from({ length: amount }, (_, i) => `a${i}="b"`).join(' ')
    expect(codeOf(sheet(`<row><c ${attributes(200)}/></row>`))).toBe('read')
    expect(codeOf(sheet(`<row><c ${attributes(300)}/></row>`))).toBe('SHEET_LIMIT')
    expect(codeOf(sheet(`<row><c a="${'b'.repeat(2 << 20)}"/></row>`))).toBe('SHEET_LIMIT')
    expect(codeOf(sheet(`<row><c t="str"><v>${'&lt;'.repeat(400_000)}</v></c></row>`))).toBe('SHEET_LIMIT')
    expect(codeOf(sheet(`<row>${'<c/>'.repeat(1_000_001)}</row>`))).toBe('SHEET_LIMIT')
    expect(codeOf(sheet('<row><c t="e"/></row>'.repeat(200_001)))).toBe('SHEET_LIMIT')
  })

  test('[MAP-91] a row or a cell twice is a damaged file', () => {
    const cell = '<c r="A1"><v>1</v></c>'
    expect(codeOf(sheet(`<row r="1">${cell}</row>`))).toBe('read')
    expect(codeOf(sheet(`<row r="1">${cell}${cell}</row>`))).toBe('FILE_TYPE_REFUSED')
    expect(codeOf(sheet(`<row r="1">${cell}</row><row r="1">${cell}</row>`))).toBe('FILE_TYPE_REFUSED')
  })

  test('[MAP-91] one long text in many cells counts in each', () => {
    const parts = new Map([
      ['xl/workbook.xml', part('xl/workbook.xml')],
      ['xl/_rels/workbook.xml.rels', part('xl/_rels/workbook.xml.rels')],
      ['xl/sharedStrings.xml', `<sst><si><t>${' '.repeat(32_767)}</t></si></sst>`],
      [
        'xl/worksheets/sheet1.xml',
        `<worksheet><row>${'<c r="A1" t="s"><v>0</v></c>'.repeat(3000)}</row></worksheet>`,
      ],
    ])
    expect(codeOf(packArchive(parts))).toBe('SHEET_LIMIT')
  })

  test('[MAP-91] [MAP-94] what has no text is told apart from what is blank', () => {
    const [first] = readWorkbook(
      sheet(
        '<row><c><f>1+1</f></c><c><f>1+1</f><v></v></c><c t="e"><v>#N/A</v></c><c t="s"><v>7</v></c><c t="s"/><c><v>1,5</v></c><c s="1"/><c t="inlineStr"/><c t="b"/></row>',
      ),
    )
    expect([...(first?.rows[0]?.unread ?? [])]).toEqual([
      [0, 'formula'],
      [1, 'formula'],
      [2, 'error'],
      [3, 'text'],
      [4, 'text'],
      [5, 'number'],
    ])
    expect(first?.rows[0]?.cells.size).toBe(0)
    const merged = (ref: string) => {
      const rows = ['A1', 'A2', 'A3'].map((name, i) => `<row r="${i + 1}"><c r="${name}"><v>1</v></c></row>`)
      const text = `<worksheet><sheetData>${rows.join('')}</sheetData><mergeCells><mergeCell ref="${ref}"/></mergeCells></worksheet>`
      return withPart('xl/worksheets/sheet1.xml', text)
    }
    const unreadIn = (ref: string) =>
      readWorkbook(merged(ref))[0]?.rows.map(({ unread }) => [...unread.keys()])
    expect(unreadIn('B1:C2')).toEqual([[2], [1, 2], []])
    expect(unreadIn('A1:A3')).toEqual([[], [], []])
    expect(unreadIn('C2:B1')).toEqual([[], [], []])
    expect(codeOf(merged('B1:XFD1048576'))).toBe('SHEET_LIMIT')
  })
})
