import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SyntheticMember } from '../../../fixtures/synthetic/member.ts'
import { encodeBase64Url, encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { noBodyDigest, requestScheme } from '../../../protocol/request-proof.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { TestNode } from '../../support/node.ts'
import { expectProblem } from '../../support/node-request.ts'
import { indicesOf, type ProofChange, proofFor, tieredStandard, tierRegistry } from '../../support/tier.ts'

let network: Network
let node: TestNode
let pair: SyntheticMember
let left: SyntheticMember
let other: SyntheticMember
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    baseOf: () => '/jgj',
    change: (registry, members) => {
      const changed = tierRegistry(registry, members)
      const [, , suspended, late] = changed.members
      const { origin } = suspended!.origins[0]!
      suspended!.status = [...suspended!.status, { status: 'suspended', origin, size: 7 }]
      for (const key of late!.keys) key.valid = key.valid.map((range) => ({ ...range, from: 5 }))
      return changed
    },
  })
  ;[, pair, left, other] = network.members as [
    SyntheticMember,
    SyntheticMember,
    SyntheticMember,
    SyntheticMember,
  ]
  node = await network.start(0)
  await node.publish(tieredStandard(1, 'public'))
  await node.publish(tieredStandard(2, 'pair'))
})
afterAll(() => network.close())

const reader = '/api/v1/reader'
const page = '/log/1/records/000.p/2'
const ask = (path: string, authorization: string, method = 'GET') =>
  node.fetch(path, { method, headers: { authorization } })

/** A proof with other words in it, signed all the same. */
async function forge(
  change: { readonly head?: Record<string, unknown>; readonly claims?: Record<string, unknown> },
  spell: (value: never) => string = canonicalize as never,
): Promise<string> {
  const [head, body] = (await proofFor(node, reader, pair)).slice(requestScheme.length + 1).split('.')
  const part = (text: string, more: object = {}) =>
    encodeBase64Url(
      encodeUtf8(spell({ ...JSON.parse(Buffer.from(text, 'base64url').toString()), ...more } as never)),
    )
  const signed = `${part(head!, change.head)}.${part(body!, change.claims)}`
  return `${requestScheme} ${signed}.${encodeBase64Url(await pair.request.sign(encodeUtf8(signed)))}`
}

describe('a request proof', () => {
  test('[TIER-10] is read by a library as what it is', async () => {
    const token = (await proofFor(node, reader, pair)).slice(requestScheme.length + 1)
    const kid = pair.request.publicKey.multibase
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', kid, typ: 'csx-request+jwt' })
    expect(decodeJwt(token)).toEqual({
      iss: pair.did,
      aud: node.member.did,
      htm: 'GET',
      htu: `${node.url}${reader}`,
      iat: expect.any(Number),
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      digest: noBodyDigest,
    })
  })

  test('[TIER-10] says who asks, with path and query below the base', async () => {
    for (const path of [reader, `${page}?from=1`]) {
      const answer = await ask(path, await proofFor(node, path, pair))
      expect(answer.status).toBe(200)
      if (path === reader) {
        const mayRead = [{ tier: 'federation' }, { tier: 'pair', audience: 'bishan-meishan' }]
        expect(await answer.json()).toEqual({ standing: 'member', id: pair.did, mayRead })
      } else expect(await indicesOf(answer)).toEqual([1])
    }
    const own = await ask(reader, await proofFor(node, reader, node.member))
    expect(await own.json()).toEqual({ standing: 'member', id: node.member.did })
  })

  const wrong: readonly (readonly [string, () => ProofChange])[] = [
    ['by a key of another purpose', () => ({ purpose: 'publish' })],
    ['by another member’s key', () => ({ by: other })],
    ['for another node', () => ({ callee: other.did })],
    ['for another method', () => ({ method: 'HEAD' })],
    ['for another path', () => ({ url: `${node.url}/api/v1/logs` })],
    ['for another query', () => ({ url: `${node.url}${reader}?a=1` })],
    ['for the address without its base', () => ({ url: `${node.url.replace('/jgj', '')}${reader}` })],
    ['made two minutes ago', () => ({ now: Date.now() - 120_000 })],
    ['made two minutes ahead', () => ({ now: Date.now() + 120_000 })],
  ]
  test.each(wrong)('[TIER-11] is refused %s', async (_, change) => {
    const problem = await expectProblem(
      await ask(reader, await proofFor(node, reader, pair, change())),
      'AUTH_INVALID',
      { status: 401 },
    )
    expect(problem.detail).toContain('request proof')
  })

  test('[TIER-11] is refused of a suspended member, and by a key whose range has not begun', async () => {
    for (const caller of [left, other])
      await expectProblem(await ask(reader, await proofFor(node, reader, caller)), 'AUTH_INVALID')
  })

  test('[TIER-11] is refused with another header, claim or spelling', async () => {
    const bad = [
      await forge({ head: { alg: 'none' } }),
      await forge({ head: { alg: 'HS256' } }),
      await forge({ head: { crit: ['exp'] } }),
      await forge({ head: { jwk: {} } }),
      await forge({ head: { typ: 'jwt' } }),
      await forge({ head: { kid: 'z6MkvznKQyrdyczj8wHoRETQW42RCnbyas9BzS6opUe9qXBd' } }),
      await forge({ claims: { exp: Math.floor(Date.now() / 1000) + 60 } }),
      await forge({ claims: { jti: 'short' } }),
      await forge({ claims: { iat: 'now' } }),
      await forge({ claims: { digest: `sha256:${'0'.repeat(64)}` } }),
      await forge({ claims: { iss: other.did } }),
      await forge({}, ((value: object) => JSON.stringify(value, undefined, 1)) as never),
      `${await proofFor(node, reader, pair)}${'A'.repeat(5000)}`,
      (await proofFor(node, reader, pair)).replace(/\.[^.]*$/, '.'),
      `${requestScheme} a.b`,
      `${requestScheme} `,
      'Basic dXNlcjpwYXNz',
    ]
    for (const [n, header] of bad.entries()) expect([n, (await ask(reader, header)).status]).toEqual([n, 401])
    const key = new TextEncoder().encode(pair.request.publicKey.multibase)
    const claims = decodeJwt((await proofFor(node, reader, pair)).slice(requestScheme.length + 1))
    const symmetric = new SignJWT(claims).setProtectedHeader({
      alg: 'HS256',
      typ: 'csx-request+jwt',
      kid: pair.request.publicKey.multibase,
    })
    expect((await ask(reader, `${requestScheme} ${await symmetric.sign(key)}`)).status).toBe(401)
    const good = await forge({})
    expect((await ask(reader, good)).status).toBe(200)
  })

  test('[TIER-12] counts once, also after a restart', async () => {
    const proof = await proofFor(node, reader, pair)
    expect((await ask(reader, proof)).status).toBe(200)
    await expectProblem(await ask(reader, proof), 'AUTH_INVALID')
    const together = await proofFor(node, reader, pair)
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await ask(reader, together)).status),
    )
    expect(statuses.toSorted()).toEqual([200, 401, 401, 401, 401])
    await node.stop()
    node = await network.start(0)
    await expectProblem(await ask(reader, proof), 'AUTH_INVALID')
  })

  test('[TIER-13] that is broken makes a stranger on a resource, who is told nothing', async () => {
    const facts = async (answer: Response) => ({
      status: answer.status,
      body: await answer.text(),
      headers: [...answer.headers].filter(([name]) => name !== 'date'),
    })
    const expected = await facts(await node.fetch(page))
    const used = await proofFor(node, page, pair)
    // No canonical spelling has half of a pair.
    const torn = await forge({ claims: { htu: '\ud800' } }, JSON.stringify as never)
    expect(await indicesOf(await ask(page, used))).toEqual([0, 1])
    await expectProblem(await ask(reader, torn), 'AUTH_INVALID', { status: 401 })
    for (const header of [
      torn,
      used,
      'Bearer wrong',
      await proofFor(node, page, pair, { purpose: 'publish' }),
    ])
      expect(await facts(await ask(page, header))).toEqual(expected)
    expect(await (await node.fetch(reader)).json()).toEqual({ standing: 'stranger' })
    expect(await (await ask(reader, `Bearer ${node.token}`)).json()).toEqual({ standing: 'operator' })
  })
})
