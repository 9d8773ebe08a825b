import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseMappingSet } from '../../protocol/mapping/mapping-set.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { tieredStandard, tierRegistry } from '../support/tier.ts'
import { csx, folder, linesOf } from './csx.ts'
import { type TestNode as StandIn, sendJson, startNode } from './node.ts'

let network: Network
let node: TestNode
let standIn: StandIn
let open: readonly Receipt[]
let secret: Receipt
beforeAll(async () => {
  standIn = await startNode()
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  node = await network.start(0)
  open = [await node.publish(tieredStandard(1, 'public')), await node.publish(tieredStandard(8, 'public'))]
  secret = await node.publish(tieredStandard(15, 'pair'))
})
afterAll(async () => {
  await standIn.close()
  await network.close()
})

const numbers = ['DB50/T 990001—2020', 'DB50/T 990008—2022'] as const

describe('csx compare', () => {
  test('[MAP-76] two standards by their numbers, as a table and as JSON', async () => {
    const plain = await csx(['compare', ...numbers, '--node', node.url])
    expect(plain.code).toBe(0)
    expect(plain.out).toContain('甲 A  DB50/T 990001—2020')
    expect(plain.out).toContain('未比对 not-compared')
    expect(plain.out).toContain('已比对 compared 0/3')
    const json = await csx([
      'compare',
      open[0]!.digest,
      open[1]!.id,
      '--node',
      node.url,
      '--at',
      '2024-01-01',
      '--json',
    ])
    expect(linesOf(json.out)).toMatchObject([{ kind: 'editions', at: '2024-01-01', coverage: { total: 3 } }])
  })

  test('[MAP-76] what is not public needs the token, and two agencies stand side by side', async () => {
    const args = ['compare', secret.digest, open[0]!.digest, '--node', node.url]
    expect((await csx(args)).code).toBe(4)
    const token = join(node.directory, 'operator.token')
    expect((await csx([...args, '--token-file', token])).code).toBe(0)
    const agencies = await csx(['compare', node.member.did, network.members[1]!.did, '--node', node.url])
    expect(agencies.code).toBe(0)
    expect(agencies.out).toMatch(/名称 name +璧山（合成） +眉山（合成） +≠ 不同 different/)
    expect(agencies.out).toContain('职能配置 functions')
    expect(agencies.out).toMatch(/没有比对的标准 \/ standards that no row joins: 2/)
  })

  test('[MAP-76] each statement has its outcome, its state and the direction of its limits', async () => {
    const name = { id: 'x', digest: 'x', titleZh: '合成\u202e样例', numbers: ['DB50/T 990001—2020'] }
    const head = (locator: string) => ({ uid: locator, locator, heading: '维修' })
    standIn.instead.set('/api/v1/compare', (_, response) =>
      sendJson(response, 200, {
        kind: 'editions',
        a: name,
        b: name,
        clauses: [
          {
            clause: head('4.2'),
            outcome: 'stricter',
            state: 'accepted',
            statements: [
              {
                row: 'r2',
                state: 'accepted',
                outcome: 'stricter',
                counterpart: head('5.1'),
                limits: { words: [{ zh: '维修费：甲方更严：≤1200 对 ≤1500 元/m²', en: 'A stricter' }] },
                text: 'different',
              },
            ],
          },
          { clause: head('4.3'), outcome: 'something-new', statements: [] },
          ...['equivalent', 'equal'].map((relation, n) => ({
            clause: head(`4.${4 + n}`),
            outcome: 'equal',
            state: 'accepted',
            statements: [
              {
                row: `s${n}`,
                state: 'accepted',
                outcome: 'equal',
                relation,
                counterpart: head('6'),
                text: 'unknown',
              },
            ],
          })),
        ],
        unmatched: [{ clause: head('5.9'), outcome: 'no-counterpart', statements: [] }],
        coverage: {
          accepted: 1,
          inReview: 0,
          draft: 3,
          conflicting: 0,
          noCounterpart: 0,
          notCompared: 1,
          total: 2,
          share: { numerator: 1, denominator: 2 },
        },
      }),
    )
    const { code, out } = await csx(['compare', 'a', 'b', '--node', standIn.url])
    expect(code).toBe(0)
    expect(out).toContain('合成\\u{202e}样例')
    expect(out).toMatch(/4\.2 维修 +更严 stricter +通过 accepted +→ 5\.1 维修/)
    expect(out).toContain('维修费：甲方更严：≤1200 对 ≤1500 元/m² / A stricter')
    expect(out).toContain('文本不同  r2')
    expect(out).toMatch(/4\.3 维修 +something-new/)
    expect(out).toMatch(
      /4\.4 维修 +等效 equivalent +通过 accepted +→ 6 维修 {2}\[等效 equivalent，通过 accepted\]/,
    )
    expect(out).toMatch(/4\.5 维修 +等同 equal +通过 accepted +→ 6 维修 {2}\[等同 equal，通过 accepted\]/)
    expect(out).toContain('5.9 维修  无对应 no-counterpart')
    expect(out).toContain('已比对 compared 1/2')
    expect(out).toContain('待审 in review 0，草拟 draft 3，冲突')
    standIn.instead.set('/api/v1/compare', (_, response) =>
      sendJson(response, 200, { kind: 'editions', a: 7 }),
    )
    expect((await csx(['compare', 'a', 'b', '--node', standIn.url])).err).toContain('PAGE_MALFORMED')
  })

  test('[MAP-76] usage and what is not there', async () => {
    expect((await csx(['compare', ...numbers])).code).toBe(2)
    expect((await csx(['compare', numbers[0], '--node', node.url])).code).toBe(2)
    const absent = await csx(['compare', numbers[0], 'DB50/T 990099—2020', '--node', node.url])
    expect([absent.code, absent.err]).toEqual([4, expect.stringContaining('NOT_FOUND (/b)')])
    const first = await csx(['compare', 'DB50/T 990099—2020', numbers[0], '--node', node.url])
    expect(first.err).toContain('NOT_FOUND (/a)')
  })
})

describe('csx suggest', () => {
  test('[MAP-84] clauses and standards with score and reason, and the row in JSON', async () => {
    const plain = await csx(['suggest', ...numbers, '--node', node.url, '--most', '1'])
    expect(plain.code).toBe(0)
    expect(plain.out).toMatch(
      /4\.1 第1项要求（合成样例） +1\.00 +4\.1 第1项要求（合成样例） +标题相似 1\.00；同一限值：年度运行费用/,
    )
    expect(plain.out).toContain('以上仅为建议')
    const json = await csx(['suggest', ...numbers, '--node', node.url, '--json'])
    expect(linesOf(json.out)[0].suggestions[0]).toMatchObject({
      row: { row: /^suggested-/, mapping: { state: 'candidate' } },
    })
    const same = await csx([
      'suggest',
      node.member.did,
      node.member.did,
      '--node',
      node.url,
      '--at',
      '2024-01-01',
    ])
    expect(same.out).toMatch(/DB50\/T 990001—2020 .* 1\.00 +DB50\/T 990001—2020 .* 标准号相同/)
    const none = await csx(['suggest', node.member.did, network.members[1]!.did, '--node', node.url])
    expect(none.out).toContain('没有可建议的对应')
  })

  test('[MAP-84] the candidates as a table with their headings, which is canonical', async () => {
    const file = join(folder, 'suggested.sssom.tsv')
    const done = await csx(['suggest', ...numbers, '--node', node.url, '-o', file])
    expect([done.code, done.err]).toEqual([0, expect.stringContaining(file)])
    const bytes = await readFile(file)
    const [row] = parseMappingSet(bytes)
    expect(row).toMatchObject({ row: expect.stringMatching(/^suggested-/), mapping: { state: 'candidate' } })
    expect(bytes.toString()).toContain('4.1 第1项要求（合成样例）')
    standIn.instead.set('/api/v1/suggest', (_, response) =>
      sendJson(response, 200, { kind: 'editions', suggestions: [{ a: {}, b: {}, row: { row: 7 } }] }),
    )
    const { code, err } = await csx(['suggest', 'a', 'b', '--node', standIn.url, '-o', file])
    expect([code, err]).toEqual([3, expect.stringContaining('PAGE_MALFORMED')])
    expect(await readFile(file)).toEqual(bytes)
  })

  test('[MAP-84] usage and credentials', async () => {
    expect((await csx(['suggest', ...numbers])).code).toBe(2)
    const { code, err } = await csx(['suggest', ...numbers, '--node', node.url, '--most', '99'])
    expect([code, err]).toEqual([1, expect.stringContaining('QUERY_INVALID (/most)')])
    const token = join(node.directory, 'operator.token')
    const args = ['suggest', secret.digest, open[0]!.digest, '--node', node.url]
    expect((await csx(args)).code).toBe(4)
    expect((await csx([...args, '--token-file', token])).code).toBe(0)
  })
})
