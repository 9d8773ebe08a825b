import { decodeBase64 } from '../bytes.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import { isPlainName } from '../log/commitment.ts'
import type { Member, Registry } from './registry.ts'
import { isLoopbackHost } from './trust.ts'

interface Fault {
  readonly pointer: string
  /** Names what is at fault by itself: places move from version to version. */
  readonly text: string
}

/**
 * What nobody means to sign, and what a registry that is kept may nevertheless hold, so that `openTrust` takes it: words about logs and
 * members that are not there, ranges that end before they begin, ids that no entry can carry. What stood in the version before stays.
 *
 * @throws {ProtocolError} `REGISTRY_MALFORMED`, with a pointer
 * @see spec/registry.md, REG-26
 */
export function checkDraft(base: Registry | undefined, draft: Registry): void {
  const old = new Set(base ? [...faultsOf(base)].map(({ text }) => text) : [])
  for (const { pointer, text } of faultsOf(draft))
    if (!old.has(text)) throw new ProtocolError('REGISTRY_MALFORMED', text, { place: { pointer } })
}

function* faultsOf(registry: Registry): Generator<Fault> {
  for (const [i, member] of registry.members.entries())
    yield* memberFaults(registry, member, `/members${pointerStep(i)}`)
  yield* projectFaults(registry)
  for (const [i, group] of (registry.groups ?? []).entries())
    yield* spanFaults(group, `/groups${pointerStep(i)}`)
  const logs = new Set(registry.members.flatMap(({ origins }) => origins.map(({ origin }) => origin)))
  const lines = new Set<string>()
  for (const [i, { scheme, prefix, origin, from }] of registry.authority.entries()) {
    const [pointer, line] = [`/authority${pointerStep(i)}`, `${scheme} ${prefix} ${origin} ${from}`]
    if (!logs.has(origin))
      yield { pointer, text: `归口所指的日志不在登记册中 / authority of a log that is not here: ${line}` }
    if (lines.has(line)) yield { pointer, text: `同一归口登记了两次 / authority stands twice: ${line}` }
    lines.add(line)
  }
}

function* memberFaults(registry: Registry, member: Member, place: string): Generator<Fault> {
  const { id, origins, keys, cosigners, status, endpoints, group } = member
  const own = new Set(origins.map(({ origin }) => origin))
  if (group !== undefined && !isPlainName(group, 128))
    yield {
      pointer: `${place}/group`,
      text: `协作组标识须为小写字母、数字与连字符 / a group is lower-case letters, digits and hyphens: ${group}`,
    }
  for (const [j, { origin, size }] of status.entries())
    if (!own.has(origin))
      yield {
        pointer: `${place}/status${pointerStep(j)}/origin`,
        text: `${id} 的状态所指的不是它的日志 / a status in a log that is not the member's: ${origin} ${size}`,
      }
  for (const [j, key] of keys.entries()) {
    const at = `${place}/keys${pointerStep(j)}`
    if (!['publish', 'attest', 'request'].includes(key.purpose))
      yield {
        pointer: `${at}/purpose`,
        text: `此用途的密钥不在 keys 中登记 / no purpose of such a key: ${key.purpose} ${key.multikey}`,
      }
    for (const range of key.valid) {
      if (!own.has(range.origin))
        yield {
          pointer: `${at}/valid`,
          text: `${id} 的密钥不能用于他人的日志 / a key in a log that is not the member's: ${range.origin} ${key.multikey}`,
        }
      yield* rangeFaults(range, `${at}/valid`, key.multikey)
    }
  }
  for (const [j, cosigner] of cosigners.entries())
    yield* rangeFaults(cosigner, `${place}/cosigners${pointerStep(j)}`, cosigner.key)
  for (const [j, { origin, url, vkey, closed }] of origins.entries()) {
    const at = `${place}/origins${pointerStep(j)}`
    for (const entry of vkey) yield* rangeFaults(entry, `${at}/vkey`, entry.key)
    if (closed && !isRoot(closed.root))
      yield {
        pointer: `${at}/closed/root`,
        text: `根须为 32 字节的 base64 / a root is 32 bytes in base64: ${origin} ${closed.root}`,
      }
    if (registry.network === 'production' && isLoopback(url))
      yield { pointer: `${at}/url`, text: `生产网络不用本机地址 / loopback in a production network: ${url}` }
  }
  if (registry.network === 'production' && isLoopback(endpoints.base))
    yield {
      pointer: `${place}/endpoints/base`,
      text: `生产网络不用本机地址 / loopback in a production network: ${endpoints.base}`,
    }
}

function* projectFaults({ projects, members }: Registry): Generator<Fault> {
  const known = new Set(members.map(({ id }) => id))
  const ids = new Set<string>()
  for (const [i, project] of projects.entries()) {
    const { id, parties } = project
    const place = `/projects${pointerStep(i)}`
    if (!isPlainName(id, 128))
      yield {
        pointer: `${place}/id`,
        text: `标识须为不含空格的 ASCII 字符，如 bishan-meishan / an id is ASCII without blanks: ${id}`,
      }
    if (ids.has(id)) yield { pointer: `${place}/id`, text: `结对标识重复 / a project stands twice: ${id}` }
    ids.add(id)
    if (parties[0] === parties[1])
      yield { pointer: `${place}/parties`, text: `结对须为两家成员 / a pair has two parties: ${id}` }
    for (const party of parties)
      if (!known.has(party))
        yield {
          pointer: `${place}/parties`,
          text: `结对的一方不是成员 / a party of ${id} is no member: ${party}`,
        }
    yield* spanFaults(project, place)
  }
}

function* spanFaults(
  {
    id,
    from,
    to,
  }: { readonly id: string; readonly from?: string | undefined; readonly to?: string | undefined },
  pointer: string,
): Generator<Fault> {
  if (from !== undefined && to !== undefined && to < from)
    yield { pointer, text: `止日早于起日 / it ends before it begins: ${id} ${from}–${to}` }
}

interface Bounds {
  readonly from: number | string
  readonly to?: number | string | undefined
}

function* rangeFaults({ from, to }: Bounds, pointer: string, key: string): Generator<Fault> {
  if (to !== undefined && to < from)
    yield { pointer, text: `有效期止于开始之前 / a range ends before it begins: ${key} ${from}–${to}` }
}

function isRoot(text: string): boolean {
  try {
    return decodeBase64(text).length === 32
  } catch {
    return false
  }
}

function isLoopback(url: string): boolean {
  return isLoopbackHost(/^https?:\/\/(\[[^\]]*\]|[^/:]*)/.exec(url)?.[1] ?? '')
}
