import { constants, existsSync } from 'node:fs'
import { access, chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { holdCeremony } from './ceremony.ts'
import { playEvidence } from './evidence.ts'
import { playExchange } from './exchange.ts'
import { type DemoPlace, layOutNetwork } from './network.ts'
import { playPair } from './pair.ts'
import { type DemoNode, startDemoNode } from './process.ts'
import { playRecognition } from './recognition.ts'
import { playRotation } from './rotation.ts'
import type { Setting } from './setting.ts'
import { playSplitView } from './split-view.ts'
import { createStage, type Stage } from './stage.ts'
import { prepareTwoFaced } from './two-faced.ts'

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
  const undo: (() => unknown)[] = []
  let ended = false
  const finish = async () => {
    if (ended) return
    ended = true
    await Promise.all(undo.map((step) => step()))
    await rm(scratch, { recursive: true, force: true })
  }
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
  })
  const stopped = interrupted.then(() => 'stopped' as const)
  stage.line('川渝机关事务标准互认交换网 · 演示 / Chuanyu Standards Exchange · demo')
  const running: DemoNode[] = []
  const outcome = await Promise.race([
    stopped,
    play(stage, { root, scratch, running, undo }).then(
      () => 'played' as const,
      () => 'failed' as const,
    ),
  ])
  if (outcome === 'played' && !once) {
    stage.line('\n四个节点继续运行，按 Ctrl-C 结束。 / All four nodes run on; Ctrl-C ends the demo.')
    for (const node of running) stage.line(`   ${node.url}/   (${node.name}, pid ${node.pid()})`)
    await interrupted
  }
  stage.line('\n正在停止… / stopping …')
  await finish()
  process.exit(stage.failed || (once && outcome !== 'played') ? 1 : 0)
}

interface Theatre {
  readonly root: string
  readonly scratch: string
  readonly running: DemoNode[]
  readonly undo: (() => unknown)[]
}

async function play(stage: Stage, theatre: Theatre): Promise<void> {
  const { root, scratch, undo } = theatre
  const twoFaced = await prepareTwoFaced(root, scratch, () => Date.now())
  undo.push(() => twoFaced.close())
  const cast = await stage.step(
    '四个节点各自生成密钥：两局、璧山、眉山',
    'four nodes make their keys: two bureaus and a pair of agencies',
    async (note) => {
      const laid = await layOutNetwork(root, scratch)
      for (const { zh, url } of laid.all) note(`${zh}  ${url}`)
      return laid
    },
  )
  const ceremony = await stage.step(
    '登记仪式：两局在各自的机器上看清改动、分别签名，共同发布登记册',
    'the ceremony: each bureau, on its own machine, sees what changes and signs; only both can publish',
    (note) => holdCeremony({ root, scratch, cast, twoFaced, note }),
  )
  await stage.step(
    '启动四个节点：只凭根的指纹，自行取得并核验登记册',
    'four nodes start: by the fingerprint alone, each fetches the registry and proves it',
    async (note) => {
      const { chongqing, sichuan, bishan, meishan } = cast
      await startAll(stage, [chongqing], theatre, ceremony.fingerprint)
      const sources = `${chongqing.url}/registry`
      await startAll(stage, [sichuan, bishan, meishan], theatre, ceremony.fingerprint, sources)
      for (const node of theatre.running) note(`${node.url}/  pid ${node.pid()}`)
    },
  )
  const setting: Setting = {
    stage,
    root,
    scratch,
    cast,
    nodes: theatre.running,
    ceremony,
    twoFaced,
    kept: await keepDirectory(root, scratch),
  }
  const receipt = await playExchange(setting)
  await playEvidence(setting, receipt)
  await playRotation(setting)
  await playPair(setting)
  await playRecognition(setting)
  await playSplitView(setting)
  stage.line('\n页面 / pages:')
  for (const { zh, url } of cast.all) stage.line(`   ${url}/   ${zh}`)
}

async function startAll(
  stage: Stage,
  places: readonly DemoPlace[],
  { root, running, undo }: Theatre,
  ...[fingerprint, sources = '']: readonly string[]
): Promise<void> {
  const onRestart = ({ name }: { name: string }, pid: number) =>
    stage.line(`   ${name}: 节点意外结束，已重新启动 / ended, started again (pid ${pid})`)
  const started = await Promise.all(
    places.map((place) =>
      startDemoNode(
        { ...place, settings: { CSX_REGISTRY_ROOT: fingerprint ?? '', CSX_REGISTRY_SOURCES: sources } },
        { root, pollSeconds: 1, onRestart },
      ),
    ),
  )
  running.push(...started)
  undo.push(...started.map((node) => () => node.stop()))
}

/** What is worth keeping stays after the demo, where the user can find it. */
async function keepDirectory(root: string, scratch: string): Promise<string> {
  const wanted = join(root, '.demo')
  return mkdir(wanted, { recursive: true })
    .then(() => access(wanted, constants.W_OK))
    .then(
      () => wanted,
      () => scratch,
    )
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
