import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticPolicy } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import { csx, folder } from '../cli/csx.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { agreeOnRows, day, publish } from '../support/recognition.ts'
import { pairId } from '../support/tier.ts'

let network: Network
let north: TestNode
let south: TestNode
let terms: object
const trust = join(folder, 'agreement-trust.json')

beforeAll(async () => {
  network = await createNetwork(['主管局一（合成）', '主管局二（合成）', '璧山（合成）', '眉山（合成）'], {
    registry: ([one, two, a, b]) => ({
      policy: syntheticPolicy([one!, two!]),
      projects: [{ id: pairId, nameZh: '璧山—眉山（合成）', parties: [a!.did, b!.did] }],
    }),
  })
  const nodes = await Promise.all([0, 1, 2, 3].map((n) => network.start(n)))
  ;[, , north, south] = nodes as [TestNode, TestNode, TestNode, TestNode]
  await writeFile(trust, network.trust)
  ;({ terms } = await agreeOnRows(north, south))
}, 90_000)
afterAll(() => network.close())

async function act(node: TestNode, body: object): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const response = await node.post('/api/v1/agreements/acts', body as never)
    if (response.status === 201) return
    if (tries > 150) throw new Error(await response.text())
    await sleep(100)
  }
}

async function agree(tier: 'public' | 'pair'): Promise<string> {
  const draft = await north.post('/api/v1/agreements/draft', terms as never)
  const { agreement, digest } = (await draft.json()) as any
  const { id } = agreement
  await act(north, { act: 'propose', id, digest, agreement, tier })
  await act(south, { act: 'accept', id, digest })
  return id
}

/** Until it is verified: what was logged a moment ago is on its way round the witnesses. */
async function bundle(node: TestNode, id: string, ...flags: string[]): Promise<string> {
  const file = join(folder, `${id.slice(-4)}.csx.json`)
  for (let tries = 0; ; tries += 1) {
    const { code, err } = await csx([
      'bundle',
      'recognition',
      id,
      '--node',
      node.url,
      '-o',
      file,
      '--trust',
      trust,
      ...flags,
    ])
    if (code === 0) return file
    if (tries > 20) throw new Error(`${code} ${err}`)
    await sleep(500)
  }
}

describe('the evidence about a recognition from a node, with witnesses', () => {
  test('[AGREE-47] [AGREE-106] either party gives it, to anybody, and years of other records do not move its beginning', async () => {
    const id = await agree('public')
    for (const node of [north, south]) await bundle(node, id)
    for (let n = 10; n < 16; n += 1) await publish(north, syntheticStandard(n))
    const file = await bundle(north, id)
    const { logs, texts, contains } = JSON.parse(await readFile(file, 'utf8'))
    expect([contains, texts.length, logs.map(({ origin }: any) => origin)]).toEqual([
      'public',
      1,
      [north, south].map(({ member }) => member.origin).toSorted(),
    ])
    const sizes = logs.map(({ notes }: any) => notes.map((note: string) => parseHead(note).size))
    for (const list of sizes) expect(list.length).toBeGreaterThan(0)
    const ask = (at: string) => csx(['verify', file, '--trust', trust, '--at', at, '--json'])
    expect((await ask(day(299))).code).toBe(0)
    expect((await ask(day(-1))).code).toBe(1)
    expect((await ask(day(300))).code).toBe(1)
  }, 90_000)

  test('[AGREE-47] [AGREE-103] what is for the pair a party alone gives, to itself', async () => {
    const id = await agree('pair')
    const token = ['--token-file', join(north.directory, 'operator.token')]
    const file = await bundle(north, id, '--disclose', ...token)
    const { contains, logs } = JSON.parse(await readFile(file, 'utf8'))
    expect(contains).toBe('pair')
    for (const { openings } of logs) expect(openings.length).toBeGreaterThan(0)
    const to = (...flags: string[]) => csx(['bundle', 'recognition', id, '--node', north.url, ...flags])
    expect((await to(...token)).code).toBe(2)
    expect((await to('--disclose')).err).toContain('NOT_FOUND')
  }, 90_000)
})
