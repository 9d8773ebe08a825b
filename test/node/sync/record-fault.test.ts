import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticId } from '../../../fixtures/synthetic/log.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { formatMoment } from '../../../protocol/date.ts'
import { digestOf } from '../../../protocol/hash.ts'
import type { JsonObject } from '../../../protocol/json-value.ts'
import { signerFromSeed } from '../../../protocol/key.ts'
import { signRecord } from '../../../protocol/proof/sign.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'
import { firstMoment, type PeerLog } from '../../support/peer-log.ts'

let other: Peer
let node: PeerFollower
const peers: Peer[] = []

/** A signed document, honest but for what the options change. */
async function sign(
  log: PeerLog,
  n: number,
  { change = {}, signer = log.member.publish, domain = log.member.origin, issuer = log.member.did } = {} as {
    readonly change?: JsonObject
    readonly signer?: PeerLog['member']['publish']
    readonly domain?: string
    readonly issuer?: string
  },
): Promise<JsonObject> {
  const document = composeRecord(syntheticStandard(n), { id: syntheticId(log.member, n), issuer })
  return signRecord({ ...document, ...change }, { signer, issuer, domain, created: '2026-01-05T01:00:00Z' })
}

interface Poison {
  readonly what: string
  readonly code: string
  readonly pointer?: string
  readonly append: (log: PeerLog, n: number) => Promise<unknown> | unknown
}

const stranger = signerFromSeed(new Uint8Array(32).fill(7))

/** Each is one entry among sound ones. */
const poisons: readonly Poison[] = [
  {
    what: 'an altered member',
    code: 'SIGNATURE_INVALID',
    append: async (log, n) => log.appendFaulty({ ...(await sign(log, n)), synthetic: true, about: ['x'] }),
  },
  {
    what: 'other bytes than were logged',
    code: 'LEAF_MISMATCH',
    append: async (log, n) =>
      log.appendFaulty(await sign(log, n), {
        record: encodeUtf8(canonicalize(await sign(log, n, { change: { about: ['y'] } }))),
      }),
  },
  {
    what: 'bytes that are not canonical',
    code: 'JSON_MALFORMED',
    append: async (log, n) => {
      const document = await sign(log, n)
      const spaced = encodeUtf8(canonicalize(document).replace('{', '{ '))
      return log.appendFaulty(document, { record: spaced, entry: { digest: digestOf(spaced) } })
    },
  },
  {
    what: 'a duplicate member',
    code: 'JSON_DUPLICATE_KEY',
    append: async (log, n) => {
      const document = await sign(log, n)
      const twice = encodeUtf8(canonicalize(document).replace('{', '{"tier":"public",'))
      return log.appendFaulty(document, { record: twice, entry: { digest: digestOf(twice) } })
    },
  },
  {
    what: 'bad UTF-8',
    code: 'TEXT_INVALID_UNICODE',
    append: async (log, n) =>
      log.appendFaulty(await sign(log, n), { record: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]) }),
  },
  {
    what: 'an unknown member',
    code: 'SCHEMA_INVALID',
    pointer: '/colour',
    append: async (log, n) => log.appendFaulty(await sign(log, n, { change: { colour: 'red' } })),
  },
  {
    what: 'a member name that no database stores',
    code: 'SCHEMA_INVALID',
    pointer: '/a\ufffdb',
    append: async (log, n) => log.appendFaulty(await sign(log, n, { change: { 'a\u0000b': 1 } })),
  },
  {
    what: 'another type',
    code: 'SCHEMA_INVALID',
    append: async (log, n) =>
      log.appendFaulty(await sign(log, n, { change: { type: ['VerifiableCredential', 'Coupon'] } })),
  },
  {
    what: 'another context',
    code: 'CONTEXT_NOT_ALLOWED',
    append: async (log, n) =>
      log.appendFaulty({ ...(await sign(log, n)), '@context': ['https://www.w3.org/ns/credentials/v2'] }),
  },
  {
    what: 'no proof',
    code: 'PROOF_MISSING',
    append: async (log, n) => {
      const { proof: _, ...bare } = await sign(log, n)
      return log.appendFaulty(bare)
    },
  },
  {
    what: "another issuer's record",
    code: 'ISSUER_MISMATCH',
    append: (log) => log.appendFaulty(other.log.logged[0]!.document),
  },
  {
    what: "an id that is not the issuer's",
    code: 'ISSUER_MISMATCH',
    append: async (log, n) =>
      log.appendFaulty(await sign(log, n, { change: { id: syntheticId(other.member, n) } })),
  },
  {
    what: 'a key that nobody registered',
    code: 'KEY_NOT_FOUND',
    append: async (log, n) => log.appendFaulty(await sign(log, n, { signer: stranger })),
  },
  {
    what: "another member's key",
    code: 'KEY_CONTROLLER_MISMATCH',
    append: async (log, n) => log.appendFaulty(await sign(log, n, { signer: other.member.publish })),
  },
  {
    what: 'a key of another purpose',
    code: 'PURPOSE_MISMATCH',
    append: async (log, n) => log.appendFaulty(await sign(log, n, { signer: attest })),
  },
  {
    what: 'a proof for another log',
    code: 'LOG_ORIGIN_MISMATCH',
    append: async (log, n) => log.appendFaulty(await sign(log, n, { domain: other.member.origin })),
  },
  {
    what: 'an entry with another index',
    code: 'INDEX_MISMATCH',
    append: async (log, n) => log.appendFaulty(await sign(log, n), { entry: { index: log.size + 1 } }),
  },
  {
    what: 'an entry of another log',
    code: 'LOG_ORIGIN_MISMATCH',
    append: async (log, n) => log.appendFaulty(await sign(log, n), { entry: { log: other.member.origin } }),
  },
  {
    what: 'an entry before its predecessor',
    code: 'CLOCK_WENT_BACK',
    append: async (log, n) =>
      log.appendFaulty(await sign(log, n), { entry: { at: formatMoment(firstMoment - 1) } }),
  },
  {
    what: 'an entry of the future',
    code: 'TIME_IN_FUTURE',
    append: async (log, n) =>
      log.appendFaulty(await sign(log, n), { entry: { at: '9999-01-01T00:00:00.000Z' } }),
  },
  {
    what: 'an entry with another type',
    code: 'LEAF_MISMATCH',
    append: async (log, n) => log.appendFaulty(await sign(log, n), { entry: { type: 'LifecycleEvent' } }),
  },
  {
    what: 'an entry with another id',
    code: 'LEAF_MISMATCH',
    append: async (log, n) =>
      log.appendFaulty(await sign(log, n), { entry: { id: syntheticId(log.member, 9999) } }),
  },
  {
    what: 'an entry with one member more',
    code: 'ENTRY_MALFORMED',
    append: async (log, n) => log.appendFaulty(await sign(log, n), { entry: { note: 'x' } }),
  },
  {
    what: 'a leaf that is no entry',
    code: 'ENTRY_MALFORMED',
    append: async (log, n) => log.appendFaulty(await sign(log, n), { leaf: new Uint8Array([0, 255, 1]) }),
  },
  {
    what: 'an empty leaf',
    code: 'ENTRY_MALFORMED',
    append: async (log, n) => log.appendFaulty(await sign(log, n), { leaf: new Uint8Array(0) }),
  },
  {
    what: 'an id that was used before',
    code: 'DUPLICATE_ID',
    append: async (log) => log.appendFaulty(await sign(log, 0, { change: { about: ['again'] } })),
  },
  {
    what: 'a record that was logged before',
    code: 'DUPLICATE_ID',
    append: (log) => log.appendFaulty(log.logged[0]!.document),
  },
  {
    what: 'a record of more than 1 MiB',
    code: 'SIZE_LIMIT',
    append: async (log, n) => {
      const document = await sign(log, n, { change: { about: ['x'.repeat(1 << 20)] } })
      return log.appendFaulty(document)
    },
  },
  {
    what: 'an edition whose id no database stores',
    code: 'SCHEMA_INVALID',
    pointer: '/credentialSubject/edition/id',
    append: async (log, n) => {
      const { digest } = log.logged[0]!
      const subject = composeRecord(
        syntheticEvent({ id: syntheticId(log.member, 0), digest }, 'abolished', '2026-01-01'),
        {
          id: syntheticId(log.member, n),
          issuer: log.member.did,
        },
      )
      const id = 'https://x\u0000y/id/00000000-0000-4000-8000-000000000000'
      const document = {
        ...subject,
        credentialSubject: { ...(subject.credentialSubject as JsonObject), edition: { id, digest } },
      }
      return log.appendFaulty(
        await signRecord(document, {
          signer: log.member.publish,
          issuer: log.member.did,
          domain: log.member.origin,
          created: '2026-01-05T01:00:00Z',
        }),
      )
    },
  },
  {
    what: 'a record that is not sent',
    code: 'RECORD_UNAVAILABLE',
    append: async (log, n) => log.appendFaulty(await sign(log, n), { record: null }),
  },
]

const attest = signerFromSeed(new Uint8Array(32).fill(9))

beforeAll(async () => {
  other = await startPeer('眉山（合成）')
  await other.log.publishStandards(1)
  peers.push(other)
  for (const { what } of poisons) peers.push(await startPeer(what))
  // The first poison's neighbours share one registry: each member also has a key for attestations.
  const keyed = peers[poisons.findIndex(({ code }) => code === 'PURPOSE_MISMATCH') + 1]!
  keyed.member.entry.keys.push({
    multikey: attest.publicKey.multibase,
    purpose: 'attest',
    valid: [{ origin: keyed.member.origin, from: 0 }],
  })
  node = await createPeerFollower(peers)
})
afterAll(async () => {
  await node.close()
  await Promise.all(peers.map((peer) => peer.close()))
})

describe('one poisoned entry among sound ones', () => {
  test.each(poisons.map((poison, i) => [poison.what, poison.code, i + 1] as const))(
    '[SYNC-6] %s is %s, the rest is used and the root is the same',
    async (_, code, i) => {
      const peer = peers[i]!
      const { append, pointer } = poisons[i - 1]!
      await peer.log.publishStandards(20)
      await append(peer.log, 500)
      await peer.log.publishStandards(20)
      expect(await node.pull(peer)).toEqual({ applied: 41, held: 41, target: 41 })
      const quarantine = await node.quarantineOf(peer)
      expect(quarantine.map(({ index, code: found }) => [index, found])).toEqual([[20, code]])
      if (pointer !== undefined) expect(quarantine[0]?.pointer).toBe(pointer)
      expect(await node.standardsOf(peer)).toEqual(
        Array.from({ length: 41 }, (_unused, n) => n).filter((n) => n !== 20),
      )
      expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(41))
    },
  )

  test('[SYNC-6] what was received is kept with its code, bounded', async () => {
    const at = (code: string) => peers[poisons.findIndex((poison) => poison.code === code) + 1]!
    const [altered] = await node.quarantineOf(at('SIGNATURE_INVALID'))
    expect(altered?.record).toEqual(at('SIGNATURE_INVALID').log.logged[20]!.bytes)
    const [large] = await node.quarantineOf(at('SIZE_LIMIT'))
    expect(large?.record?.length).toBe((1 << 20) + 1)
    const [missing] = await node.quarantineOf(at('RECORD_UNAVAILABLE'))
    expect(missing?.record).toBeNull()
  })

  test('[SYNC-19] a copy in another log changes nothing for the record it is a copy of', async () => {
    await node.pull(other)
    expect(await node.standardsOf(other)).toEqual([0])
    expect(await node.quarantineOf(other)).toEqual([])
  })
})

describe('a whole bundle', () => {
  test('[SYNC-6] of 256 entries 255 are used and one is not', async () => {
    const peer = await startPeer('满包（合成）')
    const alone = await createPeerFollower([peer, other])
    await peer.log.publishStandards(100)
    await poisons[0]!.append(peer.log, 500)
    await peer.log.publishStandards(155)
    expect((await alone.pull(peer)).applied).toBe(256)
    expect(await alone.standardsOf(peer)).toHaveLength(255)
    expect((await alone.quarantineOf(peer)).map(({ index }) => index)).toEqual([100])
    expect(await alone.rootOf(peer)).toEqual(peer.log.rootAt(256))
    await alone.close()
    await peer.close()
  })

  test('[SYNC-7] entries of other tiers are held without a record, and that is no fault', async () => {
    const peer = await startPeer('非公开（合成）')
    const alone = await createPeerFollower([peer])
    await peer.log.publishStandards(2)
    for (let i = 0; i < 3; i += 1)
      peer.log.appendFaulty(
        { id: 'https://x/id/0' },
        {
          leaf: encodeUtf8(
            canonicalize({
              at: formatMoment(firstMoment + peer.log.size * 1000),
              commitment: `c1:${'0'.repeat(63)}${i}`,
              index: peer.log.size,
              log: peer.member.origin,
              tier: 'federation',
              v: 1,
            }),
          ),
          record: null,
        },
      )
    expect((await alone.pull(peer)).applied).toBe(5)
    expect(await alone.quarantineOf(peer)).toEqual([])
    expect(await alone.rootOf(peer)).toEqual(peer.log.rootAt(5))
    await alone.close()
    await peer.close()
  })

  test('[SYNC-6] dates and texts at the edge of what a database takes do not hold up a log', async () => {
    const peer = await startPeer('边界（合成）')
    const alone = await createPeerFollower([peer])
    const edge = syntheticStandard(1, { publishedOn: '0000-02-29', effectiveOn: '9999-12-31' })
    await peer.log.publish(edge)
    const clauses = Array.from({ length: 40 }, (_, i) => ({
      uid: `c${i}`,
      locator: String(i + 1),
      heading: `${i % 2 === 0 ? 'a' : ''}${'😀'.repeat(149)}`,
      clauseType: 'requirement' as const,
    }))
    await peer.log.publish(syntheticStandard(2, { clauses }))
    await peer.log.publish(
      syntheticStandard(3, {
        clauses: clauses.map((clause) => ({ ...clause, heading: `b${clause.heading}` })),
      }),
    )
    const { id, digest } = peer.log.logged[0]!
    await peer.log.publish(syntheticEvent({ id, digest }, 'abolished', '0000-01-01'))
    expect((await alone.pull(peer)).applied).toBe(4)
    expect(await alone.quarantineOf(peer)).toEqual([])
    await alone.close()
    await peer.close()
  })
})
