import { legalDateOf } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { requestScheme } from '../../protocol/request-proof.ts'
import { grantsOf } from '../../protocol/trust/audience.ts'
import type { Member } from '../../protocol/trust/registry.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../store/database.ts'
import { findLog } from '../store/log-store.ts'
import type { Scope } from '../store/scope.ts'
import { bringsToken } from './operator.ts'
import { type Caller, type Route, scopeFor, stranger } from './policy.ts'
import { type ProofCase, verifyRequest } from './request-proof.ts'
import { useProof } from './used-proof.ts'

export interface AccessOptions {
  readonly deps: Pick<Deps, 'now' | 'logger'>
  readonly database: Database
  readonly trust: () => Trust
  /** The DID of this node. */
  readonly self: string
  readonly token: string
}

/** Decides what a request may be shown. Made by `createAccess`. */
export interface Access {
  /**
   * Whom the request comes from.
   *
   * @throws {ProtocolError} `AUTH_INVALID` — it says who, and does not prove it
   */
  identify(request: Request): Promise<Caller>
  /**
   * The records that a route shows to whoever asks. What does not prove anything is a stranger's: on a resource nothing is told of a
   * proof that is broken, since a refusal would be another answer than that for what is not there.
   */
  scopeOf(route: Route, request: Request): Promise<Scope>
  /** The same, with who asks: whoever proves nothing is a stranger. */
  readingOf(route: Route, request: Request): Promise<{ readonly caller: Caller; readonly scope: Scope }>
}

/** @see spec/tier.md, TIER-20 to TIER-22 (R29) */
export function createAccess({ deps, database, trust, self, token }: AccessOptions): Access {
  async function identify(request: Request): Promise<Caller> {
    const header = request.headers.get('authorization')
    if (header === null) return stranger
    if (bringsToken(header, token)) return { standing: 'operator' }
    if (!header.startsWith(`${requestScheme} `))
      throw new ProtocolError('AUTH_INVALID', 'neither the operator token nor a request proof')
    const now = deps.now()
    const { pathname, search } = new URL(request.url)
    const registry = trust()
    const member = await proveCaller(header, {
      trust: registry,
      self,
      method: request.method,
      target: `${pathname}${search}`,
      now,
      sizeOf: (origin) => sizeOf(database, origin),
      useOnce: (caller, jti, until) => useProof(database, { caller, jti, until, now }),
    })
    const logs = member.origins.map(({ origin }) => origin)
    return { standing: 'member', id: member.id, grants: grantsFor(registry, member, now), logs }
  }

  function grantsFor(registry: Trust, reader: Member, now: number) {
    const owner = registry.members.get(self)
    return owner ? grantsOf(registry, reader, { member: owner, day: legalDateOf(now) }) : []
  }

  async function callerOf(route: Route, request: Request): Promise<Caller> {
    try {
      return await identify(request)
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== 'AUTH_INVALID') throw error
      deps.logger.debug(
        { route, code: error.code, detail: error.message },
        'a caller is taken for a stranger',
      )
      return stranger
    }
  }

  return {
    identify,
    readingOf: async (route, request) => {
      const caller = await callerOf(route, request)
      return { caller, scope: scopeFor(route, caller) }
    },
    scopeOf: async (route, request) => scopeFor(route, await callerOf(route, request)),
  }
}

/** A proof may be broken in any way that a text can be. What this node cannot read now is no fault of the proof. */
async function proveCaller(header: string, given: ProofCase): Promise<Member> {
  try {
    return await verifyRequest(header, given)
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code.startsWith('STORAGE_')) throw error
    if (error.code === 'AUTH_INVALID') throw error
    throw new ProtocolError('AUTH_INVALID', 'the request proof is not accepted: it cannot be read', {
      cause: error,
    })
  }
}

async function sizeOf(database: Database, origin: string): Promise<number> {
  const log = await database.run((queries) => findLog(queries, origin))
  return log ? Math.max(log.pendingSize, log.checkpointSize) : 0
}
