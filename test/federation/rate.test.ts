import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  heavySet,
  inapplicableLine,
  syntheticLine as line,
  syntheticIndicators,
  syntheticReport,
} from '../../fixtures/synthetic/report.ts'
import { syntheticEvent, syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { indicatorDigest } from '../../protocol/record/indicator-set.ts'
import { csx, folder } from '../cli/csx.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'

let network: Network
let north: TestNode
let south: TestNode
const editions: Receipt[] = []
const reports: Receipt[] = []

beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）'])
  ;[north, south] = await Promise.all([network.start(0), network.start(1)])
  for (const [n, extra] of [
    { important: true, matters: ['property'] },
    { matters: ['canteen'] },
    {},
  ].entries())
    editions.push(
      await north.publish(
        syntheticStandard(n + 1, { publishedOn: '2020-01-01', effectiveOn: '2020-06-01', ...extra }),
      ),
    )
  const [one, two, gone] = editions as [Receipt, Receipt, Receipt]
  await north.publish(syntheticEvent({ id: gone.id, digest: gone.digest }, 'abolished', '2025-06-01'))
  const functions = { functions: ['property' as const, 'canteen' as const, 'meetings' as const] }
  const first = await north.publish(syntheticReport('2026-Q1', [line(one, 1, 4)], functions))
  reports.push(
    first,
    await north.publish(
      syntheticReport('2026-Q1', [line(one, 3, 4), line(two, 1, 3), line(gone, 2, 2)], {
        ...functions,
        revisionOf: first,
      }),
    ),
    await south.publish(syntheticReport('2026-Q1', [line(one, 2, 5), inapplicableLine(two)], functions)),
    await south.publish(syntheticReport('2026-Q2', [line(one, 4, 5)])),
  )
  for (let tries = 0; ; tries += 1) {
    const { reporting } = await rateAt(north)
    const next = await north.get<any>('/api/v1/rate?period=2026-Q2')
    if (reporting.reported === 2 && next.reporting.reported === 1) break
    if (tries > 200) throw new Error(JSON.stringify(await north.logOf(south.member)))
    await sleep(100)
  }
})
afterAll(() => network.close())

const rateAt = (node: TestNode, query = '') => node.get<any>(`/api/v1/rate?period=2026-Q1${query}`)

describe('the rate of a node', () => {
  test('[RATE-24] is the exact number of the public reports of all logs that are here', async () => {
    const answer = await rateAt(north)
    // Σ w·m/n = 2·3/4 + 1/3 + 2·2/5, Σ w = 2 + 1 + 2
    expect(answer.figures.utilisation).toEqual({
      state: 'determined',
      numerator: '79',
      denominator: '150',
      shown: '52.67%',
    })
    expect(answer.figures.coverage).toMatchObject({ numerator: '1', denominator: '2' })
    expect(answer.reporting).toEqual({
      reported: 2,
      expected: 3,
      missing: [network.members[2]?.did],
    })
    const own = answer.agencies.find(({ agency }: any) => agency === north.member.did)
    expect(own.figures.utilisation).toMatchObject({ numerator: '11', denominator: '18' })
    expect(own.report).toMatchObject({
      id: reports[1]?.id,
      digest: reports[1]?.digest,
      index: reports[1]?.index,
    })
    expect(own.flags.map(({ code }: any) => code)).toEqual(['late', 'corrected', 'not-in-force'])
    expect(answer.names[north.member.did]).toBe('璧山（合成）')
  })

  test('[RATE-24] one agency, another period, another set', async () => {
    const one = await rateAt(north, `&agency=${encodeURIComponent(south.member.did)}`)
    expect(one.agencies.map(({ agency }: any) => agency)).toEqual([south.member.did])
    expect(one.figures.utilisation.numerator).toBe('79')
    const { difference } = await north.get<any>('/api/v1/rate?period=2026-Q2&compare=2026-Q1')
    const changed = difference.agencies.find(({ agency }: any) => agency === south.member.did)
    expect(changed.figures.utilisation.change).toEqual({
      numerator: '2',
      denominator: '5',
      shown: '40.00%',
    })
    const digest = indicatorDigest(heavySet)
    expect((await north.fetch(`/api/v1/rate?period=2026-Q1&indicator=${digest}`)).status).toBe(404)
    await north.publish(syntheticIndicators(heavySet))
    const heavy = await rateAt(north, `&indicator=${digest}`)
    expect(heavy.indicatorSet).toEqual({ code: 'ui-heavy', digest })
    expect(heavy.figures.utilisation).not.toEqual((await rateAt(north)).figures.utilisation)
  })

  test('[RATE-24] what cannot be read is refused, and what is not public counts for nobody', async () => {
    for (const query of ['', '?period=2026', '?period=2026-Q1&compare=x', '?period=2026-Q1&indicator=ui-1'])
      expect([query, (await north.fetch(`/api/v1/rate${query}`)).status]).toEqual([query, 400])
    const inner = { ...syntheticReport('2025-Q3', [line(editions[0]!, 1, 1)]), tier: 'federation' }
    await north.publish(inner)
    const asked = await north.fetch('/api/v1/rate?period=2025-Q3', {
      headers: { authorization: `Bearer ${north.token}` },
    })
    expect(await asked.json()).toMatchObject({ reporting: { reported: 0 } })
  })
})

describe('any reviewer', () => {
  test('[RATE-21] computes from bundles, offline, the very number that the node shows', async () => {
    const files: string[] = []
    for (const [n, { id }] of [...editions, ...reports].entries()) {
      const file = join(folder, `${n}.csx.json`)
      const got = await csx(['bundle', id, '--node', north.url, '-o', file])
      expect([got.code, got.err]).toEqual([0, expect.any(String)])
      files.push(file)
    }
    const root = await trustOf(north)
    const { code, out } = await csx(['rate', ...files, '--period', '2026-Q1', '--trust', root, '--json'])
    const [mine, theirs] = [JSON.parse(out), await rateAt(north)]
    expect(code).toBe(0)
    for (const name of [
      'indicatorSet',
      'reporting',
      'figures',
      'leaders',
      'assumptions',
      'agencies',
      'editions',
    ])
      expect([name, mine[name]]).toEqual([name, theirs[name]])
    const asked = await csx(['rate', '--node', north.url, '--period', '2026-Q1'])
    expect([asked.code, asked.out]).toEqual([0, expect.stringContaining('79/150（52.67%）')])
    expect(asked.out).toContain('未在本机复核')
    const both = ['rate', '--node', north.url, '--period', '2026-Q2', '--compare', '2026-Q1']
    expect((await csx(both)).out).toContain('+40.00\n')
  })
})

describe('a node', () => {
  test('[RATE-11] holds a correction against what it corrects, of whatever period that is', async () => {
    const stray = await north.publish(
      syntheticReport('2025-Q2', [line(editions[0]!, 4, 4)], { revisionOf: reports[1]! }),
    )
    const { reporting, agencies } = await north.get<any>('/api/v1/rate?period=2025-Q2')
    expect([reporting.reported, agencies]).toEqual([0, []])
    expect(reporting.misdirected).toEqual([{ agency: north.member.did, id: stray.id }])
    expect((await rateAt(north)).reporting.misdirected).toBeUndefined()
  })
})

/** The registry that the node serves, as a file that is read offline. */
async function trustOf(node: TestNode): Promise<string> {
  const file = join(folder, 'chain.json')
  await writeFile(file, await (await node.fetch('/api/v1/registry/chain')).text())
  return file
}
