import { ProtocolError } from '../../protocol/error.ts'
import { readCcs, readDate, readIcs } from '../../protocol/identifier/cell.ts'
import { mandateOf } from '../../protocol/identifier/standard-number.ts'
import { classes, levels, mandates, matters } from '../../protocol/record/vocabulary.ts'
import type { Column } from './column.ts'
import { showCell } from './fault.ts'
import { type EditionNumbers, isOfMunicipality, levelOf, readNumbers } from './number-fact.ts'
import type { OpenRow } from './open-row.ts'
import { type Replaced, readReplaced } from './replaced.ts'
import { readTitle, type Title } from './title-fact.ts'
import { type ClassName, labelsInOrder, type Matter, readClass, readLevel, readMatters } from './word.ts'

/** Each reads one cell of a row; what does not fit is noted at that cell, and nothing comes back. */

export function readNumberCell(row: OpenRow): EditionNumbers | undefined {
  const text = row.text('标准号')
  if (text === '') {
    missing(row, '标准号')
    return undefined
  }
  try {
    const numbers = readNumbers(text)
    if (numbers.all.some(({ year }) => year === undefined)) {
      row.warn('标准号', 'ST1', {
        zh: `标准号“${showCell(text)}”没有年代号，无法与其他版本区分`,
        en: 'the number has no year: it cannot be told from other editions',
      })
    }
    return numbers
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    row.fault('标准号', error.code, {
      zh: `标准号“${showCell(text)}”无法识别${placeIn(error)}`,
      en: `the number cannot be read: ${error.message}`,
      remedyZh: '请按封面写法填写，如 DB50/T 1055—2020；联合标准的两个号之间用 / 隔开',
      remedyEn:
        'write it as on the cover, as in DB50/T 1055—2020; put / between the numbers of a joint standard',
    })
    return undefined
  }
}

export function readTitleCell(row: OpenRow): Title | undefined {
  const text = row.text('标准名称')
  if (text !== '') return readTitle(text)
  missing(row, '标准名称')
  return undefined
}

export function readClassCell(row: OpenRow): ClassName | undefined {
  const text = row.text('类别')
  const found = readClass(text)
  if (found !== undefined || row.isFaulty('类别')) return found
  row.fault('类别', 'ROW_INVALID', {
    zh: text === '' ? '类别为空' : `类别“${showCell(text)}”不是七类之一`,
    en: text === '' ? 'the class is missing' : 'the class is not one of the seven',
    remedyZh: `请填写七类之一：${labelsInOrder(classes)}`,
    remedyEn: `write one of the seven: ${labelsInOrder(classes)}`,
  })
  return undefined
}

export function readDateCell(row: OpenRow, column: Column): string | undefined {
  const text = row.text(column)
  const date = readDate(text)
  if (text !== '' && date === undefined) {
    row.fault(column, 'ROW_INVALID', {
      zh: `“${showCell(text)}”不是可识别的日期`,
      en: 'not a date that can be read',
      remedyZh: '请写作 2023-01-29 或 2023年1月29日；不知道的留空',
      remedyEn: 'write it as 2023-01-29; leave it empty if it is not known',
    })
  }
  return date
}

/** The number decides; what the cell says must not contradict it. */
export function checkLevel(row: OpenRow, { first, all }: EditionNumbers): void {
  const level = levelOf(first)
  if (all.some((number) => levelOf(number) !== level)) {
    row.fault('标准号', 'RULE_VIOLATED', {
      zh: '联合标准的各个号须属同一级别',
      en: 'the numbers of a joint standard are of one level',
    })
  }
  const text = row.text('级别')
  if (text === '') return
  const stated = readLevel(text)
  if (!stated) {
    row.fault('级别', 'ROW_INVALID', {
      zh: `级别“${showCell(text)}”无法识别`,
      en: 'the level is not one that is known',
      remedyZh: `请填写：${labelsInOrder(levels)}；或留空，由标准号判定`,
      remedyEn: `write one of ${labelsInOrder(levels)}, or leave it to the number`,
    })
    return
  }
  const local = level === 'provincial' || level === 'municipal'
  if (stated.level === 'municipal' && isOfMunicipality(first)) {
    row.warn('级别', 'IMP-16', {
      zh: `${first.code} 为直辖市地方标准，记为${levels.provincial.zh}`,
      en: `${first.code} is of a municipality with the rank of a province: provincial is put down`,
    })
  } else if (stated.level !== undefined && stated.level !== level && !(stated.level === 'local' && local)) {
    row.fault('级别', 'RULE_VIOLATED', {
      zh: `级别“${showCell(text)}”与标准号不符：${first.code} 属于${levels[level].zh}`,
      en: `the level contradicts the number: ${first.code} is ${levels[level].en}`,
    })
  }
  const written = mandateOf(first)
  if (stated.mandate !== undefined && written !== undefined && stated.mandate !== written) {
    row.warn('级别', 'IMP-16', {
      zh: `级别“${showCell(text)}”与编号所示的${mandates[written].zh}不符，以编号为准`,
      en: `the number says ${mandates[written].en}, and that is put down`,
    })
  }
}

export function readMattersCell(row: OpenRow): readonly Matter[] {
  const { known, unknown } = readMatters(row.text('适用职能'))
  if (unknown.length > 0) {
    row.fault('适用职能', 'ROW_INVALID', {
      zh: `“${showCell(unknown.join('、'))}”不在职能清单内`,
      en: 'not in the list of functions',
      remedyZh: `请从清单中选，用顿号隔开：${labelsInOrder(matters)}`,
      remedyEn: `choose from ${labelsInOrder(matters)}`,
    })
  }
  return known
}

export function readIcsCell(row: OpenRow): readonly string[] {
  const { codes, repaired } = readIcs(row.text('ICS'))
  if (repaired) {
    row.warn('ICS', 'IMP-19', {
      zh: `“${showCell(row.text('ICS'))}”缺零，读作 ${showCell(codes.join('、'))}`,
      en: `zeros are missing; read as ${showCell(codes.join(', '))}`,
    })
  }
  const wrong = codes.find((code) => !/^\d{2}(?:\.\d{3}(?:\.\d{2})?)?$/.test(code))
  if (wrong !== undefined) badCode(row, 'ICS', { wrong, example: '03.080.30' })
  return codes
}

export function readCcsCell(row: OpenRow): readonly string[] {
  const codes = readCcs(row.text('CCS'))
  const wrong = codes.find((code) => !/^[A-Z](?:\d{2}(?:\/\d{2})?)?$/.test(code))
  if (wrong !== undefined) badCode(row, 'CCS', { wrong, example: 'A16' })
  return codes
}

export function readReplacedCell(
  row: OpenRow,
  own: readonly string[],
): readonly { [key in keyof Replaced]: string }[] {
  const { replaces, unreadable, passive } = readReplaced(row.text('代替关系'))
  for (const { text, error } of unreadable) {
    row.fault('代替关系', error.code, {
      zh: `“${showCell(text)}”不是可识别的标准号${placeIn(error)}`,
      en: `not a standard number: ${error.message}`,
      remedyZh: '请写作“代替 GB/T 1.1-2009、GB/T 1.2-2002”或“部分代替 …”',
      remedyEn: 'write 代替 or 部分代替 and the numbers, with 、 between them',
    })
  }
  if (passive) {
    row.warn('代替关系', 'ST9', {
      zh: `“${showCell(row.text('代替关系'))}”未读取：被代替是事件，不是标准自身的内容`,
      en: 'not read: that it was superseded is an event, not a fact about it',
      remedyZh: '请另行发布被代替事件',
      remedyEn: 'publish an event superseded',
    })
  }
  if (replaces.some(({ canonicalKey }) => own.includes(canonicalKey))) {
    row.fault('代替关系', 'RULE_VIOLATED', {
      zh: '标准不能代替自身',
      en: 'an edition cannot replace itself (ST6)',
    })
  }
  return replaces
}

function missing(row: OpenRow, column: Column): void {
  if (row.isFaulty(column)) return
  row.fault(column, 'ROW_INVALID', {
    zh: `${column}为空`,
    en: `${column} is missing`,
    remedyZh: `请填写${column}，或删去此行`,
    remedyEn: `fill in ${column}, or delete the row`,
  })
}

function badCode(
  row: OpenRow,
  column: Column,
  code: { readonly wrong: string; readonly example: string },
): void {
  row.fault(column, 'ROW_INVALID', {
    zh: `“${showCell(code.wrong)}”不是 ${column} 分类号`,
    en: `not a code of the ${column}`,
    remedyZh: `请写作 ${code.example}，几个之间用顿号隔开`,
    remedyEn: `write it as ${code.example}`,
  })
}

function placeIn({ place }: ProtocolError): string {
  return place.index === undefined ? '' : `（第${place.index + 1}个字符处）`
}
