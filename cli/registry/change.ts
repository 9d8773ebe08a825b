import { decodeBase64, decodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { formatOrigin, parseOrigin } from '../../protocol/identifier/name.ts'
import { parseMultikey } from '../../protocol/key.ts'
import { formatVerifierKey, verifierKeyOf } from '../../protocol/log/note.ts'
import { describeRegistryChanges } from '../../protocol/trust/difference.ts'
import { isValidAtEnd } from '../../protocol/trust/key-difference.ts'
import type { Member, MemberLog, Registry } from '../../protocol/trust/registry.ts'
import { readRegistry } from '../../protocol/trust/registry.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { readInput } from '../file.ts'
import { formatDone } from '../print.ts'
import type { World } from '../world.ts'
import { bureauPolicy } from './policy.ts'
import { printChanges } from './print.ts'
import { asObject, changeRegistry, openWorkspace, registryOf, rootOf } from './workspace.ts'

/** Changes the draft, and says what changed. */
export async function edit(
  directory: string,
  change: (registry: Registry) => Registry,
  world: World,
): Promise<Exit> {
  const workspace = await openWorkspace(directory)
  const before = registryOf(workspace)
  const after = await changeRegistry(workspace, change, world)
  world.out(
    `${formatDone(`第${after.version}版草稿已改，先前的签名作废`, `draft of version ${after.version} changed; earlier signatures are void`)}\n`,
  )
  printChanges(describeRegistryChanges(before, after), world)
  return exits.verified
}

export interface AddFlags {
  readonly group?: string
}

/** `csx registry add`: members by their own words about themselves. */
export async function runRegistryAdd(
  directory: string,
  files: readonly string[],
  { flags, world }: { readonly flags: AddFlags; readonly world: World },
): Promise<Exit> {
  const added: Member[] = []
  for (const file of files) {
    try {
      added.push(asMember(asObject(await readInput(file, 1 << 20, world), { file, maxBytes: 1 << 20 })))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      if (error.code === 'NOT_FOUND') throw usageError(`没有此文件 / no such file: ${file}`)
      const { place, evidence } = error
      throw new ProtocolError(error.code, `${file}: ${error.message}`, { place, evidence, cause: error })
    }
  }
  const members = added.map((member) => ({
    ...member,
    ...(flags.group === undefined ? {} : { group: flags.group }),
  }))
  return edit(directory, (registry) => ({ ...registry, members: [...registry.members, ...members] }), world)
}

/** By the form of the registry itself, which has no reader for a member alone. */
function asMember(value: object): Member {
  const lone = {
    v: 1,
    version: 1,
    network: 'synthetic',
    context: { iri: 'x', digest: `sha256:${'0'.repeat(64)}` },
    policy: 'none',
    members: [JSON.parse(JSON.stringify(value))],
    projects: [],
    authority: [],
  }
  const [member] = readRegistry(lone).registry.members
  if (!member) throw new TypeError('one member was read')
  return member
}

export interface SuspendFlags {
  readonly at: string
  readonly origin?: string
  readonly lift?: boolean
  readonly leave?: boolean
}

/** `csx registry suspend`: from an entry of its log on a member is not heard, is heard again, or has left. */
export async function runRegistrySuspend(
  directory: string,
  did: string,
  { flags, world }: { readonly flags: SuspendFlags; readonly world: World },
): Promise<Exit> {
  if (flags.lift === true && flags.leave === true) throw usageError('--lift 与 --leave 二选一 / one of them')
  const status = flags.lift === true ? 'active' : flags.leave === true ? 'left' : 'suspended'
  const size = parseCount(flags.at)
  return edit(
    directory,
    (registry) =>
      changeMember(registry, did, (member) => {
        const origin = flags.origin ?? newestLog(member).origin
        if (!member.origins.some((log) => log.origin === origin))
          throw usageError(
            `${origin} 不是 ${did} 的日志；它的日志 / not a log of that member; its logs: ${member.origins.map((log) => log.origin).join(' ')}`,
          )
        requireLater(member, origin, size)
        return { ...member, status: [...member.status, { status, origin, size }] }
      }),
    world,
  )
}

/** A status at or before one that is there would change what was valid in the past. */
function requireLater({ status }: Member, origin: string, size: number): void {
  const last = Math.max(-1, ...status.filter((step) => step.origin === origin).map((step) => step.size))
  if (size > last) return
  throw usageError(
    `--at 须大于${last}：此日志第${last}条起已有状态，不能改写过去；此稿中写错的，请重新 csx registry init / --at must be more than ${last}, where a status begins already: the past is not rewritten; a slip in this draft is mended by a new init`,
  )
}

export interface CloseFlags {
  readonly size: string
  readonly root: string
  readonly reason: string
  readonly next?: string
}

/**
 * `csx registry close`: ends an epoch at the tree that counts. With `--next`, the key of the next one, the member's status and those of
 * its other keys that were valid at the end go on there.
 */
export async function runRegistryClose(
  directory: string,
  origin: string,
  { flags, world }: { readonly flags: CloseFlags; readonly world: World },
): Promise<Exit> {
  const name = parseOrigin(origin)
  const closed = { size: parseCount(flags.size), root: parseTreeRoot(flags.root), reason: flags.reason }
  const next = flags.next
  return edit(
    directory,
    (registry) => {
      const owner = registry.members.find(({ origins }) => origins.some((log) => log.origin === origin))
      if (!owner)
        throw new ProtocolError('NOT_A_MEMBER', `没有成员有此日志 / no member has the log ${origin}`)
      return changeMember(registry, owner.id, (member) => {
        if (member.origins.some((log) => log.origin === origin && log.closed))
          throw usageError(
            `${origin} 已关闭，不能再改；此稿中写错的，请重新 csx registry init / it is closed already and stays as it is; a slip in this draft is mended by a new init`,
          )
        const origins = member.origins.map((log) => (log.origin === origin ? { ...log, closed } : log))
        if (next === undefined) return { ...member, origins }
        const opened = nextEpoch(member, formatOrigin(name, name.epoch + 1), next)
        const status = statusAtEnd(member, origin, closed.size)
        return {
          ...member,
          origins: [...origins, opened],
          keys: member.keys.map((key) =>
            extendKey(key, { from: origin, size: closed.size, to: opened.origin }),
          ),
          status: [...member.status, ...(status ? [{ status, origin: opened.origin, size: 0 }] : [])],
        }
      })
    },
    world,
  )
}

function parseTreeRoot(text: string): string {
  try {
    if (decodeBase64(text).length === 32) return text
  } catch {
    // Told below.
  }
  throw usageError(
    `--root 须为 32 字节的 base64，共44个字符 / --root is 32 bytes in base64, 44 characters: ${text}`,
  )
}

/** Of a log that ended before a suspension began, the suspension is meant for what comes next. */
function statusAtEnd(
  { status }: Member,
  origin: string,
  size: number,
): Member['status'][number]['status'] | undefined {
  const steps = status.filter((step) => step.origin === origin).toSorted((a, b) => a.size - b.size)
  const atEnd = steps.findLast((step) => step.size <= size)?.status
  return atEnd === 'active' ? steps.at(-1)?.status : atEnd
}

function nextEpoch(member: Member, origin: string, multikey: string): MemberLog {
  const key = formatVerifierKey(verifierKeyOf(origin, parseMultikey(multikey)))
  const { epoch } = parseOrigin(origin)
  return { origin, url: `${member.endpoints.base}/log/${epoch}`, vkey: [{ key, from: 0 }] }
}

interface Passage {
  readonly from: string
  /** At which the log is closed. */
  readonly size: number
  readonly to: string
}

/** A key that was valid at the end of the closed log goes on in the next. */
function extendKey(key: Member['keys'][number], { from, size, to }: Passage): Member['keys'][number] {
  const goesOn = key.valid.some((range) => range.origin === from && isValidAtEnd(range, size))
  return goesOn ? { ...key, valid: [...key.valid, { origin: to, from: 0 }] } : key
}

/** `csx registry set-policy`: who must witness a checkpoint. `bureaus`: both of them. */
export async function runRegistrySetPolicy(directory: string, text: string, world: World): Promise<Exit> {
  const stated =
    text === 'none' || text === 'bureaus' ? text : readText(await readInput(text, 20_000, world), text)
  const { bureaus } = rootOf(await openWorkspace(directory))
  return edit(
    directory,
    (registry) => ({ ...registry, policy: stated === 'bureaus' ? bureauPolicy(registry, bureaus) : stated }),
    world,
  )
}

function readText(bytes: Uint8Array, file: string): string {
  try {
    return decodeUtf8(bytes)
  } catch (cause) {
    throw new ProtocolError('TEXT_INVALID_UNICODE', file, { cause })
  }
}

export function changeMember(registry: Registry, did: string, change: (member: Member) => Member): Registry {
  if (!registry.members.some(({ id }) => id === did))
    throw new ProtocolError('NOT_A_MEMBER', `请核对 DID 的写法 / check how the DID is written: ${did}`)
  return {
    ...registry,
    members: registry.members.map((member) => (member.id === did ? change(member) : member)),
  }
}

export function newestLog(member: Member): MemberLog {
  const log = member.origins.findLast(({ closed }) => closed === undefined) ?? member.origins.at(-1)
  if (!log) throw new TypeError('a member has a log')
  return log
}

export function parseCount(text: string): number {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(text)) throw usageError(`不是整数 / not a whole number: ${text}`)
  return Number(text)
}
