import { afterAll, beforeAll, expect, test } from 'vitest'
import { draftRow, mappingPath } from '../support/mapping.ts'
import { pairId } from '../support/tier.ts'
import { csx, linesOf } from './csx.ts'
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
  expect((await show('r1')).out).toMatch(/subject: 4\.2 合成 保洁\\u\{202e\} {2}\{"edition":/)
  expect(linesOf((await show('--json')).out)).toMatchObject([{ row: 'r1', mapping }])
})
