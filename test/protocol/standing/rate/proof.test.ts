import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { syntheticLine as line } from '../../../../fixtures/synthetic/report.ts'
import { type ShownLog, unprovenOf } from '../../../../protocol/standing/rate/proof.ts'
import { edition, known, rate, report } from './sample.ts'

const origin = (epoch: number) => `a.example/log/${epoch}`
const at = (index: number, epoch = 1) => ({ place: { origin: origin(epoch), index } })
const correction = { revisionOf: { id: 'https://a.example/id/x', digest: 'sha256:0' } }

function log(epoch: number, size: number, stretches: ShownLog['stretches'], closedSize?: number): ShownLog {
  return { origin: origin(epoch), size, stretches, ...(closedSize === undefined ? {} : { closedSize }) }
}

describe('what the logs leave open', () => {
  test('[RATE-34] first from entry 0 on, newest to the end of what is shown', () => {
    const whole = log(1, 9, [[0, 9]])
    expect(unprovenOf(at(4), [whole])).toEqual([])
    expect(unprovenOf(at(4), [log(1, 9, [[4, 9]])])).toEqual(['first-unproven'])
    expect(unprovenOf(at(0), [log(1, 9, [[0, 9]])])).toEqual([])
    expect(unprovenOf(at(4), [log(1, 9, [[0, 5]])])).toEqual(['newest-unproven'])
    expect(unprovenOf({ ...at(4), ...correction }, [log(1, 9, [[4, 9]])])).toEqual([])
    expect(unprovenOf({}, [whole])).toEqual(['first-unproven', 'newest-unproven'])
    expect(unprovenOf(at(4, 7), [whole])).toEqual(['first-unproven', 'newest-unproven'])
    expect(unprovenOf(at(4), [])).toEqual(['first-unproven', 'newest-unproven'])
  })

  test('[RATE-34] a later log is looked at whole, a closed one to where it was closed', () => {
    const second = log(2, 5, [[0, 5]])
    expect(unprovenOf(at(4), [log(1, 9, [[0, 9]], 9), second])).toEqual([])
    expect(unprovenOf(at(4), [log(1, 9, [[0, 9]], 9), log(2, 0, [])])).toEqual(['newest-unproven'])
    expect(unprovenOf(at(4), [log(1, 8, [[0, 8]], 9), second])).toEqual(['newest-unproven'])
    expect(unprovenOf(at(3, 2), [log(1, 0, [], 9), second])).toEqual(['first-unproven'])
    expect(unprovenOf(at(3, 2), [log(1, 9, [[0, 9]], 9), second])).toEqual([])
    expect(unprovenOf(at(3, 2), [log(1, 0, [], 0), second])).toEqual([])
  })

  test('[RATE-34] stretches prove what they cover together, in whatever order', () => {
    const size = 12
    const stretch = fc
      .tuple(fc.nat(size), fc.nat(size))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 6 }), fc.nat(size - 1), (stretches, index) => {
        const covers = (i: number) => stretches.some(([from, before]) => from <= i && i < before)
        const all = Array.from({ length: size }, (_, i) => i)
        const open = unprovenOf(at(index), [log(1, size, stretches)])
        expect(open.includes('first-unproven')).toBe(!all.slice(0, index).every(covers))
        expect(open.includes('newest-unproven')).toBe(!all.slice(index + 1).every(covers))
      }),
    )
  })

  test('[RATE-34] it is flagged, and changes no number', () => {
    const half = [line(edition(1), 1, 2)]
    const one = report('a', half, { index: 4 })
    const editions = { 1: known(1) }
    const plain = rate([one], editions)
    const open = rate([one], editions, { logsOf: () => [log(1, 9, [[4, 8]])] })
    expect(open.figures).toEqual(plain.figures)
    expect(open.agencies[0]?.flags.map(({ code }) => code)).toEqual(['first-unproven', 'newest-unproven'])
  })
})
