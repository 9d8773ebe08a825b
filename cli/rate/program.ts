import type { Command } from 'commander'
import type { Exit } from '../exit.ts'
import type { World } from '../world.ts'
import type { RateFlags } from './rate.ts'

/** @see protocol/spec/rate.md, RATE-30 to RATE-33 */
export function addRate(program: Command, world: World, end: (exit: Exit) => void): void {
  program
    .command('rate')
    .description(
      '由实施情况报告离线重算标准综合运用率，或向节点查询 / 标准综合运用率 from reports, offline; or as a node says',
    )
    .argument(
      '[file...]',
      '报告、标准、指标体系的证据包或记录 / bundles or records of reports, editions, indicator sets',
    )
    .option(
      '--period <quarter>',
      '季度，如 2026-Q1；默认为所给报告中最近的 / a quarter; the newest by default',
    )
    .option('--compare <quarter>', '与此季度比较 / a quarter to tell the difference from')
    .option('--agency <did>', '只看此机关的考核表 / the sheet of this agency alone')
    .option('--indicator <file>', '按此指标体系计算 / the indicator set to compute by')
    .option(
      '--members <n>',
      '应报机关数；默认取登记册的在册成员 / how many are to report; else as the registry says',
    )
    .option('--trust <file>', '根的指纹、根、登记册链或信任文件 / root of trust: its fingerprint or a file')
    .option('--unverified', '未核实的记录也计入，并注明 / also count what is not verified, and say so')
    .option('--node <url>', '向此节点查询，不用文件 / ask this node instead')
    .option('--json', '一行 JSON / one JSON object')
    .action(async (files: string[], flags: RateFlags) => {
      const { runRate } = await import('./rate.ts')
      end(await runRate(files, flags, world))
    })
}
