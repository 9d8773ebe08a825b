import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, policy, type Route, requirePolicy, scopeFor } from '../../../node/access/policy.ts'
import { publicScope, wholeScope } from '../../../node/store/scope.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { Receipt, TestNode } from '../../support/node.ts'
import { listFiles, readText } from '../../support/source.ts'
import { askAs, tieredStandard, tierRegistry } from '../../support/tier.ts'

const logs = ['x.example/log/1']
const member: Caller = { standing: 'member', id: 'did:web:x.example', grants: [{ tier: 'federation' }], logs }

describe('the policy', () => {
  test('[TIER-20] a node with a route that nobody decided about does not start', () => {
    const app = new Hono()
    app.get('/log/:epoch/checkpoint', () => new Response())
    requirePolicy(app.routes)
    app.get('/debug/records', () => new Response())
    expect(() => requirePolicy(app.routes)).toThrow('no policy for GET /debug/records')
  })

  test('[TIER-20] each route shows each standing what its line says, and nothing else', () => {
    for (const [route, showing] of Object.entries(policy) as [Route, string][]) {
      expect([route, scopeFor(route, { standing: 'stranger' })]).toEqual([route, publicScope])
      const own = showing === 'own' || showing === 'returned'
      const returned = showing === 'returned' ? { returned: logs } : {}
      const ofMember = own ? { own: [{ tier: 'federation' }], held: 'public', ...returned } : publicScope
      if (showing !== 'operator') {
        expect([route, scopeFor(route, member)]).toEqual([route, ofMember])
        expect([route, scopeFor(route, { standing: 'operator' })]).toEqual([
          route,
          own ? wholeScope : publicScope,
        ])
      }
    }
  })

  test('[TIER-20] no query beside the one condition looks at a tier to let records out', () => {
    const strays = [
      ...listFiles('node/serve', '.ts'),
      ...listFiles('node/api', '.ts'),
      ...listFiles('node/console', '.ts'),
    ].filter((path) => /tier\s*(?:=|<>|in\b)\s*'/.test(readText(path)))
    expect(strays).toEqual([])
  })
})

describe('what may not be read', () => {
  let network: Network
  let node: TestNode
  let secret: Receipt
  let open: Receipt
  beforeAll(async () => {
    network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
      change: (registry, members) => tierRegistry(registry, members),
    })
    node = await network.start(0)
    open = await node.publish(tieredStandard(1, 'public'))
    secret = await node.publish(tieredStandard(2, 'pair'))
  })
  afterAll(() => network.close())

  const absent = {
    digest: `sha256:${'a'.repeat(64)}`,
    id: (id: string) => id.replace(/.{12}$/, 'aaaaaaaaaaaa'),
  }

  async function facts(response: Response) {
    const body = (await response.text()).replace(/"traceId":"[0-9a-f]{16}"/, '"traceId":""')
    const headers = [...response.headers].filter(([name]) => name !== 'date' && name !== 'content-length')
    return { status: response.status, headers, body }
  }

  test('[TIER-21] looks like what is not there, to a stranger and to a member', async () => {
    const paths = (digest: string, id: string) => [
      `/records/${digest}`,
      `/api/v1/records/${digest}`,
      `/api/v1/records?id=${encodeURIComponent(id)}`,
      `/api/v1/standards/${digest}`,
      `/standards/${digest}`,
    ]
    const forbidden = paths(secret.digest, secret.id)
    const missing = paths(absent.digest, absent.id(secret.id))
    for (const who of ['stranger', network.members[3]!] as const)
      for (const [n, path] of forbidden.entries()) {
        const [seen, expected] = [
          await facts(await askAs(node, path, who)),
          await facts(await askAs(node, missing[n]!, who)),
        ]
        const same = (text: string) => text.replaceAll(secret.digest, '').replaceAll(absent.digest, '')
        expect({ ...seen, body: same(seen.body) }).toEqual({ ...expected, body: same(expected.body) })
        expect(seen.status).toBe(404)
      }
    for (const path of forbidden.slice(0, 4))
      expect([path, (await askAs(node, path, network.members[1]!)).status]).toEqual([path, 200])
  })

  test('[TIER-22] what only some may have stands in nobody’s cache', async () => {
    const cachingOf = async (path: string, who: Parameters<typeof askAs>[2]) =>
      (await askAs(node, path, who)).headers.get('cache-control')
    expect(await cachingOf(`/records/${secret.digest}`, network.members[1]!)).toBe('private, no-store')
    expect(await cachingOf(`/records/${open.digest}`, network.members[1]!)).toContain('immutable')
    expect(await cachingOf('/log/1/records/000.p/2', network.members[1]!)).toBe('private, no-store')
    expect(await cachingOf('/log/1/records/000.p/2', 'stranger')).toBe('private, no-store')
  })
})
