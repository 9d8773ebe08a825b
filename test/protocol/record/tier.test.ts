import { describe, expect, test } from 'vitest'
import { parseDraft } from '../../../protocol/record/draft.ts'
import { recordJsonSchemas } from '../../../protocol/record/schema.ts'
import { codeOf } from '../log/expect-code.ts'

const digest = `sha256:${'a'.repeat(64)}`
const commitment = `c1:${'b'.repeat(64)}`
const salt = 'c'.repeat(64)
const pair = { tier: 'pair', audience: 'p-1' }

const drafts = {
  Receipt: { type: 'Receipt', ...pair, credentialSubject: { origin: 'a.example/log/1', index: 3, digest } },
  Disclosure: {
    type: 'Disclosure',
    tier: 'public',
    credentialSubject: { index: 3, commitment, salt, digest },
  },
  ErasureRequest: { type: 'ErasureRequest', ...pair, credentialSubject: { index: 3, commitment } },
}
const read = (draft: object) => codeOf(() => parseDraft(JSON.parse(JSON.stringify(draft))))

describe('records about entries of other tiers', () => {
  test.each(Object.entries(drafts))(
    '[REC-402] [REC-403] [REC-404] a %s has exactly its members',
    (_, draft) => {
      expect(read(draft)).toBe('passed')
      for (const name of Object.keys(draft.credentialSubject)) {
        const { [name as 'index']: _gone, ...rest } = draft.credentialSubject as Record<string, unknown>
        expect([name, read({ ...draft, credentialSubject: rest })]).toEqual([name, 'SCHEMA_INVALID'])
      }
      const more = { ...draft, credentialSubject: { ...draft.credentialSubject, more: 1 } }
      expect(read(more)).toBe('SCHEMA_INVALID')
      for (const index of [-1, 1.5, '3', 2 ** 53])
        expect(read({ ...draft, credentialSubject: { ...draft.credentialSubject, index } })).not.toBe(
          'passed',
        )
    },
  )

  test('[REC-404] a note may stand in an erasure request', () => {
    const { credentialSubject, ...rest } = drafts.ErasureRequest
    expect(read({ ...rest, credentialSubject: { ...credentialSubject, note: '误传' } })).toBe('passed')
  })

  test.each([
    ['a disclosure for a pair', { ...drafts.Disclosure, ...pair }],
    ['a public receipt', { ...drafts.Receipt, tier: 'public', audience: undefined }],
    ['a public erasure request', { ...drafts.ErasureRequest, tier: 'public', audience: undefined }],
  ])('[REC-400] %s is refused', (_, draft) => {
    expect(read(draft)).toBe('RULE_VIOLATED')
  })

  test('[REC-7] each has its JSON Schema', () => {
    expect(Object.keys(recordJsonSchemas())).toEqual(expect.arrayContaining(Object.keys(drafts)))
  })
})
