import { join } from 'node:path'
import { encodeHex } from '../../protocol/bytes.ts'
import { canonicalBytes } from '../../protocol/canonical.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import { describeRegistryChanges } from '../../protocol/trust/difference.ts'
import { type Root, signersOf, thresholdOf } from '../../protocol/trust/root.ts'
import { describeRootChanges } from '../../protocol/trust/root-difference.ts'
import { keyIdOf, readTuf, type TufMetadata, type TufRole } from '../../protocol/trust/tuf.ts'
import { signTuf } from '../../protocol/trust/tuf-make.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { writeAtomically } from '../file.ts'
import { escapeText, formatDone } from '../print.ts'
import type { World } from '../world.ts'
import { printChanges } from './print.ts'
import { openRegistryKeys } from './signer.ts'
import {
  baseRegistry,
  openWorkspace,
  registryOf,
  requireDraft,
  requirePublished,
  rootOf,
  targetsOf,
  type Workspace,
} from './workspace.ts'

export interface SignFlags {
  readonly keys: string
  readonly yes?: boolean
  readonly passphraseFile?: string
  /** What this bureau's own node serves. */
  readonly repository?: string
}

const unconfirmed =
  '? base/ 由交来此目录的一方提供，未与本局已发布的核对（--repository） / base/ came with the folder, and was not compared with what is published here (--repository)'

/**
 * `csx registry sign`: shows what changes, asks, and signs root and targets with whichever of these keys belong there.
 *
 * @see protocol/spec/registry.md, REG-20, REG-23, REG-700 and REG-701
 */
export async function runRegistrySign(
  directory: string,
  { flags, world }: { readonly flags: SignFlags; readonly world: World },
): Promise<Exit> {
  const workspace = await openWorkspace(directory)
  printWorkspace(workspace, world)
  requireDraft(workspace)
  if (flags.repository === undefined) world.out(`${unconfirmed}\n`)
  else await requirePublished(workspace, flags.repository)
  if (flags.yes !== true && !(await confirm(world))) {
    world.err('未签名，没有写入任何内容 / nothing is signed, nothing is written\n')
    return exits.rejected
  }
  const signers = await openRegistryKeys(flags, world, /^registry-(?:root|targets)\b.*\.key$/)
  const root = rootOf(workspace)
  const authorities = authoritiesOf(workspace)
  const complete = workspace.root !== undefined && isComplete(workspace.root, authorities)
  let signed = 0
  let spared = 0
  let draft = workspace.root
  let { targets } = workspace
  for (const signer of signers) {
    const id = keyIdOf(encodeHex(signer.publicKey.raw))
    if (draft && authorities.some(({ keys }) => keys.get(id)?.role === 'root')) {
      if (complete) spared += 1
      else draft = await signTuf(draft, signer)
      signed += complete ? 0 : 1
    }
    if (root.keys.get(id)?.role === 'targets') {
      targets = await signTuf(targets, signer)
      signed += 1
    }
  }
  if (signed + spared === 0)
    throw usageError(`${flags.keys} 中没有可用于此稿的密钥 / no key there has anything to sign here`)
  if (spared > 0)
    world.out(
      '  根的签名已足，不再添加：再签一次，同一个根就有另一个指纹 / the root has its signatures and gets no more: with another one the same root would have another fingerprint\n',
    )
  if (draft) await writeAtomically(join(directory, 'root.json'), canonicalBytes(draft))
  await writeAtomically(join(directory, 'targets.json'), canonicalBytes(targets))
  world.out(`${formatDone(`已签名${signed}处`, `${signed} signature(s) made`)}\n`)
  printSignatures({ ...workspace, ...(draft ? { root: draft } : {}), targets }, world)
  return exits.verified
}

/** What is to be signed, in words, against what is published. */
export function printWorkspace(workspace: Workspace, world: World): void {
  const { base } = workspace
  const after = registryOf(workspace)
  const before = baseRegistry(workspace)
  world.out(
    `${escapeText(`登记册第${after.version}版，${base ? `代替第${base.version}版` : '首版'}，网络 ${after.network} / registry version ${after.version}, ${base ? `after ${base.version}` : 'the first'}, network ${after.network}`)}\n`,
  )
  if (base)
    world.out(`对照 / held against: ${base.digest}，根 / root ${base.root.version} ${base.root.digest}\n`)
  if (workspace.root) printChanges(describeRootChanges(base?.root, rootOf(workspace)), world)
  printChanges(describeRegistryChanges(before, after), world)
  world.out(
    `登记册摘要 / digest of the registry: ${targetDigest(workspace)}，签名有效至 / signed until ${targetsOf(workspace).signed.expires}\n`,
  )
  printSignatures(workspace, world)
}

/** The roots that have a say in the next one: itself, and the one before. */
function authoritiesOf(workspace: Workspace): readonly Root[] {
  return [rootOf(workspace), ...(workspace.base ? [workspace.base.root] : [])]
}

function isComplete(root: JsonObject, authorities: readonly Root[]): boolean {
  const metadata = readTuf('root', root)
  return authorities.every((authority) => stateOf(metadata, authority).missing === 0)
}

function targetDigest(workspace: Workspace): string {
  return `sha256:${targetsOf(workspace).signed.targets['registry.json'].hashes.sha256}`
}

/** Who signed, and what is still missing. */
export function printSignatures(workspace: Workspace, world: World): void {
  const root = rootOf(workspace)
  const say = (zh: string, en: string, state: SignatureState) =>
    world.out(
      `${escapeText(`${state.missing > 0 ? '?' : '✓'} ${zh} ${en}: ${state.by.join('、') || '—'}${state.missing > 0 ? `（还缺${state.missing}个签名 / ${state.missing} more needed）` : ''}`)}\n`,
    )
  if (workspace.root) {
    const draft = readTuf('root', workspace.root)
    say('新根由自身密钥签名', 'root signed by its own keys', stateOf(draft, root))
    if (workspace.base)
      say('新根由原根密钥签名', 'root signed by the keys before it', stateOf(draft, workspace.base.root))
  }
  say('登记册签名', 'registry signed', stateOf(targetsOf(workspace), root))
}

interface SignatureState {
  readonly by: readonly string[]
  readonly missing: number
}

function stateOf(metadata: TufMetadata<TufRole>, root: Root): SignatureState {
  const by = signersOf(metadata, root).map(({ controller }) => controller)
  return { by, missing: Math.max(0, thresholdOf(metadata.role) - by.length) }
}

async function confirm(world: World): Promise<boolean> {
  if (!world.inIsTerminal) throw usageError('没有终端，请用 --yes / no terminal: use --yes')
  return /^\s*yes\s*$/i.test(await world.askLine('确认签名请输入 yes / type yes to sign: '))
}
