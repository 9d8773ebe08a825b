import { ProtocolError } from '../../../protocol/error.ts'
import { cellName, columnName } from '../../../protocol/identifier/cell-name.ts'
import { archiveLimits, packArchive } from './archive.ts'
import { workbookLimits } from './workbook-read.ts'

export interface SheetColumn {
  readonly title: string
  /** In characters of the body font. */
  readonly width: number
  readonly hidden?: boolean
  /** A list to choose from: a range of another sheet. `strict`: nothing else may be entered. */
  readonly choices?: { readonly range: string; readonly strict: boolean }
}

export interface WrittenSheet {
  readonly name: string
  readonly columns: readonly SheetColumn[]
  readonly rows: readonly (readonly string[])[]
  /** Rows take the colour of the word in this column, which stands there all the same. */
  readonly colours?: { readonly column: number; readonly words: ReadonlyMap<string, string> }
}

const spreadsheet = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packageRelations = 'http://schemas.openxmlformats.org/package/2006/relationships'
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

/** Rows below the last in which lists can be chosen from: for what people add. */
const spareRows = 1000

/**
 * Of what is read back, how much is written. Another program that saves it anew writes other bytes, three quarters as many where it was
 * tried, and cells where none are, down to the last spare row.
 */
const writtenShare = 0.875

/** Places in the list of cell formats. */
const formats = { text: 1, header: 2, textToCome: 3 } as const

/**
 * A workbook of sheets of text: first row frozen, with filters, lists to choose from. No cell is a formula or can become one, what is
 * typed into new lines is text too; the same sheets are the same bytes.
 *
 * @throws {ProtocolError} `SHEET_LIMIT` — it could not be read back
 * @see spec/mapping.md, MAP-90
 */
export function formatWorkbook(sheets: readonly WrittenSheet[]): Uint8Array {
  const cells = sheets.reduce((sum, sheet) => sum + sheet.columns.length * (sheet.rows.length + spareRows), 0)
  if (cells > workbookLimits.cells * writtenShare) throw tooLarge()
  const colours = [...new Set(sheets.flatMap(({ colours: map }) => [...(map?.words.values() ?? [])]))]
  const type = (name: string) => `application/vnd.openxmlformats-officedocument.spreadsheetml.${name}+xml`
  return packReadable(
    new Map([
      [
        '[Content_Types].xml',
        `${declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type('sheet.main')}"/>${sheets.map((_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="${type('worksheet')}"/>`).join('')}<Override PartName="/xl/styles.xml" ContentType="${type('styles')}"/></Types>`,
      ],
      [
        '_rels/.rels',
        `${declaration}<Relationships xmlns="${packageRelations}"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
      ],
      [
        'xl/workbook.xml',
        `${declaration}<workbook xmlns="${spreadsheet}" xmlns:r="${relations}"><sheets>${sheets.map(({ name }, i) => `<sheet name="${escapeXml(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('')}</sheets><definedNames>${sheets.map((sheet, i) => `<definedName name="_xlnm._FilterDatabase" localSheetId="${i}" hidden="1">'${escapeXml(sheet.name)}'!${absoluteRange(sheet)}</definedName>`).join('')}</definedNames></workbook>`,
      ],
      [
        'xl/_rels/workbook.xml.rels',
        `${declaration}<Relationships xmlns="${packageRelations}">${sheets.map((_, i) => `<Relationship Id="rId${i + 1}" Type="${relations}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join('')}<Relationship Id="rId${sheets.length + 1}" Type="${relations}/styles" Target="styles.xml"/></Relationships>`,
      ],
      ['xl/styles.xml', formatStyles(colours)],
      ...sheets.map((sheet, i) => [`xl/worksheets/sheet${i + 1}.xml`, formatSheet(sheet, colours)] as const),
    ]),
  )
}

function packReadable(parts: ReadonlyMap<string, string>): Uint8Array {
  let left = archiveLimits.open * writtenShare
  for (const text of parts.values()) left -= Buffer.byteLength(text)
  if (left < 0) throw tooLarge()
  const bytes = packArchive(parts)
  if (bytes.length > archiveLimits.bytes * writtenShare) throw tooLarge()
  return bytes
}

function tooLarge(): ProtocolError {
  return new ProtocolError(
    'SHEET_LIMIT',
    '行数或文字过多，导出为工作簿后将无法导回，请改用 TSV / too much for a workbook that can be read back: export it as TSV',
  )
}

function absoluteRange({ columns, rows }: WrittenSheet): string {
  return `$A$1:$${columnName(columns.length - 1)}$${rows.length + 1}`
}

function formatStyles(colours: readonly string[]): string {
  const dxfs = colours.map(
    (colour) =>
      `<dxf><fill><patternFill patternType="solid"><bgColor rgb="FF${colour}"/></patternFill></fill></dxf>`,
  )
  return `${declaration}<styleSheet xmlns="${spreadsheet}"><fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFD9E2EC"/></patternFill></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles><dxfs count="${colours.length}">${dxfs.join('')}</dxfs></styleSheet>`
}

function formatSheet(sheet: WrittenSheet, colours: readonly string[]): string {
  const { columns, rows } = sheet
  const cols = columns.map(
    ({ width, hidden }, i) =>
      `<col min="${i + 1}" max="${i + 1}" width="${width}" style="${formats.textToCome}" customWidth="1"${hidden ? ' hidden="1"' : ''}/>`,
  )
  const lines = [columns.map(({ title }) => title), ...rows].map((cells, i) => formatRow(cells, i + 1))
  return `${declaration}<worksheet xmlns="${spreadsheet}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${cols.join('')}</cols><sheetData>${lines.join('')}</sheetData><autoFilter ref="${absoluteRange(sheet).replaceAll('$', '')}"/>${formatColours(sheet, colours)}${formatChoices(sheet)}</worksheet>`
}

function formatRow(cells: readonly string[], row: number): string {
  const style = row === 1 ? formats.header : formats.text
  const written = cells.map((text, i) =>
    text === ''
      ? ''
      : `<c r="${cellName(i, row)}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(neutral(text))}</t></is></c>`,
  )
  return `<row r="${row}">${written.join('')}</row>`
}

/**
 * What a spreadsheet would take for a formula, as soon as somebody edits the cell or saves it as CSV, has an apostrophe before it; so has
 * what begins with one of the apostrophes that reading takes away.
 */
function neutral(text: string): string {
  return /^(?:[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]|\s*['\u2019\uff07])/.test(text) ? `'${text}` : text
}

function escapeXml(text: string): string {
  return text
    .replace(/_x(?=[0-9A-Fa-f]{4}_)/g, '_x005F_x')
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\r]/g,
      (unit) => `_x${unit.charCodeAt(0).toString(16).padStart(4, '0')}_`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function formatColours({ columns, rows, colours }: WrittenSheet, known: readonly string[]): string {
  if (!colours) return ''
  const range = `A2:${columnName(columns.length - 1)}${rows.length + 1 + spareRows}`
  const rules = [...colours.words].map(
    ([word, colour], i) =>
      `<cfRule type="expression" dxfId="${known.indexOf(colour)}" priority="${i + 1}"><formula>$${columnName(colours.column)}2="${escapeXml(word)}"</formula></cfRule>`,
  )
  return `<conditionalFormatting sqref="${range}">${rules.join('')}</conditionalFormatting>`
}

function formatChoices({ columns, rows }: WrittenSheet): string {
  const lists = columns.flatMap(({ choices }, i) => {
    if (!choices) return []
    const range = `${columnName(i)}2:${columnName(i)}${rows.length + 1 + spareRows}`
    return `<dataValidation type="list" allowBlank="1" ${choices.strict ? 'showErrorMessage="1" errorTitle="请从列表中选择" error="只能填写字典中的词" ' : ''}sqref="${range}"><formula1>${escapeXml(choices.range)}</formula1></dataValidation>`
  })
  return lists.length === 0
    ? ''
    : `<dataValidations count="${lists.length}">${lists.join('')}</dataValidations>`
}
