import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as example from '../../../fixtures/generate/log-example.ts'
import { decodeUtf8, encodeHex, encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { commit } from '../../../protocol/log/commitment.ts'
import { type Entry, formatEntry, maxEntryBytes, parseEntry, tiers } from '../../../protocol/log/entry.ts'
import { leafHash } from '../../../protocol/log/merkle.ts'
import { codeOf } from './expect-code.ts'

const name = fc.string({ unit: fc.constantFrom(...'abcxyz0129-./:~!'), minLength: 1, maxLength: 60 })
const place = {
  at: fc
    .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
    .map((at) => at.toISOString()),
  index: fc.oneof(fc.nat(), fc.maxSafeNat()),
  log: name,
  v: fc.constant(1 as const),
}
const commitment = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `c1:${encodeHex(bytes)}` as const)
const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    ...place,
    tier: fc.constant('public' as const),
    digest: fc.string().map(digestOf),
    id: name.map((path) => `https://a.example/${path}`),
    type: fc.string({ unit: fc.constantFrom(...'ABCxyz'), minLength: 1, maxLength: 64 }),
  }),
  fc.record({
    ...place,
    tier: fc.constantFrom('group' as const, 'pair' as const),
    audience: name,
    commitment,
  }),
  fc.record({ ...place, tier: fc.constantFrom('federation' as const, 'private' as const), commitment }),
)

function parse(text: string): Entry {
  return parseEntry(encodeUtf8(text))
}

describe('entries', () => {
  test('[LOG-15] an entry that is printed is read as it was, and the other way round', () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const bytes = formatEntry(entry)
        expect(parseEntry(bytes)).toEqual(entry)
        expect(encodeHex(formatEntry(parseEntry(bytes)))).toBe(encodeHex(bytes))
        expect(decodeUtf8(bytes)).toBe(canonicalize({ ...entry }))
      }),
    )
  })

  test('[LOG-15] one byte altered gives another entry or none, never the same', () => {
    fc.assert(
      fc.property(anyEntry, fc.nat(), fc.integer({ min: 1, max: 255 }), (entry, at, change) => {
        const bytes = formatEntry(entry)
        const altered = bytes.map((byte, i) => (i === at % bytes.length ? byte ^ change : byte))
        const outcome = codeOf(() => parseEntry(altered))
        if (outcome === 'passed') expect(encodeHex(formatEntry(parseEntry(altered)))).toBe(encodeHex(altered))
        else expect(outcome).toBe('ENTRY_MALFORMED')
      }),
      { numRuns: 500 },
    )
  })

  test('[LOG-15] any other JSON and any other bytes are refused with the same code', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json().map(encodeUtf8), fc.uint8Array()), (bytes) => {
        expect(codeOf(() => parseEntry(bytes))).toBe('ENTRY_MALFORMED')
      }),
    )
  })

  test('[LOG-15] 2,048 bytes are the most', () => {
    expect(maxEntryBytes).toBe(2048)
    const tooLarge = expect.objectContaining({ cause: expect.objectContaining({ code: 'SIZE_LIMIT' }) })
    expect(() => parseEntry(new Uint8Array(2049))).toThrow(tooLarge)
    expect(() => parseEntry(new Uint8Array(2048))).not.toThrow(tooLarge)
    const public0 = example.entries[0]!
    const long = { ...public0, id: `https://a.example/${'x'.repeat(494)}`, log: 'x'.repeat(512) }
    expect(codeOf(() => formatEntry(long as Entry))).toBe('passed')
    expect(codeOf(() => formatEntry({ ...long, id: `${long.id}x` } as Entry))).toBe('ENTRY_MALFORMED')
    expect(codeOf(() => formatEntry({ ...long, log: `${long.log}x` } as Entry))).toBe('ENTRY_MALFORMED')
  })

  test('[LOG-14] the leaf is the hash of the exact bytes', () => {
    const bytes = formatEntry(example.entries[0]!)
    expect(encodeHex(leafHash(bytes))).toBe(digestOf(Buffer.concat([Uint8Array.of(0), bytes])).slice(7))
    expect(example.leaves.map(encodeHex)).toEqual(
      example.entries.map((entry) => encodeHex(leafHash(formatEntry(entry)))),
    )
  })

  test.each(['2024-02-29', '2000-02-29', '9999-12-31', '1970-01-01'])('[LOG-16] %s is a day', (day) => {
    const entry = { ...example.entries[0]!, at: `${day}T23:59:59.999Z` }
    expect(parseEntry(formatEntry(entry)).at).toBe(entry.at)
  })

  test.each([
    '2023-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '+02026-01-01',
  ])('[LOG-16] %s is none', (day) => {
    expect(codeOf(() => formatEntry({ ...example.entries[0]!, at: `${day}T00:00:00.000Z` }))).toBe(
      'ENTRY_MALFORMED',
    )
  })

  test('[LOG-19] each tier has its own members and no others', () => {
    const committed = {
      at: '2026-01-05T01:00:00.000Z',
      commitment: commit(example.opening),
      index: 0,
      log: 'a',
      v: 1,
    }
    const outcome = (members: object) => codeOf(() => parse(canonicalize({ ...members })))
    for (const tier of tiers) {
      const named = tier === 'pair' || tier === 'group'
      expect(outcome({ ...committed, tier })).toBe(named || tier === 'public' ? 'ENTRY_MALFORMED' : 'passed')
      expect(outcome({ ...committed, tier, audience: 'x' })).toBe(named ? 'passed' : 'ENTRY_MALFORMED')
      expect(outcome({ ...example.entries[0], tier })).toBe(tier === 'public' ? 'passed' : 'ENTRY_MALFORMED')
    }
  })

  test('[LOG-18] the type is any word; which words there are, is for the record', () => {
    for (const type of ['StandardRecord', 'x', 'Z'.repeat(64)]) {
      expect(codeOf(() => formatEntry({ ...example.entries[0]!, type } as Entry))).toBe('passed')
    }
    for (const type of ['', 'A B', 'Z'.repeat(65), 'Té', 'T1', 'a,b']) {
      expect(codeOf(() => formatEntry({ ...example.entries[0]!, type } as Entry))).toBe('ENTRY_MALFORMED')
    }
  })

  test('[LOG-17] version, index and log are of their kind, and a fault names its member', () => {
    for (const [member, value] of Object.entries({
      at: 'now',
      index: -1,
      log: '',
      v: 2,
      digest: 'x',
      id: 'x',
      type: '?',
    })) {
      const text = canonicalize({ ...example.entries[0]!, [member]: value })
      expect(() => parse(text)).toThrow(
        expect.objectContaining({ code: 'ENTRY_MALFORMED', place: { pointer: `/${member}` } }),
      )
    }
  })

  test('[LOG-15] a fault of the reader keeps its cause', () => {
    const twice = decodeUtf8(formatEntry(example.entries[0]!)).replace('{', '{"at":"x",')
    expect(() => parse(twice)).toThrow(
      expect.objectContaining({ code: 'ENTRY_MALFORMED', cause: expect.any(ProtocolError) }),
    )
  })

  test('[LOG-15] an entry with a member more is not printed', () => {
    const more = { ...example.entries[0]!, note: 'x' }
    expect(codeOf(() => formatEntry(more))).toBe('ENTRY_MALFORMED')
  })
})
