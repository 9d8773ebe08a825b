import { expect, test } from 'vitest'
import { run } from './agreement-node.ts'

const node = ['--node', 'http://localhost:7400']
const token = [...node, '--token-file', 'none.token']
const terms = (change: Readonly<Record<string, string>>) =>
  Object.entries({
    '--basis-number': '合成发〔2026〕1号',
    '--accept-by': '2026-06-01',
    '--effective-from': '2026-06-01',
    '--valid-until': '2027-06-01',
    '--output': 'none.json',
    ...change,
  }).flat()

const cases: readonly (readonly [option: string, args: (date: string) => readonly string[]])[] = [
  ['--at', (date) => ['verify', 'none.json', '--at', date]],
  ['--at', (date) => ['compare', 'a', 'b', ...node, '--at', date]],
  ['--at', (date) => ['suggest', 'a', 'b', ...node, '--at', date]],
  ['--at', (date) => ['agreement', 'list', ...node, '--at', date]],
  ['--at', (date) => ['agreement', 'show', 'urn:uuid:x', ...node, '--at', date]],
  ['--on', (date) => ['what-if', 'x', ...node, '--on', date]],
  ...['--accept-by', '--effective-from', '--valid-until'].map(
    (option) =>
      [
        option,
        (date: string) => ['agreement', 'draft', 'p', ...token, ...terms({ [option]: date })],
      ] as const,
  ),
]

test.each(cases)(
  '[VERIFY-21] %s that is no date is a matter of usage, named, before anybody is asked: %#',
  async (option, args) => {
    for (const date of [
      '2026-02-30',
      '2026/3/1',
      '2026-3-1',
      '20260301',
      '二〇二六年',
      '',
      '2026-06-01\u0000',
    ]) {
      const asked: string[] = []
      const { exit, err } = await run(args(date), async (input) => {
        asked.push(String(input))
        return new Response('{}')
      })
      expect([date, exit, asked]).toEqual([date, 2, []])
      expect(err).toMatch(new RegExp(`USAGE_INVALID .*${option} 写作 2026-06-01`))
    }
  },
)

test('[AGREE-107] [RATE-32] a kind of change and a quarter that are none are told the same way', async () => {
  const none = async () => new Response('{}')
  const kind = await run(['what-if', 'x', ...node, '--kind', 'eaten'], none)
  expect([kind.exit, kind.err]).toEqual([2, expect.stringContaining('--kind')])
  const quarter = await run(['rate', ...node, '--period', '2026-5'], none)
  expect([quarter.exit, quarter.err]).toEqual([2, expect.stringContaining('--period 写作 2026-Q1')])
})
