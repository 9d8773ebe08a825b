import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeUtf8 } from '../../../../protocol/bytes.ts'
import { ProtocolError } from '../../../../protocol/error.ts'
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

test('[MAP-10] a set that was damaged anywhere is read or refused, and nothing else happens', () => {
  fc.assert(
    fc.property(
      mappingSets,
      fc.nat(),
      fc.constantFrom('"', '\t', '\n', '\r', '#', ':', '|', '\\', '\0', '', 'é'),
      (set, at, piece) => {
        const text = decodeUtf8(formatSssomTsv(set))
        const place = at % text.length
        for (const damaged of [text.slice(0, place) + piece + text.slice(place + 1), text.slice(0, place)]) {
          try {
            const { set: read } = parseSssomTsv(new TextEncoder().encode(damaged))
            expect(decodeUtf8(formatSssomTsv(parseSssomTsv(formatSssomTsv(read)).set))).toBe(
              decodeUtf8(formatSssomTsv(read)),
            )
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('[MAP-16] what is written without condensing says the same', () => {
  fc.assert(
    fc.property(mappingSets, (set) => {
      const bytes = formatSssomTsv(set, { condensed: false })
      expect(contentOf(parseSssomTsv(bytes).set)).toEqual(contentOf(set))
    }),
    { numRuns: 100 },
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
