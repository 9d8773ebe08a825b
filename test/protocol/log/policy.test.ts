import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../protocol/error.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import { signerFromSeed } from '../../../protocol/key.ts'
import { formatVerifierKey, type VerifierKey, verifierKeyOf } from '../../../protocol/log/note.ts'
import {
  parsePolicy,
  type Quorum,
  quorumTime,
  quorumWithout,
  witnessesIn,
} from '../../../protocol/log/policy.ts'

function keyOf(name: string, type: 0x01 | 0x04 = 0x04, seed = name): VerifierKey {
  const { publicKey } = signerFromSeed(Uint8Array.from(Buffer.from(sha256Hex(seed), 'hex')))
  return verifierKeyOf(`${name}.example/witness`, publicKey, type)
}
const vkey = (name: string, type: 0x01 | 0x04 = 0x04, seed = name) =>
  formatVerifierKey(keyOf(name, type, seed))

const lines = (...of: string[]) => of.map((line) => `${line}\n`).join('')
const witness = (name: string, url = '') => `witness ${name} ${vkey(name)}${url}`

/** The line of the fault, or what came of it. */
function faultIn(text: string): unknown {
  try {
    parsePolicy(text)
    return 'read'
  } catch (error) {
    return error instanceof ProtocolError && error.code === 'POLICY_MALFORMED' ? error.place.index : error
  }
}

const satisfied = (quorum: Quorum, cosigned: readonly string[]) =>
  quorumTime(quorum, (key) => (cosigned.some((name) => keyOf(name).id === key.id) ? 1 : undefined)) !==
  undefined

describe('C2SP tlog-policy', () => {
  test('[WIT-7] "Example policy": two of the X witnesses, and any one of the Y witnesses', () => {
    const { quorum, logs, witnesses } = parsePolicy(
      lines(
        `log ${vkey('log', 0x01)}`,
        '',
        ...['X1', 'X2', 'X3'].map((name) => witness(name)),
        'group X-witnesses 2 X1 X2 X3',
        '',
        ...['Y1', 'Y2', 'Y3'].map((name) => witness(name)),
        'group Y-witnesses any Y1 Y2 Y3',
        '',
        'group X-and-Y all X-witnesses Y-witnesses',
        'quorum X-and-Y',
      ),
    )
    expect([logs.length, witnesses.length]).toEqual([1, 6])
    expect(satisfied(quorum, ['X1', 'X3', 'Y2'])).toBe(true)
    expect(satisfied(quorum, ['X1', 'X2', 'X3'])).toBe(false)
    expect(satisfied(quorum, ['X1', 'Y1', 'Y2', 'Y3'])).toBe(false)
    expect(satisfied(quorum, [])).toBe(false)
  })

  test('[WIT-5] "Defining the quorum": one witness, or `none`', () => {
    expect(satisfied(parsePolicy(lines(witness('A'), 'quorum A')).quorum, ['A'])).toBe(true)
    expect(satisfied(parsePolicy(lines(witness('A'), 'quorum A')).quorum, ['B'])).toBe(false)
    expect(satisfied(parsePolicy('quorum none\n').quorum, [])).toBe(true)
  })

  const sound: readonly [string, string][] = [
    [
      '"Structure": blanks and tabs anywhere, empty lines, comments',
      lines(' \t', '\t# quorum none', `  witness\tA  ${vkey('A')} \t`, '  quorum  A '),
    ],
    ['"Structure": lines after the quorum', lines('quorum none', witness('A'))],
    ['"Defining a witness": a URL', lines(witness('A', ' https://a.example/witness'), 'quorum A')],
    ['"Defining a log": a URL', lines(`log ${vkey('A', 0x01)} https://a.example/`, 'quorum none')],
    [
      '"Character set": names are opaque',
      lines(
        `witness K ${vkey('A')}`,
        `witness \u212a ${vkey('B')}`,
        'group 主管局 all K \u212a',
        'quorum 主管局',
      ),
    ],
    ['"Character set": octets from 0x80 on', lines('# \u0085\u00a0', 'quorum none')],
    [
      '"Defining a witness group": words of the syntax as names',
      lines(witness('all'), witness('2'), 'group any all all 2', 'quorum any'),
    ],
    [
      '"Implementation limits": 32 of each',
      lines(
        ...Array.from({ length: 32 }, (_, n) => `log ${vkey(`l${n}`, 0x01)}`),
        ...Array.from({ length: 32 }, (_, n) => witness(`w${n}`)),
        ...Array.from({ length: 32 }, (_, n) =>
          n === 0 ? 'group g0 all w0' : `group g${n} any g${n - 1} w${n}`,
        ),
        'quorum g31',
      ),
    ],
  ]
  test.each(sound)('[WIT-1] %s', (_, text) => {
    expect(faultIn(text)).toBe('read')
  })

  const faulty: readonly [string, string, number, string][] = [
    ['[WIT-1]', 'no line feed at the end', 2, `${witness('A')}\nquorum A`],
    ['[WIT-1]', 'nothing at all', 1, ''],
    ['[WIT-1]', 'an unknown word', 1, lines('policy 1', 'quorum none')],
    ['[WIT-1]', 'a carriage return', 1, 'quorum none\r\n'],
    ['[WIT-1]', 'a form feed for a blank', 1, lines('quorum\fnone')],
    ['[WIT-1]', 'DEL in a comment', 2, lines('quorum none', '# \u007f')],
    ['[WIT-1]', 'a no-break space is part of a word', 1, lines('quorum\u00a0none')],
    ['[WIT-2]', 'a witness without a key', 1, lines('witness A', 'quorum A')],
    ['[WIT-2]', 'a fourth word', 1, lines(`witness A ${vkey('A')} https://a.example/ more`, 'quorum A')],
    ['[WIT-2]', 'a key that is none', 2, lines('', 'witness A a.example+00000000+AAAA', 'quorum A')],
    ['[WIT-2]', 'a witness with the key of a log', 1, lines(`witness A ${vkey('A', 0x01)}`, 'quorum A')],
    ['[WIT-2]', 'a log with the key of a witness', 1, lines(`log ${vkey('A')}`, 'quorum none')],
    [
      '[WIT-2]',
      'a log of three words',
      1,
      lines(`log ${vkey('A', 0x01)} https://a.example/ more`, 'quorum none'),
    ],
    [
      '[WIT-3]',
      'one public key under two names',
      2,
      lines(witness('A'), `witness B ${vkey('C', 0x04, 'A')}`, 'quorum A'),
    ],
    [
      '[WIT-3]',
      'a log twice',
      2,
      lines(`log ${vkey('A', 0x01)}`, `log ${vkey('B', 0x01, 'A')}`, 'quorum none'),
    ],
    ['[WIT-3]', 'a name twice', 2, lines(witness('A'), `witness A ${vkey('B')}`, 'quorum A')],
    ['[WIT-3]', 'a group named like a witness', 2, lines(witness('A'), 'group A all A', 'quorum A')],
    ['[WIT-3]', 'a witness called none', 1, lines(`witness none ${vkey('A')}`, 'quorum none')],
    ['[WIT-4]', 'a group of nobody', 1, lines('group G any', 'quorum G')],
    ['[WIT-4]', 'none as a member', 1, lines('group G any none', 'quorum G')],
    ['[WIT-4]', 'a member defined later', 1, lines('group G any A', witness('A'), 'quorum G')],
    ['[WIT-4]', 'a group in itself', 2, lines(witness('A'), 'group G any A G', 'quorum G')],
    ['[WIT-4]', 'a member twice in a group', 2, lines(witness('A'), 'group G any A A', 'quorum G')],
    [
      '[WIT-4]',
      'a member of two groups',
      4,
      lines(witness('A'), witness('B'), 'group G any A', 'group H all A B', 'quorum H'),
    ],
    ...['0', '3', '01', '+1', '1.0', '0x1', 'most', '٢'].map((k): [string, string, number, string] => [
      '[WIT-4]',
      `the threshold ${k} of two`,
      3,
      lines(witness('A'), witness('B'), `group G ${k} A B`, 'quorum G'),
    ]),
    ['[WIT-5]', 'no quorum', 1, lines(witness('A'))],
    ['[WIT-5]', 'two quorums', 2, lines('quorum none', 'quorum none')],
    ['[WIT-5]', 'a quorum of nobody known', 1, lines('quorum A', witness('A'))],
    ['[WIT-5]', 'a quorum of two names', 3, lines(witness('A'), witness('B'), 'quorum A B')],
    [
      '[WIT-6]',
      'more witnesses than anybody has',
      65,
      lines(...Array.from({ length: 65 }, (_, n) => witness(`w${n}`)), 'quorum w1'),
    ],
    [
      '[WIT-6]',
      'groups inside each other without end',
      34,
      lines(
        witness('w'),
        ...Array.from({ length: 33 }, (_, n) => `group g${n} all ${n === 0 ? 'w' : `g${n - 1}`}`),
        'quorum g32',
      ),
    ],
    ['[WIT-6]', 'a text beyond its bound', 1, `#${'x'.repeat(20_000)}\nquorum none\n`],
  ]
  test.each(faulty)('%s is refused: %s', (_, __, line, text) => {
    expect(faultIn(text)).toBe(line)
  })
})

/** A tree of groups over witnesses, each in one place. */
const names = Array.from({ length: 8 }, (_, n) => `w${n}`)
const anyPolicy = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(20)), { minLength: 1, maxLength: 6 })
  .map((groups) => {
    const free: string[] = [...names]
    const text = names.map((name) => witness(name))
    for (const [n, [width, k]] of groups.entries()) {
      const members = free.splice(0, width)
      if (members.length === 0) break
      text.push(`group g${n} ${1 + (k % members.length)} ${members.join(' ')}`)
      free.push(`g${n}`)
    }
    return parsePolicy(lines(...text, `quorum ${free.at(-1)}`)).quorum
  })

/** The definition, word for word. */
function witnesses(quorum: Quorum, cosigned: ReadonlySet<string>): boolean {
  if (quorum.kind === 'none') return true
  if (quorum.kind === 'witness') return cosigned.has(quorum.name)
  return quorum.members.filter((member) => witnesses(member, cosigned)).length >= quorum.threshold
}

describe('a quorum', () => {
  const some = fc.subarray(names).map((cosigned) => new Set(cosigned))

  test('[WIT-7] is satisfied as the text defines it, and never unsatisfied by one more', () => {
    fc.assert(
      fc.property(anyPolicy, some, fc.constantFrom(...names), (quorum, cosigned, more) => {
        const now = satisfied(quorum, [...cosigned])
        expect(now).toBe(witnesses(quorum, cosigned))
        if (now) expect(satisfied(quorum, [...cosigned, more])).toBe(true)
      }),
    )
  })

  test('[WIT-7] is there from the first time at which those who had cosigned by then satisfy it', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        fc.array(fc.option(fc.nat(9)), { minLength: 8, maxLength: 8 }),
        (quorum, times) => {
          const timeOf = (name: string) => times[names.indexOf(name)] ?? undefined
          const since = quorumTime(quorum, (key) => timeOf(names.find((name) => keyOf(name).id === key.id)!))
          const by = (moment: number) => new Set(names.filter((name) => (timeOf(name) ?? 99) <= moment))
          const first = Array.from({ length: 10 }, (_, moment) => moment).find((moment) =>
            witnesses(quorum, by(moment)),
          )
          expect(since).toBe(first)
        },
      ),
    )
  })

  test('[WIT-12] without some of its witnesses asks for as many as are left at the most, and never for them', () => {
    fc.assert(
      fc.property(anyPolicy, some, (quorum, left) => {
        const ids = new Set([...left].map((name) => keyOf(name).id))
        const rest = quorumWithout(quorum, ({ id }) => ids.has(id))
        const asked = witnessesIn(quorum).filter(({ id }) => !ids.has(id))
        expect(rest === undefined).toBe(asked.length === 0)
        if (!rest) return
        expect(witnessesIn(rest)).toEqual(asked)
        expect(
          satisfied(
            rest,
            names.filter((name) => !left.has(name)),
          ),
        ).toBe(true)
        expect(satisfied(rest, [...left])).toBe(false)
      }),
    )
  })
})
