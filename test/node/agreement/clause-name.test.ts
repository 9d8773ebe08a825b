import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findClauses, splitClauses } from '../../../node/agreement/clause-name.ts'
import { ProtocolError } from '../../../protocol/error.ts'

const clause = (uid: string, locator: string) => ({ uid, locator, heading: '合成' })
const clauses = [
  clause('c1', '4.1'),
  clause('c2', '4.2'),
  clause('c3', '5.3.2 a) 1)'),
  clause('4.2', '表A.1'),
  clause('c5', '6.1'),
  clause('c6', '６.１'),
  clause('c7', '7'),
  clause('c8', '7'),
]
const uids = (...names: string[]) => findClauses(names, { clauses }).map(({ uid }) => uid)

function faultOf(...names: string[]): { code: string; pointer: string | undefined } {
  try {
    uids(...names)
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code, pointer: error.place.pointer }
  }
  throw new Error('not refused')
}

describe('a clause by the number that people write', () => {
  test('[AGREE-107] by uid, else by its number in any spelling', () => {
    expect(uids('c1', '４．１', '第4.1条', ' 4.1 ')).toEqual(['c1'])
    expect(uids('5.3.2a)1)', '表a.1')).toEqual(['c3', '4.2'])
    // A uid names its clause, whatever number another has.
    expect(uids('4.2', 'c2')).toEqual(['4.2', 'c2'])
    // Of two that are spelt apart, each by its own spelling.
    expect(uids('6.1', '６.１')).toEqual(['c5', 'c6'])
  })

  test('[AGREE-107] what is not there, and what means several, is refused with its place', () => {
    expect(faultOf('4.1', '9.9')).toEqual({ code: 'NOT_FOUND', pointer: '/clauses/1' })
    expect(faultOf('7')).toEqual({ code: 'QUERY_INVALID', pointer: '/clauses/0' })
    expect(faultOf('第6.1款')).toEqual({ code: 'QUERY_INVALID', pointer: '/clauses/0' })
    for (const name of ['', '__proto__', 'constructor', '第条', '.'])
      expect(faultOf(name).code).toBe('NOT_FOUND')
    expect(() => findClauses(['4.1'], {})).toThrow('4.1')
    expect(findClauses([], {})).toEqual([])
  })

  test('[AGREE-107] every clause is found by its uid; whatever is written means one clause or is refused', () => {
    const numbers = fc.uniqueArray(fc.stringMatching(/^[1-9]\.[1-9]$/), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(numbers, fc.string({ unit: 'grapheme' }), (locators, name) => {
        const known = locators.map((locator, i) => clause(`c${i}`, locator))
        for (const one of known) {
          expect(findClauses([one.uid], { clauses: known })).toEqual([one])
          expect(findClauses([one.locator], { clauses: known })).toEqual([one])
        }
        try {
          expect(known).toContain(findClauses([name], { clauses: known })[0])
        } catch (error) {
          expect(error).toMatchObject({ code: 'NOT_FOUND', place: { pointer: '/clauses/0' } })
        }
      }),
    )
  })

  test('[AGREE-107] commas of any kind stand between', () => {
    expect(splitClauses('4.1,4.2，5.3.2 a)、c1；c2; ,')).toEqual(['4.1', '4.2', '5.3.2 a)', 'c1', 'c2'])
    expect(splitClauses(' ，')).toEqual([])
  })
})
