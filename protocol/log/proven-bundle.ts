import { equalBytes } from '../bytes.ts'
import type { Hash } from '../hash.ts'
import { joinHashes, rootOfConcatenated } from './merkle.ts'
import { fullWidth } from './tile.ts'

/** What a proven tree says of one bundle of its entries: a full one has this root, the last one these leaf hashes. */
export type ProvenBundle = { readonly root: Hash } | { readonly leaves: Uint8Array }

/**
 * Whether these are the leaf hashes of the bundle, all of them. As good as what is expected, which must have been proven.
 *
 * @see spec/sync.md, SYNC-5
 */
export function isBundleOf(leaves: readonly Hash[], expected: ProvenBundle): boolean {
  const joined = joinHashes(leaves)
  return 'root' in expected
    ? leaves.length === fullWidth && equalBytes(rootOfConcatenated(joined), expected.root)
    : equalBytes(joined, expected.leaves)
}
