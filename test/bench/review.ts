import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchNetwork } from './network.ts'
import { type BenchOptions, goalRow, type Row } from './row.ts'

const csx = fileURLToPath(new URL('../../dist/cli/csx.js', import.meta.url))

/** `csx verify` of a bundle, as a process, beyond an empty program of the same runtime: the best of several, in turns. */
export async function measureReview(
  { publisher, trustFile }: BenchNetwork,
  { say }: BenchOptions,
): Promise<Row> {
  const checkpoint = await (await fetch(`${publisher.url}/log/1/checkpoint`)).text()
  const last = Number(checkpoint.split('\n')[1]) - 1
  const list: { items: { digest: string; index: number }[] } = JSON.parse(
    await (
      await fetch(
        `${publisher.url}/api/v1/standards?number=${encodeURIComponent(`DB50/T ${990000 + 300_000}`)}`,
      )
    ).text(),
  )
  const digest = list.items[0]?.digest ?? ''
  const bundle = join(publisher.directory, 'bench.csx.json')
  run(['bundle', digest, '--node', publisher.url, '-o', bundle], 0)
  let [best, empty] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < 9; round += 1) {
    empty = Math.min(empty, timeOf(['-e', '0']))
    best = Math.min(best, timeOf([csx, 'verify', bundle, '--trust', trustFile]))
  }
  say(`csx verify: ${best.toFixed(0)} ms, empty program ${empty.toFixed(0)} ms`)
  const entries = last - (list.items[0]?.index ?? last) + 1
  return goalRow(
    `\`csx verify\` of a bundle with a range of ${entries} entries`,
    `${(best - empty).toFixed(0)} ms beyond Node's start (${empty.toFixed(0)} ms)`,
    '≤ 150 ms',
    best - empty <= 150,
  )
}

function run(args: readonly string[], expected: number): void {
  const { status, stderr, stdout } = spawnSync(process.execPath, [csx, ...args], { encoding: 'utf8' })
  if (status !== expected) throw new Error(`csx ${args[0] ?? ''} ended with ${status}: ${stderr}${stdout}`)
}

function timeOf(args: readonly string[]): number {
  const begun = performance.now()
  const { status } = spawnSync(process.execPath, [...args], { stdio: 'ignore' })
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`)
  return performance.now() - begun
}
