import fc from 'fast-check'
import { mappingRow, type NamedRow } from '../../../protocol/record/mapping-row.ts'
import {
  differenceKinds,
  effects,
  justifications,
  predicates,
  rationales,
  relations,
  rowStates,
} from '../../../protocol/record/mapping-word.ts'
import { keysOf } from '../../../protocol/record/vocabulary.ts'

/** Rows with every member, in words and numbers that a format could lose. */

const word = <K extends string>(table: Record<K, any>) => fc.constantFrom(...keysOf(table))
const hosts = ['https://a.example', 'https://a.example:8443/base', 'https://b.example']
const edition = fc
  .tuple(fc.constantFrom(...hosts), fc.integer({ min: 0, max: 3 }))
  .map(([host, n]) => `${host}/id/7b8e2c3a-5d1f-4e6a-9b0c-1d2e3f4a5b6${n}`)
const digest = fc.constantFrom('1', 'a').map((digit): `sha256:${string}` => `sha256:${digit.repeat(64)}`)
const uid = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,8}$/)
const pin = fc.record({ edition, digest, clause: uid }, { requiredKeys: ['edition', 'digest'] })
const line = fc
  .array(fc.constantFrom('a|b', '\\', '"', '≤1200元/m²', '=1+1', '#', '中文', '😀', '|'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(' '))
const prose = fc
  .array(fc.oneof(line, fc.constantFrom('\n', '\t', ' ')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
const date = fc.constantFrom('2026-01-05', '2024-02-29')
const did = fc.constantFrom('did:web:a.example', 'did:web:localhost%3A8443:x')
const certainty = fc.oneof(
  fc.constantFrom('0', '1', '0.8512345678901234567890123', '0.0001', '0.9996'),
  fc.integer({ min: 1, max: 999 }).map((n) => String(n / 1000)),
)
const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 })

const mapping = fc
  .record(
    {
      subject: pin,
      object: pin,
      objectSource: pin,
      predicate: word(predicates),
      relation: word(relations),
      justification: word(justifications),
      state: word(rowStates),
      rationale: word(rationales),
      strength: fc.integer({ min: 0, max: 10 }),
      certainty,
      differences: list(word(differenceKinds)),
      subjectValue: line,
      objectValue: line,
      effect: word(effects),
      conditions: list(line),
      author: did,
      authorLabel: line,
      mappedOn: date,
      reviewer: did,
      reviewerLabel: line,
      reviewedOn: date,
      derivedFrom: list(uid),
      basis: line,
      comment: prose,
    },
    { requiredKeys: ['subject', 'predicate', 'justification', 'state'] },
  )
  .map((made) => mappingRow.parse(made))

export const namedRows: fc.Arbitrary<readonly NamedRow[]> = fc.uniqueArray(fc.record({ row: uid, mapping }), {
  selector: ({ row }) => row,
  maxLength: 6,
})
