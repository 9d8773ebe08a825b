import { randomBytes } from 'node:crypto'
import type { SyntheticMember } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { noBodyDigest, requestScheme, signRequest } from '../../protocol/request-proof.ts'
import type { Registry } from '../../protocol/trust/registry.ts'
import type { TestNode } from './node.ts'

export const pairId = 'bishan-meishan'
export const groupId = 'west'

/** The first two are a pair, the first and the third a group; the fourth is a member and no more. */
export function tierRegistry(
  registry: Registry,
  members: readonly SyntheticMember[],
  dates: { readonly from?: string; readonly to?: string } = {},
): Registry {
  const [first, second, third] = members
  const grouped = new Set([first?.did, third?.did])
  return {
    ...registry,
    members: registry.members.map((member) =>
      grouped.has(member.id) ? { ...member, group: groupId } : member,
    ),
    projects: [
      { id: pairId, nameZh: '璧山—眉山（合成）', parties: [first?.did ?? '', second?.did ?? ''], ...dates },
    ],
  }
}

export const audiences: Readonly<Record<string, string>> = { group: groupId, pair: pairId }

/** The n-th invented standard, for whom it is. */
export function tieredStandard(n: number, tier: string): Readonly<Record<string, unknown>> {
  const audience = audiences[tier]
  return { ...syntheticStandard(n), tier, ...(audience === undefined ? {} : { audience }) }
}

export interface ProofChange {
  readonly by?: SyntheticMember
  readonly purpose?: 'request' | 'publish' | 'attest'
  readonly callee?: string
  readonly method?: string
  readonly url?: string
  readonly now?: number
}

/** A header with a request proof of a member for a node's address. */
export async function proofFor(
  node: TestNode,
  path: string,
  caller: SyntheticMember,
  change: ProofChange = {},
): Promise<string> {
  const question = {
    caller: caller.did,
    callee: change.callee ?? node.member.did,
    method: change.method ?? 'GET',
    url: change.url ?? `${node.url}${path}`,
    now: change.now ?? Date.now(),
    random: new Uint8Array(randomBytes(16)),
    body: noBodyDigest,
  }
  const signer = (change.by ?? caller)[change.purpose ?? 'request']
  return `${requestScheme} ${await signRequest(question, signer)}`
}

/** Asks a node as a member does, as its operator, or as nobody in particular. */
export async function askAs(
  node: TestNode,
  path: string,
  who: SyntheticMember | 'operator' | 'stranger',
): Promise<Response> {
  if (who === 'stranger') return node.fetch(path)
  const authorization = who === 'operator' ? `Bearer ${node.token}` : await proofFor(node, path, who)
  return node.fetch(path, { headers: { authorization } })
}

/** The indices on a page of records. */
export async function indicesOf(response: Response): Promise<readonly number[]> {
  const lines = (await response.text()).split('\n').slice(0, -1)
  return lines.map((line) => (JSON.parse(line) as { index: number }).index)
}
