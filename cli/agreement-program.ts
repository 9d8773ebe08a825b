import type { Command } from 'commander'
import type { AgreementReadFlags } from './agreement.ts'
import type { ActFlags } from './agreement-act.ts'
import { addDrafts } from './agreement-draft-program.ts'
import type { Exit } from './exit.ts'
import type { WhatIfFlags } from './what-if.ts'
import type { World } from './world.ts'

const nodeHelp = '节点地址 / base URL of a node'
const ownHelp = '本机关节点地址 / base URL of one’s own node'
const tokenHelp = '操作令牌文件 / file with the operator token'
const memberHelp =
  '本机关密钥目录，以成员身份请求 / folder of one’s own keys, to ask another node as a member'
const passphraseHelp = '口令文件（权限 0600） / file of the passphrase, mode 0600'
const yesHelp = '已核对的摘要；不写则在终端输入 / the digest that was read; else it is typed'

/** Commands about what two agencies agree: 互认, 互通, 互用. */
export function addAgreement(program: Command, world: World, end: (exit: Exit) => void): void {
  const agreement = program
    .command('agreement')
    .description('互认、互通、互用的声明 / agreements: propose, accept, withdraw, look at')
  const reading = (command: Command) =>
    command
      .requiredOption('--node <url>', nodeHelp)
      .option('--token-file <file>', tokenHelp)
      .option('--as-member <dir>', memberHelp)
      .option('--passphrase-file <file>', passphraseHelp)
      .option('--json', '一行 JSON / one JSON object')
  reading(agreement.command('list'))
    .description('列出声明及其状态 / list agreements with their state')
    .option('--at <date>', '所问日期，默认今天 / the legal date asked about, today by default')
    .option('--project <id>', '限某一项目 / of one project')
    .option('--kind <kind>', '限某一种 / of one kind: recognition interconnection reuse')
    .action(async (flags: AgreementReadFlags) => {
      const { runAgreementList } = await import('./agreement.ts')
      end(await runAgreementList(flags, world))
    })
  reading(agreement.command('show'))
    .description(
      '声明全文、各条件与当日是否有效 / the statement, each condition, and whether it holds on a date',
    )
    .argument('<id>', '声明编号 / id of the agreement')
    .option('--at <date>', '所问日期，默认今天 / the legal date asked about, today by default')
    .option('--digest <digest>', '同一编号有几份时 / where several have this id')
    .action(async (id: string, flags: AgreementReadFlags) => {
      const { runAgreementShow } = await import('./agreement.ts')
      end(await runAgreementShow(id, flags, world))
    })
  addDrafts(agreement, world, end)
  agreement
    .command('propose')
    .description('签署并提出 / sign and propose')
    .argument('<file>', '草案文件 / file of the draft')
    .requiredOption('--node <url>', ownHelp)
    .requiredOption('--token-file <file>', tokenHelp)
    .option('--tier <tier>', 'public 或 pair，默认 pair / public or pair')
    .option('--yes <digest>', yesHelp)
    .action(async (file: string, flags: ActFlags) => {
      const { runPropose } = await import('./agreement-act.ts')
      end(await runPropose(file, flags, world))
    })
  reading(program.command('what-if'))
    .description('假如某版本被代替，哪些声明和报告受影响 / what would fall if an edition were replaced')
    .argument('<edition>', '标准记录的标识、摘要或标准号 / id or digest of a standard record, or its number')
    .option('--on <date>', '假设的日期，默认今天 / on this legal date, today by default')
    .option('--kind <kind>', 'superseded（默认）、abolished、amendment、partly-superseded')
    .option(
      '--clauses <numbers>',
      '修改单所及条款的编号（如 4.2）或标识，逗号分隔 / clauses that an amendment touches, by their numbers or ids, commas between',
    )
    .action(async (edition: string, flags: WhatIfFlags) => {
      const { runWhatIf } = await import('./what-if.ts')
      end(await runWhatIf(edition, flags, world))
    })
  const words = {
    accept: '签署并同意对方的提议 / sign and accept what the other party proposed',
    reject: '拒绝对方的提议 / reject what the other party proposed',
    withdraw: '撤回提议，或通知终止 / withdraw a proposal, or give notice of an agreement',
  } as const
  for (const word of ['accept', 'reject', 'withdraw'] as const) {
    const command = agreement
      .command(word)
      .description(words[word])
      .argument('<id>', '声明编号 / id of the agreement')
      .requiredOption('--node <url>', ownHelp)
      .requiredOption('--token-file <file>', tokenHelp)
      .option('--digest <digest>', '同一编号有几份时 / where several have this id')
      .option('--yes <digest>', yesHelp)
    const reason = '理由 / the reason'
    const full =
      word === 'withdraw'
        ? command.requiredOption('--reason <text>', reason)
        : command.option('--reason <text>', reason)
    full.action(async (id: string, flags: ActFlags) => {
      const { runAct } = await import('./agreement-act.ts')
      end(await runAct(word, id, { flags, world }))
    })
  }
}
