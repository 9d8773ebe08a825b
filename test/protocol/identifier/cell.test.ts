import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { showCell } from '../../../node/ledger/fault.ts'
import { readRemark, withOriginal, withoutOriginal } from '../../../node/ledger/remark.ts'
import { readReplaced } from '../../../node/ledger/replaced.ts'
import { readTitle } from '../../../node/ledger/title-fact.ts'
import { readClass, readLevel, readMatters, readState } from '../../../node/ledger/word.ts'
import { isCalendarDate } from '../../../protocol/date.ts'
import {
  cleanCell,
  isBlankCell,
  readCcs,
  readDate,
  readIcs,
  readLine,
  readNames,
} from '../../../protocol/identifier/cell.ts'
import { classes, levels, matters } from '../../../protocol/record/vocabulary.ts'

describe('text', () => {
  test('[IMP-13] one apostrophe in front goes, as do blanks at the ends; formulas stay text', () => {
    for (const [raw, text] of [
      ['　会议服务规范 \u00a0', '会议服务规范'],
      ["'0505", '0505'],
      ["'=SUM(A1)", '=SUM(A1)'],
      ["''quoted", "'quoted"],
      ['’@x', '@x'],
      ['=HYPERLINK("http://x","y")', '=HYPERLINK("http://x","y")'],
      ['+1', '+1'],
      ['甲\r\n乙\r丙', '甲\n乙\n丙'],
      ['e\u0301', 'é'],
    ] as const) {
      expect(cleanCell(raw)).toBe(text)
    }
  })

  test('[IMP-14] dashes, a slash or 无 say nothing', () => {
    for (const text of ['', '-', '—', '——', '/', '／', '无', 'N/A', 'n/a'])
      expect(isBlankCell(text)).toBe(true)
    for (const text of ['0', '无锡', '=', '---x', 'A16']) expect(isBlankCell(text)).toBe(false)
  })

  test('[IMP-24] a title is one line with single blanks, its punctuation as it is', () => {
    expect(readLine('机关事务管理　　术语')).toBe('机关事务管理 术语')
    expect(readLine('公务用车信息化\n  平台管理规范')).toBe('公务用车信息化平台管理规范')
    expect(readLine('Part 1:\nTerms')).toBe('Part 1: Terms')
    expect(readLine('数字化（试行）：第１部分')).toBe('数字化（试行）：第１部分')
  })

  test('[IMP-2] a cell in a message is short and shows what is invisible', () => {
    expect(showCell('a\u202eb\u0007')).toBe('a\\u{202e}b\\u{7}')
    expect(Array.from(showCell('长'.repeat(4000)))).toHaveLength(41)
  })
})

describe('dates', () => {
  test('[IMP-15] every usual spelling of a date, and serial numbers of spreadsheets', () => {
    for (const text of [
      '2023-01-29',
      '2023-1-29',
      '2023.1.29',
      '2023.01.29',
      '2023/1/29',
      '20230129',
      '2023年1月29日',
      '2023 年 1 月 29 日',
      '２０２３－０１－２９',
      '２０２３年１月２９日',
      '2023—01—29',
      '2023/1/29 0:00',
      '2023-01-29 00:00:00',
      '44955',
      '44955.0',
    ]) {
      expect(readDate(text)).toBe('2023-01-29')
    }
    expect(readDate('18264')).toBe('1950-01-01')
    expect(readDate('36585')).toBe('2000-02-29')
    expect(readDate('73050')).toBe('2099-12-31')
  })

  test('[IMP-15] what is no date is not made one', () => {
    for (const text of [
      '',
      '2023',
      '2023-01',
      '2023-02-29',
      '29/1/2023',
      '1/2/23',
      '23-01-29',
      '18263',
      '73051',
      '44955.5',
      '60',
      '2023-01-29 08:00',
      '2023-1.5-3',
      '=TODAY()',
      '二〇二三年一月',
      '99999999',
      `2023-01-29${' '.repeat(3000)}x`,
    ]) {
      expect(readDate(text)).toBeUndefined()
    }
  })

  test('[IMP-15] whatever is read is a date that exists', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?$/)),
        (text) => {
          const date = readDate(text)
          expect(date === undefined || isCalendarDate(date)).toBe(true)
        },
      ),
    )
  })
})

describe('words', () => {
  test('[IMP-16] levels by their names, short names and with the mandate beside them', () => {
    for (const [text, stated] of [
      ['国标', { level: 'national' }],
      ['国家标准', { level: 'national' }],
      ['推荐性国家标准', { level: 'national', mandate: 'recommended' }],
      ['国家标准（强制性）', { level: 'national', mandate: 'mandatory' }],
      ['行标', { level: 'industry' }],
      ['地方标准', { level: 'local' }],
      ['地标', { level: 'local' }],
      ['省级地方标准', { level: 'provincial' }],
      ['市级 地方标准', { level: 'municipal' }],
      ['团标', { level: 'group' }],
      ['企业（内部）标准', { level: 'enterprise' }],
      ['内部标准', { level: 'enterprise' }],
      ['推荐性', { mandate: 'recommended' }],
      ['国际标准', undefined],
      ['=1+1', undefined],
    ] as const) {
      expect(readLevel(text)).toEqual(stated)
    }
    for (const [level, { zh }] of Object.entries(levels)) expect(readLevel(zh)).toEqual({ level })
  })

  test('[IMP-17] the seven classes by their names and close wordings, and nothing else', () => {
    for (const [name, { zh }] of Object.entries(classes)) {
      for (const text of [zh, `${zh}类`, `${zh} 标准`, `1.${zh}`, `（一）${zh}`])
        expect(readClass(text)).toBe(name)
    }
    expect(readClass('后勤服务保障')).toBe('logistics')
    expect(readClass('监督与评价')).toBe('supervision')
    for (const text of ['', '推标', '后勤服务、资产管理', 'general', '其他', '__proto__'])
      expect(readClass(text)).toBeUndefined()
  })

  test('[IMP-18] functions by their names, several in a cell', () => {
    for (const [name, { zh }] of Object.entries(matters)) expect(readMatters(zh).known).toEqual([name])
    expect(readMatters('公务用车、信息化；公车 / 会务')).toEqual({
      known: ['official-vehicles', 'information', 'meetings'],
      unknown: [],
    })
    expect(readMatters('绿化、食堂')).toEqual({ known: ['canteen'], unknown: ['绿化'] })
  })

  test('[IMP-26] states by their names', () => {
    expect(['现行', '现行有效', '即将实施', '废止', '被代替', '制定中', '有效期内'].map(readState)).toEqual([
      'in-force',
      'in-force',
      'upcoming',
      'abolished',
      'superseded',
      'drafting',
      undefined,
    ])
  })
})

describe('codes, names, remarks', () => {
  test('[IMP-19] ICS and CCS, several in a cell, with the zeros that spreadsheets drop', () => {
    expect(readIcs('03.080；01.040.03')).toEqual({ codes: ['03.080', '01.040.03'], repaired: false })
    expect(readIcs('3.08')).toEqual({ codes: ['03.080'], repaired: true })
    expect(readIcs('35.24')).toEqual({ codes: ['35.240'], repaired: true })
    expect(readIcs('３５．２４０')).toEqual({ codes: ['35.240'], repaired: false })
    expect(readIcs('1.040.03').codes).toEqual(['1.040.03'])
    expect(readCcs('a16、Z 04')).toEqual(['A16', 'Z04'])
    expect(readCcs('A20/A90')).toEqual(['A20', 'A90'])
    expect(readCcs('A00/09')).toEqual(['A00/09'])
  })

  test('[IMP-19] names are parted by marks that stand outside brackets', () => {
    expect(readNames('重庆市机关事务管理局、四川省机关事务管理局')).toEqual([
      '重庆市机关事务管理局',
      '四川省机关事务管理局',
    ])
    expect(readNames('某局（原甲局、乙局）；丙局\n丙局')).toEqual(['某局（原甲局、乙局）', '丙局'])
    expect(readNames('')).toEqual([])
  })

  test('[IMP-20] numbers replaced, wholly or in part', () => {
    const keys = (cell: string) =>
      readReplaced(cell).replaces.map(({ canonicalKey, extent }) => `${extent} ${canonicalKey}`)
    expect(keys('代替 GB/T 22373-2008')).toEqual(['whole GB/T 22373-2008'])
    expect(keys('ＧＢ／Ｔ１．１－２００９')).toEqual(['whole GB/T 1.1-2009'])
    expect(keys('代替：GB/T 1.1—2009、GB/T 1.2—2002；部分代替 GB/T 20000.2-2009、GB/T 20000.3')).toEqual([
      'whole GB/T 1.1-2009',
      'whole GB/T 1.2-2002',
      'part GB/T 20000.2-2009',
      'part GB/T 20000.3',
    ])
    expect(keys('GB/T 1.1-2009（部分代替）\nGB/T 1.2-2002')).toEqual([
      'part GB/T 1.1-2009',
      'whole GB/T 1.2-2002',
    ])
    expect(keys('首次发布')).toEqual([])
    expect(readReplaced('被 GB/T 1.1-2020 代替')).toMatchObject({ passive: true, replaces: [] })
    expect(readReplaced('代替 GB/T 1.1-2009 等').unreadable).toMatchObject([{ text: 'GB/T 1.1-2009 等' }])
  })

  test('[IMP-23] source and confidence are told from the rest of a remark, which stays as written', () => {
    expect(readRemark('来源:封面文本; 置信:H; 归类:本表; 说明:甲；乙')).toEqual({
      note: { text: '封面文本; 归类:本表; 说明:甲；乙', confidence: 'high' },
      specialLaw: false,
    })
    expect(readRemark('置信：中；来源：https://std.example.cn/a?b=1（官网）').note).toEqual({
      text: 'https://std.example.cn/a?b=1（官网）',
      url: 'https://std.example.cn/a?b=1',
      confidence: 'medium',
    })
    expect(readRemark('见 https://x.cn/；另见附件').note).toEqual({ text: '见 https://x.cn/；另见附件' })
    expect(readRemark('置信:H').note).toEqual({ text: '置信:H', confidence: 'high' })
    expect(readRemark('')).toEqual({ specialLaw: false })
    expect(readRemark('来源:x; 置信:很高')).toMatchObject({
      note: { text: 'x; 置信:很高' },
      unknownConfidence: '很高',
    })
    expect(readRemark('强制依据:专门法律').specialLaw).toBe(true)
  })

  test('[IMP-22] the original spelling stands last in the note, once', () => {
    const once = withOriginal({ text: '封面' }, 'DB50∕T1055－2020')
    expect(once.text).toBe('封面; 原文: DB50∕T1055－2020')
    expect(withOriginal(once, 'x').text).toBe('封面; 原文: x')
    expect(withOriginal(undefined, 'x').text).toBe('原文: x')
    expect([once.text, '原文: x', '封面'].map(withoutOriginal)).toEqual(['封面', '', '封面'])
  })

  test('[IMP-25] the last word of a title tells the kind of document', () => {
    const kind = (title: string) => readTitle(title).documentKind
    expect(kind('机关办公区域物业服务监管和评价规范')).toBe('specification')
    expect(kind('公共机构能源审计报告编制审查规程')).toBe('code-of-practice')
    expect(kind('公共机构能源资源管理绩效评价导则')).toBe('guide')
    expect(kind('机关事务管理 术语')).toBe('terminology')
    expect(kind('机关运行成本绩效评价')).toBe('evaluation')
    expect(kind('政务信息分类与代码')).toBe('classification')
    expect(kind('机关会议服务规范（合成样例）')).toBe('specification')
    expect(kind('机关事务标准体系')).toBeUndefined()
    expect(readTitle('会议服务规范 (合成样例)')).toMatchObject({
      text: '会议服务规范（合成样例）',
      synthetic: true,
    })
  })

  test('[IMP-7] every reader answers every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (raw) => {
        const text = cleanCell(raw)
        for (const read of [
          readIcs,
          readCcs,
          readNames,
          readReplaced,
          readRemark,
          readTitle,
          readLevel,
          readMatters,
        ])
          read(text)
        expect(cleanCell(text).length).toBeLessThanOrEqual(text.length)
      }),
    )
  })
})
