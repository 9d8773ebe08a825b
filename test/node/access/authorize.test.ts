import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { createAsking } from '../../../node/access/authorize.ts'
import { requestScheme } from '../../../protocol/request-proof.ts'
import { createClock } from '../../support/log.ts'

const self = syntheticMember('璧山（合成）', 'http://localhost:7401')
const short = syntheticMember('眉山（合成）', 'http://localhost:7402')
const long = syntheticMember('泸州（合成）', 'http://localhost:7402/b')

test.each([
  ['before', [self, short, long]],
  ['after', [self, long, short]],
])(
  '[TIER-10] a proof is for the member with the longest base, whichever the registry names %s',
  async (_, members) => {
    const trust = syntheticTrust(members)
    const asking = createAsking({
      deps: createClock().deps,
      trust: () => trust,
      self: self.did,
      signer: async () => self.request,
    })
    const audienceOf = async (url: string) => {
      const header = await asking.authorize(url)
      return header && decodeJwt(header.slice(requestScheme.length + 1)).aud
    }
    expect(await audienceOf('http://localhost:7402/b/log/1/records/000')).toBe(long.did)
    expect(await audienceOf('http://localhost:7402/log/1/records/000')).toBe(short.did)
    expect(await audienceOf('http://localhost:7402/bc/log/1/records/000')).toBe(short.did)
    expect(await audienceOf('http://localhost:7403/log/1/records/000')).toBeUndefined()
  },
)
