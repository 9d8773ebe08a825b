import { addDays, legalDateOf } from '../../protocol/date.ts'
import { isJsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { type Desk, linesWith } from './desk.ts'
import { untilWitnessed } from './exchange.ts'
import { project, type Recognising } from './recognition-story.ts'
import { until } from './setting.ts'

/** One drafts and proposes, the other reads the same statement and accepts; both nodes say why it is in force. @returns its id */
export async function playConsent(given: Recognising): Promise<string> {
  const { setting, bishan, meishan } = given
  const file = bishan.path('agreement.json')
  const digest = await setting.stage.step(
    '互认：由双方通过的行拟出声明，璧山看清后签署并提出',
    'a recognition: a statement is drafted from what both accepted; Bishan reads it, signs and proposes',
    async (note) => {
      const statement = await draft(given, file)
      for (const line of linesWith(statement, /\S/)) note(line)
      const stated = /签署的摘要：(sha256:[0-9a-f]{64})/.exec(statement)?.[1] ?? ''
      await sign(bishan, note, 'propose', file, '--tier', 'public', '--yes', stated)
      return stated
    },
  )
  const value: JsonValue = JSON.parse(Buffer.from(await bishan.read('agreement.json')).toString('utf8'))
  const id = isJsonObject(value) ? String(value.id) : ''
  await setting.stage.step(
    '眉山核对同一份声明并同意；两个节点各自给出 E1 至 E7 与结论',
    'Meishan reads the same statement and accepts; each node says of E1 to E7 what holds, and the answer',
    async (note) => {
      const shown = (desk: Desk) => desk.run('agreement', 'show', id)
      await until(async () => (await shown(meishan)).out.includes(digest), 20_000)
      for (const line of linesWith((await shown(meishan)).out, /^\d{4}.*：/))
        note(`同意之前 / before: ${line}`)
      await sign(meishan, note, 'accept', id, '--yes', digest)
      for (const desk of [bishan, meishan]) {
        await until(async () => (await shown(desk)).code === 0, 30_000)
        note(`${desk.place.zh}：`)
        for (const line of linesWith((await shown(desk)).out, /^[✓✗?] E\d|^\d{4}.*：/)) note(`  ${line}`)
      }
    },
  )
  return id
}

function draft({ story, bishan, basis }: Recognising, file: string): Promise<string> {
  const today = legalDateOf(Date.now())
  return bishan.must(
    ...[
      'agreement',
      'draft',
      project,
      '--basis-number',
      story.basis.documentNo,
      '--basis-digest',
      basis.digest,
    ],
    ...['--accept-by', addDays(today, 30), '--effective-from', today, '--valid-until', addDays(today, 365)],
    ...['--grace-days', String(story.end.graceDays), '--output', file],
  )
}

/** An act, and when both bureaus have seen it: from then on others know since when. */
async function sign(desk: Desk, note: (text: string) => void, ...args: readonly string[]): Promise<void> {
  const out = await desk.must('agreement', ...args)
  const place = / #(\d+)/.exec(out)?.[1]
  for (const line of linesWith(out, / #\d+/)) note(`${desk.place.zh}  ${line}`)
  await untilWitnessed(desk.place, Number(place))
}
