import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { syntheticMember, syntheticPolicy } from '../../../fixtures/synthetic/member.ts'
import { parsePolicy } from '../../../protocol/log/policy.ts'
import { logTimeOf, type Sighting } from '../../../protocol/trust/log-time.ts'

const bureaus = [1, 2].map((n) => syntheticMember(`主管局${n}（合成）`, `http://localhost:740${n}`))
const [one, two] = bureaus.map(({ witness }) => witness.publicKey.multibase) as [string, string]
const { quorum } = parsePolicy(syntheticPolicy(bureaus))
const seen = (key: string, size: number, time: number): Sighting => ({ key, size, time })

describe('the time of an entry', () => {
  test('[WIT-40] by: the later of both first times over more; after: the earlier of both last times over no more', () => {
    const sightings = [
      seen(one, 5, 100),
      seen(one, 5, 160),
      seen(one, 6, 200),
      seen(one, 9, 900),
      seen(two, 4, 90),
      seen(two, 7, 210),
      seen(two, 9, 220),
    ]
    expect(logTimeOf(quorum, sightings, 5)).toEqual({ after: 90, by: 210 })
    expect(logTimeOf(quorum, sightings, 8)).toEqual({ after: 200, by: 900 })
    expect(logTimeOf(quorum, sightings, 3)).toEqual({ by: 100 })
    expect(logTimeOf(quorum, sightings, 9)).toEqual({ after: 220 })
  })

  test('[WIT-40] the word of one bureau says neither end, and a stranger says nothing', () => {
    expect(logTimeOf(quorum, [seen(one, 5, 100), seen(one, 7, 200), seen('z6MkStranger', 7, 1)], 5)).toEqual(
      {},
    )
    expect(logTimeOf({ kind: 'none' }, [seen(one, 5, 100)], 3)).toEqual({})
  })

  test('[WIT-40] an old note that is shown to one bureau again, while the other has seen more, moves nothing', () => {
    const sightings = [seen(one, 5, 100), seen(two, 5, 100), seen(one, 6, 200)]
    const replayed = [...sightings, seen(two, 5, 5_000)]
    expect(logTimeOf(quorum, replayed, 5)).toEqual(logTimeOf(quorum, sightings, 5))
  })

  test('[WIT-40] whoever knows less has a wider interval, and no honest entry falls out of one', () => {
    const history = fc
      .array(fc.tuple(fc.nat(20), fc.nat(5)), { minLength: 1, maxLength: 12 })
      .map((steps) => {
        let [size, time] = [0, 1000]
        return steps.map(([pause, more]) => {
          time += pause
          size += more
          return [size, time] as const
        })
      })
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.boolean()), fc.nat(30), (growth, drawn, index) => {
        const next = () => drawn.next().value === true
        // Each bureau cosigns some of the trees, the moment they are made.
        const all = growth.flatMap(([size, time]) =>
          bureaus.flatMap(({ witness }) => (next() ? [seen(witness.publicKey.multibase, size, time)] : [])),
        )
        const whole = logTimeOf(quorum, all, index)
        const part = logTimeOf(quorum, all.filter(next), index)
        expect(part.after ?? 0).toBeLessThanOrEqual(whole.after ?? 0)
        expect(part.by ?? 1e9).toBeGreaterThanOrEqual(whole.by ?? 1e9)
        const logged = growth.find(([size]) => size > index)?.[1]
        if (logged === undefined) return
        expect(whole.after ?? 0).toBeLessThanOrEqual(logged)
        expect(whole.by ?? 1e9).toBeGreaterThanOrEqual(logged)
      }),
    )
  })
})
