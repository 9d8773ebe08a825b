import type { Command } from 'commander'
import type { Exit } from '../exit.ts'
import type { World } from '../world.ts'
import type { AddFlags, CloseFlags, SuspendFlags } from './change.ts'
import type { RegistryInitFlags } from './init.ts'
import type { RegistryKeysFlags } from './keys.ts'
import { decide } from './print.ts'
import type { PublishFlags } from './publish.ts'
import type { AuthorityFlags, GroupFlags, MemberFlags, PairFlags } from './relation.ts'
import type { RotateFlags } from './rotate.ts'
import type { ShowFlags } from './show.ts'
import type { SignFlags } from './sign.ts'

type End = (exit: Exit) => void

const folder = [
  '<folder>',
  '工作目录，由一局交给另一局 / the folder that is handed from bureau to bureau',
] as const
const passphraseHelp =
  '口令文件（权限 0600）；不写则在终端输入 / file of the passphrase, mode 0600; else it is typed'

/** The ceremony of the registry: two bureaus, separate machines, files passed by hand. @see protocol/spec/registry.md */
export function addRegistry(program: Command, world: World, end: End): void {
  const registry = program
    .command('registry')
    .description('两局共同签署的登记册 / the registry that both bureaus sign')
  registry
    .command('keys')
    .description('生成主管局的五个登记册密钥 / make the five registry keys of a bureau')
    .requiredOption('--base-url <url>', '本局节点地址 / base URL of the bureau’s node')
    .requiredOption('--out <dir>', '密钥目录 / directory for the keys')
    .option('--seal', '用口令密封离线密钥 / seal the offline keys by a passphrase')
    .option('--passphrase-file <file>', passphraseHelp)
    .action(async (flags: RegistryKeysFlags) => {
      const { runRegistryKeys } = await import('./keys.ts')
      end(await decide(runRegistryKeys(flags, world), world))
    })
  registry
    .command('init')
    .description('开始首版，或在已发布版本上开始新版 / begin the first version, or the next one')
    .argument(...folder)
    .option('--network <name>', '首版：synthetic 或 production')
    .option('--bureau <file...>', '首版：两局的 bureau.json / of both bureaus')
    .option('--from <repository>', '续版：已发布的登记册目录 / directory of what is published')
    .action(async (directory: string, flags: RegistryInitFlags) => {
      const { runRegistryInit } = await import('./init.ts')
      end(await decide(runRegistryInit(directory, flags, world), world))
    })
  addChanges(registry, world, end)
  addRotation(registry, world, end)
  registry
    .command('sign')
    .description('逐条显示改动，确认后签名 / show every change, ask, and sign')
    .argument(...folder)
    .requiredOption('--keys <dir>', '本局登记册密钥目录 / directory with registry-*.key')
    .option('--repository <dir>', '与本局已发布的核对 / compare base/ with what this bureau’s node serves')
    .option('--yes', '不再询问 / sign without asking')
    .option('--passphrase-file <file>', passphraseHelp)
    .action(async (directory: string, flags: SignFlags) => {
      const { runRegistrySign } = await import('./sign.ts')
      end(await decide(runRegistrySign(directory, { flags, world }), world))
    })
  registry
    .command('publish')
    .description('把两局都已签名的版本放到节点的登记册目录 / put what both signed where a node serves it')
    .argument(...folder)
    .requiredOption('--repository <dir>', '节点数据目录下的 registry / the registry directory of a node')
    .requiredOption(
      '--keys <dir>',
      '含 registry-snapshot.key 与 registry-timestamp.key 的目录 / directory with the online keys',
    )
    .option('--passphrase-file <file>', passphraseHelp)
    .action(async (directory: string, flags: PublishFlags) => {
      const { runRegistryPublish } = await import('./publish.ts')
      end(await decide(runRegistryPublish(directory, { flags, world }), world))
    })
  registry
    .command('show')
    .description('草稿的改动与签名，或已发布的内容 / a draft and who signed it, or what is published')
    .argument('<directory>', '工作目录或登记册目录 / a folder, or the registry directory of a node')
    .option('--root <fingerprint>', '须与之相符的根的指纹 / the fingerprint it must lead from')
    .action(async (directory: string, flags: ShowFlags) => {
      const { runRegistryShow } = await import('./show.ts')
      end(await runRegistryShow(directory, { flags, world }))
    })
}

function addChanges(registry: Command, world: World, end: End): void {
  registry
    .command('add')
    .description('加入成员 / add members')
    .argument(...folder)
    .argument('<member...>', 'csx keygen 写出的 member.json / member.json files')
    .option('--group <id>', '协作组标识 / id of their group')
    .action(async (directory: string, files: string[], flags: AddFlags) => {
      const { runRegistryAdd } = await import('./change.ts')
      end(await decide(runRegistryAdd(directory, files, { flags, world }), world))
    })
  registry
    .command('suspend')
    .description(
      '从日志某条起暂停、恢复或退出 / suspend a member from an entry on, lift that, or let it leave',
    )
    .argument(...folder)
    .argument('<did>', '成员 / the member')
    .requiredOption('--at <index>', '自第几条起 / from which entry on')
    .option('--origin <origin>', '日志，默认为在用的 / its log, the current one by default')
    .option('--lift', '恢复 / lift a suspension')
    .option('--leave', '退出 / leave for good')
    .action(async (directory: string, did: string, flags: SuspendFlags) => {
      const { runRegistrySuspend } = await import('./change.ts')
      end(await decide(runRegistrySuspend(directory, did, { flags, world }), world))
    })
  registry
    .command('close')
    .description('密钥泄露或日志受损时关闭日志 / close a log whose key or tail is lost')
    .argument(...folder)
    .argument('<origin>', '日志 / the log')
    .requiredOption('--size <n>', '承认到此规模 / the size up to which it counts')
    .requiredOption('--root <base64>', '该规模的根 / the root at that size')
    .requiredOption('--reason <text>', '原因 / why')
    .option('--next <key>', '下一编的日志公钥（Multikey） / key of the next epoch')
    .action(async (directory: string, origin: string, flags: CloseFlags) => {
      const { runRegistryClose } = await import('./change.ts')
      end(await decide(runRegistryClose(directory, origin, { flags, world }), world))
    })
  registry
    .command('set-pair')
    .description('登记、更改或终止结对 / a pair of agencies, or its end')
    .argument(...folder)
    .argument('<id>', '结对项目标识 / id of the project')
    .requiredOption('--name <name>', '名称 / name')
    .requiredOption('--parties <did...>', '两家成员 / the two members')
    .option('--from <date>', '自 / from')
    .option('--to <date>', '至（不含） / until, exclusive')
    .action(async (directory: string, id: string, flags: PairFlags) => {
      const { runRegistrySetPair } = await import('./relation.ts')
      end(await decide(runRegistrySetPair(directory, id, { flags, world }), world))
    })
  registry
    .command('set-group')
    .description('登记、更改或终止协作组 / a group of agencies, or its end')
    .argument(...folder)
    .argument('<id>', '协作组标识：小写字母、数字与连字符 / id: lower-case letters, digits, hyphens')
    .requiredOption('--name <name>', '名称 / name')
    .option('--from <date>', '自 / from')
    .option('--to <date>', '至（不含） / until, exclusive')
    .action(async (directory: string, id: string, flags: GroupFlags) => {
      const { runRegistrySetGroup } = await import('./relation.ts')
      end(await decide(runRegistrySetGroup(directory, id, { flags, world }), world))
    })
  registry
    .command('set-member')
    .description('成员加入协作组，或退出 / put members into a group, or take them out')
    .argument(...folder)
    .argument('<did...>', '成员 / the members')
    .requiredOption('--group <id>', '协作组标识，none 为退出 / id of the group; none takes them out')
    .action(async (directory: string, dids: string[], flags: MemberFlags) => {
      const { runRegistrySetMember } = await import('./relation.ts')
      end(await decide(runRegistrySetMember(directory, dids, { flags, world }), world))
    })
  registry
    .command('set-authority')
    .description('哪个日志对某类标准号说了算 / whose log speaks for which numbers')
    .argument(...folder)
    .requiredOption('--scheme <scheme>', 'DB-P Q GB …')
    .requiredOption('--prefix <prefix>', '编号前缀，如 DB50 / prefix of the number')
    .requiredOption('--origin <origin>', '日志 / the log')
    .option('--from <index>', '自第几条起 / from which entry on', '0')
    .action(async (directory: string, flags: AuthorityFlags) => {
      const { runRegistrySetAuthority } = await import('./relation.ts')
      end(await decide(runRegistrySetAuthority(directory, flags, world), world))
    })
  registry
    .command('set-policy')
    .description('见证策略：none、bureaus（两局）或 C2SP tlog-policy 文件 / who must witness')
    .argument(...folder)
    .argument('<policy>', 'none | bureaus | 文件 / file')
    .action(async (directory: string, policy: string) => {
      const { runRegistrySetPolicy } = await import('./change.ts')
      end(await decide(runRegistrySetPolicy(directory, policy, world), world))
    })
}

function addRotation(registry: Command, world: World, end: End): void {
  registry
    .command('rotate-key')
    .description(
      '换密钥：成员的自某条起，主管局的在新的根中 / a new key for a member, or for a bureau in the root',
    )
    .argument(...folder)
    .argument('<did>', '成员或主管局 / member or bureau')
    .requiredOption('--new <key>', '新公钥（Multikey）或密钥文件 / the new key, or its file')
    .option('--purpose <purpose>', 'log witness holder publish attest request')
    .option(
      '--at <when>',
      '自第几条起；witness 与 holder 为时间 / from which entry on; a time for a cosigner',
    )
    .option('--role <role>', '根中的角色 / role in the root: root targets snapshot timestamp')
    .option('--old <keyid>', '换下哪一把根密钥 / which of two root keys goes')
    .action(async (directory: string, did: string, flags: RotateFlags) => {
      const { runRegistryRotate } = await import('./rotate.ts')
      end(await decide(runRegistryRotate(directory, did, { flags, world }), world))
    })
}
