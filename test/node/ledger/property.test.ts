import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columns } from '../../../node/ledger/column.ts'
import { commitImport, previewImport } from '../../../node/ledger/import.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { classes, type confidences, levels, matters } from '../../../protocol/record/vocabulary.ts'
import { csv, fixture, gbk, header, openOwnLog, quote, utf8, utf16 } from './own-log.ts'

/** As an export writes it: text that a spreadsheet would take for a formula, or that begins so already, gets an apostrophe. */
function exportTable(records: Iterable<{ readonly record: any }>): string {
  const rows = Array.from(records, ({ record: { credentialSubject: subject, sourceNote } }) => {
    const cells: Record<string, string | undefined> = {
      体系编号: subject.systemNo,
      标准号: subject.identifiers.map(({ value }: any) => value).join(' / '),
      标准名称: subject.titleZh,
      级别: levels[subject.level as keyof typeof levels].zh,
      类别: classes[subject.class as keyof typeof classes].zh,
      发布日期: subject.publishedOn,
      实施日期: subject.effectiveOn,
      代替关系: subject.replaces
        ?.map(({ value, extent }: any) => `${value}${extent === 'part' ? '（部分代替）' : ''}`)
        .join('、'),
      归口单位: subject.custodians?.map(({ nameZh }: any) => nameZh).join('、'),
      ICS: subject.ics?.join('、'),
      CCS: subject.ccs?.join('、'),
      适用职能: subject.matters?.map((name: keyof typeof matters) => matters[name].zh).join('、'),
      备注:
        sourceNote?.confidence === undefined
          ? sourceNote?.text
          : `来源:${sourceNote.text}; 置信:${letterOf(sourceNote.confidence)}`,
    }
    return columns.map((name) => quote(neutral(cells[name] ?? ''))).join(',')
  })
  return `\ufeff${[header, ...rows].join('\r\n')}\r\n`
}

function letterOf(confidence: keyof typeof confidences): string {
  return { high: 'H', medium: 'M', low: 'L' }[confidence]
}

function neutral(text: string): string {
  return /^[=+\-@'’＇]/.test(text) ? `'${text}` : text
}

const word = fc.constantFrom(
  '会议',
  '公务用车',
  '"十四五"',
  '服务, 保障',
  '=1+1',
  "'食堂",
  '@',
  '第１部分：',
  '管理；规范',
  '+86',
)
const text = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(''))
const date = fc
  .integer({ min: 0, max: 12_000 })
  .map((n) => new Date(n * 86_400_000 + 1e12 / 2).toISOString().slice(0, 10))
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: '' as const })
const labels = (table: Readonly<Record<string, { readonly zh: string }>>) =>
  Object.values(table).map(({ zh }) => zh)

const row = fc.record({
  标准号: fc
    .tuple(
      fc.constantFrom('GB/T ', 'GB', 'DB50/T', 'ｄｂ５１／ｔ　', 'DB4103/T ', 'T/GZPMA ', 'Q/JGSW-HQ '),
      fc.integer({ min: 1, max: 99_999 }),
      fc.constantFrom('-', '—', '－', '–'),
      fc.integer({ min: 1990, max: 2029 }),
    )
    .map((parts) => parts.join('')),
  标准名称: text,
  类别: fc.constantFrom(...labels(classes)),
  体系编号: some(text),
  发布日期: some(date),
  实施日期: some(date.map((day) => day.replace('-', '年').replace('-', '月').concat('日'))),
  代替关系: some(fc.constantFrom('代替 GB/T 1.1-2009', '部分代替 GB/T 1.2-2002、DB11/T 7—1990')),
  归口单位: some(fc.constantFrom('重庆市机关事务管理局', '甲局、乙局（原丙局、丁局）', '=甲局')),
  ICS: some(fc.constantFrom('03.080', '3.08', '01.040.03、27.010')),
  CCS: some(fc.constantFrom('A16', 'a 16', 'A00/09')),
  适用职能: some(fc.subarray(labels(matters), { minLength: 1 }).map((names) => names.join('、'))),
  备注: some(
    fc
      .tuple(fc.constantFrom('', '来源:', '说明:'), text, fc.constantFrom('', '; 置信:H', '；置信:低'))
      .map((parts) => parts.join('')),
  ),
})

async function answers(bytes: Uint8Array): Promise<void> {
  try {
    const { new: fresh, unchanged, revised, rows, faults } = await previewImport(bytes, openOwnLog())
    expect(unchanged + revised).toBe(0)
    expect(fresh < rows).toBe(fresh !== rows)
    if (fresh < rows) expect(faults).not.toEqual([])
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
  }
}

describe('any table', () => {
  test('[IMP-7] of any bytes is answered, or refused with a code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.constantFrom('', `${header}\n`), (bytes, top) =>
        answers(Uint8Array.from([...utf8(top), ...bytes])),
      ),
    )
  })

  test('[IMP-7] of any cells is answered, or refused with a code', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        '',
        '"',
        '\n',
        'GB/T 1-2020',
        '基础通用',
        '标准号',
        '__proto__',
        '=1',
        '20230129',
        '国标',
      ),
    )
    const table = fc.array(fc.array(cell, { maxLength: 18 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(',', ';', '\t'), fc.boolean(), (lines, delimiter, quoted) =>
        answers(
          utf8(
            [header.split(','), ...lines]
              .map((cells) => cells.map((value) => (quoted ? quote(value) : value)).join(delimiter))
              .join('\n'),
          ),
        ),
      ),
    )
  })

  test('[IMP-28] of sound rows is imported whole, and a row that repeats a number is at fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
        const log = openOwnLog()
        const answer = await previewImport(csv(...rows), log)
        expect(answer.new + answer.faults.length).toBe(rows.length)
        for (const fault of answer.faults)
          expect(fault).toMatchObject({ column: '标准号', code: 'RULE_VIOLATED' })
      }),
    )
  })
})

describe('an export', () => {
  const distinct = fc.uniqueArray(row, {
    maxLength: 10,
    selector: (cells) =>
      cells.标准号
        .normalize('NFKC')
        .replace(/[^\dA-Z]/gi, '')
        .toUpperCase(),
  })

  test('[IMP-27] read back says nothing new, in each encoding', async () => {
    await fc.assert(
      fc.asyncProperty(distinct, async (rows) => {
        const log = openOwnLog()
        await commitImport(csv(...rows), log)
        const table = exportTable(log.records.values())
        for (const bytes of [utf8(table), utf16(table.slice(1), 'le')]) {
          const { faults, unchanged } = await previewImport(bytes, log)
          expect(faults).toEqual([])
          expect(unchanged).toBe(rows.length)
        }
      }),
    )
  })

  test('[IMP-27] of the tables of both regions read back says nothing new, and into an empty node the same', async () => {
    for (const name of ['bishan', 'meishan'] as const) {
      const log = openOwnLog()
      const { rows } = await commitImport(fixture(name), log)
      const table = exportTable(log.records.values())
      expect(await previewImport(gbk(table.slice(1)), log)).toMatchObject({ unchanged: rows, faults: [] })
      const other = openOwnLog()
      await commitImport(utf8(table), other)
      expect(other.batches).toEqual(log.batches)
    }
  })
})

describe('20,000 rows', () => {
  test('[IMP-6] are previewed, in time that grows with the rows', async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => ({
      序号: String(n + 1),
      标准号: `DB50∕T ${n + 1}－2020`,
      标准名称: `机关事务管理第${n + 1}号服务规范`,
      级别: '省级地方标准',
      发布日期: '2020.11.1',
      实施日期: '2021年2月1日',
      状态: '现行',
      代替关系: `代替 DB50/T ${n + 1}—2012`,
      归口单位: '重庆市机关事务管理局',
      ICS: '03.080',
      CCS: 'A16',
      适用职能: '物业、食堂',
      备注: '来源:封面; 置信:H',
    }))
    const bytes = csv(...rows)
    const few = csv(...rows.slice(0, 2_000))
    await previewImport(few, openOwnLog())
    const [small, large] = [
      await cpuOf(() => previewImport(few, openOwnLog())),
      await cpuOf(() => previewImport(bytes, openOwnLog())),
    ]
    expect(large.answer).toMatchObject({ rows: 20_000, new: 20_000, faults: [], warnings: [] })
    // Ten times the rows; a quadratic reader would take a hundred times as long. Other jobs do not count.
    expect(large.cpu).toBeLessThan(30 * small.cpu + 1_000)
  })
})

async function cpuOf<T>(run: () => Promise<T>): Promise<{ readonly answer: T; readonly cpu: number }> {
  const before = process.cpuUsage()
  const answer = await run()
  const { user, system } = process.cpuUsage(before)
  return { answer, cpu: (user + system) / 1000 }
}
