import type { Command } from 'commander'
import type { BundleFlags } from './bundle.ts'
import { memberHelp, passphraseHelp, tokenHelp } from './credential-help.ts'
import type { Exit } from './exit.ts'
import type { World } from './world.ts'

/** `csx bundle NAME` for a record, `csx bundle recognition ID` about an agreement. */
export function addBundle(program: Command, world: World, end: (exit: Exit) => void): void {
  program
    .command('bundle')
    .description(
      '取得一条记录或一份声明的完整证据包 / gather the evidence for one record, or about one agreement',
    )
    .argument(
      '<id|digest|kind>',
      '记录标识或摘要；或 recognition、interconnection、reuse / id or digest of the record; or the kind of an agreement',
    )
    .argument('[agreement]', '声明标识 urn:uuid:… / id of the agreement')
    .requiredOption('--node <url>', '节点地址 / base URL of a node')
    .option('-o, --output <file>', '写入文件，默认标准输出 / write there, else to standard output')
    .option('--trust <file>', '随即用此信任文件核验 / verify it at once by this root of trust')
    .option('--digest <digest>', '声明的一个版本 / one version of the agreement')
    .option('--token-file <file>', tokenHelp)
    .option('--as-member <dir>', memberHelp)
    .option('--passphrase-file <file>', passphraseHelp)
    .option(
      '--disclose',
      '写入非公开记录及其开启数据 / put records that are not public into the file, with what opens them',
    )
    .action(async (name: string, agreement: string | undefined, flags: BundleFlags) => {
      const { runBundle } = await import('./bundle.ts')
      const { agreementKinds, runAgreementBundle } = await import('./bundle-agreement.ts')
      const kind = agreementKinds.find((one) => one === name)
      end(
        kind
          ? await runAgreementBundle(kind, agreement ?? '', { flags, world })
          : await runBundle(name, agreement, { flags, world }),
      )
    })
}
