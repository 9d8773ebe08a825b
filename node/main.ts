#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { type ProblemCode, ProtocolError } from '../protocol/error.ts'
import { messageOf } from '../protocol/message.ts'
import { startNode } from './app.ts'
import { readConfig, type SettingFault } from './config.ts'
import { createLogger, type Deps } from './deps.ts'
import { parseFsck, runFsck } from './fsck.ts'

const usage = `用法 / usage: csx-node [fsck [--repair [SOURCE]]…]

  （无参数 / without arguments）  启动节点 / start the node
  fsck                          由存储的字节重算全部日志 / recompute every log from stored bytes
  fsck --repair [SOURCE]…       修复损坏，所缺取自 SOURCE：成员地址、日志或镜像的 URL，或目录；不写则依次询问各成员
                                mend what is damaged, from SOURCE: a member's address, the URL of a log or mirror, or a
                                directory; without one, every member is asked in turn

设置全部来自环境变量，见 README。 / All settings come from the environment; see the README.
`

/** `csx-node`: starts by the environment alone, stops in order on SIGTERM and SIGINT. */
async function main(): Promise<void> {
  const [command, ...rest] = process.argv.slice(2)
  if (command === '--help' || command === '-h') {
    process.stdout.write(usage)
    return
  }
  const fsck = command === 'fsck' ? parseFsck(rest) : undefined
  if (command !== undefined && !fsck) {
    process.stderr.write(usage)
    process.exitCode = 2
    return
  }
  const config = readConfig()
  const deps: Deps = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    logger: createLogger(config.logLevel),
  }
  if (fsck) {
    process.exitCode = await runFsck(fsck, config, deps)
    return
  }
  let stopping = false
  // The next epoch opens by the path of every start.
  const reopen = async () => {
    await node.stop()
    if (!stopping) node = await startNode(config, deps, onNextEpoch)
  }
  const onNextEpoch = () => void reopen().catch(fail)
  let node = await startNode(config, deps, onNextEpoch)
  const stop = (reason: string) => {
    if (stopping) return
    stopping = true
    deps.logger.info({ reason }, 'stopping')
    // Whatever hangs must not keep a stopped node alive for ever.
    setTimeout(() => process.exit(1), 20_000).unref()
    void node.stop().then(() => {
      deps.logger.info('stopped')
      process.exit(0)
    })
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  if (config.stopWithParent) process.stdin.on('end', () => stop('the parent process is gone')).resume()
}

function fail(error: unknown): void {
  const lines =
    error instanceof ProtocolError
      ? describe(error)
      : [`INTERNAL: ${error instanceof Error ? error.message : String(error)}`]
  for (const line of lines) process.stderr.write(`${line}\n`)
  process.exitCode = error instanceof ProtocolError && usageCodes.has(error.code) ? 2 : 1
}

/** What the operator must say otherwise. */
const usageCodes: ReadonlySet<ProblemCode> = new Set(['CONFIG_INVALID', 'USAGE_INVALID', 'ADDRESS_FORBIDDEN'])

/** What does not fit here is in the node's own store, and what is done about a stranger's file helps nobody. */
const storeRemedy =
  '节点未启动，未签署任何内容；请执行 csx-node fsck 查明损坏，再执行 csx-node fsck --repair 修复 / nothing was signed; see what is damaged with csx-node fsck, then mend it with csx-node fsck --repair'

function describe(error: ProtocolError): readonly string[] {
  const { zh, en, remedyZh, remedyEn } = messageOf(error.code)
  const head = [`${error.code}: ${zh} / ${en}`]
  const { faults } = error.evidence
  if (isFaults(faults))
    return [
      ...head,
      ...faults.map(({ variable, problem, remedy }) => `  ${variable}: ${problem}\n    → ${remedy}`),
    ]
  const remedy = error.code === 'LEAF_MISMATCH' ? storeRemedy : `${remedyZh} / ${remedyEn}`
  return [...head, `  ${error.message}`, `  → ${remedy}`]
}

function isFaults(value: unknown): value is readonly SettingFault[] {
  return Array.isArray(value)
}

/**
 * V8 lets the heap of a busy thread grow with the machine's memory: its nursery to 128 MiB here, the rest to several times what is
 * in use. With the nursery as large as a start makes it, and the rest collected sooner, a sync of any length stays within the memory
 * of its beginning.
 */
function boundHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=80')
}

boundHeap()
main().catch(fail)
