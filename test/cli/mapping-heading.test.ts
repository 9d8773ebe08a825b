import { afterAll, beforeAll, expect, test } from 'vitest'
import { draftRow, mappingPath } from '../support/mapping.ts'
import { pairId } from '../support/tier.ts'
import { csx, linesOf, put } from './csx.ts'
import { sendJson, startNode, type TestNode } from './node.ts'

let standIn: TestNode
beforeAll(async () => {
  standIn = await startNode()
})
afterAll(() => standIn.close())

test('[WORK-40] rows are shown with the headings of their clauses, as far as the node has the records', async () => {
  const mapping = draftRow('did:web:localhost%3A7401')
  const row = { row: 'r1', standing: 'recorded', mapping, heads: [], authors: ['did:web:localhost%3A7401'] }
  standIn.instead.set(mappingPath, (_, response) =>
    sendJson(response, 200, { rows: [row], total: 1, conflicts: [], project: { parties: [] } }),
  )
  standIn.instead.set(`/api/v1/standards/${mapping.subject.digest}`, (_, response) =>
    sendJson(response, 200, {
      record: {
        id: mapping.subject.edition,
        credentialSubject: {
          titleZh: '合成 会议服务规范',
          clauses: [{ uid: 'c5', locator: '4.2', heading: '合成 保洁\u202e' }],
        },
      },
    }),
  )
  const show = (...args: readonly string[]) =>
    csx(['mapping', 'show', pairId, ...args, '--node', standIn.url])
  expect((await show()).out).toMatch(/r1 +待审 +.* {2}4\.2 合成 保洁\\u\{202e\} → c6/)
  expect((await show('r1')).out).toMatch(/主体条款 subject：4\.2 合成 保洁\\u\{202e\} {2}https?:\S+ sha256:/)
  expect(linesOf((await show('--json')).out)).toMatchObject([{ row: 'r1', mapping }])
})

test('[WORK-42] a preview is in words: clauses by their headings, old and new values, findings, and faults with what to do', async () => {
  const { subject, object } = draftRow('did:web:localhost%3A7401')
  const about = { subject, object }
  const words = (zh: string) => ({ zh, en: 'x' })
  standIn.instead.set(`${mappingPath}/import`, (_, response) =>
    sendJson(response, 200, {
      unchanged: 1,
      changes: [
        {
          row: 'r1',
          kind: 'changed',
          fields: ['relation', 'object'],
          values: [
            { field: 'relation', was: 'superset', becomes: 'equal' },
            { field: 'object', was: object, becomes: subject },
            { field: 'differences', becomes: ['value', 'new-kind\u202e'] },
          ],
          about,
        },
        {
          row: 'r2',
          kind: 'withdrawn',
          fields: [],
          values: [{ field: 'state', was: 'in-review' }],
          about: { subject },
        },
        { row: 'r3', kind: 'changed', fields: ['comment', 'constructor'] },
      ],
      findings: [
        {
          rule: 'M2',
          severity: 'error',
          rows: ['r1', 'r7'],
          sentence: words('相互矛盾'),
          repair: words('撤回其一'),
        },
      ],
      omitted: 2,
      conflicts: [
        {
          row: 'r4',
          why: 'fields',
          fields: [{ field: 'state', values: [{ value: 'accepted' }, { value: 'draft' }] }],
        },
      ],
      faults: [
        { code: 'SSSOM_VALUE_INVALID', detail: 'not a number', cell: 'C7', row: 'r5' },
        { code: 'BRAND_NEW', detail: '某事 / something' },
      ],
      dropped: [],
    }),
  )
  const file = put('edited.tsv', 'x')
  const token = put('operator.token', 'x'.repeat(43))
  const args = ['mapping', 'import', pairId, file, '--node', standIn.url, '--token-file', token]
  const { code, out, err } = await csx(args)
  expect([code, err]).toEqual([1, expect.stringContaining('未写入任何内容')])
  expect(out).toMatch(/r1 {2}修改 \/ changed {2}4\.2 合成 保洁\\u\{202e\} —— c6\n/)
  expect(out).toContain('关系 relation：严于（含） superset → 等同 equal')
  expect(out).toMatch(/对应条款 object：c6 → 4\.2 合成 保洁/)
  expect(out).toContain('差异 differences：（无 / none） → 数值 value、new-kind\\u{202e}')
  expect(out).toMatch(/r2 {2}撤回 \/ withdrawn .* —— 无对应 \/ none\n +状态 state：待审 in-review\n/)
  expect(out).toMatch(/r3 {2}修改 \/ changed {2}备注 comment，constructor/)
  expect(out).toContain('写入后将新增 3 处规则问题，不妨碍写入')
  expect(out).toContain('✗ 错误 / error  M2  r1 r7  相互矛盾 / x  → 撤回其一 / x')
  expect(out).toContain(
    '状态 state：工作区 / workspace 通过 accepted，文件 / file 草拟 draft，原为 / was （无 / none）',
  )
  expect(out).toMatch(/✗ C7 r5 {2}SSSOM_VALUE_INVALID {2}映射中的值不符合其类型 .*not a number {2}→ /)
  expect(out).toContain('BRAND_NEW  某事 / something')
})
