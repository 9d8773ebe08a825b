import { ProtocolError, pointerStep } from '../error.ts'
import { parseDid } from '../identifier/name.ts'
import { parseJson } from '../json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import { type PublicKey, parseMultikey } from '../key.ts'
import type { Member, Purpose } from './registry.ts'

export const didContexts = ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'] as const

/** Purposes whose signatures strangers meet. The others sign notes, under names of their own. */
const relationships: readonly (readonly [name: Relationship, purposes: readonly Purpose[]])[] = [
  ['assertionMethod', ['publish', 'attest']],
  ['authentication', ['request']],
]

export type Relationship = 'assertionMethod' | 'authentication'

/**
 * The DID document of a member, made from the registry (DID Core 1.0; W3C Controlled Identifiers 1.0). Every key stands in it for
 * ever, so that what it signed can be resolved; a key whose ranges ended stands in no relationship.
 *
 * A convenience for strangers, who cannot see at which index a record stands: our own verifiers never read it.
 *
 * @param sizeOf how long a log of the member is now
 * @see spec/key.md, KEY-40 and KEY-41
 */
export function makeDidDocument(member: Member, sizeOf: (origin: string) => number): JsonObject {
  const idOf = (multikey: string) => `${member.id}#${multikey}`
  const closed = new Set(member.origins.filter((log) => log.closed).map(({ origin }) => origin))
  const counts = ({ valid }: Member['keys'][number]) =>
    valid.some(({ origin, to }) => !closed.has(origin) && (to === undefined || sizeOf(origin) < to))
  const keysFor = (purposes: readonly Purpose[]) =>
    member.keys.filter(({ purpose }) => purposes.includes(purpose))
  return {
    '@context': [...didContexts],
    id: member.id,
    verificationMethod: keysFor(relationships.flatMap(([, purposes]) => purposes)).map(({ multikey }) => ({
      id: idOf(multikey),
      type: 'Multikey',
      controller: member.id,
      publicKeyMultibase: multikey,
    })),
    ...Object.fromEntries(
      relationships.map(([name, purposes]) => [
        name,
        keysFor(purposes)
          .filter(counts)
          .map(({ multikey }) => idOf(multikey)),
      ]),
    ),
  }
}

export interface DidDocument {
  readonly did: string
  /** By the id of the verification method. */
  readonly keys: ReadonlyMap<
    string,
    { readonly key: PublicKey; readonly relationships: ReadonlySet<Relationship> }
  >
}

const maxDocumentBytes = 1 << 18

/**
 * Reads the DID document that somebody serves for a DID. Proves that it is about this DID and that each of its keys is controlled by it;
 * not that the DID's owner wrote it: that is for whoever fetched it.
 *
 * @throws {ProtocolError} `DID_MALFORMED` — not a `did:web` of ours, or not a document; `DID_MISMATCH` — the document of another;
 *   `KEY_MALFORMED`; `KEY_CONTROLLER_MISMATCH`; what the strict reader throws
 * @see spec/key.md, KEY-42
 */
export function parseDidDocument(bytes: Uint8Array, did: string): DidDocument {
  parseDid(did)
  const document = parseJson(bytes, maxDocumentBytes)
  if (!isJsonObject(document) || typeof document.id !== 'string') throw malformed('', 'not a DID document')
  parseDid(document.id)
  if (document.id !== did)
    throw new ProtocolError('DID_MISMATCH', 'the document of another DID', {
      place: { pointer: '/id' },
      evidence: { expected: did, found: document.id },
    })
  const keys = new Map<string, { key: PublicKey; relationships: Set<Relationship> }>()
  for (const [i, method] of listOf(document, 'verificationMethod').entries()) {
    const { id, key } = readMethod(method, did, `/verificationMethod${pointerStep(i)}`)
    if (keys.has(id)) throw malformed(`/verificationMethod${pointerStep(i)}/id`, 'a key stands twice')
    keys.set(id, { key, relationships: new Set() })
  }
  for (const [name] of relationships)
    for (const [i, id] of listOf(document, name).entries()) {
      const found = typeof id === 'string' ? keys.get(id) : undefined
      if (!found) throw malformed(`/${name}${pointerStep(i)}`, 'not one of its verification methods')
      found.relationships.add(name)
    }
  return { did, keys }
}

function listOf(document: JsonObject, name: string): readonly JsonValue[] {
  const value = document[name] ?? []
  if (!Array.isArray(value)) throw malformed(`/${name}`, 'a list')
  return value
}

function readMethod(
  method: JsonValue,
  did: string,
  pointer: string,
): { readonly id: string; readonly key: PublicKey } {
  const { id, type, controller, publicKeyMultibase } = isJsonObject(method) ? method : {}
  if (type !== 'Multikey' || typeof publicKeyMultibase !== 'string')
    throw malformed(pointer, 'a Multikey was expected')
  if (controller !== did)
    throw new ProtocolError('KEY_CONTROLLER_MISMATCH', 'the key is controlled by another', {
      place: { pointer: `${pointer}/controller` },
    })
  if (id !== `${did}#${publicKeyMultibase}`) throw malformed(`${pointer}/id`, 'a key is named by itself')
  return { id, key: parseMultikey(publicKeyMultibase) }
}

function malformed(pointer: string, message: string): ProtocolError {
  return new ProtocolError('DID_MALFORMED', message, { place: { pointer } })
}
