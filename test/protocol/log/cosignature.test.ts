import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as example from '../../../fixtures/generate/log-example.ts'
import published from '../../../fixtures/published/c2sp-tlog.json' with { type: 'json' }
import { encodeHex, encodeUtf8 } from '../../../protocol/bytes.ts'
import { signCosignature, verifyCosignature } from '../../../protocol/log/cosignature.ts'
import { parseNote } from '../../../protocol/log/note.ts'
import { codeOf, codeOfAsync } from './expect-code.ts'

const { checkpointText, witnessName: name, witnessSigner: signer } = example
const key = signer.publicKey

describe('cosignatures', () => {
  test('[LOG-34] the signed message is two lines before the text', async () => {
    const { bytes, id } = await signCosignature(checkpointText, { name, signer, timestamp: 1_679_315_147 })
    expect(encodeHex(bytes.subarray(0, 8))).toBe((1_679_315_147).toString(16).padStart(16, '0'))
    const message = encodeUtf8(`cosignature/v1\ntime 1679315147\n${checkpointText}`)
    expect(key.verify(message, bytes.subarray(8))).toBe(true)
    expect(id).toBe(example.witnessKey.split('+')[1])
  })

  test('[LOG-35] C2SP tlog-cosignature: the time of the example', () => {
    const { note, timestamp } = published.checkpoint
    const line = parseNote(note).signatures[1]!
    expect(line.bytes.length).toBe(72)
    expect(Number(new DataView(line.bytes.buffer, line.bytes.byteOffset).getBigUint64(0))).toBe(timestamp)
  })

  test('[LOG-34] what a cosigner signed verifies with its time; another text or time does not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 253_402_300_799 }), async (timestamp) => {
        const line = await signCosignature(checkpointText, { name, signer, timestamp })
        expect(verifyCosignature(checkpointText, line, key)).toBe(timestamp)
        const invalid = 'CHECKPOINT_SIGNATURE_INVALID'
        expect(codeOf(() => verifyCosignature(`${checkpointText}x\n`, line, key))).toBe(invalid)
        const later = line.bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte))
        expect(codeOf(() => verifyCosignature(checkpointText, { ...line, bytes: later }, key))).toBe(invalid)
        for (const length of [0, 7, 8, 71]) {
          const cut = { ...line, bytes: line.bytes.subarray(0, length) }
          expect(codeOf(() => verifyCosignature(checkpointText, cut, key))).toBe(invalid)
        }
      }),
      { numRuns: 50 },
    )
  })

  test.each([0, -1, 1.5, 2 ** 53, 253_402_300_800, Number.NaN])(
    '[LOG-35] %d is no time to sign',
    async (timestamp) => {
      const outcome = await codeOfAsync(() => signCosignature(checkpointText, { name, signer, timestamp }))
      expect(outcome).toBe('TypeError')
    },
  )
})
