import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticEvent } from '../../fixtures/synthetic/standard.ts'
import type { AgreementView } from '../../node/agreement/agreement-view.ts'
import { agreementDigest } from '../../protocol/record/agreement-rule.ts'
import { textOf } from '../node/console/element.ts'
import { checkPage } from '../node/console/page-check.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { agreeOnRows, day, type Published, publish } from '../support/recognition.ts'
import { askAs, pairId, tierRegistry } from '../support/tier.ts'

let network: Network
let north: TestNode
let south: TestNode
let west: TestNode

beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south, west] = (await Promise.all([0, 1, 2].map((n) => network.start(n)))) as [
    TestNode,
    TestNode,
    TestNode,
  ]
})
afterAll(() => network.close())

async function post(node: TestNode, path: string, body: object): Promise<{ status: number; body: any }> {
  const response = await node.post(path, body as never)
  return { status: response.status, body: await response.json() }
}

async function view(node: TestNode, id: string, at?: string): Promise<AgreementView & { code?: string }> {
  const response = await askAs(
    node,
    `/api/v1/agreements/${id}${at === undefined ? '' : `?at=${at}`}`,
    'operator',
  )
  return (await response.json()) as AgreementView
}

/** Until both answer alike, and as is expected. */
async function both(id: string, state: string, at?: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const [one, other] = [await view(north, id, at), await view(south, id, at)]
    const shown = ({ asOf: _, ...rest }: AgreementView) => JSON.stringify(rest)
    if (one.state === state && shown(one) === shown(other)) return
    if (tries > 150) throw new Error(JSON.stringify([one, other], null, 1).slice(0, 6000))
    await sleep(100)
  }
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await done()); tries += 1) {
    if (tries > 100) throw new Error('it did not come to that')
    await sleep(100)
  }
}

describe('a recognition between two nodes', () => {
  let first: Published
  let second: Published
  let terms: object
  let unbegun: any

  beforeAll(async () => {
    ;({ first, second, terms } = await agreeOnRows(north, south))
  }, 60_000)

  async function agree(tier: 'public' | 'pair'): Promise<{ id: string; digest: string }> {
    const draft = await post(north, '/api/v1/agreements/draft', terms)
    expect(draft.status).toBe(200)
    const { agreement, digest } = draft.body
    const { id } = agreement
    expect(
      (await post(north, '/api/v1/agreements/acts', { act: 'propose', id, digest, agreement, tier })).status,
    ).toBe(201)
    await both(id, 'proposed')
    return { id, digest }
  }

  /** As soon as all that it rests on has come. */
  async function accept(id: string, digest: string): Promise<void> {
    const body = { act: 'accept', id, digest }
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await post(south, '/api/v1/agreements/acts', body)).status === 201) return
      await sleep(100)
    }
  }

  test('[AGREE-101] a draft is what both accepted, in words that can be read, and logs nothing', async () => {
    const { body } = await post(north, '/api/v1/agreements/draft', terms)
    expect(body.agreement.effects).toEqual(
      ['r1', 'r2'].map((row) => ({ row, from: 0, to: 1, effect: 'direct' })),
    )
    const text = body.statement.join('\n')
    for (const part of [
      '互认声明',
      '璧山（合成）',
      '眉山（合成）',
      '第1项要求',
      '直接互认',
      '宽限20日',
      '通知30日',
      body.digest,
    ])
      expect(text).toContain(part)
    expect((await view(north, body.agreement.id)).code).toBe('NOT_FOUND')
  })

  test('[AGREE-102] proposed and accepted it is in force at both; the proposer cannot accept', async () => {
    const { id, digest } = await agree('public')
    const accept = { act: 'accept', id, digest }
    expect((await post(north, '/api/v1/agreements/acts', accept)).body.code).toBe('ATTESTATION_SAME_PARTY')
    expect((await post(south, '/api/v1/agreements/acts', { ...accept, digest: first.digest })).status).toBe(
      404,
    )
    for (let tries = 0; ; tries += 1) {
      const { status, body } = await post(south, '/api/v1/agreements/acts', accept)
      if (status === 201) break
      // The mapping set is on its way.
      expect(['MAPPING_MISSING', 'PENDING_DEPENDENCY']).toContain(body.code)
      if (tries > 100) throw new Error(JSON.stringify(body))
      await sleep(100)
    }
    await both(id, 'effective')
    await both(id, 'expired', day(300))
    const seen = await (await askAs(north, '/api/v1/agreements', 'stranger')).json()
    expect((seen as any).agreements.map((one: any) => [one.id, one.state])).toContainEqual([id, 'effective'])
    expect(
      (await post(south, '/api/v1/agreements/acts', { act: 'withdraw', id, digest, reason: '合成理由' }))
        .status,
    ).toBe(201)
    await both(id, 'effective')
    await both(id, 'withdrawn', day(30))
  })

  test('[AGREE-102] what would decide nothing is not signed, and an id that is none is not there', async () => {
    const { id, digest } = await agree('public')
    const act = async (node: TestNode, body: object) =>
      (await post(node, '/api/v1/agreements/acts', { id, digest, ...body })).body
    const refused = { code: 'RULE_VIOLATED', place: { pointer: '/act' } }
    expect(await act(south, { act: 'withdraw', reason: '合成理由' })).toMatchObject(refused)
    expect(await act(north, { act: 'reject', reason: '合成理由' })).toMatchObject(refused)
    const past = { ...terms, acceptBy: '2020-01-01' }
    expect((await post(north, '/api/v1/agreements/draft', past)).body.code).toMatch(/EXPIRED|RULE_VIOLATED/)
    const older = { ...terms, supersedes: { id, digest } }
    const { agreement, digest: newer } = (await post(north, '/api/v1/agreements/draft', older)).body
    const pair = { act: 'propose', id: agreement.id, digest: newer, agreement, tier: 'pair' }
    expect((await post(north, '/api/v1/agreements/acts', pair)).body).toMatchObject({
      code: 'RULE_VIOLATED',
      place: { pointer: '/tier' },
    })
    for (const path of ['%00', 'x', '%E4%BA%92/evidence'])
      expect((await askAs(north, `/api/v1/agreements/${path}`, 'stranger')).status).toBe(404)
  })

  test('[AGREE-108] pages of one each are the list, and say how many there are', async () => {
    const ask = async (query: string) =>
      (await (await askAs(north, `/api/v1/agreements${query}`, 'stranger')).json()) as any
    await agree('public')
    const whole = await ask('')
    expect(whole).toMatchObject({ total: whole.agreements.length, limit: 500, offset: 0 })
    expect(whole.total).toBeGreaterThan(1)
    const pages = []
    for (let offset = 0; offset < whole.total; offset += 1)
      pages.push(...(await ask(`?limit=1&offset=${offset}&project=${pairId}`)).agreements)
    expect(pages).toEqual(whole.agreements)
    expect(await ask(`?offset=${whole.total}`)).toMatchObject({ total: whole.total, agreements: [] })
    expect(await ask('?project=%25')).toMatchObject({ total: 0, agreements: [] })
    const kinds = await ask('?kind=recognition')
    expect(kinds.agreements).toEqual(whole.agreements.filter(({ kind }: any) => kind === 'recognition'))
    expect(await ask('?kind=reuse')).toMatchObject({ total: 0 })
    for (const query of ['?limit=-1', '?kind=other']) expect((await ask(query)).code).toBe('QUERY_INVALID')
  })

  test('[AGREE-103] of tier pair nobody else learns that it is there, and it begins when each had the other’s act', async () => {
    const { id, digest } = await agree('pair')
    expect((await askAs(north, `/api/v1/agreements/${id}`, 'stranger')).status).toBe(404)
    expect((await askAs(north, `/api/v1/agreements/${id}`, west.member)).status).toBe(404)
    expect((await askAs(north, `/api/v1/agreements/${id}`, south.member)).status).toBe(200)
    await accept(id, digest)
    await both(id, 'effective')
    const plan = (await (await askAs(north, `/api/v1/agreements/${id}/evidence`, 'operator')).json()) as any
    expect(plan).toMatchObject({
      agreement: id,
      digest,
      contains: 'pair',
      audience: pairId,
      files: [expect.any(String)],
    })
    expect(plan.logs.map(({ origin }: any) => origin)).toEqual(
      [north.member.origin, south.member.origin].toSorted(),
    )
  })

  test('[AGREE-107] what would fall, and when, if the edition were replaced', async () => {
    const ask = async (query: string, who: 'stranger' | 'operator' = 'stranger') =>
      (await askAs(north, `/api/v1/what-if?${query}`, who)).json() as Promise<any>
    const { id, digest } = await agree('public')
    await accept(id, digest)
    await both(id, 'effective')
    const { edition, agreements } = await ask(`edition=${encodeURIComponent(first.id)}&on=${day(10)}`)
    expect(edition).toMatchObject({ id: first.id, digest: first.digest })
    expect(agreements).toContainEqual(
      expect.objectContaining({
        id,
        kind: 'recognition',
        fallsOn: day(30),
        graceFrom: day(10),
        state: 'lapsed',
      }),
    )
    expect(
      (await ask(`edition=${first.digest}&on=${day(10)}&kind=amendment&clauses=c4-1`)).agreements,
    ).toContainEqual(expect.objectContaining({ id, rows: [{ row: 'r1', on: day(30) }] }))
    expect((await ask(`edition=${first.digest}&on=${day(400)}`)).agreements).toEqual([])
    const byNumber = `edition=${encodeURIComponent('DB50/T 990001—2020')}&on=${day(10)}&kind=amendment`
    const named = await ask(`${byNumber}&clauses=4.1,${encodeURIComponent('第４．２条')}`)
    expect(named.clauses.map(({ uid }: any) => uid)).toEqual(['c4-1', 'c4-2'])
    expect(named.agreements).toContainEqual(expect.objectContaining({ id }))
    expect(await ask(`${byNumber}&clauses=4.1,9.9`)).toMatchObject({
      code: 'NOT_FOUND',
      place: { pointer: '/clauses/1' },
      detail: expect.stringContaining('9.9'),
      remedy: expect.stringContaining('条款'),
    })
    expect(await ask(`${byNumber}&clauses=,`)).toMatchObject({
      code: 'QUERY_INVALID',
      place: { pointer: '/clauses' },
    })
    expect(await ask('edition=none')).toMatchObject({ code: 'NOT_FOUND', place: { pointer: '/edition' } })
    expect(await ask(`edition=${digest}`)).toMatchObject({
      code: 'NOT_FOUND',
      place: { pointer: '/edition' },
    })
    expect((await ask(`edition=${first.digest}&kind=eaten`)).code).toBe('QUERY_INVALID')
  })

  test('[AGREE-104] [AGREE-43] a withdrawal of what would take its place is read by both, though it names the other alone', async () => {
    const { id, digest } = await agree('public')
    const accept = async (name: { id: string; digest: string }) => {
      for (let tries = 0; tries < 100; tries += 1) {
        if ((await post(south, '/api/v1/agreements/acts', { act: 'accept', ...name })).status === 201) return
        await sleep(100)
      }
    }
    await accept({ id, digest })
    await both(id, 'effective')
    const { agreement } = await view(north, id)
    const renewed: any = {
      ...agreement,
      id: 'urn:uuid:00000000-0000-4000-8000-0000000000a2',
      supersedes: { id, digest },
    }
    const name = { id: renewed.id, digest: agreementDigest(renewed) }
    const say = (body: object) => post(north, '/api/v1/agreements/acts', { ...name, ...body })
    expect((await say({ act: 'propose', agreement: renewed, tier: 'public' })).status).toBe(201)
    expect((await say({ act: 'withdraw', reason: '合成理由' })).status).toBe(201)
    for (let tries = 0; tries < 100 && (await view(south, renewed.id)).state !== 'withdrawn'; tries += 1)
      await sleep(100)
    await accept(name)
    await both(renewed.id, 'withdrawn')
    await both(id, 'effective')
  })

  test('[CONSOLE-2] [CONSOLE-4] [CONSOLE-5] the pages of a node tell everybody of what is public, and of nothing else', async () => {
    const page = async (path: string) => {
      const response = await north.fetch(path, { headers: { accept: 'text/html' } })
      return { status: response.status, text: textOf(checkPage(await response.text())) }
    }
    const hidden = await agree('pair')
    const { id, digest } = await agree('public')
    const list = await page('/agreements')
    expect(list.text).toContain(id)
    expect(list.text).not.toContain(hidden.id)
    const before = await page(`/agreements/${id}`)
    for (const part of ['互认声明', digest, '提议', '尚缺一方签署', '第1项要求', north.member.origin])
      expect(before.text).toContain(part)
    expect((await page(`/agreements/${hidden.id}`)).status).toBe(404)
    const compare = `/compare?a=${first.digest}&b=${second.digest}`
    await until(
      async () =>
        (await post(south, '/api/v1/agreements/acts', { act: 'accept', id, digest })).status === 201,
    )
    await both(id, 'effective')
    const after = await page(`/agreements/${id}`)
    expect(after.text).toContain('有效')
    expect(after.text).toContain('同意')
    expect((await page(compare)).text).toMatch(/通过 accepted\s*2/)
    expect((await page(compare)).text).toMatch(/等同/)
    expect((await page(`/what-if?edition=${first.digest}&on=${day(10)}`)).text).toContain(id)
    expect((await page(`/standards/${first.digest}`)).text).toMatch(/互认与比对[\s\S]*有效/)
  })

  test('[CONSOLE-10] [CONSOLE-14] [CONSOLE-20] [CONSOLE-21] the coordinator reads with the token as password, and writes nothing with it', async () => {
    const basic = { authorization: `Basic ${Buffer.from(`x:${south.token}`).toString('base64')}` }
    const page = async (path: string, headers: Record<string, string> = basic) => {
      const response = await south.fetch(path, { headers })
      return { status: response.status, text: textOf(checkPage(await response.text())) }
    }
    const { id, digest } = await agree('pair')
    expect((await page('/work/', {})).status).toBe(401)
    const home = await page('/work/')
    expect(home.text).toMatch(/待我方签署/)
    expect(home.text).toContain(id)
    const project = await page(`/work/projects/${pairId}`)
    for (const part of ['映射行共2条', '双方', '等同', '已比对', '没有矛盾'])
      expect(project.text).toContain(part)
    expect((await page(`/work/projects/${pairId}/rows/r1`)).text).toContain('此行已通过')
    const sign = await page(`/work/agreements/${id}`)
    expect(sign.text).toContain(
      `csx agreement accept ${id} --node ${south.url} --token-file operator.token --digest ${digest}`,
    )
    expect(sign.text).toContain('--disclose')
    for (const path of ['/api/v1/agreements/acts', '/api/v1/records', '/api/v1/agreements/draft']) {
      const response = await south.fetch(path, {
        method: 'POST',
        headers: { ...basic, 'content-type': 'application/json' },
        body: '{}',
      })
      expect([path, response.status]).toEqual([path, 401])
    }
    for (const path of [
      '/what-if?edition=%27%25%00',
      '/what-if?edition=https%3A%2F%2Fx%27',
      '/compare?a=%25&b=__',
      '/compare?a=did%3Aweb%3Ax&b=did%3Aweb%3Ay',
      `/agreements/${id}%00`,
      `/agreements?at=0000-00-00&page=999999&state=lapsed`,
      '/work/projects/%27%25/rows/%00',
      `/work/projects/${pairId}/rows/r1%00`,
      '/work/what-if?edition=%F0%9F%98%80&clauses=%27',
    ])
      expect([path, [200, 400, 404].includes((await page(path)).status)]).toEqual([path, true])
    const asked = await south.fetch(`/api/v1/agreements/${id}`, { headers: basic })
    expect(asked.status).toBe(404)
    expect((await south.fetch('/work/', { method: 'POST', headers: basic })).status).toBe(405)
  })

  test('[AGREE-104] the line is cut, an edition is replaced, the line is there again: both say lapsed, from the same day', async () => {
    const { id, digest } = await agree('public')
    await accept(id, digest)
    await both(id, 'effective')
    const early = await post(north, '/api/v1/agreements/draft', { ...terms, effectiveFrom: day(5) })
    const proposal = (text: any) => ({
      ...{ act: 'propose', id: text.id, digest: agreementDigest(text), agreement: text, tier: 'public' },
    })
    const late = proposal(early.body.agreement)
    expect((await post(north, '/api/v1/agreements/acts', late)).status).toBe(201)
    await both(late.id, 'proposed')
    await south.stop()
    await publish(north, syntheticEvent({ id: first.id, digest: first.digest }, 'superseded', day(5)))
    expect((await view(north, id, day(6))).state).toBe('grace')
    south = await network.start(1)
    await both(id, 'grace', day(6))
    await both(id, 'lapsed', day(25))
    expect(
      (await view(south, id, day(25))).conditions.find(({ condition }) => condition === 'E3'),
    ).toMatchObject({
      outcome: 'failed',
      code: 'SUPERSEDED',
      since: day(25),
    })
    unbegun = late
  })

  test('[AGREE-113] what pins an edition that is known to end by its first day is not drafted, proposed or accepted', async () => {
    const refused = (pointer: string) => ({
      status: 422,
      body: {
        code: 'SUPERSEDED',
        place: { pointer: expect.stringMatching(`^${pointer}/scope/editions/[01]$`) },
        detail: expect.stringMatching(new RegExp(`${first.id}.*自${day(5)}起被代替.*请改引现行版本`)),
      },
    })
    for (const from of [day(5), day(6)])
      expect(await post(north, '/api/v1/agreements/draft', { ...terms, effectiveFrom: from })).toMatchObject(
        refused(''),
      )
    const { agreement } = unbegun
    const again = { ...agreement, id: 'urn:uuid:00000000-0000-4000-8000-0000000000a9' }
    const name = { id: again.id, digest: agreementDigest(again) }
    expect(
      await post(north, '/api/v1/agreements/acts', { ...unbegun, ...name, agreement: again }),
    ).toMatchObject(refused('/agreement'))
    const { id, digest } = unbegun
    expect(await post(south, '/api/v1/agreements/acts', { act: 'accept', id, digest })).toMatchObject(
      refused(''),
    )
    expect((await post(north, '/api/v1/agreements/draft', { ...terms, effectiveFrom: day(4) })).status).toBe(
      200,
    )
  })
})
