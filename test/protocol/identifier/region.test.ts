import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { parseDivision } from '../../../protocol/identifier/division.ts'
import { searchKey, searchNeedle } from '../../../protocol/identifier/number-search.ts'
import {
  canonicalKey,
  divisionDigitsOf,
  formatCover,
  isSyntheticNumber,
  parseStandardNumbers,
} from '../../../protocol/identifier/standard-number.ts'
import { findForbiddenCharacter } from '../../../protocol/identifier/text.ts'

const header =
  '序号,体系编号,标准号,标准名称,级别,类别,发布日期,实施日期,状态,代替关系,归口单位,ICS,CCS,适用职能,复审到期,备注'

type Row = Readonly<Record<string, string>>

function textOf(name: string): string {
  return readFileSync(new URL(`../../../fixtures/region/${name}`, import.meta.url), 'utf8')
}

function rowsOf(name: string): readonly Row[] {
  return parse(textOf(name), { columns: true, bom: true })
}

const tables = ['bishan.csv', 'meishan.csv'] as const
const standards = tables.flatMap(rowsOf)
const isReal = (row: Row) => !row.标准名称!.endsWith('（合成样例）')

test('[ID-5] a 标准明细表 is written as Excel writes it, with the agreed columns', () => {
  for (const name of tables) {
    const text = textOf(name)
    expect(text.startsWith(`\ufeff${header}\r\n`)).toBe(true)
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(rowsOf(name).map((row) => row.序号)).toEqual(rowsOf(name).map((_, i) => String(i + 1)))
  }
})

test('[ID-5] every number of the region parses, and tells the level of its row', () => {
  for (const row of [...standards, ...rowsOf('numbers.csv')]) {
    const level = { GB: '国家标准', 'DB-P': '省级地方标准' } as Readonly<Record<string, string>>
    for (const number of parseStandardNumbers(row.标准号!)) {
      if (row.级别 !== undefined) expect(row.级别).toBe(level[number.scheme])
      expect(parseStandardNumbers(formatCover(number))).toEqual([number])
    }
  }
})

test('[ID-17] real numbers have distinct keys', () => {
  const keys = [...standards, ...rowsOf('numbers.csv')].flatMap((row) =>
    parseStandardNumbers(row.标准号!).map(canonicalKey),
  )
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys).toContain('DB50/T 10004-2023')
  expect(keys).toContain('DB51/T 10004-2023')
})

test('[ID-20] a row is synthetic by its number when it is by its title, and no other row is', () => {
  for (const row of standards) {
    for (const number of parseStandardNumbers(row.标准号!))
      expect(isSyntheticNumber(number)).toBe(!isReal(row))
  }
  expect(standards.filter(isReal)).toHaveLength(20)
})

test('[ID-22] ordinal and year find one row of the tables', () => {
  const keysOf = (row: Row) => parseStandardNumbers(row.标准号!).map(searchKey).join('')
  const found = (query: string) => standards.filter((row) => keysOf(row).includes(searchNeedle(query) ?? '?'))
  expect(found('1055 2020').map((row) => row.标准名称)).toEqual(['公务用车信息化平台管理规范'])
  expect(found('10004—2023')).toHaveLength(1)
})

test('[ID-1] titles and remarks hold no forbidden character, and every row says where it comes from', () => {
  for (const row of standards) {
    expect(findForbiddenCharacter(Object.values(row).join(''))).toBeUndefined()
    expect(row.备注).toMatch(isReal(row) ? /^来源:[^;]+; 置信:[HML]; 归类:本表/ : /^来源:合成样例/)
  }
})

test('[ID-11] the year of a number is that of its publication, and one date is inverted as printed', () => {
  for (const row of standards) {
    for (const date of [row.发布日期!, row.实施日期!]) expect(date).toMatch(/^(?:\d{4}-\d{2}-\d{2})?$/)
    if (row.发布日期 !== '')
      expect(parseStandardNumbers(row.标准号!)[0]?.year).toBe(Number(row.发布日期!.slice(0, 4)))
  }
  const inverted = standards.filter((row) => row.实施日期 !== '' && row.实施日期! < row.发布日期!)
  expect(inverted.map((row) => row.标准号)).toEqual(['DB51/T 2620—2019'])
})

test('[ID-18] headings belong to a standard of the tables', () => {
  const held = new Set(standards.map((row) => row.标准号))
  for (const { number } of JSON.parse(textOf('headings.json')).documents) expect(held).toContain(number)
})

test('[ID-26] the 68 divisions have a code each but three zones, and no code twice', () => {
  const codes = rowsOf('divisions.csv').map((row) => row.code!)
  const given = codes.filter((code) => code !== '')
  expect(codes).toHaveLength(68)
  expect(given).toHaveLength(65)
  expect(new Set(given).size).toBe(65)
  const provinces = new Set(given.map((code) => parseDivision(code).province))
  expect([...provinces]).toEqual(['500000', '510000'])
})

test('[ID-27] synthetic rows have the digits of their own province', () => {
  for (const [name, digits] of [
    ['bishan.csv', '50'],
    ['meishan.csv', '51'],
  ] as const) {
    for (const row of rowsOf(name).filter((row) => !isReal(row)))
      expect(parseStandardNumbers(row.标准号!).map(divisionDigitsOf)).toEqual([digits])
  }
})
