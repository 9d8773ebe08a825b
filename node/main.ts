#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { ProtocolError } from '../protocol/error.ts'
import { messageOf } from '../protocol/message.ts'
import { startNode } from './app.ts'
import { checkStore } from './check-store.ts'
import { type Config, readConfig, type SettingFault } from './config.ts'
import { createLogger, type Deps } from './deps.ts'

const usage = `用法 / usage: csx-node [fsck]

  （无参数 / without arguments）  启动节点 / start the node
  fsck                          由存储的字节重算全部日志 / recompute every log from stored bytes

设置全部来自环境变量，见 README。 / All settings come from the environment; see the README.
`

/** `csx-node`: starts by the environment alone, stops in order on SIGTERM and SIGINT. */
async function main(): Promise<void> {
  const [command, ...rest] = process.argv.slice(2)
  if (command === '--help' || command === '-h') {
    process.stdout.write(usage)
    return
  }
  if (rest.length > 0 || (command !== undefined && command !== 'fsck')) {
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
  if (command === 'fsck') {
    await fsck(config, deps)
    return
  }
  const node = await startNode(config, deps)
  let stopping = false
  const stop = (reason: string) => {
    if (stopping) return
    stopping = true
    deps.logger.info({ reason }, 'stopping')
    // Whatever hangs must not keep a stopped node alive for ever.
    setTimeout(() => process.exit(1), 20_000).unref()
    void node.stop().then(() => process.exit(0))
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  if (config.stopWithParent) process.stdin.on('end', () => stop('the parent process is gone')).resume()
}

/** Exit 0: whole; 1: faults, each with its first index. */
async function fsck(config: Config, deps: Deps): Promise<void> {
  const quiet: Deps = { ...deps, logger: createLogger('silent') }
  let told = deps.monotonic()
  const reports = await checkStore(config, quiet, (origin, done, size) => {
    if (deps.monotonic() - told < 1_000) return
    told = deps.monotonic()
    process.stderr.write(`… ${origin} ${done}/${size}\n`)
  })
  for (const { origin, size, root, checkpointSize, faults } of reports) {
    const whole = faults.length === 0
    process.stdout.write(
      `${whole ? '✓' : '✗'} ${origin}  size ${size}, signed ${checkpointSize}, root ${root}\n`,
    )
    for (const { index, part, code, detail } of faults)
      process.stdout.write(`  ${code} ${part} ${index}: ${messageOf(code).zh} / ${detail}\n`)
    if (!whole) process.exitCode = 1
  }
}

function fail(error: unknown): void {
  const lines =
    error instanceof ProtocolError
      ? describe(error)
      : [`INTERNAL: ${error instanceof Error ? error.message : String(error)}`]
  for (const line of lines) process.stderr.write(`${line}\n`)
  process.exitCode = error instanceof ProtocolError && error.code === 'CONFIG_INVALID' ? 2 : 1
}

function describe(error: ProtocolError): readonly string[] {
  const { zh, en, remedyZh, remedyEn } = messageOf(error.code)
  const head = [`${error.code}: ${zh} / ${en}`]
  const { faults } = error.evidence
  if (isFaults(faults))
    return [
      ...head,
      ...faults.map(({ variable, problem, remedy }) => `  ${variable}: ${problem}\n    → ${remedy}`),
    ]
  return [...head, `  ${error.message}`, `  → ${remedyZh} / ${remedyEn}`]
}

function isFaults(value: unknown): value is readonly SettingFault[] {
  return Array.isArray(value)
}

/**
 * A busy thread lets its heap grow to several times what is in use. With these it is collected sooner, and a sync of any length
 * stays within the memory of its beginning, for some percent of its speed.
 */
function boundHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=40')
}

boundHeap()
main().catch(fail)
