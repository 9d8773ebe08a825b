import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { legalDateOf } from '../../protocol/date.ts'
import { draftRow, propose, standing, viewOf } from '../support/mapping.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { pairId, tierRegistry } from '../support/tier.ts'
import { csx, folder, linesOf } from './csx.ts'

let network: Network
let north: TestNode
let south: TestNode
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south] = await Promise.all([network.start(0), network.start(1)])
  const rows = ['r1', 'r2', 'r3', 'r4'].map((row) => ({ row, mapping: draftRow(north.member.did) }))
  await propose(north, rows)
  await reach(south, ({ counts }) => counts.rows === 4)
})
afterAll(() => network.close())

/** Runs a command of mapping work as the operator of a node. */
const mapping = (node: TestNode, act: string, ...args: readonly string[]) =>
  csx(['mapping', act, ...args, '--node', node.url, '--token-file', join(node.directory, 'operator.token')])

async function reach(
  node: TestNode,
  done: (view: Awaited<ReturnType<typeof viewOf>>) => boolean,
): Promise<void> {
  for (let tries = 0; !done(await viewOf(node)); tries += 1) {
    if (tries > 200) throw new Error(JSON.stringify(await viewOf(node)))
    await sleep(50)
  }
}

describe('csx mapping', () => {
  test('[WORK-40] status says how far the work is and what is to be done, in words and as JSON', async () => {
    const listed = await mapping(south, 'status')
    expect([listed.code, listed.out]).toEqual([0, expect.stringContaining(pairId)])
    const { code, out } = await mapping(south, 'status', pairId)
    expect(code).toBe(0)
    expect(out).toContain('共4行')
    expect(out).toContain('4行待审')
    expect(out).toMatch(/as of: .*log\/1 \d+/)
    expect(linesOf((await mapping(south, 'status', pairId, '--json')).out)).toMatchObject([
      { counts: { rows: 4, states: { 'in-review': 4 } }, project: { id: pairId } },
    ])
    expect((await mapping(south, 'status', 'none')).err).toContain('NOT_FOUND')
  })

  test('[WORK-40] the other party asks as a member; whoever shows nothing sees nothing', async () => {
    const keys = join(south.directory, 'keys')
    await writeFile(join(keys, 'member.json'), JSON.stringify(south.member.entry))
    const asked = await csx(['mapping', 'show', pairId, '--node', north.url, '--as-member', keys, '--json'])
    expect(linesOf(asked.out).map(({ row }) => row)).toEqual(['r1', 'r2', 'r3', 'r4'])
    const stranger = await csx(['mapping', 'show', pairId, '--node', north.url])
    expect([stranger.code, stranger.err]).toEqual([4, expect.stringContaining('NOT_FOUND')])
  })

  test('[WORK-41] the author is refused, before anything is sent; the other party accepts, today, in its own name', async () => {
    const own = await mapping(north, 'accept', pairId, 'r1')
    expect([own.code, own.err]).toEqual([1, expect.stringContaining('M4')])
    expect((await viewOf(north)).counts.states.accepted).toBe(0)
    const { code, out } = await mapping(south, 'accept', pairId, 'r1', '--label', '合成 审核岗')
    expect([code, out]).toEqual([0, expect.stringContaining('通过1行')])
    const { rows } = await viewOf(south, '?row=r1')
    expect(rows[0]?.mapping).toMatchObject({
      state: 'accepted',
      reviewer: south.member.did,
      reviewerLabel: '合成 审核岗',
      reviewedOn: legalDateOf(Date.now()),
    })
    const unknown = await mapping(south, 'accept', pairId, 'r2', 'r9')
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('r9')])
    expect((await viewOf(south)).counts.states.accepted).toBe(1)
    expect((await mapping(south, 'accept', pairId)).code).toBe(2)
  })

  test('[WORK-41] a row is rejected with a remark, and remarked on', async () => {
    expect((await mapping(south, 'reject', pairId, 'r2', '--text', '合成 依据不足')).code).toBe(0)
    expect((await viewOf(south, '?row=r2')).rows[0]?.mapping).toMatchObject({
      state: 'rejected',
      comment: '合成 依据不足',
    })
    expect((await mapping(south, 'comment', pairId, 'r1', '--text', '合成 已核')).code).toBe(0)
    expect((await viewOf(south, '?row=r1')).rows[0]?.mapping).toMatchObject({
      state: 'accepted',
      comment: '合成 已核',
    })
  })

  test('[WORK-41] a conflict is shown with both versions and settled by taking one; then the other party accepts', async () => {
    const bases = await standing(south, 'r3')
    await propose(south, [{ row: 'r3', mapping: draftRow(north.member.did, { relation: 'equal' }), bases }])
    await propose(south, [{ row: 'r3', mapping: draftRow(north.member.did, { relation: 'subset' }), bases }])
    const shown = await mapping(south, 'show', pairId, '--conflicts')
    expect(shown.out).toMatch(/! .*relation {2}原为 \/ was: .*superset/)
    expect((await mapping(south, 'accept', pairId, 'r3')).err).toContain('settle')
    expect((await mapping(south, 'settle', pairId, 'r3')).code).toBe(2)
    const lines = linesOf((await mapping(south, 'show', pairId, 'r3', '--json')).out)
    const [{ heads }] = lines
    const { relation } = heads[1].mapping
    expect((await mapping(south, 'settle', pairId, 'r3', '--take', '2')).code).toBe(0)
    expect((await viewOf(south, '?row=r3')).rows[0]).toMatchObject({
      standing: 'recorded',
      mapping: { relation, state: 'in-review' },
    })
    expect((await mapping(south, 'settle', pairId, 'r3', '--take', '2')).code).toBe(1)
    await reach(north, ({ rows }) => rows.find(({ row }) => row === 'r3')?.mapping?.relation === relation)
    expect((await mapping(south, 'accept', pairId, 'r3')).code).toBe(1)
  })

  test('[WORK-41] all in review at once: what the other party wrote, and what it did not is named', async () => {
    const bases = await standing(south, 'r4')
    const { code, out, err } = await mapping(south, 'accept', pairId, '--all-in-review')
    expect([code, out, err]).toEqual([0, expect.stringContaining('通过1行'), expect.stringContaining('? r3')])
    expect((await viewOf(south)).counts.states).toMatchObject({ accepted: 2, 'in-review': 1, rejected: 1 })
    // A remark that crossed the acceptance.
    const remarked = draftRow(north.member.did, { comment: '合成 交叉' })
    await propose(south, [{ row: 'r4', mapping: remarked, bases }])
    const again = await mapping(south, 'accept', pairId, 'r4')
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('settle')])
    expect((await mapping(south, 'settle', pairId, 'r4')).code).toBe(0)
    expect((await viewOf(south, '?row=r4')).rows[0]).toMatchObject({
      standing: 'recorded',
      mapping: { state: 'accepted', reviewer: south.member.did, comment: '合成 交叉' },
    })
    expect((await mapping(north, 'withdraw', pairId, 'r2')).code).not.toBe(2)
  })

  test('[WORK-43] accepted rows that break a rule are told at once, by check, and by status', async () => {
    const checked = await mapping(south, 'check', pairId)
    // Nobody here has the editions that these rows pin.
    expect([checked.code, checked.out]).toEqual([
      1,
      expect.stringMatching(/✗ 错误 \/ error {2}M1 {2}r1 {2}\S/),
    ])
    expect(checked.out).toMatch(/待审行若全部通过，还会有\d+处/)
    expect(checked.out).toContain('  → ')
    const [answer] = linesOf((await mapping(south, 'check', pairId, '--json')).out)
    expect(answer).toMatchObject({ findings: expect.any(Array), omitted: 0, ifAccepted: { omitted: 0 } })
    expect((await mapping(south, 'status', pairId)).out).toMatch(
      /! \d+处通过的行不符合规则.*csx mapping check/,
    )
    await propose(north, [{ row: 'told', mapping: draftRow(north.member.did, { relation: 'subset' }) }])
    await reach(south, ({ rows }) => rows.some(({ row }) => row === 'told'))
    const accepted = await mapping(south, 'accept', pairId, 'told')
    expect([accepted.code, accepted.err]).toEqual([0, expect.stringMatching(/不符合规则[\s\S]*M1 {2}told/)])
    expect(accepted.err).not.toMatch(/M1 {2}r1 /)
    await propose(south, [{ row: 'told', bases: await standing(south, 'told') }])
    const stranger = await csx(['mapping', 'check', pairId, '--node', north.url])
    expect([stranger.code, stranger.err]).toEqual([4, expect.stringContaining('NOT_FOUND')])
  })

  test('[WORK-42] the rows go into a file, and what was edited in it comes back once somebody says yes', async () => {
    const file = join(folder, 'mapping.sssom.tsv')
    expect((await mapping(south, 'export', pairId, '-o', file)).out).toContain('已写入')
    expect((await mapping(south, 'export', pairId)).out).toBe(await readFile(file, 'utf8'))
    const nothing = await mapping(south, 'import', pairId, file)
    expect([nothing.code, nothing.out]).toEqual([0, expect.stringContaining('没有需要写入')])
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replaceAll('合成 已核', '合成 依据已补'))
    const asked = await mapping(south, 'import', pairId, file)
    expect([asked.code, asked.out]).toEqual([
      3,
      expect.stringMatching(/r1 {2}修改 \/ changed {2}c5 —— c6\n +备注 comment：合成 已核 → 合成 依据已补/),
    ])
    expect((await viewOf(south, '?row=r1')).rows[0]?.mapping?.comment).toBe('合成 已核')
    const done = await mapping(south, 'import', pairId, file, '--yes')
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('已写入1行')])
    expect((await viewOf(south, '?row=r1')).rows[0]?.mapping?.comment).toBe('合成 依据已补')
    const lines = text.split('\n').filter((line) => !line.includes('合成 交叉'))
    await writeFile(file, lines.join('\n'))
    const removed = await mapping(south, 'import', pairId, file, '--withdraw-missing', '--json')
    expect([removed.code, linesOf(removed.out)]).toMatchObject([
      3,
      [{ changes: [{ row: 'r4', kind: 'withdrawn', values: expect.any(Array) }], findings: [] }],
    ])
    await writeFile(file, text.replaceAll('合成 已核', '合成 另一说法'))
    const late = await mapping(south, 'import', pairId, file, '--yes', '--json')
    expect([late.code, linesOf(late.out)[0].conflicts[0].why]).toEqual([1, 'fields'])
    expect((await mapping(south, 'import', pairId, file, '--yes')).out).toContain(
      '备注 comment：工作区 / workspace 合成 依据已补，文件 / file 合成 另一说法，原为 / was 合成 已核',
    )
    await mapping(south, 'export', pairId, '-o', file)
    const same = await mapping(south, 'import', pairId, file, '--json')
    expect([same.code, linesOf(same.out), same.err]).toMatchObject([
      0,
      [{ changes: [] }],
      expect.stringContaining('没有需要写入'),
    ])
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('合成 依据已补', '合成 依据又补'))
    const both = await mapping(south, 'import', pairId, file, '--json', '--yes')
    expect([both.code, linesOf(both.out)]).toMatchObject([
      0,
      [{ preview: expect.any(String) }, { receipts: [{ digest: expect.any(String) }] }],
    ])
    await writeFile(file, 'no mapping set')
    expect((await mapping(south, 'import', pairId, file)).err).toContain('SSSOM_')
    expect((await mapping(south, 'import', pairId, file, '--withdraw-missing')).code).toBe(1)
  })
})
