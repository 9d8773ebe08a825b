#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { ProtocolError } from '../protocol/error.ts'
import { messageOf } from '../protocol/message.ts'
import { startNode } from './app.ts'
import { readConfig, type SettingFault } from './config.ts'
import { createLogger, type Deps } from './deps.ts'

/** `csx-node`: starts by the environment alone, stops in order on SIGTERM and SIGINT. */
async function main(): Promise<void> {
  const config = readConfig()
  const deps: Deps = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    logger: createLogger(config.logLevel),
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

main().catch(fail)
