import { decodeUtf8 } from '../../protocol/bytes.ts'
import { canonicalBytes } from '../../protocol/canonical.ts'
import type { Digest } from '../../protocol/hash.ts'
import { parseDid } from '../../protocol/identifier/name.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { registryVersionId } from '../../protocol/record/registry-version.ts'
import { asksForWitnesses } from '../../protocol/trust/cosigner.ts'
import type { LoggedVersion } from '../../protocol/trust/registry-chain.ts'
import { publicScope } from '../store/scope.ts'
import type { OpenedRegistry } from '../trust/chain-files.ts'
import { proveEntry } from './bundle.ts'
import type { LogReader } from './port.ts'

export interface ChainOptions {
  readonly reader: LogReader
  readonly known: () => OpenedRegistry
  /** Where a record stands, by its id. */
  readonly findPlace: (id: string) => Promise<ChainPlace | undefined>
}

interface ChainPlace {
  readonly origin: string
  readonly index: number
  readonly digest: string
}

/**
 * The registry that this node holds as a file that is read offline: with the roots that lead to it, and, where witnesses are asked for,
 * with its entries in both bureaus' logs. Until both logged a new version, the one before it is given.
 *
 * @see spec/registry.md, REG-8 and REG-15
 */
export function createChainReader({ reader, known, findPlace }: ChainOptions): () => Promise<Uint8Array> {
  let whole: { readonly of: Digest; readonly bytes: Uint8Array } | undefined

  return async () => {
    const opened = known()
    const { fingerprint } = opened.trust
    if (whole?.of === fingerprint) return whole.bytes
    const logged: LoggedVersion[] = []
    for (const bureau of opened.trust.anchor.root.bureaus) {
      const place = await findPlace(registryVersionId(parseDid(bureau), fingerprint))
      const found = place && (await readLogged(reader, place))
      if (found) logged.push(found)
    }
    const isWhole = logged.length === 2 || !asksForWitnesses(opened.trust)
    if (!isWhole && whole) return whole.bytes
    const bytes = formatChain(opened, logged)
    if (isWhole) whole = { of: fingerprint, bytes }
    return bytes
  }
}

/** Under a note with the quorum, or not at all yet: a proof without witnesses proves no time. */
async function readLogged(reader: LogReader, place: ChainPlace): Promise<LoggedVersion | undefined> {
  const { entry, proof, witnessed } = await proveEntry(reader, place)
  const record = await reader.findRecord(place.digest, publicScope)
  return witnessed && record ? { entry, proof, record: asObject(record.bytes) } : undefined
}

function formatChain(
  { roots, targets, registry }: OpenedRegistry,
  logged: readonly LoggedVersion[],
): Uint8Array {
  return canonicalBytes({
    format: 'csx-registry-chain',
    v: 1,
    roots: roots.map(asObject),
    targets: asObject(targets),
    registry: asObject(registry),
    logged: logged.map((entry) => ({ ...entry })),
  })
}

function asObject(bytes: Uint8Array): JsonObject {
  const value: JsonValue = JSON.parse(decodeUtf8(bytes))
  if (!isJsonObject(value)) throw new TypeError('a file of the registry is no object')
  return value
}
