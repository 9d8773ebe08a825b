import { describe, expect, test } from 'vitest'
import { commitImport, previewImport } from '../../../node/ledger/import.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { messageOf } from '../../../protocol/message.ts'
import { csv, fixture, gbk, header, openOwnLog, utf8, utf16 } from './own-log.ts'

type Cells = Readonly<Record<string, string>>

async function preview(...rows: readonly Cells[]) {
  return previewImport(csv(...rows), openOwnLog())
}

async function problem(run: Promise<unknown>): Promise<ProtocolError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ProtocolError)) throw new Error('not refused', { cause: error })
  return error
}

describe('the tables of both regions', () => {
  test('[IMP-1] are previewed without a fault and imported whole', async () => {
    for (const [name, rows] of [
      ['bishan', 18],
      ['meishan', 8],
    ] as const) {
      const log = openOwnLog()
      const answer = await previewImport(fixture(name), log)
      expect(answer).toMatchObject({ mode: 'preview', rows, new: rows, unchanged: 0, revised: 0, faults: [] })
      expect(log.batches).toEqual([])
      const receipt = await commitImport(fixture(name), log)
      expect(receipt).toMatchObject({ mode: 'commit', rows, new: rows })
      expect(receipt.receipts).toHaveLength(rows)
      expect(log.batches).toHaveLength(1)
    }
  })

  test('[IMP-3] say the same in GBK and UTF-16', async () => {
    for (const name of ['bishan', 'meishan'] as const) {
      const text = new TextDecoder().decode(fixture(name))
      const drafts: unknown[] = []
      for (const bytes of [fixture(name), gbk(text), utf16(text, 'le'), utf16(text, 'be')]) {
        const log = openOwnLog()
        await commitImport(bytes, log)
        drafts.push(log.batches)
      }
      expect(new Set(drafts.map((batch) => JSON.stringify(batch))).size).toBe(1)
    }
  })

  test('[IMP-27] a second import of the same table publishes nothing', async () => {
    const log = openOwnLog()
    await commitImport(fixture('bishan'), log)
    const again = await commitImport(fixture('bishan'), log)
    expect(again).toMatchObject({ new: 0, unchanged: 18, revised: 0, receipts: [] })
    expect(log.batches).toHaveLength(1)
  })
})

describe('faults', () => {
  test('[IMP-2] each says line, column, cell, code, and in two languages what is wrong and what to do', async () => {
    const text = `璧山区明细表\n${header}\n1,,"GB/T\n41568—2022",机关事务管理 术语,国标,基础通用,,,,,,,,,,\n2,,,会议服务规范,,其他,29/1/2023,,,,,,,,,`
    const { faults, rows } = await previewImport(utf8(text), openOwnLog())
    expect(rows).toBe(2)
    expect(faults.map(({ line, column, cell, code }) => [line, column, cell, code])).toEqual([
      [5, '标准号', 'C4', 'ROW_INVALID'],
      [5, '类别', 'F4', 'ROW_INVALID'],
      [5, '发布日期', 'G4', 'ROW_INVALID'],
    ])
    for (const fault of faults) {
      for (const words of [fault.zh, fault.en, fault.remedyZh, fault.remedyEn]) expect(words).not.toBe('')
      expect(fault.remedyZh).not.toBe(messageOf('ROW_INVALID').remedyZh)
    }
  })

  test('[IMP-10] of a table without a required column only the header is at fault', async () => {
    const answer = await previewImport(utf8('标准号,标准名称\nGB/T 1-2020,甲\n坏号,乙'), openOwnLog())
    expect(answer).toMatchObject({ rows: 2, new: 0, faults: [{ column: '类别', cell: 'A1' }] })
  })

  test('[IMP-28] the same number twice in a file is a fault on the second row, which names the first', async () => {
    const { faults } = await preview(
      { 标准号: 'DB50/T 1055—2020' },
      { 标准号: 'DB50/T 1056—2020' },
      { 标准号: 'db50∕t1055－2020' },
    )
    expect(faults).toMatchObject([{ line: 4, column: '标准号', cell: 'C4', code: 'RULE_VIOLATED' }])
    expect(faults[0]?.zh).toContain('第2行')
  })

  test('[IMP-31] at most 500 faults are listed, and how many more there are', async () => {
    const rows = Array.from({ length: 612 }, (_, n) => ({ 标准号: `DB50/T ${n + 1}—2020`, 类别: '' }))
    const answer = await preview(...rows)
    expect(answer.faults).toHaveLength(500)
    expect(answer.omitted).toEqual({ faults: 112, warnings: 0 })
  })
})

describe('commit', () => {
  test('[IMP-32] with any fault nothing is handed on, and all faults come back', async () => {
    const log = openOwnLog()
    const error = await problem(commitImport(csv({}, { 标准号: 'DB50/T 1056—2020', 类别: '' }), log))
    expect(error.code).toBe('ROW_INVALID')
    expect(error.place.cell).toBe('F3')
    expect(error.evidence.faults).toMatchObject([{ line: 3, column: '类别' }])
    expect(log.batches).toEqual([])
  })

  test('[IMP-32] new and revised rows are handed on in one call, in the order of the file', async () => {
    const log = openOwnLog()
    const row = (n: number, cells: Cells = {}) => ({ 标准号: `DB50/T ${n}—2020`, ...cells })
    await commitImport(csv(row(1), row(2), row(3)), log)
    const answer = await commitImport(csv(row(4), row(2), row(3, { ICS: '03.080' }), row(1), row(5)), log)
    expect(answer).toMatchObject({ rows: 5, new: 2, unchanged: 2, revised: 1 })
    expect(log.batches).toHaveLength(2)
    expect(log.batches[1]?.map((draft: any) => draft.credentialSubject.identifiers[0].canonicalKey)).toEqual([
      'DB50/T 4-2020',
      'DB50/T 3-2020',
      'DB50/T 5-2020',
    ])
    expect(answer.receipts).toHaveLength(3)
  })

  test('[IMP-33] a refusal by the log is told at the cell of the row it is about', async () => {
    const log = openOwnLog({
      publish: async () => {
        throw new ProtocolError('VERSION_CONFLICT', 'already revised', {
          place: { pointer: '/records/1/credentialSubject/titleZh' },
        })
      },
    })
    const error = await problem(commitImport(csv({}, { 标准号: 'DB50/T 1056—2020' }), log))
    expect(error.code).toBe('VERSION_CONFLICT')
    expect(error.place).toEqual({ pointer: '/records/1/credentialSubject/titleZh', cell: 'D3' })
    expect(error.evidence.faults).toMatchObject([{ line: 3, column: '标准名称', code: 'VERSION_CONFLICT' }])
    const outage = openOwnLog({
      publish: async () => {
        throw new ProtocolError('STORAGE_FULL', 'no space')
      },
    })
    expect(await problem(commitImport(csv({}), outage))).toMatchObject({ code: 'STORAGE_FULL', place: {} })
  })
})

describe('again', () => {
  test('[IMP-27] other spellings of the same facts are unchanged', async () => {
    const log = openOwnLog()
    await commitImport(
      csv({ 标准号: 'DB50/T 1055-2020', 发布日期: '2020-11-01', ICS: '35.240', 归口单位: '甲局、乙局' }),
      log,
    )
    const answer = await commitImport(
      csv({
        标准号: 'db50∕T1055－2020',
        发布日期: '2020年11月1日',
        ICS: '35.24',
        归口单位: '甲局；乙局',
        级别: '地标',
      }),
      log,
    )
    expect(answer).toMatchObject({ new: 0, unchanged: 1, revised: 0 })
  })

  test('[IMP-29] other facts make a revision that names what it revises', async () => {
    const log = openOwnLog()
    const { receipts } = await commitImport(csv({ 备注: '来源:封面' }), log)
    for (const cells of [
      { 标准名称: '公务用车平台管理规范' },
      { 备注: '来源:官网' },
      { 类别: '后勤服务' },
      { 实施日期: '2021-02-01' },
    ]) {
      const fresh = openOwnLog({ findOwnByKeys: (keys) => log.findOwnByKeys(keys) })
      const answer = await commitImport(csv({ 备注: '来源:封面', ...cells }), fresh)
      expect(answer).toMatchObject({ new: 0, unchanged: 0, revised: 1 })
      expect(fresh.batches[0]?.[0]).toMatchObject({ revisionOf: receipts[0] })
    }
    expect(await commitImport(csv({ 标准名称: '甲', 备注: '来源:封面' }), log)).toMatchObject({ revised: 1 })
    expect(await commitImport(csv({ 标准名称: '甲', 备注: '来源:封面' }), log)).toMatchObject({
      unchanged: 1,
    })
  })

  test('[IMP-30] what no column says is kept: clauses, English title, codes of a party, a better kind', async () => {
    const log = openOwnLog()
    const [id] = ['https://localhost:7401/id/00000000-0000-4000-8000-000000000000']
    await commitImport(csv({ 归口单位: '重庆市机关事务管理局', 体系编号: 'TX1', ICS: '35.240' }), log)
    const stored = log.records.get(id!)
    Object.assign(stored.record.credentialSubject, {
      titleEn: 'Management of the vehicle platform',
      documentKind: 'guide',
      clauses: [{ uid: 'c4-1', locator: '4.1', heading: '一般要求' }],
      custodians: [{ nameZh: '重庆市机关事务管理局', divisionCode: '500000' }],
    })
    stored.record.sourceNote = { text: '原文: 旧写法' }
    expect(
      await commitImport(csv({ 归口单位: '重庆市机关事务管理局', 体系编号: 'TX1', ICS: '35.240' }), log),
    ).toMatchObject({ unchanged: 1 })
    await commitImport(
      utf8('标准号,标准名称,类别,ICS\nDB50/T 1055-2020,公务用车信息化平台管理规范,后勤服务,'),
      log,
    )
    expect(log.batches[1]?.[0]).toMatchObject({
      sourceNote: { text: '原文: 旧写法' },
      credentialSubject: {
        class: 'logistics',
        systemNo: 'TX1',
        titleEn: 'Management of the vehicle platform',
        documentKind: 'guide',
        clauses: [{ uid: 'c4-1' }],
        custodians: [{ divisionCode: '500000' }],
      },
    })
    expect(log.batches[1]?.[0]?.credentialSubject).not.toHaveProperty('ics')
  })

  test('[IMP-28] two rows cannot revise one record, nor one row two', async () => {
    const joint = openOwnLog()
    await commitImport(csv({ 标准号: 'DB50/T 10004—2023 / DB51/T 10004—2023' }), joint)
    const split = csv({ 标准号: 'DB50/T 10004—2023' }, { 标准号: 'DB51/T 10004—2023' })
    expect((await previewImport(split, joint)).faults).toMatchObject([{ line: 3, code: 'RULE_VIOLATED' }])
    const apart = openOwnLog()
    await commitImport(split, apart)
    expect(
      (await previewImport(csv({ 标准号: 'DB50/T 10004—2023 / DB51/T 10004—2023' }), apart)).faults,
    ).toMatchObject([{ line: 2, column: '标准号', code: 'RULE_VIOLATED' }])
  })
})
