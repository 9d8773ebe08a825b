import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addWitnessKey } from '../../cli/registry/policy.ts'
import { sha256 } from '../../protocol/hash.ts'
import { signerFromSeed } from '../../protocol/key.ts'
import { formatVerifierKey, verifierKeyOf } from '../../protocol/log/note.ts'
import { parsePolicy, quorumTime } from '../../protocol/log/policy.ts'

const keyOf = (n: number) => {
  const { publicKey } = signerFromSeed(sha256(Uint8Array.of(n)))
  return formatVerifierKey(verifierKeyOf(`w${n}.example/witness`, publicKey, 0x04))
}
const keys = Array.from({ length: 12 }, (_, n) => keyOf(n))

/** Whether the keys of a set satisfy the policy. */
function satisfies(policy: string, set: ReadonlySet<string>): boolean {
  return (
    quorumTime(parsePolicy(policy).quorum, (key) => (set.has(formatVerifierKey(key)) ? 1 : undefined)) !==
    undefined
  )
}

/** Six witnesses under two groups and one above them, and some that no group counts. */
const policies = fc
  .record({
    split: fc.integer({ min: 1, max: 5 }),
    thresholds: fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 })),
    top: fc.constantFrom('any', 'all', '1', '2'),
    quorum: fc.constantFrom('top', 'g1', 'w0', 'none'),
    url: fc.constantFrom('', ' https://w.example/'),
  })
  .map(({ split, thresholds, top, quorum, url }) => {
    const names = Array.from({ length: 6 }, (_, n) => `w${n}`)
    const group = (name: string, members: readonly string[], part: number) =>
      `group ${name} ${1 + Math.floor((part * members.length) / 100)} ${members.join(' ')}`
    return [
      '# a comment about witness w0 and group any w0',
      ...names.map((name, n) => `witness ${name} ${keys[n]}${url}`),
      group('g1', names.slice(0, split), thresholds[0]),
      group('g2', names.slice(split), thresholds[1]),
      `group top ${top} g1 g2`,
      `quorum ${quorum}`,
      '',
    ].join('\n')
  })

describe('a policy when the key of a witness is rotated', () => {
  test('[REG-24] counts either key of the witness as it counted the old one, once or several times', () => {
    fc.assert(
      fc.property(
        policies,
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
        fc.subarray(keys),
        (policy, rotated, shown) => {
          let grown = policy
          const owner = new Map(keys.slice(0, 6).map((key, n) => [key, n]))
          for (const [i, n] of rotated.entries()) {
            const added = keys[6 + i]!
            const old = [...owner].flatMap(([key, of]) => (of === n ? [key] : []))
            grown = addWitnessKey(grown, old, added)
            owner.set(added, n)
          }
          const parties = new Set(shown.flatMap((key) => owner.get(key) ?? []))
          const before = new Set([...parties].map((n) => keys[n]!))
          expect(satisfies(grown, new Set(shown))).toBe(satisfies(policy, before))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('[REG-24] stays as it is where it names none of the old keys, or the new one already', () => {
    const policy = `witness a ${keys[0]}\nquorum a\n`
    expect(addWitnessKey(policy, [keys[1]!], keys[2]!)).toBe(policy)
    expect(addWitnessKey(policy, [], keys[2]!)).toBe(policy)
    expect(addWitnessKey(policy, [keys[0]!], keys[0]!)).toBe(policy)
    expect(addWitnessKey('none', [keys[0]!], keys[1]!)).toBe('none')
  })

  test('[REG-24] says in its lines what became of the witness', () => {
    const once = addWitnessKey(`witness a ${keys[0]}\nquorum a\n`, [keys[0]!], keys[1]!)
    expect(once).toBe(
      `witness a ${keys[0]}\nwitness a-key-2 ${keys[1]}\ngroup a-any-2 any a a-key-2\nquorum a-any-2\n`,
    )
    expect(addWitnessKey(once, [keys[0]!, keys[1]!], keys[2]!)).toBe(
      `witness a ${keys[0]}\nwitness a-key-2 ${keys[1]}\nwitness a-key-3 ${keys[2]}\ngroup a-any-2 any a a-key-2 a-key-3\nquorum a-any-2\n`,
    )
  })
})
