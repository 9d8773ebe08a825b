import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalKey, parseStandardNumber } from '../../protocol/identifier/standard-number.ts'
import { isJsonObject } from '../../protocol/json-value.ts'
import { ask, countStandards, hasRecord, publish, type Receipt } from './client.ts'
import { addHeadings } from './heading.ts'
import type { DemoPlace } from './network.ts'
import { type Setting, until } from './setting.ts'
import { formatTime } from './stage.ts'

/** Two agencies publish what they have, follow each other, and one of them publishes one more. @returns its receipt */
export async function playExchange({ stage, root, cast }: Setting): Promise<Receipt> {
  const { bishan, meishan } = cast
  const agencies = [bishan, meishan]
  const counts = await stage.step(
    '导入标准明细表（CSV）：先预览，再全部写入',
    'import of the tables: preview, then all or nothing',
    async (note) => {
      const imported: number[] = []
      for (const place of agencies) imported.push(await importTable(root, place, note))
      return imported
    },
  )
  const total = counts.reduce((sum, count) => sum + count, 0)
  await stage.step(
    '各节点相互关注、核验、取得对方的标准；两局为每个检查点见证',
    'each follows the others and verifies what it takes; both bureaus witness every checkpoint',
    async (note) => {
      await until(
        async () => (await Promise.all(cast.all.map(countStandards))).every((count) => count === total),
        30_000,
      )
      note(`四个节点各有 ${total} 项标准 / ${total} standards at all four`)
      await until(async () => (await loggedIn(bishan)) === 2, 30_000)
      note(
        '登记册第1版已记入两局的日志并得到见证 / version 1 of the registry stands, witnessed, in both bureaus’ logs',
      )
    },
  )
  await stage.step(
    '按目次补录已知的章标题：新记录修订旧记录',
    'headings known from a table of contents are added: a new record revises the old one',
    (note) => addHeadings(root, bishan, note),
  )
  return stage.step(
    '运行中再发布一项，看它到达对方，并得到两局见证',
    'one more is published, arrives at the pair, and is cosigned by both bureaus',
    async (note) => {
      const published = await publish(bishan, oneMore('DB50/T 990777—2026'))
      const begun = performance.now()
      await until(() => hasRecord(meishan, published.digest), 15_000)
      note(
        `第 ${published.index} 条，${formatTime(performance.now() - begun)} 后眉山可见 / entry ${published.index}, visible at the other node after ${formatTime(performance.now() - begun)}`,
      )
      await untilWitnessed(bishan, published.index)
      note(
        `${formatTime(performance.now() - begun)} 后已有两局见证签名 / cosigned by both bureaus after ${formatTime(performance.now() - begun)}`,
      )
      return published
    },
  )
}

/** In how many bureaus' logs the registry is proven to stand. */
async function loggedIn(place: DemoPlace): Promise<number> {
  const { logged } = await ask(place, '/api/v1/registry/chain')
  return Array.isArray(logged) ? logged.length : 0
}

/** The note with the quorum covers the entry. */
export async function untilWitnessed({ url }: DemoPlace, index: number): Promise<void> {
  await until(async () => {
    const response = await fetch(`${url}/log/1/witnessed`)
    return response.ok && Number((await response.text()).split('\n')[1]) > index
  }, 20_000)
}

/** @returns how many standards were published */
async function importTable(root: string, place: DemoPlace, note: (text: string) => void): Promise<number> {
  const bytes = await readFile(join(root, 'fixtures/region', place.table ?? ''))
  const send = (mode: string) =>
    ask(place, `/api/v1/imports?mode=${mode}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: new Uint8Array(bytes),
    })
  const preview = await send('preview')
  const warnings = Array.isArray(preview.warnings) ? preview.warnings : []
  note(
    `${place.table}: ${String(preview.rows)} 行，新 ${String(preview.new)}，问题 ${count(preview.faults)}，提示 ${warnings.length} / ${String(preview.rows)} rows, ${String(preview.new)} new, ${count(preview.faults)} faults, ${warnings.length} warnings`,
  )
  for (const warning of warnings.filter((entry) => isJsonObject(entry) && entry.rule === 'ST5'))
    if (isJsonObject(warning)) note(`  提示 ${String(warning.cell)}: ${String(warning.zh)}`)
  const done = await send('commit')
  const again = await send('commit')
  note(
    `  已写入 ${count(done.receipts)} 项；再导入一次：新 ${String(again.new)}，未变 ${String(again.unchanged)} / ${count(done.receipts)} published; again: ${String(again.new)} new, ${String(again.unchanged)} unchanged`,
  )
  return count(done.receipts)
}

function count(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}

/** A standard of the demo alone. */
export function oneMore(value: string): object {
  return {
    type: 'StandardRecord',
    tier: 'public',
    synthetic: true,
    sourceNote: { text: '合成样例，演示中临时发布', confidence: 'high' },
    credentialSubject: {
      identifiers: [{ scheme: 'DB-P', value, canonicalKey: canonicalKey(parseStandardNumber(value)) }],
      titleZh: '机关会议服务规范（合成样例）',
      level: 'provincial',
      mandate: 'recommended',
      documentKind: 'specification',
      class: 'logistics',
      matters: ['meetings'],
      publishedOn: '2026-01-05',
      effectiveOn: '2026-02-01',
    },
  }
}
