import { describe, expect, test } from 'vitest'
import { type Edition, indexEditions } from '../../../node/agreement/edition-index.ts'
import type { Near } from '../../../node/agreement/sheet/mapping-cell.ts'
import { canonicalKey, parseStandardNumber } from '../../../protocol/identifier/standard-number.ts'
import type { Pin } from '../../../protocol/record/mapping-row.ts'

const [north, south] = ['did:web:north.example', 'did:web:south.example']
const digest = (digit: string): Pin['digest'] => `sha256:${digit.repeat(64)}`
const edition = (party: string, digit: string, number: string): Edition => ({
  id: `https://${party.slice(8)}/id/${digit}`,
  digest: digest(digit),
  party,
  subject: {
    identifiers: [
      { scheme: 'national', value: number, canonicalKey: canonicalKey(parseStandardNumber(number)) },
      { scheme: 'national', value: number, canonicalKey: canonicalKey(parseStandardNumber(number)) },
    ],
    titleZh: '合成',
    clauses: ['4.1', '4.10', '5'].map((locator) => ({ uid: `c-${locator}`, locator, heading: '合成' })),
  } as any,
})
const [national, local, other] = ['GB/T 990001-2026', 'DB50/T 990002-2026', 'DB51/T 990003-2026']
const near = (given: Partial<Near>): Near => ({ side: 'subject', pin: undefined, across: '', ...given })
const pinTo = ({ id, digest: hash }: Edition, clause?: string): Pin => ({
  edition: id,
  digest: hash as Pin['digest'],
  ...(clause === undefined ? {} : { clause }),
})

describe('which edition a number means', () => {
  const [old, newer] = [edition(north, '1', local), edition(north, '3', local)]
  const revised = new Set([old.id])

  test('[MAP-95] a row stays in the edition it pins, a new one takes the newest', () => {
    const { findPin } = indexEditions([old, newer], { revised, parties: [north, south] })
    const pin = pinTo(old, 'c-4.1')
    expect(findPin('DB50/T 990002—2026', '4.10', near({ pin }))).toEqual(pinTo(old, 'c-4.10'))
    expect(findPin(local, '', near({ pin }))).toEqual(pinTo(old))
    expect(findPin(local, '9', near({ pin }))).toBeUndefined()
    expect(findPin(local, '4.10', near({}))).toEqual(pinTo(newer, 'c-4.10'))
    expect(findPin(other, '4.10', near({ pin }))).toBeUndefined()
    expect(findPin('', '', near({ pin }))).toBeUndefined()
  })

  test('[MAP-95] of what both parties logged that of the own side is meant', () => {
    const [ours, theirs] = [edition(north, '4', national), edition(south, '5', national)]
    const [a, b] = [edition(north, '6', local), edition(south, '7', other)]
    const { findPin } = indexEditions([ours, theirs, a, b], { revised, parties: [north, south] })
    expect(findPin(national, '4.1', near({ across: local }))).toEqual(pinTo(theirs, 'c-4.1'))
    expect(findPin(national, '4.1', near({ across: other }))).toEqual(pinTo(ours, 'c-4.1'))
    expect(findPin(national, '4.1', near({ side: 'object', across: local }))).toEqual(pinTo(theirs, 'c-4.1'))
    expect(findPin(national, '', near({ across: national }))).toEqual(pinTo(ours))
    expect(findPin(national, '', near({ side: 'object', across: national }))).toEqual(pinTo(theirs))
    expect(findPin(national, '5', near({ pin: pinTo(b), across: other }))).toEqual(pinTo(theirs, 'c-5'))
    const twice = indexEditions([ours, edition(north, '8', national), theirs], {
      revised,
      parties: [north, south],
    })
    expect(twice.findPin(national, '', near({}))).toBeUndefined()
    expect(twice.findPin(national, '', near({ side: 'object' }))).toEqual(pinTo(theirs))
  })
})
