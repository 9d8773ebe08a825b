import type { Command } from 'commander'
import type { CompareFlags } from './compare.ts'
import type { Exit } from './exit.ts'
import type { SuggestFlags } from './suggest.ts'
import type { World } from './world.ts'

const a = '标准的摘要、标识或标准号，或机关的 DID / digest, id or number of a standard, or DID of an agency'
const b = '同上，与 A 同类 / likewise, of the same sort as A'
const nodeHelp = '节点地址 / base URL of a node'
const tokenHelp = '操作令牌文件：本机关节点 / file with the operator token of one’s own node'
const memberHelp =
  '本机关密钥目录（request.key、member.json），以成员身份请求 / folder of one’s own keys, to ask another node as a member'
const passphraseHelp =
  '口令文件（权限 0600）；不写则在终端输入 / file of the passphrase, mode 0600; else it is typed'
const jsonHelp = '一行 JSON / one JSON object'

/** Commands that look at two standards or two agencies beside one another. */
export function addComparison(program: Command, world: World, end: (exit: Exit) => void): void {
  program
    .command('compare')
    .description('逐条比对两项标准或两个机关 / compare two standards, or two agencies, clause by clause')
    .argument('<a>', a)
    .argument('<b>', b)
    .requiredOption('--node <url>', nodeHelp)
    .option('--at <date>', '所问日期，默认今天 / the legal date asked about, today by default')
    .option('--token-file <file>', tokenHelp)
    .option('--as-member <dir>', memberHelp)
    .option('--passphrase-file <file>', passphraseHelp)
    .option('--json', jsonHelp)
    .action(async (one: string, other: string, flags: CompareFlags) => {
      const { runCompare } = await import('./compare.ts')
      end(await runCompare(one, other, { flags, world }))
    })
  program
    .command('suggest')
    .description('建议对应条款或标准，仅供人工判断 / propose counterparts, for people to decide')
    .argument('<a>', a)
    .argument('<b>', b)
    .requiredOption('--node <url>', nodeHelp)
    .option('--most <count>', '每条最多几个建议：1 至 20，默认 5 / how many for each, 1 to 20')
    .option(
      '-o, --output <file>',
      '把候选行写入 SSSOM/TSV，供 csx mapping import / write the candidates as SSSOM/TSV',
    )
    .option('--at <date>', '所问日期，默认今天 / the legal date asked about, today by default')
    .option('--token-file <file>', tokenHelp)
    .option('--as-member <dir>', memberHelp)
    .option('--passphrase-file <file>', passphraseHelp)
    .option('--json', jsonHelp)
    .action(async (one: string, other: string, flags: SuggestFlags) => {
      const { runSuggest } = await import('./suggest.ts')
      end(await runSuggest(one, other, { flags, world }))
    })
}
