import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { type Digest, digestOf } from '../../../protocol/hash.ts'
import { listStatements, type Search } from '../../../protocol/standing/log-statement.ts'
import { foldRange } from '../../../protocol/standing/range.ts'
import { visitNames } from '../../../protocol/standing/record-name.ts'

const nameOf = (host: string, n: number) =>
  `https://${host}.example/id/00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

interface Logged {
  readonly host: string
  readonly epoch?: number
  readonly record: any
}

/** Logs by hand, in the order given, each entry with its record: the reading alone is looked at, and every record is sound. */
function read(
  logged: readonly Logged[],
  search: Partial<Search>,
  change: { from?: number; drop?: number; refuse?: () => never } = {},
) {
  const records = new Map<Digest, Uint8Array>()
  const logs = new Map<string, string[]>()
  for (const [i, { host, epoch = 1, record }] of logged.entries()) {
    const text = canonicalize(record)
    const digest = digestOf(text)
    if (i !== change.drop) records.set(digest, encodeUtf8(text))
    const log = `${host}.example/log/${epoch}`
    const entries = logs.get(log) ?? []
    logs.set(log, entries)
    const at = '2026-01-05T01:00:00.000Z'
    const { id, type } = record
    const [index, tier] = [entries.length, 'public']
    entries.push(canonicalize({ at, digest, id, index, log, tier, type: type[1], v: 1 }))
  }
  const { from = 0 } = change
  let verified = 0
  const reading = listStatements(
    [...logs].map(([origin, entries]) => ({
      origin,
      from,
      entries: entries.slice(from),
      openings: new Map(),
    })),
    { agreements: new Set(), pinned: new Set(), numbers: new Set(), ...search },
    {
      records,
      latest: Date.UTC(2026, 11, 1),
      verify: (_entry, { bytes }) => {
        verified += 1
        change.refuse?.()
        return { record: JSON.parse(new TextDecoder().decode(bytes)) }
      },
    },
  )
  return { ...reading, verified }
}

const standard = (id: string, more: object = {}) => ({
  id,
  type: ['VerifiableCredential', 'StandardRecord'],
  ...more,
})
const event = (id: string, edition: string) => ({
  id,
  type: ['VerifiableCredential', 'LifecycleEvent'],
  credentialSubject: { edition: { id: edition } },
})
const foundIn = ({ statements }: ReturnType<typeof read>) =>
  statements.map(({ origin, index }) => `${origin.split('.')[0]} ${index}`)

describe('what is read of several logs', () => {
  const pinned = new Set([nameOf('m', 1)])

  test('[AGREE-43] what names a record that was found is found, in whatever log each stands', () => {
    const chain = [
      { host: 'a', record: event(nameOf('a', 9), nameOf('z', 3)) },
      { host: 'z', record: standard(nameOf('z', 3), { revisionOf: { id: nameOf('b', 2) } }) },
      { host: 'b', record: standard(nameOf('b', 2), { revisionOf: { id: nameOf('m', 1) } }) },
      { host: 'm', record: standard(nameOf('m', 1)) },
      { host: 'm', record: standard(nameOf('m', 7)) },
    ]
    for (const order of [chain, chain.toReversed()])
      expect(foundIn(read(order, { pinned })).toSorted()).toEqual(
        order === chain ? ['a 0', 'b 0', 'm 0', 'z 0'] : ['a 0', 'b 0', 'm 1', 'z 0'],
      )
    expect(foundIn(read(chain.slice(0, 2), { pinned }))).toEqual([])
  })

  test('[AGREE-43] a record names what is in it as a whole text, or before the sign of a clause', () => {
    const names = (text: string) =>
      foundIn(read([{ host: 'm', record: standard(nameOf('m', 5), { about: [text] }) }], { pinned })).length
    expect([nameOf('m', 1), `${nameOf('m', 1)}#c4-1`].map(names)).toEqual([1, 1])
    expect([`${nameOf('m', 1)}0`, `see ${nameOf('m', 1)}`, `"${nameOf('m', 1)}"`].map(names)).toEqual([
      0, 0, 0,
    ])
    const numbered = (record: object) =>
      foundIn(
        read([{ host: 'm', record: standard(nameOf('m', 5), record) }], {
          numbers: new Set(['DB50/T 1-2020']),
        }),
      ).length
    expect(numbered({ canonicalKey: 'DB50/T 1-2020' })).toBe(1)
    expect(numbered({ value: 'DB50/T 1-2020' })).toBe(0)
  })

  test('[AGREE-43] each text of canonical JSON is read as it stands, and in one pass', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const whole: string[] = []
        visitNames(canonicalize(value as any), (text) => whole.push(text))
        const texts: string[] = []
        JSON.parse(canonicalize(value as any), (_key, one) => {
          if (typeof one === 'string') texts.push(one)
          return one
        })
        for (const text of texts) expect(whole).toContain(JSON.stringify(text).slice(1, -1))
      }),
    )
  })

  test('[AGREE-43] the logs of a member are read in the order of their epochs', () => {
    const logged = [10, 9].map((epoch) => ({
      host: 'm',
      epoch,
      record: event(nameOf('m', epoch), nameOf('m', 1)),
    }))
    expect(read(logged, { pinned }).statements.map(({ origin }) => origin)).toEqual([
      'm.example/log/9',
      'm.example/log/10',
    ])
  })

  test('[AGREE-43] [AGREE-44] an id counts at its first use over all epochs of a member', () => {
    const copies = [2, 1].map((epoch) => ({ host: 'm', epoch, record: standard(nameOf('m', 1)) }))
    expect(read(copies, { pinned }).statements.map(({ origin }) => origin)).toEqual(['m.example/log/1'])
    const again = [
      { host: 'm', record: standard(nameOf('m', 1)) },
      { host: 'm', record: event(nameOf('m', 3), nameOf('m', 1)) },
      { host: 'm', epoch: 2, record: event(nameOf('m', 3), nameOf('m', 1)) },
      { host: 'x', epoch: 2, record: event(nameOf('m', 3), nameOf('m', 1)) },
    ]
    expect(foundIn(read(again, { pinned }))).toEqual(['m 0', 'm 1', 'x 0'])
  })

  test('[AGREE-44] a record whose id one that is absent bore before leaves it open whether it counts', () => {
    const logged = [
      { host: 'm', record: standard(nameOf('m', 3)) },
      { host: 'm', epoch: 2, record: standard(nameOf('m', 1)) },
      { host: 'm', epoch: 2, record: event(nameOf('m', 3), nameOf('m', 1)) },
    ]
    expect(foundIn(read(logged, { pinned }))).toEqual(['m 0'])
    const missing = expect.objectContaining({ code: 'RANGE_MISSING' })
    expect(() => read(logged, { pinned }, { drop: 0 })).toThrow(missing)
    expect(foundIn(read(logged.slice(0, 2), { pinned }, { drop: 0 }))).toEqual(['m 0'])
  })

  test('[AGREE-44] what comes before the first that is pinned may be without its record, and is not covered then', () => {
    const logged = [standard(nameOf('m', 7)), standard(nameOf('m', 1)), standard(nameOf('m', 8))].map(
      (record) => ({
        host: 'm',
        record,
      }),
    )
    expect([...read(logged, { pinned }).covered.values()]).toEqual([0])
    expect([...read(logged, { pinned }, { drop: 0 }).covered.values()]).toEqual([1])
    const missing = expect.objectContaining({ code: 'RANGE_MISSING' })
    for (const drop of [1, 2]) expect(() => read(logged, { pinned }, { drop })).toThrow(missing)
    expect([...read(logged, {}, { drop: 1 }).covered.values()]).toEqual([2])
  })

  test('[AGREE-44] a log that is not here from its first entry cannot show that an id is new', () => {
    const logged = [standard(nameOf('m', 7)), standard(nameOf('m', 1))].map((record) => ({
      host: 'm',
      record,
    }))
    const flags = (from: number) =>
      read(logged, { pinned }, { from }).statements.map(({ mayRepeat }) => mayRepeat)
    expect([flags(0), flags(1)]).toEqual([[undefined], [true]])
  })
})

describe('a log that is made to be slow', () => {
  const pinned = new Set([nameOf('m', 1)])
  const seconds = (work: () => void) => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  }

  test('[AGREE-43] one small record, logged again and again', () => {
    const record = standard(nameOf('m', 5))
    const logged = Array.from({ length: 20_000 }, () => ({ host: 'm', record }))
    let found: ReturnType<typeof read> | undefined
    const made = seconds(() => void read(logged.slice(0, 1), { pinned }))
    const spent = seconds(() => {
      found = read([...logged, { host: 'm', record: event(nameOf('m', 5), nameOf('m', 1)) }], { pinned })
    })
    // An event under an id that was used before is none; that is seen at the first use.
    expect(found?.statements).toEqual([])
    expect(found?.verified).toBe(1)
    expect(spent - made).toBeLessThan(2)
  })

  test('[AGREE-43] one that speaks and is broken, logged again and again, is verified once', () => {
    const record = event(nameOf('m', 5), nameOf('m', 1))
    const logged = Array.from({ length: 20_000 }, () => ({ host: 'm', record }))
    let found: ReturnType<typeof read> | undefined
    const refuse = () => {
      throw new ProtocolError('SIGNATURE_INVALID', 'the signature does not fit the record')
    }
    expect(
      seconds(() => {
        found = read(logged, { pinned }, { refuse })
      }),
    ).toBeLessThan(2)
    expect([found?.statements, found?.verified]).toEqual([[], 1])
    // Whether a key is valid depends on the place; there is an end to that.
    const elsewhere = () => {
      throw new ProtocolError('KEY_NOT_VALID_AT_TIME', 'not at this index')
    }
    expect(() => read(logged.slice(0, 4_001), { pinned }, { refuse: elsewhere })).toThrow(
      expect.objectContaining({ code: 'SIZE_LIMIT' }),
    )
  })

  test('[AGREE-43] a large record full of beginnings of names is read once', () => {
    const record = standard(nameOf('m', 5), {
      about: Array.from({ length: 240 }, () => 'https://'.repeat(500)),
    })
    const logged = Array.from({ length: 40 }, () => ({ host: 'm', record }))
    expect(seconds(() => void read(logged, { pinned }))).toBeLessThan(2)
  })

  test('[STAND-8] a large record is read once for the range of another, however many entries name it', () => {
    const origin = 'm.example/log/1'
    const big = canonicalize(
      standard(nameOf('m', 5), { about: Array.from({ length: 240 }, () => '中'.repeat(1330)) }),
    )
    const digest = digestOf(big)
    const entries = Array.from({ length: 3_000 }, (_, index) => {
      const at = '2026-01-05T01:00:00.000Z'
      const id = index === 0 ? nameOf('m', 1) : nameOf('m', 5)
      return canonicalize({
        at,
        digest,
        id,
        index,
        log: origin,
        tier: 'public',
        type: 'StandardRecord',
        v: 1,
      })
    })
    const subject = { id: nameOf('m', 1), digest: digestOf('x'), origin, index: 0, type: 'StandardRecord' }
    const spent = seconds(() =>
      foldRange(subject, entries, {
        records: new Map([[digest, encodeUtf8(big)]]),
        openings: new Map(),
        latest: Date.UTC(2026, 11, 1),
        verify: () => {
          throw new Error('nothing here speaks')
        },
      }),
    )
    expect(spent).toBeLessThan(1)
  })
})
