import { join } from 'node:path'
import { parseOrigin } from '../protocol/identifier/name.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { createCheck } from './check-entries.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { guardNewest, type Means, type NewestGuard } from './newest.ts'
import { sourcesOfMembers } from './repair-source.ts'
import type { Undo } from './storage.ts'
import type { Database } from './store/database.ts'
import { openSignedHead, type SignedMemory } from './store/signed-head.ts'
import type { MemberClient } from './sync/client.ts'
import type { CheckingPool } from './sync/pool.ts'
import { openProvenTree } from './sync/tree-proof.ts'

export interface OpenNewestOptions {
  readonly deps: Deps
  readonly database: Database
  readonly trust: () => Trust
  readonly origin: string
  readonly undo: Undo[]
}

/** Of one epoch: each log has its own. */
export function signedHeadPath({ dataDirectory }: Pick<Config, 'dataDirectory'>, origin: string): string {
  return join(dataDirectory, 'signed', String(parseOrigin(origin).epoch))
}

/** What this node remembers to have signed, and who watches that nothing is signed against it. */
export async function openNewest(
  config: Config,
  { deps, database, trust, origin, undo }: OpenNewestOptions,
): Promise<NewestGuard & { readonly memory: SignedMemory }> {
  const memory = await openSignedHead(signedHeadPath(config, origin))
  undo.push(() => memory.close())
  const guard = guardNewest({ deps, database, trust, own: origin, memory })
  return { ...guard, memory }
}

/** Other members are asked, and may have what is lost here. */
export function meansOf(
  client: MemberClient,
  {
    deps,
    trust,
    origin,
    pool,
    self,
  }: Omit<OpenNewestOptions, 'database' | 'undo'> & { readonly pool: CheckingPool; readonly self: string },
): Omit<Means, 'onProven' | 'onRecovered'> {
  return {
    client,
    sources: () => sourcesOfMembers(origin, { trust: trust(), client, self }),
    ports: { check: createCheck(pool, deps), openTree: openProvenTree },
  }
}
