import { constants, existsSync } from 'node:fs'
import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { canonicalKey, parseStandardNumber } from '../../protocol/identifier/standard-number.ts'
import { isJsonObject } from '../../protocol/json-value.ts'
import { ask, countStandards, hasRecord, publish, type Receipt } from './client.ts'
import { addHeadings } from './heading.ts'
import { type DemoPlace, layOutNetwork } from './network.ts'
import { type DemoNode, runCsx, startDemoNode } from './process.ts'
import { createStage, formatTime, type Stage } from './stage.ts'

/** The package, whether this runs from the sources or from `dist`. */
function packageRoot(from = dirname(fileURLToPath(import.meta.url))): string {
  if (existsSync(join(from, 'package.json')) && existsSync(join(from, 'fixtures'))) return from
  const above = dirname(from)
  if (above === from) throw new Error('the package is not whole')
  return packageRoot(above)
}

async function main(): Promise<void> {
  const once = process.argv.includes('--once')
  const root = packageRoot()
  const stage = createStage(
    (text) => process.stdout.write(text),
    () => performance.now(),
  )
  const scratch = await mkdtemp(join(tmpdir(), 'csx-demo-'))
  // Started by root, the databases run as another user, who must get through to their own directories.
  await chmod(scratch, 0o711)
  const running: DemoNode[] = []
  let ended = false
  const finish = async () => {
    if (ended) return
    ended = true
    await Promise.all(running.map((node) => node.stop()))
    await rm(scratch, { recursive: true, force: true })
  }
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
  })
  const stopped = interrupted.then(() => 'stopped' as const)
  stage.line('川渝机关事务标准互认交换网 · 演示 / Chuanyu Standards Exchange · demo')
  const outcome = await Promise.race([
    stopped,
    play(stage, { root, scratch, running }).then(
      () => 'played' as const,
      () => 'failed' as const,
    ),
  ])
  if (outcome === 'played' && !once) {
    stage.line('\n两个节点继续运行，按 Ctrl-C 结束。 / Both nodes run on; Ctrl-C ends the demo.')
    for (const node of running) stage.line(`   ${node.url}/   (${node.name}, pid ${node.pid()})`)
    await interrupted
  }
  stage.line('\n正在停止… / stopping …')
  await finish()
  process.exit(stage.failed || (once && outcome !== 'played') ? 1 : 0)
}

interface Setting {
  readonly root: string
  readonly scratch: string
  readonly running: DemoNode[]
}

async function play(stage: Stage, { root, scratch, running }: Setting): Promise<void> {
  const places = await stage.step(
    '生成两个节点的密钥与信任文件',
    'keys of two nodes and the trust file both hold',
    async (note) => {
      const laid = await layOutNetwork(root, scratch)
      for (const { zh, url } of laid) note(`${zh}  ${url}`)
      return laid
    },
  )
  const [bishan, meishan] = places
  if (!bishan || !meishan) throw new Error('two nodes were expected')
  await stage.step(
    '启动两个节点：各自的进程、数据库、密钥',
    'two nodes start: each its own process, database and keys',
    async (note) => {
      const onRestart = ({ name }: { name: string }, pid: number) =>
        stage.line(`   ${name}: 节点意外结束，已重新启动 / ended, started again (pid ${pid})`)
      running.push(
        ...(await Promise.all(
          places.map((place) => startDemoNode(place, { root, pollSeconds: 0.5, onRestart })),
        )),
      )
      for (const node of running) note(`${node.url}/  pid ${node.pid()}`)
    },
  )
  const counts = await stage.step(
    '导入标准明细表（CSV）：先预览，再全部写入',
    'import of the tables: preview, then all or nothing',
    async (note) => {
      const imported: number[] = []
      for (const place of places) imported.push(await importTable(root, place, note))
      return imported
    },
  )
  const total = counts.reduce((sum, count) => sum + count, 0)
  await stage.step(
    '两个节点相互关注、核验、取得对方的标准',
    'each follows the other and verifies everything it takes',
    async (note) => {
      await until(
        async () => (await Promise.all(places.map(countStandards))).every((count) => count === total),
        30_000,
      )
      note(`两边各有 ${total} 项标准 / ${total} standards on both sides`)
    },
  )
  await stage.step(
    '按目次补录已知的章标题：新记录修订旧记录',
    'headings known from a table of contents are added: a new record revises the old one',
    (note) => addHeadings(root, bishan, note),
  )
  const receipt = await stage.step(
    '运行中再发布一项，看它到达对方',
    'one more is published while they run, and arrives',
    async (note) => {
      const published = await publish(bishan, oneMore())
      const begun = performance.now()
      await until(() => hasRecord(meishan, published.digest), 15_000)
      note(
        `第 ${published.index} 条，${formatTime(performance.now() - begun)} 后眉山可见 / entry ${published.index}, visible at the other node after ${formatTime(performance.now() - begun)}`,
      )
      return published
    },
  )
  await showEvidence(stage, { root, scratch, bishan, receipt })
  stage.line('\n页面 / pages:')
  for (const { zh, url } of places) stage.line(`   ${url}/   ${zh}`)
}

/** @returns how many standards were published */
async function importTable(root: string, place: DemoPlace, note: (text: string) => void): Promise<number> {
  const bytes = await readFile(join(root, 'fixtures/region', place.table))
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

function oneMore(): object {
  const value = 'DB50/T 990777—2026'
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

interface Evidence {
  readonly root: string
  readonly scratch: string
  readonly bishan: DemoPlace
  readonly receipt: Receipt
}

async function showEvidence(stage: Stage, { root, scratch, bishan, receipt }: Evidence): Promise<void> {
  const elsewhere = join(scratch, 'reviewer')
  const kept = await keepDirectory(root, scratch)
  const [bundle, trust] = [join(kept, 'bundle.csx.json'), join(kept, 'trust.json')]
  await stage.step(
    '取得证据包，在一个从未见过节点的目录中离线核验',
    'a bundle is written and verified offline, in a folder that never saw the nodes',
    async (note) => {
      await mkdir(elsewhere, { recursive: true })
      await writeFile(trust, await readFile(join(scratch, 'trust.json')))
      const gathered = await runCsx(
        root,
        ['bundle', receipt.digest, '--node', bishan.url, '-o', bundle],
        elsewhere,
      )
      if (gathered.code !== 0) throw new Error(gathered.out.trim())
      const { code, out } = await runCsx(root, ['verify', bundle, '--trust', trust], elsewhere)
      for (const text of out.trimEnd().split('\n')) note(text)
      if (code !== 0) throw new Error(`csx verify ended with ${code}`)
      note(`证据包 / bundle: ${bundle}`)
    },
  )
  await stage.step(
    '改动一个字节，再核验：应当被拒绝',
    'one byte is altered: it must be refused',
    async (note) => {
      const altered = join(elsewhere, 'altered.csx.json')
      const text = await readFile(bundle, 'utf8')
      await writeFile(altered, text.replace('"effectiveOn":"2026-02-01"', '"effectiveOn":"2026-02-02"'))
      const { code, out } = await runCsx(root, ['verify', altered, '--trust', trust], elsewhere)
      for (const line of out
        .trimEnd()
        .split('\n')
        .filter((entry) => /✗|→|:.*(?:rejected|拒绝)/.test(entry))
        .slice(0, 12))
        note(line)
      if (code !== 1) throw new Error(`an altered bundle ended with ${code} instead of 1`)
      note('退出码 1：证明已被改动 / exit 1: proven to be altered')
    },
  )
}

/** The bundle stays after the demo, where the user can find it. */
async function keepDirectory(root: string, scratch: string): Promise<string> {
  const wanted = join(root, '.demo')
  return mkdir(wanted, { recursive: true })
    .then(() => access(wanted, constants.W_OK))
    .then(
      () => wanted,
      () => scratch,
    )
}

async function until(reached: () => Promise<boolean>, patience: number): Promise<void> {
  const end = performance.now() + patience
  while (!(await reached())) {
    if (performance.now() > end) throw new Error(`not reached within ${formatTime(patience)}`)
    await sleep(25)
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
