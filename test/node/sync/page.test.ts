import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { checkBatch } from '../../../node/sync/batch.ts'
import { indexOfLine, lastIndexOf, linesOf, readPages } from '../../../node/sync/page.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'

const line = (index: number, record: string) => `{"index":${index},"record":${record}}\n`
const index = fc.nat({ max: 2 ** 31 })
const record = fc.json({ maxDepth: 2 }).map((value) => JSON.stringify({ value }))

describe('a page of records', () => {
  test('[SYNC-9] what was put on a page is cut out of it byte for byte', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(index, record), { selector: ([i]) => i, maxLength: 8 }), (rows) => {
        const page = encodeUtf8(rows.map(([i, text]) => line(i, text)).join(''))
        const read = readPages([page])
        expect([...read].map(([i, { bytes }]) => [i, Buffer.from(bytes).toString()])).toEqual(rows)
        expect(lastIndexOf(page)).toBe(rows.at(-1)?.[0])
      }),
    )
  })

  test('[SYNC-9] whatever bytes come, reading them ends, and finds only lines of the one form', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(
          fc.oneof(fc.string(), fc.constantFrom('{"index":', '1', ',"record":', '{', '}', '\n', '{"a":1}')),
        )
        .map((parts) => encodeUtf8(parts.join(''))),
    )
    fc.assert(
      fc.property(bytes, (page) => {
        const last = lastIndexOf(page)
        expect(last === undefined || Number.isSafeInteger(last)).toBe(true)
        const text = Buffer.from(page).toString('latin1')
        for (const [i, { bytes: found, salt }] of readPages([page])) {
          const end = salt ? `,"salt":"${Buffer.from(salt).toString('hex')}"}` : '}'
          expect(text).toContain(`{"index":${i},"record":${Buffer.from(found).toString('latin1')}${end}\n`)
        }
      }),
    )
  })

  test.each([
    ['{"index":0,"record":{', 0],
    ['{"index":12,"record":{"a":1}}', 12],
    ['{"index":012,"record":{}}', undefined],
    ['{"index":-1,"record":{}}', undefined],
    ['{"index":1.0,"record":{}}', undefined],
    ['{"index":9007199254740993,"record":{}}', undefined],
    ['{"index":1 ,"record":{}}', undefined],
    ['{"index":1,"record":null}', undefined],
    ['', undefined],
  ])('[SYNC-9] the line %s has index %s', (text, expected) => {
    expect(indexOfLine(encodeUtf8(text))).toBe(expected)
  })

  test('[SYNC-18] lines are the same however the bytes are cut, and a last one without its end is left out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string()),
        fc.array(fc.integer({ min: 1, max: 9 })),
        async (texts, cuts) => {
          const all = encodeUtf8(texts.join('\n'))
          async function* pieces() {
            let at = 0
            for (const cut of cuts) {
              yield all.subarray(at, at + cut)
              at += cut
            }
            yield all.subarray(at)
          }
          const lines: string[] = []
          for await (const found of linesOf(pieces(), 10_000)) lines.push(Buffer.from(found).toString())
          const expected = Buffer.from(all)
            .toString()
            .split('\n')
            .slice(0, -1)
            .map((text) => `${text}\n`)
          expect(lines).toEqual(expected)
        },
      ),
    )
  })
})

describe('a batch', () => {
  const member = syntheticMember('璧山（合成）', 'http://localhost:7401')
  const trust = syntheticTrust([member])

  test('[SYNC-6] whatever leaves and records come, each has one judgement and none is thrown', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.json().map(encodeUtf8))
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), fc.array(bytes, { maxLength: 3 }), (entries, pages) => {
        const checked = checkBatch(
          { origin: member.origin, start: 7, entries, pages, lastAt: '', now: Date.UTC(2026, 5, 1) },
          trust,
        )
        expect(checked.entries.map(({ index }) => index)).toEqual(entries.map((_, i) => 7 + i))
        expect(checked.leaves.length).toBe(32 * entries.length)
        for (const { fault, row } of checked.entries) expect([fault === null, row]).toEqual([false, null])
      }),
    )
  })
})
