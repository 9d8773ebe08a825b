import { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import type { SyntheticMember } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { canonicalize } from '../../protocol/canonical.ts'
import { formatMoment } from '../../protocol/date.ts'
import { digestOf } from '../../protocol/hash.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { formatEntryBundle, formatTilePath, fullWidth, tileWidth } from '../../protocol/log/tile.ts'
import { growTree } from '../../protocol/log/tree.ts'

/** When the first entry of a peer's log is dated; later ones follow by the second. */
export const firstMoment = Date.UTC(2026, 0, 5, 1)

/** What a faulty entry may state; what is left out is as it should be. */
export interface LeafChange {
  readonly entry?: Readonly<Record<string, unknown>>
  /** Exact leaf bytes, in place of an entry. */
  readonly leaf?: Uint8Array
  /** Exact bytes to serve as its record; `null` withholds it. */
  readonly record?: Uint8Array | null
}

/** A log in memory that can also hold what no honest log would, and be forked. */
export class PeerLog extends SyntheticLog {
  /** Bytes served as the record of an index, where they are not those of the document. */
  readonly served = new Map<number, Uint8Array | null>()

  constructor(member: SyntheticMember) {
    super(member, firstMoment)
  }

  get size(): number {
    return this.logged.length
  }

  /** `amount` sound standards, numbered from `first`. */
  async publishStandards(amount: number, first = this.size): Promise<void> {
    for (let n = first; n < first + amount; n += 1) await this.publish(syntheticStandard(n))
  }

  /** Logs a document with an entry and a record that may not fit it. */
  appendFaulty(document: JsonObject, change: LeafChange = {}): number {
    const index = this.size
    const bytes = encodeUtf8(canonicalize(document))
    const types = Array.isArray(document.type) ? document.type : []
    const entry = {
      at: formatMoment(firstMoment + index * 1000),
      digest: digestOf(bytes),
      id: String(document.id),
      index,
      log: this.member.origin,
      tier: 'public',
      type: String(types[1]),
      v: 1,
      ...change.entry,
    }
    const leaf = change.leaf ?? encodeUtf8(canonicalize(JSON.parse(JSON.stringify(entry))))
    this.logged.push({ id: String(document.id), digest: digestOf(bytes), document, entry: leaf, bytes })
    if (change.record !== undefined) this.served.set(index, change.record)
    this.grow(leaf, index)
    return index
  }

  /** Another log of the same member and key, equal to this one below `size`. */
  fork(size: number): PeerLog {
    const fork = new PeerLog(this.member)
    for (const [index, logged] of this.logged.slice(0, size).entries()) {
      fork.logged.push(logged)
      const served = this.served.get(index)
      if (served !== undefined) fork.served.set(index, served)
      fork.grow(logged.entry, index)
    }
    return fork
  }

  private grow(leaf: Uint8Array, index: number): void {
    const inner = this as unknown as { tiles: Map<string, Uint8Array>; root: Uint8Array }
    const grown = growTree(index, this.readTile, [leafHash(leaf)])
    for (const { coord, hashes } of grown.tiles) inner.tiles.set(`${coord.level}/${coord.index}`, hashes)
    inner.root = grown.root
  }

  entryBundle(index: number, width: number): Uint8Array {
    const start = index * fullWidth
    return formatEntryBundle(this.logged.slice(start, start + width).map(({ entry }) => entry))
  }

  /** The lines of [from, end), until about `maxBytes`. */
  recordPage(from: number, end: number, maxBytes = 8 << 20): Uint8Array {
    const parts: Uint8Array[] = []
    let size = 0
    for (let index = from; index < Math.min(end, this.size) && size < maxBytes; index += 1) {
      const served = this.served.get(index)
      if (served === null) continue
      const bytes = served ?? this.logged[index]!.bytes
      parts.push(encodeUtf8(`{"index":${index},"record":`), bytes, encodeUtf8('}\n'))
      size += bytes.length
    }
    return new Uint8Array(Buffer.concat(parts))
  }

  /** Every file of the log's layout, as somebody would write them to a stick. */
  async files(): Promise<ReadonlyMap<string, Uint8Array>> {
    const files = new Map<string, Uint8Array>([
      ['checkpoint', encodeUtf8(await this.checkpointAt(this.size))],
    ])
    for (let level = 0; fullWidth ** level <= this.size; level += 1) {
      for (let index = 0; tileWidth(level, index, this.size) > 0; index += 1) {
        const tile = { level, index, width: tileWidth(level, index, this.size) }
        files.set(formatTilePath(tile), this.readTile(tile))
        if (level > 0) continue
        const start = index * fullWidth
        const path = formatTilePath(tile).replace('tile/0/', '')
        files.set(`tile/entries/${path}`, this.entryBundle(index, tile.width))
        files.set(`records/${path}`, this.recordPage(start, start + tile.width, Number.POSITIVE_INFINITY))
      }
    }
    return files
  }
}
