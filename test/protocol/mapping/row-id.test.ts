import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowIdOf } from '../../../protocol/mapping/row-id.ts'
import { rowId } from '../../../protocol/record/mapping-row.ts'

const digest = (digit: string): `sha256:${string}` => `sha256:${digit.repeat(64)}`
const edition = (host: string) => `https://${host}.example/id/7b8e2c3a-5d1f-4e6a-9b0c-1d2e3f4a5b6c`
const subject = { edition: edition('bishan'), digest: digest('1'), clause: 'c-4.1' }
const object = { edition: edition('meishan'), digest: digest('2'), clause: 'c-5.2' }
const whole = { edition: object.edition, digest: object.digest }

test('[MAP-3] a row without a name is named by subject, predicate and object, whatever else it says', () => {
  const id = rowIdOf({ subject, predicate: 'close-match', object })
  expect(id).toBe('r3c9ec87cbb0418fa2e4b')
  expect(rowId.parse(id)).toBe(id)
  const { edition, digest, clause } = subject
  expect(rowIdOf({ predicate: 'close-match', object, subject: { clause, digest, edition } })).toBe(id)
})

test('[MAP-3] each part of the key tells in the name, and "no counterpart" is not "the whole edition"', () => {
  const keys = [
    { subject, predicate: 'close-match', object },
    { subject: object, predicate: 'close-match', object: subject },
    { subject, predicate: 'exact-match', object },
    { subject, predicate: 'close-match', object: whole },
    { subject, predicate: 'close-match', objectSource: whole },
    { subject, predicate: 'close-match' },
    { subject: { ...subject, digest: digest('3') }, predicate: 'close-match', object },
  ] as const
  expect(new Set(keys.map(rowIdOf)).size).toBe(keys.length)
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.constantFrom(...keys), (a, b) => {
      expect(rowIdOf(a) === rowIdOf(b)).toBe(a === b)
    }),
  )
})
