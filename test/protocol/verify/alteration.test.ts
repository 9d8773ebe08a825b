import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { verifyBundle } from '../../../protocol/verify-bundle.ts'
import { alter, placesOf, replaceAt } from './alter.ts'
import { judge, openSample, options, publishEvent, redigest, sampleLog } from './sample.ts'

const log = await sampleLog(4)
await publishEvent(log, 1, 'review', '2026-02-01')
await log.publish({ ...draftOf(0), revisionOf: { id: log.logged[0]!.id, digest: log.logged[0]!.digest } })
const bytes = encodeUtf8(await log.bundle(1))
const whole = await openSample(log, 1)

/** What was published at an index, as a draft again. */
function draftOf(index: number): any {
  const { '@context': _c, id: _i, issuer: _s, proof: _p, type, ...rest } = log.logged[index]!.document as any
  return { ...structuredClone(rest), type: type[1] }
}

const places = placesOf(whole).filter((path) => path.length > 0 && path[0] !== 'digest')

describe('no changed or shortened bundle is verified', () => {
  test('[VERIFY-14] as it was made, the sample is verified', () => {
    expect(judge(bytes)).toBe('verified')
  })

  test('[VERIFY-14] a byte changed anywhere, in any bit, ends the verdict', () => {
    const accepted: number[] = []
    for (let at = 0; at < bytes.length; at += 11) {
      const changed = Uint8Array.from(bytes)
      changed[at]! ^= 1 << (at % 8)
      if (verifyBundle(changed, options).verdict === 'verified') accepted.push(at)
    }
    expect(accepted).toEqual([])
  })

  test('[VERIFY-14] cut off anywhere, it is rejected', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (end) => {
        expect(verifyBundle(bytes.subarray(0, end), options).verdict).toBe('rejected')
      }),
      { numRuns: 200 },
    )
  })

  test('[VERIFY-14] any member altered, removed, added or exchanged, with the digest made anew, is not verified', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.nat(5), fc.nat(5000), (path, kind, seed) => {
        const changed = replaceAt(whole, path, (old) => alter(old, kind, seed))
        const text = redigest(changed)
        fc.pre(Buffer.compare(text, bytes) !== 0)
        expect(verifyBundle(text, options).verdict).not.toBe('verified')
      }),
      { numRuns: 600 },
    )
  })

  test.each<[string, (value: any) => void, string]>([
    ['two records exchanged', ({ records }) => records.reverse(), 'rejected BUNDLE_MALFORMED unknown'],
    ['a later record removed', ({ records }) => records.pop(), 'undecided RANGE_MISSING'],
    ['the subject removed', ({ records }) => records.shift(), 'rejected LEAF_MISMATCH'],
    [
      'a record of the log added that no entry of the range names',
      (value) => value.records.push(log.logged[0]!.document),
      'rejected BUNDLE_MALFORMED unknown',
    ],
    ['a record twice', ({ records }) => records.push(records[1]), 'rejected BUNDLE_MALFORMED'],
    [
      'the range removed',
      (value) => {
        value.ranges = []
      },
      'undecided RANGE_MISSING unknown',
    ],
    [
      'the proof removed',
      (value) => {
        value.proofs = []
      },
      'undecided INCLUSION_MISSING unknown',
    ],
    [
      'proof and range removed',
      (value) => {
        value.proofs = []
        value.ranges = []
      },
      'undecided INCLUSION_MISSING unknown RANGE_MISSING',
    ],
    ['the last entry removed', ({ ranges }) => ranges[0].entries.pop(), 'undecided RANGE_MISSING unknown'],
    [
      'an entry in the middle removed',
      ({ ranges }) => ranges[0].entries.splice(2, 1),
      'undecided RANGE_MISSING unknown',
    ],
    [
      'an entry put in twice',
      ({ ranges }) => ranges[0].entries.splice(2, 0, ranges[0].entries[2]),
      'rejected RANGE_INVALID unknown',
    ],
    [
      'two entries exchanged',
      ({ ranges: [range] }) => {
        ;[range.entries[2], range.entries[3]] = [range.entries[3], range.entries[2]]
      },
      'rejected RANGE_INVALID unknown',
    ],
    [
      'the left edge removed',
      ({ ranges }) => {
        ranges[0].left = []
      },
      'rejected RANGE_INVALID unknown',
    ],
    [
      'the subject pointed at a later record',
      (value) => {
        value.subject.digest = log.logged[2]!.digest
        value.subject.id = log.logged[2]!.id
      },
      'rejected LEAF_MISMATCH',
    ],
    [
      'extra data in the proof',
      ({ proofs }) => {
        proofs[0].proof = proofs[0].proof.replace('\nindex', '\nextra QUJD\nindex')
      },
      'rejected PROOF_MALFORMED unknown',
    ],
    [
      'another format',
      (value) => {
        value.format = 'csx-bundle-2'
      },
      'rejected SCHEMA_INVALID',
    ],
    [
      'a claim of more',
      (value) => {
        value.contains = 'pair'
      },
      'rejected SCHEMA_INVALID',
    ],
    [
      'a root of trust of its own',
      (value) => {
        value.trust = {}
      },
      'rejected SCHEMA_INVALID',
    ],
  ])('[VERIFY-14] %s: not verified', (_name, change, expected) => {
    const value = structuredClone(whole)
    change(value)
    expect(judge(redigest(value))).toBe(expected)
  })

  test('[VERIFY-14] the parts of two honest bundles of one log, mixed, are not verified', async () => {
    const short = await sampleLog(3)
    const [older, newer] = [await openSample(short, 1), structuredClone(whole)]
    newer.ranges = older.ranges
    expect(judge(redigest(newer))).toBe('rejected CHECKPOINT_MALFORMED unknown')
    newer.proofs = older.proofs
    expect(judge(redigest(newer))).toBe('rejected BUNDLE_MALFORMED unknown')
    older.records.push(whole.records.at(-1))
    expect(judge(redigest(older))).toBe('rejected BUNDLE_MALFORMED unknown')
  })
})
