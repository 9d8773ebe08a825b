import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { commitImport, previewImport } from '../../../node/ledger/import.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'
import { csv, header, openOwnLog } from './own-log.ts'

type Cells = Readonly<Record<string, string>>

async function preview(...rows: readonly Cells[]) {
  return previewImport(csv(...rows), openOwnLog())
}

async function draftOf(cells: Cells): Promise<any> {
  const log = openOwnLog()
  await commitImport(csv(cells), log)
  return log.batches[0]?.[0]
}

async function subjectOf(cells: Cells): Promise<any> {
  return (await draftOf(cells)).credentialSubject
}

describe('a row', () => {
  test('[IMP-1] of the example in the specification gives the draft that stands below it', async () => {
    const spec = readFileSync(new URL('../../../protocol/spec/import.md', import.meta.url), 'utf8')
    const [, draft = ''] = /```json\n(.*?)```/s.exec(spec) ?? []
    const cells = {
      序号: '1',
      体系编号: '3.1',
      标准号: 'DB50∕T1055－2020',
      级别: '地标',
      发布日期: '2020.11.1',
      实施日期: '44228',
      备注: '来源:封面; 置信:H',
    }
    expect(await draftOf(cells)).toEqual(JSON.parse(draft))
    const other = { 标准号: 'GB/T 41568—2022', 标准名称: '机关事务管理　术语', 级别: '地标', 类别: '' }
    const answer = await preview(cells, other)
    expect(answer).toMatchObject({ rows: 2, new: 1, unchanged: 0, revised: 0, warnings: [] })
    expect(answer.faults.map(({ cell, code, zh }) => [cell, code, zh])).toEqual([
      ['F3', 'ROW_INVALID', '类别为空'],
      ['E3', 'RULE_VIOLATED', '级别“地标”与标准号不符：GB/T 属于国家标准'],
    ])
  })

  test('[IMP-12] gives a draft that the schema of records accepts, with every fact of its cells', async () => {
    const draft = await draftOf({
      序号: '1',
      体系编号: 'TX 3.1',
      标准号: 'DB50/T 1055—2020',
      标准名称: '公务用车信息化平台管理规范',
      级别: '地方标准',
      类别: '信息化类',
      发布日期: '2020年11月1日',
      实施日期: '44228',
      状态: '现行',
      代替关系: '部分代替 DB50/T 500-2012',
      归口单位: '重庆市机关事务管理局',
      ICS: '35.240',
      CCS: 'L04',
      适用职能: '公务用车、信息化',
      复审到期: '2025.11.1',
      备注: '来源:https://std.example.cn/1055; 置信:H',
    })
    expect(parseDraft(draft).type).toBe('StandardRecord')
    expect(draft).toEqual({
      type: 'StandardRecord',
      tier: 'public',
      sourceNote: {
        text: 'https://std.example.cn/1055',
        url: 'https://std.example.cn/1055',
        confidence: 'high',
      },
      credentialSubject: {
        identifiers: [{ scheme: 'DB-P', value: 'DB50/T 1055—2020', canonicalKey: 'DB50/T 1055-2020' }],
        titleZh: '公务用车信息化平台管理规范',
        level: 'provincial',
        mandate: 'recommended',
        documentKind: 'specification',
        class: 'informatization',
        systemNo: 'TX 3.1',
        publishedOn: '2020-11-01',
        effectiveOn: '2021-02-01',
        replaces: [{ value: 'DB50/T 500—2012', canonicalKey: 'DB50/T 500-2012', extent: 'part' }],
        custodians: [{ nameZh: '重庆市机关事务管理局' }],
        ics: ['35.240'],
        ccs: ['L04'],
        matters: ['official-vehicles', 'information'],
      },
    })
  })

  test('[IMP-22] a number is signed in the form of covers, and another spelling is kept beside it', async () => {
    for (const written of [
      'DB50∕T1055－2020',
      'db50/t 1055—2020',
      'ＤＢ５０／Ｔ　１０５５－２０２０',
      'DB50_T 1055-2020',
    ]) {
      const draft = await draftOf({ 标准号: written, 备注: '来源:封面; 置信:H' })
      expect(draft.credentialSubject.identifiers[0].value).toBe('DB50/T 1055—2020')
      expect(draft.sourceNote).toEqual({ text: `封面; 原文: ${written}`, confidence: 'high' })
    }
    for (const usual of ['DB50/T 1055—2020', 'DB50/T 1055-2020', "'DB50/T 1055-2020"])
      expect((await draftOf({ 标准号: usual })).sourceNote).toBeUndefined()
  })

  test('[IMP-21] mandate and its ground are told by the number', async () => {
    for (const [cells, said] of [
      [{ 标准号: 'GB 5296.4-2012' }, { mandate: 'mandatory' }],
      [{ 标准号: 'GB/Z 1-2020' }, { mandate: 'guidance' }],
      [{ 标准号: 'T/GZPMA 01-2024' }, { mandate: 'recommended', level: 'group' }],
      [{ 标准号: 'Q/JGSW-HQ 001-2024' }, { mandate: 'recommended', level: 'enterprise' }],
      [{ 标准号: 'DB51/ 278.059-1998' }, { mandate: 'mandatory', mandateGround: 'legacy' }],
      [{ 标准号: 'DBS50/ 028-2020' }, { mandate: 'mandatory', mandateGround: 'special-law' }],
      [
        { 标准号: 'DB50/ 963-2020', 备注: '强制依据:专门法律' },
        { mandate: 'mandatory', mandateGround: 'special-law' },
      ],
      [
        { 标准号: 'DB12/ 617-2018', 发布日期: '2017-12-29' },
        { mandate: 'mandatory', mandateGround: 'legacy' },
      ],
    ] as const) {
      expect(await subjectOf(cells)).toMatchObject(said)
    }
    expect((await preview({ 标准号: 'DB50/ 963-2020' })).faults).toMatchObject([
      { column: '标准号', cell: 'C2', code: 'RULE_VIOLATED' },
    ])
    expect((await preview({ 标准号: 'GSB 05-1426-2001' })).warnings).toMatchObject([{ rule: 'IMP-21' }])
  })

  test('[IMP-22] a joint standard is one record with both numbers, on one line or two', async () => {
    for (const written of [
      'DB50/T 10004—2023 / DB51/T 10004—2023',
      'DB50/T 10004-2023\nDB51/T 10004-2023',
      'DB50/T 10004—2023、DB51/T 10004—2023',
    ]) {
      const { identifiers } = await subjectOf({ 标准号: written })
      expect(identifiers.map((identifier: any) => identifier.canonicalKey)).toEqual([
        'DB50/T 10004-2023',
        'DB51/T 10004-2023',
      ])
    }
    expect((await subjectOf({ 标准号: 'DB50/T\n1055-2020' })).identifiers[0].value).toBe('DB50/T 1055—2020')
    expect((await preview({ 标准号: 'GB/T 1-2020 / DB50/T 1-2020' })).faults).toMatchObject([
      { column: '标准号', code: 'RULE_VIOLATED' },
    ])
  })

  test('[IMP-16] a level that contradicts the number is a fault, 市级 of a municipality is not', async () => {
    expect((await preview({ 级别: '国家标准' })).faults).toMatchObject([
      { line: 2, column: '级别', cell: 'E2', code: 'RULE_VIOLATED' },
    ])
    expect((await preview({ 级别: '国际标准' })).faults).toMatchObject([{ cell: 'E2', code: 'ROW_INVALID' }])
    expect((await preview({ 标准号: 'DB4103/T 152-2023', 级别: '市级地方标准' })).faults).toEqual([])
    expect(await preview({ 级别: '市级地方标准' })).toMatchObject({
      faults: [],
      warnings: [{ column: '级别', rule: 'IMP-16' }],
    })
    expect((await preview({ 标准号: 'DB51/T 2610-2019', 级别: '市级地方标准' })).faults).toHaveLength(1)
    expect((await preview({ 级别: '强制性地方标准' })).warnings).toMatchObject([{ rule: 'IMP-16' }])
  })

  test('[IMP-17] a missing or unknown class is a fault whose remedy names the seven', async () => {
    for (const 类别 of ['', '推标', '　']) {
      const [fault] = (await preview({ 类别 })).faults
      expect(fault).toMatchObject({ line: 2, column: '类别', cell: 'F2', code: 'ROW_INVALID' })
      expect(fault?.remedyZh).toContain(
        '基础通用、经费管理、资产管理、后勤服务、公共机构节能、信息化、监督评价',
      )
    }
  })

  test('[IMP-24] a standard is synthetic by number and title together, or it is a fault', async () => {
    const made = { 标准号: 'DB50/T 990001—2024', 标准名称: '会议服务规范(合成样例)' }
    expect(await draftOf(made)).toMatchObject({
      synthetic: true,
      credentialSubject: { titleZh: '会议服务规范（合成样例）' },
    })
    expect((await preview({ ...made, 标准名称: '会议服务规范' })).faults).toMatchObject([
      { column: '标准名称', code: 'RULE_VIOLATED' },
    ])
    expect((await preview({ ...made, 标准号: 'DB50/T 1055—2020' })).faults).toMatchObject([
      { column: '标准号', code: 'RULE_VIOLATED' },
    ])
    const production = await previewImport(csv(made), openOwnLog({ network: 'production' }))
    expect(production.faults).toMatchObject([{ code: 'SYNTHETIC_REFUSED', cell: 'C2' }])
  })

  test('[IMP-15] inverted dates stand as printed, with a warning', async () => {
    const cells = { 发布日期: '2019-10-25', 实施日期: '2019-01-01' }
    expect(await preview(cells)).toMatchObject({
      new: 1,
      faults: [],
      warnings: [{ rule: 'ST5', column: '实施日期', cell: 'H2', line: 2 }],
    })
    expect(await subjectOf(cells)).toMatchObject({ publishedOn: '2019-10-25', effectiveOn: '2019-01-01' })
  })

  test('[IMP-26] the state of the table is never taken: where the computed one differs, it is said', async () => {
    const cells = { 发布日期: '2020-11-01', 实施日期: '2021-02-01', 状态: '废止', 复审到期: '2030-01-01' }
    const { warnings } = await preview(cells)
    expect(warnings).toMatchObject([
      { column: '状态', cell: 'I2', rule: 'ST9' },
      { column: '复审到期', cell: 'O2', rule: 'ST9' },
    ])
    expect(warnings[0]?.zh).toContain('状态由系统计算：现行')
    expect(warnings[0]?.remedyZh).toBe('如已废止请另行发布废止事件')
    expect(JSON.stringify(await draftOf(cells))).not.toMatch(/废止|2030/)
    expect((await preview({ ...cells, 状态: '现行', 复审到期: '2025-11-01' })).warnings).toEqual([])
    expect((await preview({ ...cells, 状态: '=1', 复审到期: '待定' })).warnings).toHaveLength(2)
  })

  test('[IMP-26] of a standard that the node has, the state with its events is the computed one', async () => {
    const cells = { 发布日期: '2020-11-01', 实施日期: '2021-02-01', 状态: '废止' }
    const asked: string[] = []
    const log = openOwnLog({
      findStandard: async (digest) => {
        asked.push(digest)
        return { state: 'abolished' }
      },
    })
    const { receipts } = await commitImport(csv(cells), log)
    expect(asked).toEqual([])
    expect((await previewImport(csv(cells), log)).warnings).toEqual([])
    expect(asked).toEqual(receipts.map(({ digest }) => digest))
  })

  test('[IMP-20] what it replaces must be numbers, and not itself', async () => {
    expect((await preview({ 代替关系: '代替 某旧标准' })).faults).toMatchObject([
      { column: '代替关系', cell: 'J2', code: 'IDENTIFIER_INVALID' },
    ])
    expect((await preview({ 代替关系: '代替 DB50∕T1055－2020' })).faults).toMatchObject([
      { column: '代替关系', code: 'RULE_VIOLATED' },
    ])
    expect((await preview({ 代替关系: '被 DB50/T 1055—2025 代替' })).warnings).toMatchObject([
      { rule: 'ST9' },
    ])
  })

  test('[IMP-13] hostile cells are text, or a fault where they do not fit; none is evaluated', async () => {
    const formula = "=cmd|' /C calc'!A0"
    const fitting = await draftOf({ 标准名称: formula, 备注: '@SUM(1+1)', 归口单位: '+重庆' })
    expect(fitting.credentialSubject.titleZh).toBe(formula)
    expect(fitting.sourceNote.text).toBe('@SUM(1+1)')
    for (const column of ['标准号', '级别', '类别', '发布日期', '代替关系', 'ICS', 'CCS', '适用职能']) {
      for (const text of [formula, '-1+1', '@x', '__proto__', '{"$ne":1}', '<b>x</b>']) {
        const { faults } = await preview({ [column]: text })
        expect(faults).toMatchObject([{ line: 2, column }])
        expect(['ROW_INVALID', 'IDENTIFIER_INVALID']).toContain(faults[0]?.code)
      }
    }
    for (const column of header.split(',')) {
      for (const text of ['甲\u202e乙', '甲\u200b乙', '甲\u0007乙', '甲\ufeff乙']) {
        const { faults } = await preview({ [column]: text })
        expect(faults).toMatchObject([{ column, code: 'TEXT_FORBIDDEN_CHAR' }])
      }
    }
  })

  test('[IMP-12] what the schema alone refuses is a fault at the cell it came from', async () => {
    for (const [column, text] of [
      ['标准名称', '长'.repeat(301)],
      ['体系编号', '1'.repeat(61)],
      ['归口单位', '局'.repeat(201)],
      ['备注', '注'.repeat(2001)],
      ['CCS', Array.from({ length: 11 }, (_, n) => `A${10 + n}`).join('、')],
    ] as const) {
      expect((await preview({ [column]: text })).faults).toMatchObject([{ column, code: 'SCHEMA_INVALID' }])
    }
  })
})
