import { ProtocolError } from '../../protocol/error.ts'
import { type Digest, isDigest } from '../../protocol/hash.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import type { ComparedEdition } from '../../protocol/mapping/compare/statement.ts'
import { standardSubject } from '../../protocol/record/standard-record.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Catalogue, StandardSummary } from '../projection/port.ts'

/** An edition as the reader may have it, with what a list shows of it. */
export interface NamedEdition extends ComparedEdition {
  readonly digest: Digest
  readonly summary: StandardSummary
}

export type Named =
  | { readonly kind: 'edition'; readonly edition: NamedEdition }
  | { readonly kind: 'agency'; readonly id: string; readonly editions: readonly NamedEdition[] }

export interface NameOptions {
  /** Of what the reader may have. */
  readonly catalogue: Pick<Catalogue, 'findStandard' | 'findPlace' | 'searchStandards' | 'listEditions'>
  readonly trust: () => Trust
  readonly day: string
}

/** What a number is looked up in. */
export interface NumberOptions {
  readonly catalogue: Pick<Catalogue, 'searchStandards'>
  readonly day: string
}

/** An agency with more is compared by single editions. */
export const maxEditions = 2000

/**
 * What a name means: a member by its DID with all its editions that no later record revises, or one edition by the digest or id of its
 * record, or by its number. What the reader may not have is as if it were not there.
 *
 * @throws {ProtocolError} `NOT_FOUND`, or `QUERY_INVALID` for a number of several editions of which not one alone is in force
 * @see spec/mapping.md, MAP-76
 */
export async function findNamed(name: string, parameter: string, options: NameOptions): Promise<Named> {
  const { catalogue, trust, day } = options
  const place = { pointer: `/${parameter}` }
  if (name.startsWith('did:')) {
    if (!trust().members.has(name)) throw absent(place)
    const editions = await catalogue.listEditions(name, { day, limit: maxEditions + 1 })
    if (editions.length > maxEditions)
      throw new ProtocolError('QUERY_INVALID', `an agency with more than ${maxEditions} editions`, { place })
    return { kind: 'agency', id: name, editions: editions.map(readEdition) }
  }
  const which = await findEditionName(name, parameter, options)
  const digest = isDigest(which) ? which : (await catalogue.findPlace({ id: which }))?.digest
  const found = digest === undefined ? undefined : await catalogue.findStandard(digest, day)
  if (!found) throw absent(place)
  const { record, events: _, ...summary } = found
  return { kind: 'edition', edition: readEdition({ summary, record }) }
}

/**
 * The digest or id that stands for an edition: itself, or what its number means; of several records with one number that alone which is
 * in force. Whether there is a record of a digest or id, it does not say.
 *
 * @throws {ProtocolError} as `findNamed`
 * @see protocol/spec/mapping.md, MAP-76
 */
export async function findEditionName(
  name: string,
  parameter: string,
  { catalogue, day }: NumberOptions,
): Promise<string> {
  if (isDigest(name) || /^https?:/.test(name)) return name
  const place = { pointer: `/${parameter}` }
  const { items } = await catalogue.searchStandards({ number: name, day, limit: 20, offset: 0 })
  const current = items.filter(({ state }) => state === 'in-force')
  const [only, ...others] = items.length === 1 ? items : current
  if (items.length > 0 && (!only || others.length > 0))
    throw new ProtocolError('QUERY_INVALID', 'several editions have this number: name one by its digest', {
      place,
      evidence: { editions: items.map(({ digest, numbers }) => ({ digest, numbers })) },
    })
  if (!only) throw absent(place)
  return only.digest
}

function readEdition({
  summary,
  record,
}: {
  readonly summary: StandardSummary
  readonly record: JsonObject
}): NamedEdition {
  const { id, digest } = summary
  if (!isDigest(digest)) throw new TypeError('a stored record without its digest')
  return {
    id,
    digest,
    subject: standardSubject.parse(record.credentialSubject),
    summary,
  }
}

function absent(place: { readonly pointer: string }): ProtocolError {
  return new ProtocolError('NOT_FOUND', 'there is nothing of this name', { place })
}
