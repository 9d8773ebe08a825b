import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { suiteIri } from '../../../protocol/conformance/suite.ts'

describe('the IRI of a suite', () => {
  test('[CONF-4] an IRI stays as it is; any other name becomes one, and no two the same', () => {
    for (const id of ['urn:example:suite', 'https://example.org/suite/1']) expect(suiteIri({ id })).toBe(id)
    expect(suiteIri({ id: 'synthetic-interface' })).toBe('urn:csx:suite:synthetic-interface')
    expect(suiteIri({ id: '合成 接口' })).toBe('urn:csx:suite:合成%20接口')
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(name, name, (one, other) => {
        const [a, b] = [suiteIri({ id: one }), suiteIri({ id: other })]
        expect(a).toMatch(/^(?:https|urn):[^\s"<>\\^`{|}]+$/)
        return (a === b) === (one === other) || a === other || b === one
      }),
    )
  })
})
