import { createHash } from 'node:crypto'

/** The definitions of RFC 6962, section 2.1, written down as they stand there, over given leaf hashes. */
export class NaiveTree {
  readonly leaves: readonly Uint8Array[]
  private readonly known = new Map<string, Uint8Array>()

  constructor(leaves: readonly Uint8Array[]) {
    this.leaves = leaves
  }

  /** MTH(D[start:end]) */
  root(start = 0, end = this.leaves.length): Uint8Array {
    if (end - start === 0) return sha256()
    if (end - start === 1) return this.leaves[start]!
    const name = `${start}-${end}`
    const before = this.known.get(name)
    if (before) return before
    const k = split(end - start)
    const hash = sha256(Uint8Array.of(1), this.root(start, start + k), this.root(start + k, end))
    this.known.set(name, hash)
    return hash
  }

  /** PATH(m, D[start:end]) */
  inclusion(m: number, start: number, end: number): Uint8Array[] {
    if (end - start === 1) return []
    const k = split(end - start)
    return m < k
      ? [...this.inclusion(m, start, start + k), this.root(start + k, end)]
      : [...this.inclusion(m - k, start + k, end), this.root(start, start + k)]
  }

  /** PROOF(m, D[0:n]) */
  consistency(m: number, n: number): Uint8Array[] {
    return m === 0 ? [] : this.subproof(m, 0, n, true)
  }

  private subproof(m: number, start: number, end: number, whole: boolean): Uint8Array[] {
    if (m === end - start) return whole ? [] : [this.root(start, end)]
    const k = split(end - start)
    return m <= k
      ? [...this.subproof(m, start, start + k, whole), this.root(start + k, end)]
      : [...this.subproof(m - k, start + k, end, false), this.root(start, start + k)]
  }

  /** Tile `index` of `level` in the tree of the first `size` leaves, by the formula of tlog-tiles. */
  tile(level: number, index: number, size: number): Uint8Array {
    const span = 256 ** level
    const hashes: Uint8Array[] = []
    for (let i = 0; i < 256; i += 1) {
      const start = (index * 256 + i) * span
      if (start + span > size) break
      hashes.push(this.root(start, start + span))
    }
    return Buffer.concat(hashes)
  }
}

/** Cheap, all different: a leaf hash need not be the hash of anything for the tree to be a tree. */
export function syntheticLeaves(count: number, seed = 1): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const leaf = new Uint8Array(32)
    const view = new DataView(leaf.buffer)
    view.setUint32(0, i)
    view.setUint32(4, seed)
    view.setUint32(28, i * 2654435761)
    return leaf
  })
}

function split(n: number): number {
  let k = 1
  while (2 * k < n) k *= 2
  return k
}

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}
