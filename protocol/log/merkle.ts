import { encodeHex, equalBytes } from '../bytes.ts'
import { type ProblemCode, ProtocolError } from '../error.ts'
import { type Hash, sha256 } from '../hash.ts'

export const hashLength = 32

/** The root of a log without entries: the hash of nothing (RFC 6962, section 2.1). */
export const emptyRoot: Hash = sha256(new Uint8Array(0))

/** A node of the tree hashes as leaf or as inner node, never as both: the first byte tells (RFC 6962, 2.1). */
export function leafHash(entry: Uint8Array): Hash {
  const input = new Uint8Array(1 + entry.length)
  input.set(entry, 1)
  return sha256(input)
}

/** @throws {TypeError} a child that is not 32 bytes long, which would let two pairs share one input */
export function nodeHash(left: Hash, right: Hash): Hash {
  if (left.length !== hashLength || right.length !== hashLength) throw new TypeError('a hash has 32 bytes')
  const input = new Uint8Array(1 + 2 * hashLength)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 1 + hashLength)
  return sha256(input)
}

/**
 * The Merkle tree hash over `hashes`, which are leaf hashes or the roots of complete subtrees of one size; the
 * last one may be the root of a smaller subtree.
 *
 * @see spec/log.md, LOG-2
 */
export function rootOfHashes(hashes: readonly Hash[]): Hash {
  return rootOfConcatenated(joinHashes(hashes))
}

/** As `rootOfHashes`, over hashes one after the other as in a tile, without an object for each. */
export function rootOfConcatenated(hashes: Uint8Array): Hash {
  if (hashes.length % hashLength !== 0) throw new TypeError('a hash has 32 bytes')
  if (hashes.length === 0) return emptyRoot
  const row = Uint8Array.from(hashes)
  const input = new Uint8Array(1 + 2 * hashLength)
  input[0] = 1
  for (let width = row.length; width > hashLength; ) {
    let written = 0
    for (let read = 0; read < width; read += 2 * hashLength) {
      if (read + hashLength < width) {
        input.set(row.subarray(read, read + 2 * hashLength), 1)
        row.set(sha256(input), written)
      } else {
        row.copyWithin(written, read, read + hashLength)
      }
      written += hashLength
    }
    width = written
  }
  return row.slice(0, hashLength)
}

/** @throws {TypeError} a hash that is not 32 bytes long */
export function joinHashes(hashes: readonly Hash[]): Uint8Array {
  const joined = new Uint8Array(hashes.length * hashLength)
  hashes.forEach((hash, i) => {
    if (hash.length !== hashLength) throw new TypeError('a hash has 32 bytes')
    joined.set(hash, i * hashLength)
  })
  return joined
}

/**
 * Folds an inclusion path up to the root it implies (RFC 9162, section 2.1.3.2).
 *
 * Proves position, not authorship: compare the result with the root of a checkpoint whose signature you verified.
 *
 * @throws {ProtocolError} `INCLUSION_INVALID` — index outside the tree, or a path of the wrong length
 * @see spec/log.md, LOG-3
 */
export function rootFromPath(leaf: Hash, index: number, size: number, path: readonly Hash[]): Hash {
  if (!isSize(size) || !isSize(index) || index >= size) {
    throw new ProtocolError('INCLUSION_INVALID', 'index outside the tree', { evidence: { index, size } })
  }
  requireHashes([leaf, ...path], 'INCLUSION_INVALID')
  let node = index
  let last = size - 1
  let hash = leaf
  for (const sibling of path) {
    if (last === 0) throw new ProtocolError('INCLUSION_INVALID', 'path longer than the tree is high')
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      while (node % 2 === 0 && node > 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    node = half(node)
    last = half(last)
  }
  if (last !== 0) throw new ProtocolError('INCLUSION_INVALID', 'path shorter than the tree is high')
  return hash
}

export interface InclusionClaim {
  readonly leaf: Hash
  readonly index: number
  readonly size: number
  readonly path: readonly Hash[]
  readonly root: Hash
}

/**
 * Proves that `leaf` stands at `index` in the tree of `size` leaves with this root; nothing about who signed it.
 *
 * @throws {ProtocolError} `INCLUSION_INVALID`
 * @see spec/log.md, LOG-3
 */
export function verifyInclusion({ leaf, index, size, path, root }: InclusionClaim): void {
  const implied = rootFromPath(leaf, index, size, path)
  if (!equalBytes(implied, root)) {
    throw new ProtocolError('INCLUSION_INVALID', 'the path leads to another root', {
      evidence: { index, size, root: encodeHex(root), implied: encodeHex(implied) },
    })
  }
}

export interface ConsistencyClaim {
  readonly oldSize: number
  readonly oldRoot: Hash
  readonly newSize: number
  readonly newRoot: Hash
  readonly path: readonly Hash[]
}

/**
 * Proves that the new tree holds the old one unchanged as its beginning (RFC 9162, section 2.1.4.2).
 *
 * Any tree extends the empty one, by an empty path; a tree extends itself by an empty path and an equal root.
 *
 * @throws {ProtocolError} `CONSISTENCY_INVALID`
 * @see spec/log.md, LOG-4 and LOG-5
 */
export function verifyConsistency({ oldSize, oldRoot, newSize, newRoot, path }: ConsistencyClaim): void {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) {
    throw new ProtocolError('CONSISTENCY_INVALID', 'not from a smaller tree to a larger one', {
      evidence: { oldSize, newSize },
    })
  }
  requireHashes([oldRoot, newRoot, ...path], 'CONSISTENCY_INVALID')
  if (oldSize === 0) requireRoot(emptyRoot, oldRoot, 'old')
  if (newSize === 0) requireRoot(emptyRoot, newRoot, 'new')
  if (oldSize === 0 || oldSize === newSize) {
    if (path.length > 0) throw new ProtocolError('CONSISTENCY_INVALID', 'a path where nothing is to be shown')
    if (oldSize === newSize) requireRoot(oldRoot, newRoot, 'new')
    return
  }
  let node = oldSize - 1
  let last = newSize - 1
  while (node % 2 === 1) {
    node = half(node)
    last = half(last)
  }
  // Where the old tree is one complete subtree its root is known, and the path begins after it.
  const [first, ...rest] = node === 0 ? [oldRoot, ...path] : path
  if (!first) throw new ProtocolError('CONSISTENCY_INVALID', 'an empty path')
  let oldHash = first
  let newHash = first
  for (const sibling of rest) {
    if (last === 0) throw new ProtocolError('CONSISTENCY_INVALID', 'path longer than the tree is high')
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(sibling, oldHash)
      newHash = nodeHash(sibling, newHash)
      while (node % 2 === 0 && node > 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      newHash = nodeHash(newHash, sibling)
    }
    node = half(node)
    last = half(last)
  }
  if (last !== 0) throw new ProtocolError('CONSISTENCY_INVALID', 'path shorter than the tree is high')
  requireRoot(oldHash, oldRoot, 'old')
  requireRoot(newHash, newRoot, 'new')
}

/** Sizes reach 2^53 - 1, so nothing here may use the 32-bit operators of the language. */
export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function half(value: number): number {
  return Math.floor(value / 2)
}

function requireHashes(hashes: readonly Uint8Array[], code: ProblemCode): void {
  if (hashes.some((hash) => hash.length !== hashLength)) throw new ProtocolError(code, 'a hash has 32 bytes')
}

function requireRoot(implied: Hash, root: Hash, which: 'old' | 'new'): void {
  if (!equalBytes(implied, root)) {
    throw new ProtocolError('CONSISTENCY_INVALID', `the path leads to another ${which} root`, {
      evidence: { root: encodeHex(root), implied: encodeHex(implied) },
    })
  }
}
