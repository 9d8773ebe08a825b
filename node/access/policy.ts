import type { Grants } from '../../protocol/trust/audience.ts'
import { publicScope, type Scope, wholeScope } from '../store/scope.ts'

/** Whom a request comes from, as far as it shows it. */
export type Caller =
  | { readonly standing: 'stranger' }
  | {
      readonly standing: 'member'
      readonly id: string
      readonly grants: Grants
      /** Origins of its own logs. */
      readonly logs: readonly string[]
    }
  | { readonly standing: 'operator' }

export const stranger: Caller = { standing: 'stranger' }

/**
 * What a route shows of records:
 * - `leaves`: none; what it shows is for everybody (leaves, proofs, keys, schemas, its own health)
 * - `public`: those of tier public and disclosed ones, whoever asks
 * - `own`: of the own log what the caller may read, of held logs those of tier public
 * - `returned`: as `own`, and of a held log to its own member all that came from it
 * - `operator`: nothing at all but to the operator
 */
export type Showing = 'leaves' | 'public' | 'own' | 'returned' | 'operator'

/**
 * Every route of a node with what it shows. A route that does not stand here is not mounted.
 *
 * @see spec/tier.md, TIER-20 and TIER-21 (R29)
 */
export const policy = {
  'GET /log/:epoch/checkpoint': 'leaves',
  'GET /log/:epoch/witnessed': 'leaves',
  'GET /log/:epoch/tile/entries/*': 'leaves',
  'GET /log/:epoch/tile/*': 'leaves',
  'GET /log/:epoch/records/*': 'own',
  'GET /mirror/:name/checkpoint': 'leaves',
  'GET /mirror/:name/witnessed': 'leaves',
  'GET /mirror/:name/tile/entries/*': 'leaves',
  'GET /mirror/:name/tile/*': 'leaves',
  'GET /mirror/:name/records/*': 'returned',
  'GET /records/:digest': 'own',
  'GET /blobs/:digest': 'own',
  'POST /witness/add-checkpoint': 'leaves',
  'GET /witness/:hash/checkpoint': 'leaves',
  'GET /registry/targets/:name': 'leaves',
  'GET /registry/:name': 'leaves',
  'GET /ns/v1': 'leaves',
  'GET /ns/v1/schema/:type': 'leaves',
  'POST /api/v1/records': 'operator',
  'POST /api/v1/batches': 'operator',
  'POST /api/v1/imports': 'operator',
  'POST /api/v1/blobs': 'operator',
  'POST /api/v1/disclosures': 'operator',
  'POST /api/v1/erasures': 'operator',
  'GET /api/v1/standards': 'own',
  'GET /api/v1/standards/:digest': 'own',
  'GET /api/v1/records': 'own',
  'GET /api/v1/records/:digest': 'own',
  'GET /api/v1/logs': 'own',
  'GET /api/v1/quarantine': 'own',
  'GET /api/v1/compare': 'own',
  'GET /api/v1/suggest': 'own',
  'GET /api/v1/blobs': 'own',
  'GET /api/v1/projects': 'returned',
  'GET /api/v1/projects/:id/mapping': 'returned',
  'GET /api/v1/projects/:id/mapping/findings': 'returned',
  'POST /api/v1/projects/:id/mapping/changes': 'operator',
  'POST /api/v1/projects/:id/mapping/import': 'operator',
  'GET /api/v1/agreements': 'returned',
  'GET /api/v1/agreements/:id': 'returned',
  'GET /api/v1/agreements/:id/evidence': 'returned',
  'GET /api/v1/what-if': 'returned',
  'POST /api/v1/agreements/draft': 'operator',
  'POST /api/v1/agreements/statement': 'operator',
  'POST /api/v1/agreements/acts': 'operator',
  'GET /api/v1/rate': 'public',
  'GET /api/v1/evidence/:originHash': 'leaves',
  'GET /api/v1/reader': 'leaves',
  'GET /api/v1/registry/chain': 'leaves',
  'GET /api/v1/openapi.json': 'leaves',
  'GET /healthz': 'leaves',
  'GET /readyz': 'leaves',
  'GET /metrics': 'public',
  'GET /': 'public',
  'GET /:nothing{^$}': 'public',
  'GET /standards/:digest': 'public',
  'GET /agreements': 'public',
  'GET /agreements/:id': 'public',
  'GET /compare': 'public',
  'GET /what-if': 'public',
  'GET /work': 'leaves',
  'GET /work/': 'operator',
  'GET /work/projects/:id': 'operator',
  'GET /work/projects/:id/rows/:row': 'operator',
  'GET /work/agreements/:id': 'operator',
  'GET /work/compare': 'operator',
  'GET /work/what-if': 'operator',
  'GET /assets/*': 'leaves',
} as const satisfies Readonly<Record<string, Showing>>

export type Route = keyof typeof policy

/** Which records a route shows to whom. */
export function scopeFor(route: Route, caller: Caller): Scope {
  const showing: Showing = policy[route]
  if (showing === 'public' || showing === 'leaves' || caller.standing === 'stranger') return publicScope
  if (caller.standing === 'operator') return wholeScope
  if (showing === 'returned') return { own: caller.grants, held: 'public', returned: caller.logs }
  return showing === 'own' ? { own: caller.grants, held: 'public' } : publicScope
}

/**
 * A node does not start with a route that nobody decided about.
 *
 * @throws {TypeError} a route without a line in the policy
 */
export function requirePolicy(routes: readonly { readonly method: string; readonly path: string }[]): void {
  for (const { method, path } of routes) {
    // What stands for every method is there to refuse, or to count; it shows nothing.
    if (method === 'ALL') continue
    const route = `${method} ${path.replace(/^\/assets\/.+$/, '/assets/*')}`
    if (!Object.hasOwn(policy, route)) throw new TypeError(`no policy for ${route}`)
  }
}
