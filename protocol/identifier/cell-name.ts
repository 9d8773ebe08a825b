/** `C7`: the name by which spreadsheets call a cell. @param column from 0 @param row from 1 */
export function cellName(column: number, row: number): string {
  return `${columnName(column)}${row}`
}

export function columnName(column: number): string {
  const last = String.fromCharCode(65 + (column % 26))
  return column < 26 ? last : columnName(Math.floor(column / 26) - 1) + last
}

/** The column of a cell's name, from 0; -1 where it is none. */
export function columnIndex(name: string): number {
  const [, letters = ''] = /^\$?([A-Za-z]{1,3})\$?\d*$/.exec(name) ?? []
  let index = 0
  for (const letter of letters.toUpperCase()) index = index * 26 + letter.charCodeAt(0) - 64
  return index - 1
}
