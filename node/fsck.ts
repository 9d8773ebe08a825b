import { ProtocolError } from '../protocol/error.ts'
import { messageOf } from '../protocol/message.ts'
import type { BlobRepair } from './admin/blob-check.ts'
import type { FsckReport } from './admin/fsck.ts'
import type { HealReport } from './admin/heal.ts'
import type { RepairReport } from './admin/repair.ts'
import {
  checkStore,
  type OnProgress,
  repairStore,
  type StoreRepair,
  type StoreReport,
} from './check-store.ts'
import type { Config } from './config.ts'
import { createLogger, type Deps } from './deps.ts'

export interface FsckCommand {
  readonly repair: boolean
  readonly sources: readonly string[]
}

/** `[--repair [SOURCE]]…`; `undefined`: not a use of this command. */
export function parseFsck(args: readonly string[]): FsckCommand | undefined {
  const sources: string[] = []
  for (const [i, arg] of args.entries()) {
    if (arg === '--repair') continue
    if (args[i - 1] !== '--repair' || arg.startsWith('-')) return undefined
    sources.push(arg)
  }
  return { repair: args.length > 0, sources }
}

/**
 * Prints what is damaged, what was mended from where, what is left, and the verdict last.
 *
 * @returns 0 whole, 1 damaged
 * @see spec/durability.md, DUR-35
 */
export async function runFsck(command: FsckCommand, config: Config, deps: Deps): Promise<number> {
  const quiet: Deps = { ...deps, logger: createLogger('silent') }
  const onProgress = createProgress(deps)
  if (!command.repair) return conclude(await checkStore(config, quiet, onProgress), verdicts.damaged)
  const { repairs, files, healed, after } = await repairStore(config, quiet, {
    given: command.sources,
    onProgress,
  })
  for (const repair of repairs) printRepair(repair)
  for (const file of files) printFileRepair(file)
  for (const report of healed?.healed ?? []) printHealed(report)
  return conclude(after, verdicts.left)
}

const verdicts = {
  whole: '完好 / whole',
  damaged: '有损坏；请执行 csx-node fsck --repair 修复 / damaged; mend it with csx-node fsck --repair',
  left: '仍有损坏；请换一个来源再次执行 / still damaged; run it again with another source',
} as const

function conclude({ logs, files }: StoreReport, otherwise: string): number {
  for (const report of logs) printReport(report)
  for (const { digest, code } of files) print(`✗ ${code} file ${digest}: ${messageOf(code).zh}`)
  const whole = files.length === 0 && logs.every(({ faults }) => faults.length === 0)
  print(whole ? verdicts.whole : otherwise)
  return whole ? 0 : 1
}

function printReport({ origin, size, root, checkpointSize, faults, lost }: FsckReport): void {
  print(`${faults.length === 0 ? '✓' : '✗'} ${origin}  size ${size}, signed ${checkpointSize}, root ${root}`)
  for (const { index, part, code, detail } of faults)
    print(`  ${code} ${part} ${index}: ${messageOf(code).zh} / ${detail}`)
  if (lost.length > 0)
    print(
      `  OPENING_LOST 取回时已无人存有的非公开记录 / records that nobody had when the log was recovered: ${formatIndices(lost)}`,
    )
}

function printFileRepair({ digest, code, from }: BlobRepair): void {
  if (from === undefined) print(`  未取得 / nobody gives it: file ${digest}: ${code}`)
  else print(`  修复 / mended: file ← ${from}: ${digest}`)
}

function printRepair({ before, repair }: StoreRepair): void {
  if (!repair) return
  printReport(before)
  if (repair instanceof ProtocolError) {
    const { zh } = messageOf(repair.code)
    print(`  未作改动 / nothing touched: ${repair.code} ${zh} / ${repair.message}`)
    return
  }
  for (const line of describeMended(repair)) print(`  ${line}`)
  if (repair.cut > 0)
    print(`  截去未签署、从未答复的条目 / cut off, signed and acknowledged to nobody: ${repair.cut}`)
  printRefusals(repair.refusals)
}

function printHealed({ size, recovered, refusals }: HealReport): void {
  if (recovered > 0) print(`  取回 / recovered: entry ${formatIndices(range(size - recovered, size))}`)
  printRefusals(refusals)
}

function range(from: number, end: number): readonly number[] {
  return Array.from({ length: end - from }, (_, i) => from + i)
}

function printRefusals(refusals: RepairReport['refusals']): void {
  for (const { source, code, detail } of refusals)
    print(`  未取用 / not taken: ${source}: ${code} ${messageOf(code).zh} / ${detail}`)
}

/** One line for each kind of thing and each source. */
function describeMended({ mended }: RepairReport): readonly string[] {
  const groups = new Map<string, Set<number>>()
  for (const { index, part, from } of mended) {
    const where = from ?? '由所存字节重算 / from stored bytes'
    const key = `${part} ← ${where}`
    groups.set(key, (groups.get(key) ?? new Set()).add(index))
  }
  return [...groups].map(([key, indices]) => `修复 / mended: ${key}: ${formatIndices([...indices])}`)
}

/** `3, 7–9` */
function formatIndices(indices: readonly number[]): string {
  const runs: { first: number; last: number }[] = []
  for (const index of indices.toSorted((a, b) => a - b)) {
    const run = runs.at(-1)
    if (run && run.last === index - 1) run.last = index
    else runs.push({ first: index, last: index })
  }
  return runs.map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`)).join(', ')
}

function createProgress({ monotonic }: Deps): OnProgress {
  let told = monotonic()
  return (origin, done, size) => {
    if (monotonic() - told < 1_000) return
    told = monotonic()
    process.stderr.write(`… ${origin} ${done}/${size}\n`)
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
