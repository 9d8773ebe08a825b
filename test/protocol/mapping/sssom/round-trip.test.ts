import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeUtf8 } from '../../../../protocol/bytes.ts'
import { parseSssomTsv } from '../../../../protocol/mapping/sssom/read.ts'
import { formatSssomTsv } from '../../../../protocol/mapping/sssom/write.ts'
import { contentOf, mappingSets } from './set-arbitrary.ts'

test('[MAP-19] what is written is read back as it was, and written again with the same bytes', () => {
  fc.assert(
    fc.property(mappingSets, (set) => {
      const bytes = formatSssomTsv(set)
      const { set: again } = parseSssomTsv(bytes)
      expect(contentOf(again)).toEqual(contentOf(set))
      expect(decodeUtf8(formatSssomTsv(again))).toBe(decodeUtf8(bytes))
    }),
    { numRuns: 300 },
  )
})

test('[MAP-19] the order in which rows and columns come makes no difference', () => {
  fc.assert(
    fc.property(mappingSets, (set) => {
      const turned = { ...set, records: set.records.toReversed() }
      expect(decodeUtf8(formatSssomTsv(turned))).toBe(decodeUtf8(formatSssomTsv(set)))
    }),
    { numRuns: 50 },
  )
})
