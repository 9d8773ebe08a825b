import type { Command } from 'commander'
import type { Exit } from '../exit.ts'
import type { World } from '../world.ts'
import type { ExportFlags, MappingImportFlags } from './file.ts'
import type { WriteAct, WriteFlags } from './review.ts'
import type { ShowFlags } from './show.ts'
import type { MappingFlags } from './workspace.ts'

type End = (exit: Exit) => void

const nodeFlag = ['--node <url>', '节点地址 / base URL of a node'] as const
const tokenFlag = ['--token-file <file>', '操作令牌文件 / file with the operator token'] as const
const jsonFlag = ['--json', '每行一个 JSON 对象 / one JSON object a line'] as const

/** Mapping work of a pair project. @see protocol/spec/workspace.md, WORK-40 to WORK-43 */
export function addMapping(program: Command, world: World, end: End): void {
  const mapping = program
    .command('mapping')
    .description('结对项目的映射工作 / mapping work of a pair project')
  readable(mapping.command('status'))
    .description('进展与待办；不写项目则列出项目 / how far it is and what is to be done; else the projects')
    .argument('[project]', '项目标识 / id of the project')
    .action(async (project: string | undefined, flags: MappingFlags) => {
      const { runStatus } = await import('./show.ts')
      end(await runStatus(project, flags, world))
    })
  readable(mapping.command('show'))
    .description(
      '列出各行；写行标识则列出全部内容与各方版本 / rows; named ones with all that is known of them',
    )
    .argument('<project>', '项目标识 / id of the project')
    .argument('[row...]', '行标识 / ids of rows')
    .option('--state <state>', '只看此状态 / rows of this state: candidate draft in-review accepted rejected')
    .option('--conflicts', '只看冲突 / rows in conflict')
    .action(async (project: string, ids: string[], flags: ShowFlags) => {
      const { runShow } = await import('./show.ts')
      end(await runShow(project, ids, { flags, world }))
    })
  readable(mapping.command('check'))
    .description(
      '按规则 M1 至 M7 检查各行，逐处说明由哪些行造成、如何改正 / what rules M1 to M7 have against the rows, and what puts it right',
    )
    .argument('<project>', '项目标识 / id of the project')
    .action(async (project: string, flags: MappingFlags) => {
      const { runCheck } = await import('./finding.ts')
      end(await runCheck(project, flags, world))
    })
  readable(mapping.command('export'))
    .description(
      '导出为 SSSOM/TSV 或 Excel，编辑后可导回 / the rows as SSSOM/TSV or a workbook, to be edited and brought back',
    )
    .argument('<project>', '项目标识 / id of the project')
    .option('-o, --output <file>', '写入文件，默认标准输出 / write there, else to standard output')
    .option('--format <format>', 'tsv 或 xlsx，默认看文件名 / tsv or xlsx, else by the name of the file')
    .action(async (project: string, flags: ExportFlags) => {
      const { runExport } = await import('./file.ts')
      end(await runExport(project, flags, world))
    })
  mapping
    .command('import')
    .description(
      '导回编辑过的 SSSOM/TSV 或 Excel：先预览，后写入 / merge an edited SSSOM/TSV or workbook: preview, then all or nothing',
    )
    .argument('<project>', '项目标识 / id of the project')
    .argument('<file>', '文件或 - / a file or -')
    .requiredOption(...nodeFlag)
    .requiredOption(...tokenFlag)
    .option('--yes', '不再询问，直接写入 / write without asking')
    .option('--withdraw-missing', '文件中删去的行一并撤回 / withdraw rows that were taken out of the file')
    .option(...jsonFlag)
    .action(async (project: string, file: string, flags: MappingImportFlags) => {
      const { runMappingImport } = await import('./file.ts')
      end(await runMappingImport(project, file, { flags, world }))
    })
  for (const act of ['accept', 'reject', 'comment', 'settle', 'withdraw'] as const)
    addWriting(mapping, act, { world, end })
}

function readable(command: Command): Command {
  return command
    .requiredOption(...nodeFlag)
    .option(...tokenFlag)
    .option(
      '--as-member <dir>',
      '本机关密钥目录，以成员身份请求 / folder of one’s own keys, to ask as a member',
    )
    .option('--passphrase-file <file>', '口令文件 / file of the passphrase')
    .option(...jsonFlag)
}

const descriptions: Readonly<Record<WriteAct, string>> = {
  accept: '通过对方起草的行 / accept rows that the other party wrote',
  reject: '驳回 / reject rows',
  comment: '备注 / remark on rows',
  settle: '商定冲突，或登记自动合并的结果 / settle a conflict, or record what was merged by itself',
  withdraw: '撤回 / withdraw rows',
}

function addWriting(
  mapping: Command,
  act: WriteAct,
  { world, end }: { readonly world: World; readonly end: End },
): void {
  const command = mapping
    .command(act)
    .description(descriptions[act])
    .argument('<project>', '项目标识 / id of the project')
    .argument('[row...]', '行标识 / ids of rows')
    .requiredOption(...nodeFlag)
    .requiredOption(...tokenFlag)
    .option(...jsonFlag)
  if (act === 'accept' || act === 'reject')
    command
      .option('--all-in-review', '所有待审的行 / all rows in review')
      .option('--label <role>', '审核人岗位 / role of the reviewer')
  if (act === 'reject' || act === 'comment') command.option('--text <text>', '备注内容 / the remark')
  if (act === 'settle')
    command.option('--take <n>', '冲突处取 show 列出的第几个版本 / whose version, as show counts them')
  command.action(async (project: string, ids: string[], flags: WriteFlags) => {
    const { runWrite } = await import('./review.ts')
    end(await runWrite(act, { project, ids }, { flags, world }))
  })
}
