import { legalDateOf } from '../../protocol/date.ts'
import type { Signer } from '../../protocol/key.ts'
import { noBodyDigest, requestScheme, signRequest } from '../../protocol/request-proof.ts'
import { type Grant, grantsOf } from '../../protocol/trust/audience.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Deps } from '../deps.ts'

export interface AskingOptions {
  readonly deps: Pick<Deps, 'now' | 'random'>
  readonly trust: () => Trust
  /** The DID of this node. */
  readonly self: string
  /** The key of purpose `request` that counts now; without one this node asks as a stranger. */
  readonly signer: (() => Promise<Signer | undefined>) | undefined
}

/** How this node asks others for what is not public. Made by `createAsking`. */
export interface Asking {
  /** The header for a GET of a member's address; `undefined` where nobody could check it. */
  authorize(url: string): Promise<string | undefined>
  /** What this node may read, now, of a log beyond tier public. */
  grantsIn(origin: string): readonly Grant[]
}

/** @see spec/tier.md, TIER-10 and TIER-30 */
export function createAsking({ deps, trust, self, signer }: AskingOptions): Asking {
  return {
    async authorize(text) {
      const url = new URL(text)
      const address = `${url.origin}${url.pathname}${url.search}`
      // The base of one may begin that of another.
      const [callee] = trust()
        .registry.members.filter(({ endpoints }) => isBelow(address, endpoints.base))
        .toSorted((a, b) => b.endpoints.base.length - a.endpoints.base.length)
      const key = callee && (await signer?.())
      if (!key) return undefined
      const { now, random } = deps
      const question = { caller: self, callee: callee.id, method: 'GET', url: address, body: noBodyDigest }
      return `${requestScheme} ${await signRequest({ ...question, now: now(), random: random(16) }, key)}`
    },
    grantsIn(origin) {
      const known = trust()
      const [reader, owner] = [known.members.get(self), known.logs.get(origin)?.member]
      if (!signer || !reader || !owner) return []
      const grants = grantsOf(known, reader, { member: owner, day: legalDateOf(deps.now()) })
      return grants === 'all' ? [] : grants
    },
  }
}

function isBelow(address: string, base: string): boolean {
  return address.startsWith(`${base.replace(/\/+$/, '')}/`)
}
