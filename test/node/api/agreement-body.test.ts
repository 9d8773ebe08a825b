import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDraftRequest } from '../../../node/api/agreement-body.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'
import type { JsonValue } from '../../../protocol/json-value.ts'

const digest = digestOf('synthetic')
const terms = {
  project: 'bishan-meishan',
  basis: { number: '合成发〔2026〕1号' },
  acceptBy: '2026-02-28',
  effectiveFrom: '2026-03-01',
  validUntil: '2027-03-01',
  onRevision: 'lapse',
  graceDays: 0,
  noticeDays: 60,
}
const interconnection = {
  ...terms,
  kind: 'interconnection',
  edition: 'DB50/T 990001—2024',
  schema: digest,
  suite: digest,
  runs: { ours: digest, theirs: digest },
  endpoints: { ours: { url: 'https://bishan.example/api' }, theirs: { sample: digest } },
}
const reuse = {
  ...terms,
  kind: 'reuse',
  edition: digest,
  manner: 'training',
  target: { documentNo: '合成办〔2026〕8号' },
  ground: { statute: 'national' },
  disposalDays: 90,
}

test('[AGREE-101] [AGREE-109] [AGREE-110] what is to be drafted: without a kind a recognition', () => {
  expect(readDraftRequest(terms)).toMatchObject({ kind: 'recognition', pair: { project: terms.project } })
  for (const body of [interconnection, reuse]) {
    expect(readDraftRequest(body).kind).toBe(body.kind)
    const { project: _, ...rest } = body
    const parties = ['did:web:bishan.example', 'did:web:meishan.example']
    expect(readDraftRequest({ ...rest, parties }).pair).toEqual({ parties })
  }
})

test('[AGREE-111] a body that is none, or has one word more or less, is refused with its place', () => {
  const refused = (body: JsonValue) => {
    try {
      readDraftRequest(body)
      return undefined
    } catch (error) {
      if (error instanceof ProtocolError) return error.code
      throw error
    }
  }
  for (const whole of [terms, interconnection, reuse] as const) {
    for (const name of Object.keys(whole)) {
      const { [name]: _, ...rest } = whole as Record<string, any>
      if (name !== 'kind') expect([name, refused(rest)]).toEqual([name, 'SCHEMA_INVALID'])
    }
    expect(refused({ ...whole, more: 1 })).toBe('SCHEMA_INVALID')
  }
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(terms, interconnection, reuse), (value, whole) => {
      refused(value as JsonValue)
      for (const name of Object.keys(whole)) refused({ ...whole, [name]: value } as JsonValue)
    }),
  )
})
