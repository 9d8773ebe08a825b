import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeBase64, decodeHex, encodeHex, encodeUtf8 } from '../../../protocol/bytes.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import { openCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { formatEntry, parseEntry } from '../../../protocol/log/entry.ts'
import { leafHash, rootOfHashes } from '../../../protocol/log/merkle.ts'
import { formatVerifierKey, parseVerifierKey } from '../../../protocol/log/note.ts'
import { verifyRange } from '../../../protocol/log/range.ts'
import { parseBundlePath, parseTile, parseTilePath } from '../../../protocol/log/tile.ts'
import { parseTlogProof, verifyTlogProof } from '../../../protocol/log/tlog-proof.ts'

const page = readFileSync(new URL('../../../protocol/spec/log.md', import.meta.url), 'utf8')

/** What stands in the fenced block of this name, its last line feed included. */
function block(name: string): string {
  const found = new RegExp(`^\`\`\`(?:text|json) ${name}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)
  if (!found) throw new Error(`no block ${name}`)
  return found[1]!
}

const origin = 'bishan.example/log/1'
const keys = ['log-key', 'cosigner-key'].map((name) => parseVerifierKey(block(name).trimEnd()))
const entries = block('entries').trimEnd().split('\n').map(encodeUtf8)
const leaves = entries.map(leafHash)

describe('the example of spec/log.md', () => {
  test('[LOG-15] its entries are read and printed', () => {
    expect(entries.map((bytes) => parseEntry(bytes).tier)).toEqual(['public', 'pair', 'public'])
    for (const bytes of entries) expect(encodeHex(formatEntry(parseEntry(bytes)))).toBe(encodeHex(bytes))
  })

  test('[LOG-20] its commitment is the hash of what it shows', () => {
    const salt = decodeHex(block('commitment-salt').trimEnd())
    const record = decodeHex(block('commitment-record-digest').trimEnd())
    const hash = sha256Hex(Buffer.concat([encodeUtf8(block('commitment-head')), salt, record]))
    expect(parseEntry(entries[1]!)).toMatchObject({ commitment: `c1:${hash}` })
  })

  test('[LOG-6] its tile holds the hashes of its entries', () => {
    const [tile = '', bundle = ''] = block('tile-paths').trimEnd().split('\n')
    const coordinate = parseTilePath(tile)
    expect(parseBundlePath(bundle).width).toBe(coordinate.width)
    const bytes = decodeHex(block('tile').replaceAll('\n', ''))
    expect(parseTile(bytes, coordinate.width).map(encodeHex)).toEqual(leaves.map(encodeHex))
  })

  test('[LOG-32] its checkpoint opens, cosigned, over its entries', () => {
    const { checkpoint, signatures } = openCheckpoint(block('checkpoint'), { origin, keys })
    expect(checkpoint.size).toBe(entries.length)
    expect(encodeHex(checkpoint.root)).toBe(encodeHex(rootOfHashes(leaves)))
    expect(signatures.map(({ key }) => formatVerifierKey(key))).toEqual(keys.map(formatVerifierKey))
    expect(page).toContain(`cosigned by a witness at ${signatures[1]?.timestamp}:`)
  })

  test('[LOG-37] its proof proves the second entry', () => {
    const proof = parseTlogProof(block('proof'))
    expect(proof.index).toBe(1)
    expect(verifyTlogProof(proof, { leaf: leaves[1]!, origin, keys }).checkpoint.size).toBe(3)
  })

  test('[LOG-12] its range proves the last two', () => {
    const { from, left, leaves: run, size, root } = JSON.parse(block('range'))
    expect(run.map(decodeBase64).map(encodeHex)).toEqual(leaves.slice(1).map(encodeHex))
    const claim = {
      from,
      left: left.map(decodeBase64),
      leafHashes: run.map(decodeBase64),
      size,
      root: decodeBase64(root),
    }
    expect(() => verifyRange(claim)).not.toThrow()
  })
})
