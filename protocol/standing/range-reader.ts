import { decodeUtf8 } from '../bytes.ts'
import type { Digest } from '../hash.ts'
import type { Entry } from '../log/entry.ts'
import type { ExchangeRecord } from '../record/envelope.ts'

/** What opens an entry that is not public, to a record by its digest. */
interface RangeOpening {
  readonly digest: Digest
  readonly salt: Uint8Array
}

export interface RangeReader {
  /** Exact bytes by digest; one that is missing leaves the question open. */
  readonly records: ReadonlyMap<string, Uint8Array>
  /** By index, of the entries that are opened. */
  readonly openings: ReadonlyMap<number, RangeOpening>
  /** Milliseconds since the epoch: an entry dated later than this is dated in the future. */
  readonly latest: number
  /** Whether the witnesses at hand contradict the time that an entry states: then everybody ignores it. */
  readonly isContradicted?: (entry: Entry) => boolean
  /** Verifies an entry with its record, or throws the fault for which everybody ignores it. */
  readonly verify: (
    entry: Entry,
    opening: { readonly bytes: Uint8Array; readonly salt?: Uint8Array },
  ) => { readonly record: ExchangeRecord }
}

/** Of a public record its entry says it. */
interface Head {
  readonly id: string
  readonly type: string
}

/** What records say about themselves, read once for each. */
export type Heads = Map<Digest, Head>

/** Of a record that no entry says the id and type of. */
export function headOf(digest: Digest, bytes: Uint8Array, heads: Heads): Head {
  const known = heads.get(digest)
  if (known) return known
  const { id, type }: { readonly id?: unknown; readonly type?: unknown } = JSON.parse(decodeUtf8(bytes))
  const head = { id: String(id), type: Array.isArray(type) ? String(type[1]) : '' }
  heads.set(digest, head)
  return head
}
