import { describe, expect, test } from 'vitest'
import { mappingRow } from '../../../protocol/record/mapping-row.ts'
import { predicates, relations } from '../../../protocol/record/mapping-word.ts'
import { readText } from '../../support/source.ts'

const [, rest = ''] = readText('protocol/spec/mapping.md').split('```json mapping-row\n')
const example = JSON.parse(rest.slice(0, rest.indexOf('\n```')))

describe('a row', () => {
  test('[MAP-1] the example of mapping.md is one, and nothing may be added to it or said in other words', () => {
    expect(mappingRow.parse(example)).toEqual(example)
    for (const change of [{ stated: 'x' }, { relation: 'stricter' }, { certainty: '1.5' }, { strength: 11 }])
      expect(mappingRow.safeParse({ ...example, ...change }).success).toBe(false)
    for (const name of ['subject', 'predicate', 'justification', 'state'])
      expect(mappingRow.safeParse({ ...example, [name]: undefined }).success).toBe(false)
    const { digest: _, ...unpinned } = example.subject
    expect(mappingRow.safeParse({ ...example, subject: unpinned }).success).toBe(false)
  })

  test('[MAP-2] severity and breadth are different words', () => {
    expect(Object.keys(relations)).toEqual(
      expect.arrayContaining(['superset', 'subset', 'broader', 'narrower']),
    )
    expect(Object.keys(predicates)).not.toContain('stricter')
  })
})
