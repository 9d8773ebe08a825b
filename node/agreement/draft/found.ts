import { legalDateOf } from '../../../protocol/date.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import type { Digest } from '../../../protocol/hash.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { isAttestation } from '../../../protocol/record/schema.ts'
import type { Statement } from '../../../protocol/standing/log-statement.ts'
import { isUnderWay, type Project } from '../../../protocol/trust/audience.ts'
import type { ProjectCase } from '../project.ts'
import { requireProject } from '../project.ts'
import type { StatementReader } from '../statement-read.ts'
import type { PairName } from './request.ts'

/**
 * The project of an id, or the one that is under way between two parties.
 *
 * @throws {ProtocolError} `NOT_FOUND`; `QUERY_INVALID` — several, which are listed
 */
export function findPair(name: PairName, given: ProjectCase): Project {
  if ('project' in name) return requireProject(name.project, given)
  const wanted = new Set([...name.parties, given.self])
  const day = legalDateOf(given.now)
  const found = given.trust.registry.projects.filter(
    (project) =>
      isUnderWay(project, day) &&
      project.parties.length === wanted.size &&
      project.parties.every((party) => wanted.has(party)),
  )
  const place = { pointer: '/parties' }
  const only = theOnly(
    found.map(({ id }) => id),
    { place, what: 'projects between these two' },
  )
  if (only === undefined)
    throw new ProtocolError('NOT_FOUND', 'no project under way between these two', { place })
  return requireProject(only, given)
}

/**
 * The basis document of a number, where the record's digest is not named with it.
 *
 * @throws {ProtocolError} `BASIS_MISSING`; `QUERY_INVALID` — several, which are listed
 * @see protocol/spec/agreement.md, AGREE-111
 */
export async function findBasis(
  reader: StatementReader,
  { number, digest }: { readonly number: string; readonly digest?: Digest | undefined },
): Promise<{ readonly number: string; readonly digest: Digest }> {
  if (digest !== undefined) return { number, digest }
  const place = { pointer: '/basis/number' }
  const found = (await reader.basesOfNumber(number)).map((one) => one.digest)
  const only = theOnly(found, { place, what: 'basis documents with this number' })
  if (only === undefined)
    throw new ProtocolError('BASIS_MISSING', 'no basis document with this number is here', { place })
  return { number, digest: only }
}

/**
 * The recognition of an id, where its digest is not named with it.
 *
 * @throws {ProtocolError} `NOT_FOUND`; `QUERY_INVALID` — several, which are listed
 */
export function findCited(
  acts: readonly Statement[],
  { id, digest }: { readonly id: string; readonly digest?: Digest | undefined },
): { readonly id: string; readonly digest: Digest } {
  if (digest !== undefined) return { id, digest }
  const place = { pointer: '/ground/recognition/id' }
  const proposed = acts.flatMap(({ record }) => {
    const agreement = isAttestation(record) ? record.credentialSubject.agreement : undefined
    return agreement?.id === id ? [agreementDigest(agreement)] : []
  })
  const only = theOnly(proposed, { place, what: 'agreements with this id' })
  if (only === undefined) throw new ProtocolError('NOT_FOUND', 'no agreement of this id is here', { place })
  return { id, digest: only }
}

/** Nobody guesses which of several was meant. */
function theOnly<T extends string>(
  found: readonly T[],
  { place, what }: { readonly place: { readonly pointer: string }; readonly what: string },
): T | undefined {
  const [only, ...others] = new Set(found)
  if (others.length === 0) return only
  throw new ProtocolError(
    'QUERY_INVALID',
    `several ${what}, name one of them: ${[only, ...others].join(' ')}`,
    {
      place,
    },
  )
}
