import { encodeUtf8 } from '../protocol/bytes.ts'
import { exchangeContext } from '../protocol/context/name.ts'
import { exchangeContextPin } from '../protocol/context/pin.ts'
import { parseJson } from '../protocol/json.ts'
import type { JsonValue } from '../protocol/json-value.ts'
import { parseRegistry } from '../protocol/trust/registry.ts'
import { openTrust, type Trust } from '../protocol/trust/trust.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { readInput, writeAtomically } from './file.ts'
import { escapeText, formatDone } from './print.ts'
import { openTrustFile } from './trust-file.ts'
import type { World } from './world.ts'

export interface TrustInitFlags {
  readonly network: string
  readonly output: string
}

/**
 * `csx trust init`: puts the members' own words about themselves into one registry, with policy `none`. Whoever runs this
 * vouches for what he puts in; the fingerprint is what others compare.
 */
export async function runTrustInit(
  files: readonly string[],
  flags: TrustInitFlags,
  world: World,
): Promise<Exit> {
  const { network, output } = flags
  if (network !== 'synthetic' && network !== 'production')
    throw usageError('--network 为 synthetic 或 production / --network is synthetic or production')
  const members: JsonValue[] = []
  for (const file of files) members.push(parseJson(await readInput(file, 1 << 20, world), 1 << 20))
  const registry = {
    v: 1,
    version: 1,
    network,
    context: { iri: exchangeContext, digest: exchangeContextPin },
    policy: 'none',
    members,
    projects: [],
    authority: [],
  }
  const text = `${JSON.stringify(registry, null, 2)}\n`
  const trust = openText(text)
  await writeAtomically(output, text)
  world.out(
    `${formatDone(`信任文件 ${output}，成员${trust.members.size}个`, `trust file of ${trust.members.size} member(s)`)}\n${describeTrust(trust)}`,
  )
  return exits.verified
}

/** `csx trust show`: what a trust file says, once it holds together. */
export async function runTrustShow(file: string, world: World): Promise<Exit> {
  world.out(describeTrust(await openTrustFile(file, world)))
  return exits.verified
}

/** The fingerprint, and each member with its logs and keys. */
export function describeTrust({ registry, fingerprint }: Trust): string {
  const lines = [
    `指纹 / fingerprint: ${fingerprint}`,
    `网络 / network: ${registry.network}；版本 / version: ${registry.version}；见证策略 / policy: ${registry.policy}`,
  ]
  for (const member of registry.members) {
    const { nameZh = '' } = member.profile.at(-1) ?? {}
    lines.push(
      `成员 / member: ${nameZh}  ${member.id}${member.synthetic ? '（合成 / synthetic）' : ''}${member.group === undefined ? '' : `  协作组 / group: ${member.group}`}`,
    )
    for (const { status, origin, size } of member.status)
      lines.push(`  状态 / status: ${status}  ${origin} ${rangeText(size, undefined)}`)
    for (const { origin, url, vkey, closed } of member.origins) {
      lines.push(
        `  日志 / log: ${origin}  ${url}${closed ? `（已于 ${closed.size} 关闭 / closed at ${closed.size}）` : ''}`,
      )
      for (const { key, from, to } of vkey) lines.push(`    ${key}  ${rangeText(from, to)}`)
    }
    for (const { multikey, purpose, valid } of member.keys)
      lines.push(
        `  密钥 / key: ${multikey}  ${purpose}  ${valid.map(({ origin, from, to }) => `${origin} ${rangeText(from, to)}`).join('; ')}`,
      )
    for (const { name, key, from, to } of member.cosigners)
      lines.push(`  共签 / cosigner: ${name}  ${key}  ${rangeText(from, to)}`)
  }
  for (const { id, nameZh, parties, from, to } of registry.projects)
    lines.push(`结对 / pair: ${nameZh}  ${id}  ${parties.join(' 与 ')}  ${rangeText(from ?? '', to)}`)
  for (const { id, nameZh, from, to } of registry.groups ?? [])
    lines.push(`协作组 / group: ${nameZh}  ${id}  ${rangeText(from ?? '', to)}`)
  for (const { scheme, prefix, origin, from } of registry.authority)
    lines.push(`标准号归口 / authority: ${scheme} ${prefix}  ${origin} ${rangeText(from, undefined)}`)
  return lines.map((line) => `${escapeText(line)}\n`).join('')
}

function rangeText(from: number | string, to: number | string | undefined): string {
  return to === undefined ? `${from}–` : `${from}–${to}`
}

function openText(text: string): Trust {
  const { registry, fingerprint } = parseRegistry(encodeUtf8(text))
  return openTrust(registry, fingerprint)
}
