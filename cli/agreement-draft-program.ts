import type { Command } from 'commander'
import type { InterconnectionFlags, RecognitionFlags, ReuseFlags } from './agreement-draft.ts'
import type { Exit } from './exit.ts'
import type { World } from './world.ts'

const edition = [
  '--edition <edition>',
  '标准记录的标识、摘要或编号 / id or digest of the standard record, or its number',
] as const

/** What people choose of an agreement of any kind. */
function drafting(command: Command): Command {
  return command
    .argument(
      '<project>',
      '项目，或对方的 DID / id of the project, or in its place the DID of the other party',
    )
    .requiredOption('--node <url>', '本机关节点地址 / base URL of one’s own node')
    .requiredOption('--token-file <file>', '操作令牌文件 / file with the operator token')
    .requiredOption('--basis-number <text>', '依据文件文号 / number of the basis document')
    .option(
      '--basis-digest <digest>',
      '依据文件记录的摘要；同一文号只有一份时可不写 / digest of its record; not needed where one alone has the number',
    )
    .requiredOption('--accept-by <date>', '对方须于此日前同意 / to be accepted by')
    .requiredOption('--effective-from <date>', '起 / in force from')
    .requiredOption('--valid-until <date>', '止（不含） / in force until, not included')
    .option('--grace-days <days>', '所引标准变更后的宽限；0 为当日失效 / days of grace after a revision', '0')
    .option('--notice-days <days>', '撤回的通知期 / notice of a withdrawal', '30')
    .option('--supersedes <id@digest>', '续签：所代替的声明 / the agreement that it takes the place of')
    .requiredOption('--output <file>', '草案文件 / file of the draft')
}

/** Drafts of each kind: 互认, 互通, 互用. Nothing is signed. */
export function addDrafts(agreement: Command, world: World, end: (exit: Exit) => void): void {
  drafting(agreement.command('draft'))
    .description(
      '由双方已通过的映射行拟互认草案，不签署 / draft a recognition of the rows both accepted; nothing is signed',
    )
    .option('--rows <ids>', '只用这些行，逗号分隔 / only these rows, commas between')
    .action(async (project: string, flags: RecognitionFlags) => {
      const { runRecognitionDraft } = await import('./agreement-draft.ts')
      end(await runRecognitionDraft(project, flags, world))
    })
  drafting(agreement.command('draft-interconnection'))
    .description(
      '由双方互测的结果拟互通草案，不签署；文件可写本机文件或已存入节点者的摘要 / draft an interconnection of the runs of both; each file is one of this machine, or the digest of one at the node; nothing is signed',
    )
    .requiredOption(...edition)
    .requiredOption('--schema <file>', '接口模式（JSON Schema 2020-12） / the JSON Schema')
    .requiredOption('--suite <file>', '测试集 / the suite')
    .requiredOption('--our-run <file>', '本方测对方的运行结果 / our run against them')
    .requiredOption('--their-run <file>', '对方测本方的运行结果 / their run against us')
    .requiredOption(
      '--our-endpoint <url|file>',
      '本方被测的端点地址或样例数据 / what they tried of ours: an address, or sample data',
    )
    .requiredOption(
      '--their-endpoint <url|file>',
      '对方被测的端点地址或样例数据 / what we tried of theirs: an address, or sample data',
    )
    .option('--environment <text>', '测试环境，默认同运行结果 / the environment; that of the runs by default')
    .action(async (project: string, flags: InterconnectionFlags) => {
      const { runInterconnectionDraft } = await import('./agreement-draft.ts')
      end(await runInterconnectionDraft(project, flags, world))
    })
  drafting(agreement.command('draft-reuse'))
    .description(
      '拟互用草案：以互认或法定情形为依据使用一项标准，不签署 / draft a reuse on a recognition or on a ground by law; nothing is signed',
    )
    .requiredOption(...edition)
    .option('--recognition <id[@digest]>', '所依据的互认声明 / the recognition that it rests on')
    .option(
      '--ground <ground>',
      '法定情形：national 国家标准、industry 行业标准、own-region 本地区标准 / a ground by law',
    )
    .option(
      '--clauses <uids>',
      '所用条款，逗号分隔，默认全文 / clauses that are used, commas between; all by default',
    )
    .option('--matters <slugs>', '限这些事项，逗号分隔 / for these matters alone, commas between')
    .requiredOption(
      '--manner <manner>',
      'direct-use 直接执行、local-standard 转化为本地标准、clause-citation 引用条款、training 培训采用',
    )
    .requiredOption('--target-number <text>', '使用该标准的文件文号 / number of the document that uses it')
    .option('--target-title <text>', '该文件名称 / title of that document')
    .option('--target-file <file>', '该文件 / that document')
    .option('--evidence <text...>', '佐证文件文号，可多个 / numbers of documents that show it')
    .option('--evidence-file <file...>', '佐证文件，可多个 / files that show it')
    .option(
      '--disposal-days <days>',
      '依据失效后须在多少日内处置 / days to dispose of it after its ground fell',
      '90',
    )
    .option(
      '--reuser <did>',
      '使用方，默认非发布该标准的一方 / the party that uses it; by default the one that did not issue it',
    )
    .action(async (project: string, flags: ReuseFlags) => {
      const { runReuseDraft } = await import('./agreement-draft.ts')
      end(await runReuseDraft(project, flags, world))
    })
}
