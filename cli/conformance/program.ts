import type { Command } from 'commander'
import type { Exit } from '../exit.ts'
import type { World } from '../world.ts'
import type { CheckFlags, RunFlags } from './run.ts'

const suiteFlag = ['--suite <file>', '测试集文件 / file of the suite'] as const
const schemaFlag = [
  '--schema <file>',
  '接口模式文件（JSON Schema 2020-12） / file of the JSON Schema',
] as const
const jsonFlag = ['--json', '输出运行结果的 JSON / print the run as JSON'] as const

/** Suites and runs behind an interconnection. @see protocol/spec/conformance.md, CONF-32 and CONF-33 */
export function addConformance(program: Command, world: World, end: (exit: Exit) => void): void {
  const conformance = program
    .command('conformance')
    .description('接口一致性测试（互通） / conformance of an interface')
  conformance
    .command('run')
    .description('以测试集测对方的端点或样例，写出运行结果 / run a suite against an endpoint or sample data')
    .requiredOption(...suiteFlag)
    .requiredOption(...schemaFlag)
    .option('--url <url>', '对方端点地址 / address of the endpoint')
    .option('--sample <file>', '对方样例数据 / file of sample data')
    .requiredOption('--by <did>', '运行方 / DID of whoever runs it')
    .option('--environment <text>', '测试环境，与声明一致 / the environment, as in the agreement', '未注明')
    .option('-o, --output <file>', '写入文件 / write the run there')
    .option(...jsonFlag)
    .action(async (flags: RunFlags) => {
      const { runConformance } = await import('./run.ts')
      end(await runConformance(flags, world))
    })
  conformance
    .command('check')
    .description('离线核对运行结果与测试集、接口模式 / hold a run against its suite and schema, offline')
    .argument('<run>', '运行结果文件 / file of the run')
    .requiredOption(...suiteFlag)
    .requiredOption(...schemaFlag)
    .option(...jsonFlag)
    .action(async (file: string, flags: CheckFlags) => {
      const { checkConformance } = await import('./run.ts')
      end(await checkConformance(file, flags, world))
    })
}
