import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openArchive, packArchive } from '../../node/agreement/sheet/archive.ts'
import { readWorkbook } from '../../node/agreement/sheet/workbook-read.ts'
import type { WorkspaceView } from '../../node/agreement/workspace-view.ts'
import { draftRow, mappingPath, propose, standing, viewOf } from '../support/mapping.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { askAs, pairId, tieredStandard, tierRegistry } from '../support/tier.ts'

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

/** Until both show as much of both logs, whatever receipts went between them. */
async function agree(): Promise<readonly [WorkspaceView, WorkspaceView]> {
  for (let tries = 0; ; tries += 1) {
    const views = [await viewOf(north), await viewOf(south)] as const
    const sizes = await Promise.all([north, south].map(async (node) => (await node.logOf(node.member))?.size))
    const whole = views.every(
      ({ asOf }) => asOf.reduce((sum, { size }) => sum + size, 0) === sizes[0]! + sizes[1]!,
    )
    if (whole) return views
    if (tries > 200) throw new Error(JSON.stringify([views.map(({ asOf }) => asOf), sizes]))
    await sleep(100)
  }
}

const shown = ({ asOf: _, ...rest }: WorkspaceView) => JSON.stringify(rest)

describe('one mapping on two nodes', () => {
  test('[WORK-30] what one party logs stands at both', async () => {
    const author = north.member.did
    const rows = ['r1', 'r2', 'r3'].map((row) => ({ row, mapping: draftRow(author) }))
    const { status, body } = await propose(north, rows)
    expect([status, body.receipts.length, body.changes.length]).toEqual([201, 1, 3])
    const [atNorth, atSouth] = await agree()
    expect(shown(atSouth)).toBe(shown(atNorth))
    expect(atSouth).toMatchObject({
      project: { id: pairId, underWay: true },
      counts: { rows: 3, states: { 'in-review': 3 } },
      total: 3,
      faults: { total: 0 },
    })
  })

  test('[WORK-30] the other party reads it at this node too, both logs of it; nobody else learns that it is there', async () => {
    const atNorth = await viewOf(north)
    const asked = await askAs(north, mappingPath, south.member)
    expect(shown((await asked.json()) as WorkspaceView)).toBe(shown(atNorth))
    const absent = await askAs(north, '/api/v1/projects/none/mapping', 'operator')
    const body = async (response: Response) => {
      const { traceId: _, ...problem } = (await response.json()) as { traceId: string }
      return [response.status, problem]
    }
    const expected = await body(absent)
    expect(expected[0]).toBe(404)
    for (const [node, who] of [
      [north, 'stranger'],
      [north, west.member],
      [west, 'operator'],
    ] as const)
      expect(await body(await askAs(node, mappingPath, who))).toEqual(expected)
    const listed = async (node: TestNode, who: Parameters<typeof askAs>[2]) =>
      (
        (await (await askAs(node, '/api/v1/projects', who)).json()) as { projects: { id: string }[] }
      ).projects.map(({ id }) => id)
    expect(await listed(north, 'operator')).toEqual([pairId])
    expect(await listed(north, south.member)).toEqual([pairId])
    expect(await listed(north, west.member)).toEqual([])
    expect(await listed(north, 'stranger')).toEqual([])
  })

  test('[WORK-31] a change on what moved meanwhile is refused, and asked for again it is done once', async () => {
    const before = await standing(north, 'r3')
    const change = [{ row: 'r3', mapping: draftRow(north.member.did, { strength: 1 }), expect: before }]
    expect((await propose(north, change)).status).toBe(201)
    expect(await propose(north, change)).toMatchObject({ status: 200, body: { receipts: [] } })
    const other = [{ row: 'r3', mapping: draftRow(north.member.did, { strength: 2 }), expect: before }]
    expect(await propose(north, other)).toMatchObject({
      status: 409,
      body: { code: 'VERSION_CONFLICT', place: { pointer: '/changes/0/expect' } },
    })
    expect((await propose(north, [{ row: 'r3', mapping: draftRow(north.member.did) }])).status).toBe(409)
  })

  test('[WORK-32] the author does not accept, under whatever name; the other party does', async () => {
    const accepted = (reviewer: string, author = north.member.did) =>
      draftRow(author, { state: 'accepted', reviewer, reviewedOn: '2026-01-06' })
    const expected = await standing(north, 'r2')
    const ask = async (node: TestNode, mapping: ReturnType<typeof draftRow>) => {
      const { status, body } = await propose(node, [{ row: 'r2', mapping, expect: expected }])
      return [status, body.code]
    }
    expect(await ask(north, accepted(north.member.did))).toEqual([422, 'ATTESTATION_SAME_PARTY'])
    expect(await ask(north, accepted(south.member.did))).toEqual([422, 'ISSUER_MISMATCH'])
    expect(await ask(south, { ...accepted(south.member.did), relation: 'equal' })).toEqual([
      422,
      'RULE_VIOLATED',
    ])
    expect(await ask(south, accepted(south.member.did))).toEqual([201, undefined])
    const [atNorth, atSouth] = await agree()
    expect(shown(atSouth)).toBe(shown(atNorth))
    expect(atNorth.counts.states).toMatchObject({ accepted: 1, 'in-review': 2 })
  })

  test('[WORK-33] both edit one row while the line is cut: both list the conflict, one settles it, both agree', async () => {
    await south.stop()
    const expect1 = await standing(north, 'r1')
    const author = north.member.did
    await propose(north, [
      { row: 'r1', mapping: draftRow(author, { relation: 'equal', strength: 9 }), expect: expect1 },
    ])
    await north.stop()
    south = await network.start(1)
    await propose(south, [
      { row: 'r1', mapping: draftRow(author, { relation: 'intersects', basis: '合成' }), expect: expect1 },
    ])
    expect((await viewOf(south)).conflicts).toEqual([])
    north = await network.start(0)
    const [atNorth, atSouth] = await agree()
    expect(shown(atSouth)).toBe(shown(atNorth))
    expect(atNorth.counts.conflict).toBe(1)
    const [conflict] = atSouth.conflicts
    expect(conflict).toMatchObject({ row: 'r1', field: 'relation', base: 'superset' })
    expect(new Map(conflict?.sides.map(({ by, value }) => [by, value]))).toEqual(
      new Map([
        [north.member.did, 'equal'],
        [south.member.did, 'intersects'],
      ]),
    )
    const { mapping } = atSouth.rows.find(({ row }) => row === 'r1')!
    expect(mapping).toMatchObject({ relation: 'superset', strength: 9, basis: '合成' })
    const settled = await propose(south, [
      { row: 'r1', mapping: { ...mapping!, relation: 'equal' }, expect: await standing(south, 'r1') },
    ])
    expect(settled.status).toBe(201)
    const [after, there] = await agree()
    expect(shown(there)).toBe(shown(after))
    expect(after.conflicts).toEqual([])
    expect(after.rows.find(({ row }) => row === 'r1')).toMatchObject({
      standing: 'recorded',
      mapping: { relation: 'equal', strength: 9, basis: '合成' },
      authors: [south.member.did],
    })
  })

  test('[WORK-34] the rows go out as SSSOM/TSV that says what it was made from, to the other party too', async () => {
    const [{ asOf }] = await agree()
    const mine = await askAs(north, `${mappingPath}?format=tsv`, 'operator')
    const text = await mine.text()
    expect(mine.headers.get('content-type')).toContain('text/tab-separated-values')
    for (const { origin, size } of asOf)
      expect(text).toContain(`as-of=${encodeURIComponent(`${origin}@${size}`)}`)
    expect(
      text.split('\n').filter((line) => /ext_state|accepted|in-review/.test(line)).length,
    ).toBeGreaterThan(2)
    expect(await (await askAs(north, `${mappingPath}?format=tsv`, south.member)).text()).toBe(text)
    expect((await askAs(north, `${mappingPath}?format=tsv`, west.member)).status).toBe(404)
  })

  test('[WORK-35] an edited file is previewed, confirmed, and written once; what both changed is in the way', async () => {
    const sent = async (node: TestNode, text: string, query = '') => {
      const response = await node.post(`${mappingPath}/import${query}`, text, {
        'content-type': 'text/tab-separated-values',
      })
      return { status: response.status, body: (await response.json()) as any }
    }
    const text = await (await askAs(south, `${mappingPath}?format=tsv`, 'operator')).text()
    expect(await sent(south, text)).toMatchObject({ status: 200, body: { changes: [], unchanged: 3 } })
    expect((await sent(south, text)).body).not.toHaveProperty('preview')
    const lines = text.split('\n')
    const at = lines.findIndex((line) => line.includes('equal') && !line.startsWith('#'))
    const edited = lines.with(at, lines[at]!.replace('equal', 'superset')).join('\n')
    const { body: plan } = await sent(south, edited)
    expect(plan).toMatchObject({
      changes: [{ row: 'r1', kind: 'changed', fields: ['relation'] }],
      conflicts: [],
      faults: [],
      preview: expect.stringMatching(/^sha256:/),
    })
    expect((await viewOf(south, '?row=r1')).rows[0]?.mapping?.relation).toBe('equal')
    expect((await sent(south, edited, '?confirm=sha256:0')).status).toBe(409)
    const done = await sent(south, edited, `?confirm=${encodeURIComponent(plan.preview)}`)
    expect([done.status, done.body.receipts.length]).toEqual([201, 1])
    expect((await viewOf(south, '?row=r1')).rows[0]?.mapping?.relation).toBe('superset')
    const other = lines.with(at, lines[at]!.replace('equal', 'subset')).join('\n')
    expect((await sent(south, other)).body).toMatchObject({
      changes: [],
      conflicts: [{ row: 'r1', why: 'fields', fields: [{ field: 'relation', base: 'equal' }] }],
    })
    const without = lines.toSpliced(at, 1).join('\n')
    expect((await sent(south, without)).body.changes).toEqual([])
    // What was changed since is not withdrawn by a file that is older.
    expect((await sent(south, without, '?withdraw=missing')).body).toMatchObject({
      changes: [],
      conflicts: [{ row: 'r1', why: 'fields' }],
    })
    const ahead = edited.replace(/(log%2F1%40)\d+/, '$199')
    expect((await sent(south, ahead)).body.code).toBe('PENDING_DEPENDENCY')
  })

  test('[WORK-35] who accepts in a table what he wrote is told so, and nothing is written', async () => {
    const text = await (await askAs(south, `${mappingPath}?format=tsv`, 'operator')).text()
    const lines = text.split('\n')
    const header = lines.find((line) => line.startsWith('record_id'))!.split('\t')
    expect(header).toContain('ext_state')
    const at = lines.findIndex(
      (line) => line.includes('superset') && !line.startsWith('#') && line.includes('r1'),
    )
    const edited = lines.with(at, lines[at]!.replace('in-review', 'accepted')).join('\n')
    const response = await south.post(`${mappingPath}/import`, edited, {
      'content-type': 'text/tab-separated-values',
    })
    const body = (await response.json()) as any
    expect(body.faults).toMatchObject([{ row: 'r1', code: 'ISSUER_MISMATCH' }])
    expect(body).not.toHaveProperty('preview')
  })

  test('[WORK-34] the rows go out as a workbook with the numbers of standards, and come back with what was edited', async () => {
    const standard = await north.publish(tieredStandard(7, 'pair'))
    const pin = { edition: standard.id, digest: standard.digest as `sha256:${string}` }
    const mapping = { ...draftRow(north.member.did), subject: pin, comment: '合成 旧' }
    expect((await propose(north, [{ row: 'x1', mapping }])).status).toBe(201)
    await agree()
    const workbook = async (node: TestNode) =>
      new Uint8Array(await (await askAs(node, `${mappingPath}?format=xlsx`, 'operator')).arrayBuffer())
    const sent = async (bytes: Uint8Array, query = '') => {
      const response = await south.post(`${mappingPath}/import${query}`, bytes, {
        'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      })
      return (await response.json()) as any
    }
    const bytes = await workbook(south)
    const [sheet] = readWorkbook(bytes)
    const line = sheet!.rows.map(({ cells }) => [...cells.values()]).find((cells) => cells.includes('x1'))
    expect(line).toContain('合成 旧')
    expect(line?.[0]).toMatch(/^DB5[01]\/T 99/)
    expect(await sent(bytes)).toMatchObject({ changes: [], conflicts: [], faults: [] })
    const archive = openArchive(bytes)
    const names = [
      '[Content_Types].xml',
      '_rels/.rels',
      'xl/workbook.xml',
      'xl/_rels/workbook.xml.rels',
      'xl/styles.xml',
    ]
    const sheets = [1, 2, 3, 4].map((n) => `xl/worksheets/sheet${n}.xml`)
    const parts = new Map(
      [...names, ...sheets].map((name) => [
        name,
        archive.open(name)!.toString().replaceAll('合成 旧', '合成 新'),
      ]),
    )
    const edited = packArchive(parts)
    expect(await sent(edited)).toMatchObject({
      changes: [{ row: 'x1', kind: 'changed', fields: ['comment'] }],
    })
    expect((await sent(edited, '?withdraw=missing')).code).toBe('QUERY_INVALID')
    const locked = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)])
    expect((await sent(locked)).code).toBe('FILE_TYPE_REFUSED')
  })
})
