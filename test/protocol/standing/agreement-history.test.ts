import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDays } from '../../../protocol/date.ts'
import type { Statement } from '../../../protocol/standing/log-statement.ts'
import { agreementsOf, history, knownOf, logOf, onDay, type Step, standingsOf } from './history-sample.ts'

const kinds = [
  ['a recognition', 0],
  ['what takes its place', 1],
  ['a reuse on it', 2],
] as const
const ended = ['lapsed', 'expired', 'withdrawn', 'renewed', 'disposal-due']
const back = ['reinstated', 'entry-into-force', 'publication']
const takesBack = ({ kind, event }: Step) => kind !== 'act' && back.includes(event)
/** Days of three years. */
const every = (step: number) =>
  Array.from({ length: Math.floor(1000 / step) }, (_, i) => addDays('2026-01-15', i * step))

/** With what of a standing a failure is told. */
const tell = (...all: readonly any[]) =>
  JSON.stringify(
    all.map(({ conditions, ...rest }) => ({
      ...rest,
      conditions: conditions.map((one: any) => `${one.condition} ${one.outcome} ${one.code} ${one.since}`),
    })),
  )

describe('an agreement on each day of its history', () => {
  test.each(kinds)(
    '[AGREE-38] [AGREE-39] answer, state, start, end and reason of %s fit together',
    (_, which) => {
      const days = every(5)
      fc.assert(
        fc.property(history, ({ terms, steps }) => {
          const { agreements, trust } = agreementsOf(terms)
          const all = logOf(steps, agreements)
          const at = standingsOf(knownOf(all, trust, onDay), agreements[which])
          const told = days.map((day) => ({ day, ...at(day) }))
          const effective = told.filter(({ answer }) => answer === 'effective').map(({ day }) => day)
          const failing = told.filter((one) => !isSound(one, effective, at))
          expect(failing.map((one) => tell(one))).toEqual([])
          // What ended it gives the word for good, but for what may be taken back.
          if (steps.some(takesBack)) return
          const over = told.filter(({ start, state }) => start !== undefined && ended.includes(state))
          expect(new Set(over.map(({ state, end }) => `${state} ${end}`)).size).toBeLessThanOrEqual(1)
        }),
        { numRuns: 40 },
      )
    },
  )
})

/** What one day says of itself, of the days before it and of those to come. */
function isSound(one: any, effective: readonly string[], at: (day: string) => any): boolean {
  const { day, answer, state, start, end, never, conditions, disposeBy } = one
  const passes = conditions.every(({ outcome }: any) => outcome === 'passed')
  const then = answer === 'effective' && end !== undefined ? at(end) : undefined
  const sound = [
    (answer === 'undecided') === (state === 'undecided'),
    (answer === 'effective') === ['effective', 'grace'].includes(state),
    (answer === 'effective') === passes,
    answer !== 'effective' || (start <= day && (end === undefined || day < end) && !never),
    then === undefined || (then.answer === 'not-effective' && then.end === end),
    then === undefined || JSON.stringify(then.cause) === JSON.stringify(one.cause),
    !never || effective.length === 0,
    state !== 'unmet' || effective.every((other) => other > day),
    state !== 'upcoming' || never || effective.every((other) => other > day || start <= other),
    !ended.includes(state) || start === undefined || end <= day,
    !['lapsed', 'expired', 'disposal-due'].includes(state) || start < end,
    (state === 'disposal-due') === (disposeBy !== undefined),
    disposeBy === undefined || disposeBy === addDays(end, 90),
  ]
  return sound.every(Boolean)
}

interface Seen {
  readonly origin: string
  readonly size: number
  readonly day: string
}

describe('the same history with less at hand', () => {
  const days = every(15)
  const delays = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 16, maxLength: 16 })
  const kept = fc.array(fc.boolean(), { minLength: 16, maxLength: 16 })
  const seenOn = (all: readonly Statement[], day: (one: Statement, i: number) => string): readonly Seen[] =>
    all.map((one, i) => ({ origin: one.origin, size: one.index + 1, day: day(one, i) }))
  const by =
    (...notes: readonly Seen[]) =>
    ({ origin, index }: { readonly origin: string; readonly index: number }) =>
      notes
        .filter((one) => one.origin === origin && one.size > index)
        .map(({ day }) => day)
        .toSorted()[0]

  test.each(kinds)(
    '[AGREE-24] [AGREE-26] who has fewer notes about %s knows less, and never anything else',
    (_, which) => {
      fc.assert(
        fc.property(history, delays, kept, ({ terms, steps }, late, keep) => {
          const { agreements, trust } = agreementsOf(terms)
          const all = logOf(steps, agreements)
          const notes = seenOn(all, (one, i) => addDays(onDay(one), late[i % 16]!))
          const last = seenOn(all, () => '2028-12-31')
          const [whole, part] = [notes, notes.filter((_note, i) => keep[i % 16])].map((some) =>
            standingsOf(knownOf(all, trust, by(...some, ...last)), agreements[which]),
          )
          const told = days.map((day) => [whole!(day), part!(day)])
          const wrong = told.filter(
            ([more, less]) => less.answer !== 'undecided' && less.answer !== more.answer,
          )
          expect(wrong.map((both) => tell(...both))).toEqual([])
          if (steps.some(takesBack)) return
          const over = told.flatMap(([, less]) =>
            less.start === undefined &&
            less.conditions[0].outcome === 'passed' &&
            [...ended, 'unmet'].includes(less.state)
              ? [less.state === 'unmet' ? less.state : `${less.state} ${less.end}`]
              : [],
          )
          expect(new Set(over).size).toBeLessThanOrEqual(1)
          if (told.some(([, less]) => less.never))
            expect(told.map(([more]) => more.answer)).not.toContain('effective')
        }),
        { numRuns: 25 },
      )
    },
  )

  test.each(kinds)(
    '[AGREE-30] what was told of %s for a day that is over stays, where nothing is dated back',
    (_, which) => {
      fc.assert(
        fc.property(history, delays, fc.integer({ min: 0, max: 400 }), ({ terms, steps }, late, cut) => {
          const { agreements, trust } = agreementsOf(terms)
          const all = logOf(steps, agreements)
          const today = addDays('2026-01-11', cut)
          const now = all.filter((one) => onDay(one) <= today)
          const notes = seenOn(all, (one, i) => addDays(onDay(one), late[i % 16]!))
          const checked = seenOn(now, () => today)
          const early = by(...notes.filter(({ day }) => day <= today), ...checked)
          const later = by(...notes, ...checked)
          for (const [before, after] of [
            [early, later],
            [onDay, onDay],
          ] as const) {
            const was = standingsOf(knownOf(now, trust, before), agreements[which])
            const is = standingsOf(knownOf(all, trust, after), agreements[which])
            const told = days.filter((day) => day <= today).map((day) => [was(day), is(day)])
            const wrong = told.filter(([a, b]) => a.answer !== 'undecided' && a.answer !== b.answer)
            expect(wrong.map((both) => tell(...both))).toEqual([])
          }
        }),
        { numRuns: 25 },
      )
    },
  )
})
