import { openArchive, packArchive } from '../../../../node/agreement/sheet/archive.ts'
import {
  type MappingColumn,
  mappingColumns,
  type NamePin,
} from '../../../../node/agreement/sheet/mapping-column.ts'
import { readMappingWorkbook } from '../../../../node/agreement/sheet/mapping-import.ts'
import type { ImportContext } from '../../../../node/agreement/sheet/mapping-line.ts'
import {
  formatMappingWorkbook,
  type SheetMapping,
} from '../../../../node/agreement/sheet/mapping-workbook.ts'
import { readWorkbook } from '../../../../node/agreement/sheet/workbook-read.ts'
import { formatWorkbook } from '../../../../node/agreement/sheet/workbook-write.ts'
import { mappingRow, type Pin } from '../../../../protocol/record/mapping-row.ts'
import { readText } from '../../../support/source.ts'

const [, rest = ''] = readText('protocol/spec/mapping.md').split('```json mapping-row\n')
export const example = mappingRow.parse(JSON.parse(rest.slice(0, rest.indexOf('\n```'))))
export const { subject, object = subject } = example
export const third = { ...object, clause: 'c-6.1' }
export const whole: Pin = { edition: object.edition, digest: object.digest }
const numbers = new Map([
  [subject.edition, 'DB50/T 990001-2026'],
  [object.edition, 'DB51/T 990002-2026'],
])
export const namePin: NamePin = ({ edition, clause = '' }) => ({
  number: numbers.get(edition) ?? edition,
  clause: clause.replace('c-', ''),
  title: '合成标题',
})
const pins = [subject, object, third, whole, { edition: subject.edition, digest: subject.digest }]
export const base = `sha256:${'b'.repeat(64)}`
export const row: SheetMapping = {
  row: 'r1',
  bases: [base],
  mapping: { ...example, comment: '=1+1\n第二行', authorLabel: '-起草（合成）' },
}
export const context: ImportContext = {
  baseOf: (id, bases) => (id === 'r1' && bases.join() === base ? row.mapping : undefined),
  namePin,
  findPin: (number, clause) => {
    const found = pins.filter((pin) => namePin(pin).number === number && namePin(pin).clause === clause)
    return found.length === 1 ? found[0] : undefined
  },
}
export const workbook = formatMappingWorkbook({
  rows: [row],
  namePin,
  standards: [{ 标准号: '001', 备注: '@x' }],
  heading: ['合成项目'],
})
export const cells = (bytes = workbook): string[] => {
  const [sheet] = readWorkbook(bytes)
  return mappingColumns.map((_, i) => (sheet?.rows[1]?.cells.get(i) ?? '').replace(/^'/, ''))
}
export const edit = (changes: Partial<Record<MappingColumn, string>>, from = cells()) =>
  mappingColumns.map((name, i) => changes[name] ?? from[i] ?? '')
export const sheetOf = (rows: readonly (readonly string[])[], above: readonly (readonly string[])[] = []) => {
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
export const read = (...rows: (readonly string[])[]) => readMappingWorkbook(sheetOf(rows), context)

/** A workbook of one sheet, with other XML in a part. */
export const withPart = (bytes: Uint8Array, part: string, change: (xml: string) => string) => {
  const archive = openArchive(bytes)
  const names = ['xl/workbook.xml', 'xl/_rels/workbook.xml.rels', 'xl/worksheets/sheet1.xml']
  const text = (name: string) => archive.open(name)?.toString() ?? ''
  return packArchive(new Map(names.map((name) => [name, name === part ? change(text(name)) : text(name)])))
}

/** The workbook with other XML in place of one cell, or where it is blank. */
export const withCell = (bytes: Uint8Array, cell: string, xml: string) =>
  withPart(bytes, 'xl/worksheets/sheet1.xml', (text) => {
    const found = new RegExp(`<c r="${cell}"[^>]*>.*?</c>`, 's')
    if (found.test(text)) return text.replace(found, xml)
    const row = cell.replace(/\D/g, '')
    return text.replace(new RegExp(`(<row r="${row}">.*?)</row>`, 's'), `$1${xml}</row>`)
  })
