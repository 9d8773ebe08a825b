import { decodeHex, encodeHex, encodeUtf8 } from '../../../protocol/bytes.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { openCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { verifyCommitment } from '../../../protocol/log/commitment.ts'
import { formatEntry, parseEntry } from '../../../protocol/log/entry.ts'
import { verifyConsistency, verifyInclusion } from '../../../protocol/log/merkle.ts'
import { formatNote, parseNote, parseVerifierKey } from '../../../protocol/log/note.ts'
import { verifyRange } from '../../../protocol/log/range.ts'
import { parseEntryBundle, parseTilePath } from '../../../protocol/log/tile.ts'
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '../../../protocol/log/tlog-proof.ts'

type Read = Record<string, unknown>

const operations: Record<string, (input: any) => Read> = {
  openCheckpoint: ({ note, origin, keys }) => {
    const { checkpoint } = openCheckpoint(note, { origin, keys: keys.map(parseVerifierKey) })
    return { origin: checkpoint.origin, size: checkpoint.size }
  },
  parseNote: ({ note }) => same(note, formatNote(parseNote(note))),
  parseVerifierKey: ({ key }) => {
    const { name, id, type } = parseVerifierKey(key)
    return { name, id, type }
  },
  parseEntry: ({ entry }) => same(encodeUtf8(entry), formatEntry(parseEntry(encodeUtf8(entry)))),
  verifyCommitment: ({ commitment, salt, record, operation: _, ...opening }) => {
    verifyCommitment(commitment, { ...opening, salt: decodeHex(salt), recordBytes: encodeUtf8(record) })
    return {}
  },
  parseTilePath: ({ path }) => ({ ...parseTilePath(path) }),
  parseEntryBundle: ({ bytes, width }) => ({
    entries: parseEntryBundle(decodeHex(bytes), width).map(encodeHex),
  }),
  verifyInclusion: ({ leaf, root, path, index, size }) => {
    verifyInclusion({ leaf: decodeHex(leaf), root: decodeHex(root), path: path.map(decodeHex), index, size })
    return {}
  },
  verifyConsistency: ({ oldSize, newSize, oldRoot, newRoot, path }) => {
    const roots = { oldRoot: decodeHex(oldRoot), newRoot: decodeHex(newRoot) }
    verifyConsistency({ oldSize, newSize, ...roots, path: path.map(decodeHex) })
    return {}
  },
  verifyRange: ({ from, size, root, left, leafHashes }) => {
    const hashes = { left: left.map(decodeHex), leafHashes: leafHashes.map(decodeHex) }
    verifyRange({ from, size, root: decodeHex(root), ...hashes })
    return {}
  },
  verifyTlogProof: ({ proof, leaf, origin, keys }) => {
    const parsed = parseTlogProof(proof)
    same(proof, formatTlogProof(parsed))
    verifyTlogProof(parsed, { leaf: decodeHex(leaf), origin, keys: keys.map(parseVerifierKey) })
    return { index: parsed.index }
  },
}

/** What a vector's input comes to, in the form of its `expect`. */
export function runVector(input: { readonly operation: string }): Read {
  const operation = operations[input.operation]
  if (!operation) throw new Error(`no operation ${input.operation}`)
  try {
    return { ok: true, ...operation(input) }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { ok: false, code: error.code }
  }
}

function same(before: string | Uint8Array, after: string | Uint8Array): Read {
  if (Buffer.compare(Buffer.from(before as string), Buffer.from(after as string)) !== 0) {
    throw new Error('read and printed again, it is another text')
  }
  return {}
}
