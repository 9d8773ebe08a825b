import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNetwork, type Network } from '../../support/network.ts'
import type { Receipt, TestNode } from '../../support/node.ts'
import { tieredStandard, tierRegistry } from '../../support/tier.ts'

let network: Network
let node: TestNode
let open: readonly Receipt[]
let secret: Receipt
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  node = await network.start(0)
  open = [await node.publish(tieredStandard(1, 'public')), await node.publish(tieredStandard(8, 'public'))]
  secret = await node.publish(tieredStandard(15, 'pair'))
})
afterAll(() => network.close())

const ask = (path: string, query: Readonly<Record<string, string>>, headers: Record<string, string> = {}) =>
  node.fetch(`/api/v1/${path}?${new URLSearchParams(query)}`, { headers })

describe.each(['compare', 'suggest'])('GET /api/v1/%s', (path) => {
  test('[MAP-76] [MAP-84] two editions, by digest, id and number', async () => {
    const [a, b] = open
    const first = await ask(path, { a: a!.digest, b: b!.digest })
    expect(first.status).toBe(200)
    const answer = (await first.json()) as Record<string, unknown>
    expect(answer).toMatchObject({ kind: 'editions', a: { id: a!.id }, b: { id: b!.id } })
    for (const [one, other] of [
      [a!.id, b!.id],
      ['DB50/T 990001—2020', 'db50/t 990008-2022'],
    ] as const)
      expect(await (await ask(path, { a: one, b: other })).json()).toEqual(answer)
  })

  test('[MAP-76] [MAP-84] what may not be read looks like what is not there', async () => {
    const body = async (response: Response) =>
      (await response.text()).replace(/"traceId":"[0-9a-f]{16}"/, '"traceId":""')
    const absent = await ask(path, { a: open[0]!.digest, b: `sha256:${'a'.repeat(64)}` })
    const hidden = await ask(path, { a: open[0]!.digest, b: secret.digest })
    expect([absent.status, hidden.status]).toEqual([404, 404])
    expect(await body(hidden)).toBe(await body(absent))
    const own = await ask(
      path,
      { a: open[0]!.digest, b: secret.digest },
      { authorization: `Bearer ${node.token}` },
    )
    expect(own.status).toBe(200)
    expect(own.headers.get('cache-control')).toContain('private')
  })

  test('[MAP-76] [MAP-84] an agency has the editions that the reader may have', async () => {
    const count = async (headers: Record<string, string> = {}) =>
      (await (await ask(path, { a: node.member.did, b: network.members[1]!.did }, headers)).json()) as unknown
    expect(await count()).toMatchObject({ kind: 'agencies', a: { editions: 2 }, b: { editions: 0 } })
    expect(await count({ authorization: `Bearer ${node.token}` })).toMatchObject({ a: { editions: 3 } })
  })

  test.each([
    [{ a: 'x' }, '/b'],
    [{ a: 'x', b: 'y', c: 'z' }, '/c'],
    [{ a: 'x', b: 'y', at: '2026-02-30' }, '/at'],
    [{ a: '', b: 'y' }, '/a'],
    [{ a: 'x', b: 'y'.repeat(600) }, '/b'],
  ])('[MAP-76] [MAP-84] %j is refused', async (query, pointer) => {
    const response = await ask(path, query as unknown as Record<string, string>)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'QUERY_INVALID', place: { pointer } })
  })
})

test('[MAP-84] most is a small number, and bounds what is proposed', async () => {
  const [a, b] = [open[0]!.digest, open[1]!.digest]
  for (const most of ['0', '21', 'many']) expect((await ask('suggest', { a, b, most })).status).toBe(400)
  const { suggestions } = (await (await ask('suggest', { a, b, most: '1' })).json()) as {
    suggestions: readonly unknown[]
  }
  expect(suggestions).toHaveLength(3)
})
