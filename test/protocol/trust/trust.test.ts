import { describe, expect, test } from 'vitest'
import { syntheticMember, syntheticRegistry } from '../../../fixtures/synthetic/member.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { sha256 } from '../../../protocol/hash.ts'
import { type PublicKey, signerFromSeed } from '../../../protocol/key.ts'
import { formatVerifierKey, verifierKeyOf } from '../../../protocol/log/note.ts'
import { checkAudience, grantsOf } from '../../../protocol/trust/audience.ts'
import { parseRegistry } from '../../../protocol/trust/registry.ts'
import { openTrust } from '../../../protocol/trust/trust.ts'
import {
  checkMemberStatus,
  findLog,
  findMember,
  findRecordKey,
  logKeysAt,
} from '../../../protocol/trust/validity.ts'

const a = syntheticMember('合成甲', 'http://localhost:7401')
const b = syntheticMember('合成乙', 'http://localhost:7402')

function open(change: (registry: any) => void = () => {}) {
  const registry: any = structuredClone(syntheticRegistry([a, b]))
  change(registry)
  const parsed = parseRegistry(encodeUtf8(JSON.stringify(registry)))
  return openTrust(parsed.registry, parsed.fingerprint)
}

const spare = signerFromSeed(sha256(encodeUtf8('a synthetic cosigner'))).publicKey

function cosigner({ origin }: typeof a, role: string, key: PublicKey) {
  const name = origin.replace(/\/log\/1$/, `/${role}`)
  return { name, key: formatVerifierKey(verifierKeyOf(name, key, 0x04)), from: '2026-01-01T00:00:00Z' }
}

function code(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error)
  }
  return 'passed'
}

describe('a registry', () => {
  test('[TRUST-1] its form is closed, and its fingerprint does not depend on layout', () => {
    const registry = syntheticRegistry([a, b])
    const compact = parseRegistry(encodeUtf8(JSON.stringify(registry)))
    const pretty = parseRegistry(encodeUtf8(JSON.stringify(registry, null, 4)))
    expect(pretty.fingerprint).toBe(compact.fingerprint)
    expect(
      code(() =>
        open((r) => {
          r.extra = 1
        }),
      ),
    ).toBe('REGISTRY_MALFORMED')
    expect(
      code(() =>
        open((r) => {
          r.version = 0
        }),
      ),
    ).toBe('REGISTRY_MALFORMED')
  })

  test.each([
    ['[TRUST-2] a member twice', (r: any) => r.members.push(r.members[0])],
    ['[TRUST-2] an origin twice', (r: any) => r.members[0].origins.push(r.members[0].origins[0])],
    [
      '[TRUST-3] one public key in two roles',
      (r: any) => {
        r.members[0].keys.push({ ...r.members[1].keys[0] })
      },
    ],
    [
      '[TRUST-4] an origin named after another member',
      (r: any) => {
        r.members[0].origins = r.members[1].origins
        r.members.pop()
      },
    ],
    [
      '[TRUST-4] a log key named after another log',
      (r: any) => {
        r.members[0].origins[0].vkey = r.members[1].origins[0].vkey
      },
    ],
    [
      '[TRUST-5] loopback in a production network',
      (r: any) => {
        r.network = 'production'
      },
    ],
    [
      '[TRUST-3] one public key for a log and a cosigner',
      (r: any) => {
        r.members[0].cosigners = [cosigner(a, 'witness', a.log.publicKey)]
      },
    ],
    [
      '[NAME-8] [TRUST-11] a cosigner named after another member',
      (r: any) => {
        r.members[0].cosigners = [cosigner(b, 'witness', spare)]
      },
    ],
    [
      '[NAME-8] a cosigner in another role than witness or holder',
      (r: any) => {
        r.members[0].cosigners = [cosigner(a, 'signer', spare)]
      },
    ],
    [
      '[TRUST-11] a cosigner key of the type of log keys',
      (r: any) => {
        const { name } = cosigner(a, 'holder', spare)
        r.members[0].cosigners = [
          { name, key: formatVerifierKey(verifierKeyOf(name, spare)), from: '2026-01-01T00:00:00Z' },
        ]
      },
    ],
    [
      '[TRUST-12] two cosigner keys of one name and one id',
      (r: any) => {
        // Found by trying 97,719 seeds: both have the id 86f792b2 under this name.
        const [one, two] = [47_800, 97_718].map(
          (n) => signerFromSeed(sha256(encodeUtf8(`collision ${n}`))).publicKey,
        )
        r.members[0].cosigners = [cosigner(a, 'witness', one!)]
        expect(code(() => openTrust(r, `sha256:${'0'.repeat(64)}`))).toBe('passed')
        r.members[0].cosigners.push(cosigner(a, 'witness', two!))
      },
    ],
    [
      'a key that is none',
      (r: any) => {
        r.members[0].keys[0].multikey = 'z6Mkabc'
      },
    ],
  ])('%s is refused', (_, change) => {
    expect(code(() => open(change))).toBe('REGISTRY_MALFORMED')
  })

  test('[TRUST-11] witness and holder stand beside the keys of their member', () => {
    const { cosigners } = open((r) => {
      r.members[0].cosigners = [cosigner(a, 'witness', spare)]
      r.members[1].cosigners = [cosigner(b, 'holder', signerFromSeed(sha256(encodeUtf8('other'))).publicKey)]
    }).registry.members[0]!
    expect(cosigners).toHaveLength(1)
  })

  test.each(['iri', 'digest'])('[TRUST-9] one that means another context (%s) is refused', (name) => {
    const change = (r: any) => {
      r.context[name] = name === 'iri' ? 'https://example.org/v2' : `sha256:${'0'.repeat(64)}`
    }
    expect(code(() => open(change))).toBe('CONTEXT_NOT_ALLOWED')
  })
})

describe('validity', () => {
  test('[TRUST-6] a log key counts for from < size ≤ to, and nothing counts beyond a closed size', () => {
    const trust = open((r) => {
      r.members[0].origins[0].vkey[0].from = 10
      r.members[0].origins[0].vkey[0].to = 20
    })
    const log = findLog(trust, a.origin)
    expect([0, 10, 11, 20, 21].map((size) => code(() => logKeysAt(log, size)))).toEqual([
      'passed',
      'KEY_NOT_VALID_AT_TIME',
      'passed',
      'passed',
      'KEY_NOT_VALID_AT_TIME',
    ])
    const closed = open((r) => {
      r.members[0].origins[0].closed = { size: 5, root: `${'A'.repeat(43)}=`, reason: 'x' }
    })
    expect(code(() => logKeysAt(findLog(closed, a.origin), 6))).toBe('BEYOND_CLOSE')
  })

  test('[TRUST-7] a record key counts for its member, its purpose, its log and from ≤ index < to', () => {
    const trust = open((r) => {
      r.members[0].keys[0].valid[0].from = 3
      r.members[0].keys[0].valid[0].to = 5
    })
    const multikey = a.publish.publicKey.multibase
    const use = { issuer: a.did, purpose: 'publish', origin: a.origin } as const
    expect(
      [2, 3, 4, 5].map((index) => code(() => findRecordKey(trust, multikey, { ...use, index }))),
    ).toEqual(['KEY_NOT_VALID_AT_TIME', 'passed', 'passed', 'KEY_NOT_VALID_AT_TIME'])
    expect(code(() => findRecordKey(trust, multikey, { ...use, issuer: b.did, index: 3 }))).toBe(
      'KEY_CONTROLLER_MISMATCH',
    )
    expect(code(() => findRecordKey(trust, multikey, { ...use, purpose: 'attest', index: 3 }))).toBe(
      'PURPOSE_MISMATCH',
    )
    expect(code(() => findRecordKey(trust, multikey, { ...use, origin: b.origin, index: 3 }))).toBe(
      'KEY_NOT_VALID_AT_TIME',
    )
    expect(code(() => findRecordKey(trust, b.log.publicKey.multibase, { ...use, index: 3 }))).toBe(
      'KEY_NOT_FOUND',
    )
    expect(code(() => findMember(trust, 'did:web:example.org'))).toBe('NOT_A_MEMBER')
  })

  test('[TRUST-8] a member is judged by its status at the index', () => {
    const trust = open((r) => {
      r.members[0].status.push(
        { status: 'suspended', origin: a.origin, size: 7 },
        { status: 'active', origin: a.origin, size: 9 },
      )
    })
    const member = findMember(trust, a.did)
    expect([0, 6, 7, 8, 9].map((index) => code(() => checkMemberStatus(member, a.origin, index)))).toEqual([
      'passed',
      'passed',
      'MEMBER_SUSPENDED',
      'MEMBER_SUSPENDED',
      'passed',
    ])
    expect(code(() => checkMemberStatus(member, 'localhost:7401/log/2', 0))).toBe('NOT_A_MEMBER')
  })
})

describe('the logs of one member', () => {
  const closed = { size: 3, root: `${'A'.repeat(43)}=`, reason: '合成' }

  function withNext(change: (origins: any[]) => void): string {
    return code(() =>
      open((r) => {
        const origin = a.origin.replace(/1$/, '2')
        const { publicKey } = signerFromSeed(sha256(encodeUtf8('the next log key')))
        const [first] = r.members[0].origins
        const key = formatVerifierKey(verifierKeyOf(origin, publicKey))
        r.members[0].origins.push({ origin, url: first.url, vkey: [{ key, from: 0 }] })
        change(r.members[0].origins)
      }),
    )
  }

  test('[TRUST-200] an epoch stands behind the one before it, which is closed', () => {
    const close = (origins: any[]) => Object.assign(origins[0], { closed })
    expect(withNext(close)).toBe('passed')
    expect(withNext(() => {})).toBe('REGISTRY_MALFORMED')
    expect(
      withNext((origins) => {
        close(origins)
        origins.reverse()
      }),
    ).toBe('REGISTRY_MALFORMED')
  })
})

describe('groups', () => {
  const west = { id: 'west', nameZh: '西部协作组（合成）', from: '2026-01-01', to: '2026-07-01' }
  const grouped =
    (groups: unknown, member: unknown = 'west') =>
    (r: any) => {
      if (groups !== undefined) r.groups = groups
      for (const each of r.members) if (member !== undefined) each.group = member
    }

  test.each<[string, unknown, unknown, string]>([
    ['one that is named', [west], 'west', 'passed'],
    ['no names at all, as before', undefined, '合成协作组', 'passed'],
    ['names, and a member of no group', [west], undefined, 'passed'],
    ['one that is not named', [west], 'east', 'REGISTRY_MALFORMED'],
    ['none named, and a member of one', [], 'west', 'REGISTRY_MALFORMED'],
    ['one that stands twice', [west, west], 'west', 'REGISTRY_MALFORMED'],
    ['an id that no entry can carry', [{ ...west, id: '西部' }], '西部', 'REGISTRY_MALFORMED'],
    ['an id with blanks', [{ ...west, id: 'the west' }], 'the west', 'REGISTRY_MALFORMED'],
    ['a date that is none', [{ ...west, to: '2026-13-01' }], 'west', 'REGISTRY_MALFORMED'],
    ['a group with more in it', [{ ...west, parties: [] }], 'west', 'REGISTRY_MALFORMED'],
  ])('[TRUST-800] %s', (_, groups, member, expected) => {
    expect(code(() => open(grouped(groups, member)))).toBe(expected)
  })

  test.each([
    ['2025-12-31', false],
    ['2026-01-01', true],
    ['2026-06-30', true],
    ['2026-07-01', false],
  ])('[TRUST-800] on %s a group counts: %s', (day, counts) => {
    const trust = open(grouped([west]))
    const [owner, reader] = [findMember(trust, a.did), findMember(trust, b.did)]
    const grants = grantsOf(trust, reader, { member: owner, day })
    expect(grants).toEqual([{ tier: 'federation' }, ...(counts ? [{ tier: 'group', audience: 'west' }] : [])])
    const record = { tier: 'group', audience: 'west' } as const
    expect(code(() => checkAudience(trust, record, { member: owner, day }))).toBe(
      counts ? 'passed' : 'AUDIENCE_MISMATCH',
    )
    const before = open(grouped(undefined))
    expect(code(() => checkAudience(before, record, { member: findMember(before, a.did), day }))).toBe(
      'passed',
    )
  })
})
