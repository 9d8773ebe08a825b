import { describe, expect, test } from 'vitest'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { parseEntry } from '../../../protocol/log/entry.ts'
import { verifyLoggedRecord, verifyLoggedRecords } from '../../../protocol/verify.ts'

const member = syntheticMember('合成甲', 'http://localhost:7401')
const trust = syntheticTrust([member])

describe('many records at once', () => {
  test('each gets the verdict that it gets alone, and none suffers from its neighbour', async () => {
    const log = new SyntheticLog(member)
    for (let n = 0; n < 50; n += 1) await log.publish(syntheticStandard(n))
    const items = log.logged.map(({ entry, bytes, document }, n) => {
      const parsed = parseEntry(entry)
      const altered: any = structuredClone(document)
      if (n % 7 === 1) altered.credentialSubject.titleZh += '！'
      else if (n % 7 === 2) delete altered.proof
      else if (n % 7 === 3) altered.unknown = ''
      else if (n % 7 === 4) return { entry: parsed, bytes: encodeUtf8('{') }
      else return { entry: parsed, bytes }
      const changed = encodeUtf8(canonicalize(altered))
      // Logged as altered, so that it comes as far as its own fault.
      return { entry: { ...parsed, digest: digestOf(changed) } as typeof parsed, bytes: changed }
    })
    const alone = items.map(({ entry, bytes }) => {
      try {
        return verifyLoggedRecord(entry, bytes, trust)
      } catch (error) {
        return (error as ProtocolError).code
      }
    })
    const together = verifyLoggedRecords(items, trust).map((result) =>
      result instanceof ProtocolError ? result.code : result,
    )
    expect(together).toEqual(alone)
    expect(new Set(alone.filter((result) => typeof result === 'string'))).toEqual(
      new Set(['SIGNATURE_INVALID', 'PROOF_MISSING', 'SCHEMA_INVALID', 'JSON_MALFORMED']),
    )
    expect(verifyLoggedRecords([], trust)).toEqual([])
  })
})
