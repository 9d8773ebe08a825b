import { sortMembers } from '../canonical.ts'
import { recordContexts } from '../context/name.ts'
import type { JsonObject, JsonValue } from '../json-value.ts'
import type { Draft, EpochDraft, RegistryVersionDraft } from './draft.ts'

/**
 * Makes the unsigned record of a draft: the node adds context, id and issuer, nothing else. Members that were not stated
 * are left out, and all stand in canonical order, so that printing the record gives the bytes that are signed.
 *
 * @see spec/record.md, REC-14
 */
export function composeRecord(
  draft: Draft | EpochDraft | RegistryVersionDraft,
  names: { readonly id: string; readonly issuer: string },
): JsonObject {
  const { type, credentialSubject, ...stated } = draft
  return sortMembers({
    '@context': [...recordContexts],
    ...definedOnly(stated),
    credentialSubject: definedOnly(credentialSubject),
    id: names.id,
    issuer: names.issuer,
    type: ['VerifiableCredential', type],
  })
}

/** Members with a value, at every level, as plain JSON. */
function definedOnly(value: object): JsonObject {
  const entries: [string, JsonValue][] = []
  for (const [key, member] of Object.entries(value))
    if (member !== undefined) entries.push([key, plain(member)])
  return Object.fromEntries(entries)
}

function plain(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) return definedOnly(value)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return null
}
