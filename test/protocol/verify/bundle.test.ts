import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { formatBundle, parseBundle, startsAsBundle } from '../../../protocol/bundle.ts'
import { decodeUtf8, encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { judge, openSample, redigest, sampleLog } from './sample.ts'

const log = await sampleLog(5)
const text = await log.bundle(2)
const bytes = encodeUtf8(text)
const whole = await openSample(log, 2)

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error)
  }
  return 'passed'
}

function parseText(changed: string): string {
  return codeOf(() => parseBundle(encodeUtf8(changed)))
}

describe('a bundle', () => {
  test('[BUNDLE-1] has one spelling: canonical JSON and one line feed', () => {
    const { bundle, records } = parseBundle(bytes)
    const again = formatBundle({
      ...bundle,
      records: [...records.values()].map((record) => JSON.parse(decodeUtf8(record))),
    })
    expect(again).toBe(text)
    expect(startsAsBundle(bytes)).toBe(true)
    for (const changed of [
      text.slice(0, -1),
      `${text}\n`,
      `\ufeff${text}`,
      ` ${text}`,
      JSON.stringify(whole, null, 1),
    ]) {
      expect(parseText(changed)).not.toBe('passed')
    }
    expect(parseText(text.slice(0, -1))).toBe('BUNDLE_MALFORMED')
    expect(parseText(text.replace('"v":1', '"v":1.0'))).toBe('BUNDLE_MALFORMED')
    expect(
      parseText(text.replace('{"contains":"public",', '{"contains":"public","contains":"public",')),
    ).toBe('JSON_DUPLICATE_KEY')
    expect(parseText(text.replace('"records":[{"@context":', '"records":[{ "@context":'))).toBe(
      'BUNDLE_MALFORMED',
    )
  })

  test('[BUNDLE-1] the example of the specification is one, of the length that stands beside it', () => {
    const spec = readFileSync(new URL('../../../protocol/spec/bundle.md', import.meta.url), 'utf8')
    const block = spec.split('```json bundle\n')[1]?.split('\n```')[0] ?? ''
    const example = encodeUtf8(`${canonicalize(JSON.parse(block))}\n`)
    expect(judge(example)).toBe('verified')
    expect(spec).toContain(`${example.length.toLocaleString('en')} bytes`)
  })

  test('[BUNDLE-2] states the digest of all the rest of itself', () => {
    const { statedDigest, actualDigest } = parseBundle(bytes)
    expect(actualDigest).toBe(statedDigest)
    expect(digestOf(text.replace(`"digest":"${statedDigest}",`, '').slice(0, -1))).toBe(statedDigest)
    const other = parseBundle(encodeUtf8(text.replace('"index":2,"origin"', '"index":1,"origin"')))
    expect(other.actualDigest).not.toBe(other.statedDigest)
  })

  test('[BUNDLE-3] has these members and no other, and says what it contains', () => {
    expect(Object.keys(whole)).toEqual([
      'contains',
      'digest',
      'format',
      'proofs',
      'ranges',
      'records',
      'subject',
      'v',
    ])
    for (const name of Object.keys(whole).filter((key) => key !== 'digest')) {
      const value = structuredClone(whole)
      delete value[name]
      expect(
        codeOf(() => parseBundle(redigest(value))),
        name,
      ).not.toBe('passed')
    }
    expect(codeOf(() => parseBundle(redigest({ ...whole, note: 'x' })))).toBe('SCHEMA_INVALID')
    expect(codeOf(() => parseBundle(redigest({ ...whole, contains: 'pair' })))).toBe('SCHEMA_INVALID')
  })

  test('[BUNDLE-4] holds the records of the public entries in their order, each once, byte for byte', () => {
    const { records } = parseBundle(bytes)
    expect([...records.keys()]).toEqual(log.logged.slice(2).map(({ digest }) => digest))
    expect([...records.values()].map(decodeUtf8)).toEqual(
      log.logged.slice(2).map((logged) => decodeUtf8(logged.bytes)),
    )
    const twice = structuredClone(whole)
    twice.records.push(twice.records[0])
    expect(codeOf(() => parseBundle(redigest(twice)))).toBe('BUNDLE_MALFORMED')
    const unnamed = structuredClone(whole)
    unnamed.records.push(log.logged[0]!.document)
    expect(judge(redigest(unnamed))).toBe('rejected BUNDLE_MALFORMED unknown')
  })

  test.each<[string, () => Uint8Array, string]>([
    ['more than 64 MiB', () => new Uint8Array((64 << 20) + 1), 'SIZE_LIMIT'],
    [
      'a million numbers for entries',
      () => alteredFrame('"entries":[', `"entries":[${'0,'.repeat(1_000_000)}`),
      'SIZE_LIMIT',
    ],
    [
      'fifty thousand numbers for entries',
      () => alteredFrame('"entries":[', `"entries":[${'0,'.repeat(49_000)}`),
      'SCHEMA_INVALID',
    ],
    ['a proof of 40 MB', () => alteredFrame('"proof":"', `"proof":"${'x'.repeat(40_000_000)}`), 'SIZE_LIMIT'],
    [
      'a record of 2 MB',
      () => alteredFrame('"titleZh":"', `"titleZh":"${'x'.repeat(2_000_000)}`),
      'SIZE_LIMIT',
    ],
    [
      'fifty thousand records',
      () => alteredFrame('"records":[', `"records":[${'{},'.repeat(50_100)}`),
      'SIZE_LIMIT',
    ],
    [
      'brackets a hundred thousand deep',
      () => alteredFrame('"proofs":[', `"proofs":[${'['.repeat(100_000)}`),
      'BUNDLE_MALFORMED',
    ],
    [
      'a record that never ends',
      () => encodeUtf8(`${text.slice(0, text.indexOf('"subject"') - 3)}\n`),
      'BUNDLE_MALFORMED',
    ],
  ])('[BUNDLE-5] %s is refused within 2 s', (_name, make, code) => {
    const hostile = make()
    const before = process.cpuUsage()
    expect(codeOf(() => parseBundle(hostile))).toBe(code)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1e6).toBeLessThan(2)
  })

  test('[BUNDLE-6] has at most one proof, without extra data, over the very checkpoint of the range', () => {
    expect(whole.proofs[0].proof.endsWith(whole.ranges[0].checkpoint)).toBe(true)
    const two = structuredClone(whole)
    two.proofs.push(two.proofs[0])
    expect(codeOf(() => parseBundle(redigest(two)))).toBe('SCHEMA_INVALID')
  })

  test('[BUNDLE-7] has every entry from the subject to the checkpoint, and the left edge before them', () => {
    expect(whole.ranges[0].entries).toHaveLength(3)
    expect(whole.ranges[0].left).toHaveLength(1)
    const other = structuredClone(whole)
    other.ranges[0].from = 1
    expect(judge(redigest(other))).toBe('rejected RANGE_INVALID unknown')
  })

  test('[BUNDLE-8] holds no root of trust, and by itself decides nothing', () => {
    expect(judge(bytes, { trust: undefined })).toBe('undecided NOT_TRUSTED unknown')
  })
})

function alteredFrame(from: string, to: string): Uint8Array {
  return encodeUtf8(text.replace(from, to))
}
