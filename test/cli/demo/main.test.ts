import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { root } from '../../support/source.ts'

test('the demo plays to its end, each step as its words say', { timeout: 180_000 }, async () => {
  const child = spawn(process.execPath, [`${root}/dist/cli/demo/main.js`, '--once'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const [code] = await once(child, 'close')
  expect([code, out.split('\n').slice(-30)]).toEqual([0, expect.anything()])
  for (const words of [
    '未比对 not-compared',
    '甲方更严：≤1200 对 ≤1500 元/m²',
    '无对应 no-counterpart',
    '已合并，未登记',
    '有效 effective，宽限 grace',
    '无效 not-effective，失效 lapsed',
    '✓ C3  ',
    '待处置 disposal-due',
    '宽限之后 / after',
    '? 后续条目 range RANGE_MISSING',
    '不可判定 / undecided',
  ])
    expect(out).toContain(words)
  for (const name of ['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7']) expect(out).toContain(`✓ ${name}  `)
})
