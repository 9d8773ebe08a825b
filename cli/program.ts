import { Command, CommanderError } from 'commander'
import { addAgreement } from './agreement-program.ts'
import type { AttachFlags } from './attach.ts'
import { addBundle } from './bundle-program.ts'
import { addComparison } from './comparison-program.ts'
import { addConformance } from './conformance/program.ts'
import type { CopyFlags } from './copy.ts'
import type { ReaderFlags } from './credential.ts'
import { memberHelp, passphraseHelp, tokenHelp } from './credential-help.ts'
import { type Exit, exitOf, exits } from './exit.ts'
import type { ImportFlags } from './import.ts'
import type { KeyFlags } from './key.ts'
import type { KeygenFlags } from './keygen.ts'
import { addMapping } from './mapping/program.ts'
import type { MonitorFlags } from './monitor.ts'
import { escapeText, formatError } from './print.ts'
import type { PublishFlags } from './publish.ts'
import { addRate } from './rate/program.ts'
import { readerFault } from './reader-fault.ts'
import { addRegistry } from './registry/program.ts'
import type { TierActFlags } from './tier-act.ts'
import type { TrustInitFlags } from './trust.ts'
import type { VerifyFlags } from './verify.ts'
import type { World } from './world.ts'

/**
 * Runs one command line and returns its exit: whatever happens, one line and a number, never a stack.
 *
 * @see protocol/spec/verify.md, VERIFY-16
 */
export async function runProgram(args: readonly string[], world: World): Promise<Exit> {
  let exit: Exit = exits.usage
  const program = createProgram(world, (value) => {
    exit = value
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exits.verified : exits.usage
    world.err(`${formatError(error)}\n`)
    return exitOf(error)
  }
}

/** Each command is loaded when it is asked for, so that `verify` starts fast. */
function createProgram(world: World, end: (exit: Exit) => void): Command {
  const program = new Command('csx')
    .description('川渝机关事务标准互认交换网 / Chuanyu Standards Exchange')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.out(text),
      writeErr: (text) => world.err(text.split('\n').map(escapeText).join('\n')),
      outputError: (text, write) => write(`${formatError(readerFault(text))}\n`),
    })
    .addHelpText(
      'after',
      '\n退出码 / exits: 0 已核实 verified · 1 证明有误 proven bad · 2 用法 usage · 3 不可判定 undecided · 4 限制或内部错误 limit or internal',
    )
  addEvidence(program, world, end)
  addCopy(program, world, end)
  addComparison(program, world, end)
  addAgreement(program, world, end)
  addNode(program, world, end)
  addMapping(program, world, end)
  addRate(program, world, end)
  addConformance(program, world, end)
  addKeys(program, world, end)
  return program
}

function addEvidence(program: Command, world: World, end: (exit: Exit) => void): void {
  program
    .command('verify')
    .description('离线核验证据包或记录 / verify bundles and records, offline unless a URL is given')
    .argument('<file...>', '文件、URL 或 - / files, URLs, or - for standard input')
    .option(
      '--trust <file>',
      '根的指纹 sha256:…、根、登记册链或信任文件（默认 CSX_TRUST，再 ./trust.json、./root.json） / root of trust: its fingerprint or a file',
    )
    .option('--at <time>', '所问时间：RFC 3339 或 YYYY-MM-DD（上海时间当日末） / the moment asked about')
    .option(
      '--fresh-within <duration>',
      '要求日志最近一条在此时限内：90s 15m 24h 30d / how recent the log must be',
    )
    .option('--registry-at-least <version>', '登记册至少为此版本 / the least version of the registry')
    .option('--json', '每个文件一行 JSON / one JSON object a line')
    .action(async (files: string[], flags: VerifyFlags) => {
      const { runVerify } = await import('./verify.ts')
      end(await runVerify(files, flags, world))
    })
  program
    .command('inspect')
    .description('说明文件内容，不作判断 / say what is in a file, without judging')
    .argument('<file>', '文件或 - / a file or -')
    .action(async (file: string) => {
      const { runInspect } = await import('./inspect.ts')
      end(await runInspect(file, world))
    })
  program
    .command('monitor')
    .description('从节点重算整个日志 / re-derive a whole log from what a node serves')
    .argument('<url>', '节点或日志地址 / address of a node or of a log')
    .option('--trust <file>', '信任文件 / root of trust')
    .option('--state <file>', '记住检查点的文件 / where the last checkpoint is remembered')
    .option('--interval <duration>', '每隔多久重做：90s 15m 24h / do it again and again')
    .action(async (url: string, flags: MonitorFlags) => {
      const { runMonitor } = await import('./monitor.ts')
      end(await runMonitor(url, flags, world))
    })
}

function addCopy(program: Command, world: World, end: (exit: Exit) => void): void {
  program
    .command('copy')
    .description(
      '把节点的日志核验后写成目录，供移动介质或单向网闸传递 / write a log, verified, as a directory for a stick or a one-way gateway',
    )
    .argument('<url>', '节点或日志地址 / address of a node or of a log')
    .argument(
      '<directory>',
      '写入的目录；已有的副本只补新内容 / the directory; a copy there is brought up to date',
    )
    .option('--trust <file>', '信任文件 / root of trust')
    .option('--json', '一行 JSON / one JSON object')
    .action(async (url: string, directory: string, flags: CopyFlags) => {
      const { runCopy } = await import('./copy.ts')
      end(await runCopy(url, directory, { flags, world }))
    })
}

function addNode(program: Command, world: World, end: (exit: Exit) => void): void {
  program
    .command('publish')
    .description('向本机关节点发布记录 / publish a draft or a signed record to your node')
    .argument('<file>', '文件或 - / a file or -')
    .requiredOption('--node <url>', '节点地址 / base URL of the node')
    .requiredOption('--token-file <file>', '操作令牌文件 / file with the operator token')
    .option('--idempotency-key <key>', '幂等键 / makes asking again safe')
    .option('--wait <what>', 'visible：等到可查询 / visible: until it can be found')
    .action(async (file: string, flags: PublishFlags) => {
      const { runPublish } = await import('./publish.ts')
      end(await runPublish(file, flags, world))
    })
  program
    .command('attach')
    .description(
      '把附件存入本机关节点，得到写入记录的摘要 / hand a file to your node, for the digest that a record names',
    )
    .argument('<file>', '文件或 - / a file or -')
    .requiredOption('--node <url>', '节点地址 / base URL of the node')
    .requiredOption('--token-file <file>', '操作令牌文件 / file with the operator token')
    .action(async (file: string, flags: AttachFlags) => {
      const { runAttach } = await import('./attach.ts')
      end(await runAttach(file, flags, world))
    })
  program
    .command('import')
    .description(
      '导入标准明细表 CSV：先预览，后写入 / import a table of standards: preview, then all or nothing',
    )
    .argument('<file>', 'CSV 文件或 - / a CSV file or -')
    .requiredOption('--node <url>', '节点地址 / base URL of the node')
    .requiredOption('--token-file <file>', '操作令牌文件 / file with the operator token')
    .option('--yes', '不再询问，直接写入 / write without asking')
    .action(async (file: string, flags: ImportFlags) => {
      const { runImport } = await import('./import.ts')
      end(await runImport(file, flags, world))
    })
  program
    .command('get')
    .description('取得一条记录的原始字节 / the exact bytes of one record')
    .argument('<id|digest>', '记录标识或摘要 / id or digest of the record')
    .requiredOption('--node <url>', '节点地址 / base URL of a node')
    .option('--token-file <file>', tokenHelp)
    .option('--as-member <dir>', memberHelp)
    .option('--passphrase-file <file>', passphraseHelp)
    .action(async (name: string, flags: ReaderFlags & { readonly node: string }) => {
      const { runGet } = await import('./get.ts')
      end(await runGet(name, flags, world))
    })
  addBundle(program, world, end)
  program
    .command('disclose')
    .description('向所有人公开一条非公开记录，不可收回 / open an own entry to everybody, for ever')
    .argument(
      '<index|id|digest>',
      '条目序号、记录标识或摘要 / index of the entry, id or digest of its record',
    )
    .requiredOption('--node <url>', '节点地址 / base URL of the node')
    .requiredOption('--token-file <file>', '操作令牌文件 / file with the operator token')
    .action(async (name: string, flags: TierActFlags) => {
      const { runTierAct } = await import('./tier-act.ts')
      end(await runTierAct('disclosure', name, { flags, world }))
    })
  program
    .command('erase')
    .description(
      '删除一条非公开记录并请求持有者删除 / destroy the record of an own entry, and ask holders to do so',
    )
    .argument(
      '<index|id|digest>',
      '条目序号、记录标识或摘要 / index of the entry, id or digest of its record',
    )
    .requiredOption('--node <url>', '节点地址 / base URL of the node')
    .requiredOption('--token-file <file>', '操作令牌文件 / file with the operator token')
    .option('--reason <text>', '理由，只给读者看 / why, for the readers of the record alone')
    .action(async (name: string, flags: TierActFlags) => {
      const { runTierAct } = await import('./tier-act.ts')
      end(await runTierAct('erasure', name, { flags, world }))
    })
}

function addKeys(program: Command, world: World, end: (exit: Exit) => void): void {
  program
    .command('keygen')
    .description('生成节点密钥 / make the keys of a node')
    .requiredOption('--base-url <url>', '节点地址 / base URL of the node')
    .requiredOption('--name <name>', '机关名称 / name of the agency')
    .requiredOption('--out <dir>', '密钥目录 / directory for the keys')
    .option('--seal', '用口令密封 / seal them by a passphrase')
    .option('--passphrase-file <file>', passphraseHelp)
    .action(async (flags: KeygenFlags) => {
      const { runKeygen } = await import('./keygen.ts')
      end(await runKeygen(flags, world))
    })
  const key = program.command('key').description('密钥文件 / key files')
  key
    .command('seal')
    .description('用口令密封密钥文件 / seal key files by a passphrase')
    .argument('<file...>', '密钥文件 / key files')
    .option('--passphrase-file <file>', passphraseHelp)
    .action(async (files: string[], flags: KeyFlags) => {
      const { runKeySeal } = await import('./key.ts')
      end(await runKeySeal(files, flags, world))
    })
  key
    .command('unseal')
    .description('解封密钥文件 / take the seal off key files')
    .argument('<file...>', '密钥文件 / key files')
    .option('--passphrase-file <file>', passphraseHelp)
    .action(async (files: string[], flags: KeyFlags) => {
      const { runKeyUnseal } = await import('./key.ts')
      end(await runKeyUnseal(files, flags, world))
    })
  key
    .command('show')
    .description('密钥的用途与公钥，不显示秘密 / purpose and public key, never the secret')
    .argument('<file...>', '密钥文件 / key files')
    .action(async (files: string[]) => {
      const { runKeyShow } = await import('./key.ts')
      end(await runKeyShow(files, world))
    })
  addTrust(program, world, end)
  addRegistry(program, world, end)
}

function addTrust(program: Command, world: World, end: (exit: Exit) => void): void {
  const trust = program.command('trust').description('信任文件 / trust files')
  trust
    .command('init')
    .description('由成员信息组成信任文件 / make a trust file from member files')
    .argument('<member...>', 'csx keygen 写出的 member.json / member.json files')
    .requiredOption('--network <name>', 'synthetic 或 production')
    .requiredOption('-o, --output <file>', '写入文件 / the file to write')
    .action(async (files: string[], flags: TrustInitFlags) => {
      const { runTrustInit } = await import('./trust.ts')
      end(await runTrustInit(files, flags, world))
    })
  trust
    .command('show')
    .description('指纹与成员 / fingerprint and members')
    .argument('<file>', '信任文件 / the trust file')
    .action(async (file: string) => {
      const { runTrustShow } = await import('./trust.ts')
      end(await runTrustShow(file, world))
    })
}
