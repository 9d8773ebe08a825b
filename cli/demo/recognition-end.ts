import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatAgreementBundle, parseAgreementBundle } from '../../protocol/agreement-bundle.ts'
import { decodeUtf8 } from '../../protocol/bytes.ts'
import { addDays, legalDateOf } from '../../protocol/date.ts'
import { canonicalKey, parseStandardNumber } from '../../protocol/identifier/standard-number.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { type Desk, linesWith } from './desk.ts'
import { verdictIn } from './evidence.ts'
import { untilWitnessed } from './exchange.ts'
import { runCsx } from './process.ts'
import { type Published, publishAt } from './publishing.ts'
import { knownEdition, type Recognising } from './recognition-story.ts'
import { until } from './setting.ts'

type Note = (text: string) => void

/** The evidence in one file, before and after one of the pinned editions is replaced. */
export async function playEnd(
  given: Recognising,
  { id, reuse }: { readonly id: string; readonly reuse: string },
): Promise<void> {
  const { stage, kept } = given.setting
  const today = legalDateOf(Date.now())
  const file = join(kept, 'recognition.csx.json')
  await stage.step(
    '互认的证据包：离线核验今日是否有效',
    'the evidence about the recognition in one file, verified offline: is it in force today?',
    async (note) => {
      await gatherAbout(given, id, file)
      for (const line of await judgeAt(given, { file, day: today, code: 0, all: true })) note(line)
    },
  )
  const { inDays, graceDays } = given.story.end
  const days = [
    { day: addDays(today, inDays - 1), code: 0, zh: '代替之前', en: 'before' },
    { day: addDays(today, inDays), code: 0, zh: '宽限之内', en: 'in grace' },
    { day: addDays(today, inDays + graceDays), code: 1, zh: '宽限之后', en: 'after' },
  ] as const
  const event = await stage.step(
    `璧山宣布：${inDays}日后物业标准被代替；两个节点说出互认届时如何，因哪一条`,
    `Bishan announces that one edition is replaced in ${inDays} days; both nodes say what becomes of the recognition, by which entry`,
    async (note) => {
      const asked: Promise<readonly string[]>[] = []
      const published = await announce(given, addDays(today, inDays), note)
      for (const desk of [given.bishan, given.meishan])
        for (const { day, code, zh, en } of days)
          asked.push(showAt(desk, { id, day, code, when: `${zh} / ${en}` }))
      const after = { id: reuse, day: addDays(today, inDays + graceDays), code: 1 }
      asked.push(showAt(given.meishan, { ...after, when: '互用 / the reuse' }))
      for (const line of (await Promise.all(asked)).flat()) note(line)
      return published
    },
  )
  await stage.step(
    '重新取得证据包：离线说出同样的结论；去掉最后一条事件，则不可判定',
    'the file gathered anew says the same offline; with the last event cut out of it nothing can be told',
    async (note) => {
      await gatherAbout(given, id, file)
      const judged = days.map(async ({ day, code, zh, en }) => [
        `${zh} / ${en}  ${day}`,
        ...(await judgeAt(given, { file, day, code })),
      ])
      for (const line of (await Promise.all(judged)).flat()) note(line)
      const cut = await given.bishan.write('cut.csx.json', cutOut(await readFile(file), event))
      const after = addDays(today, inDays + graceDays)
      note(
        `有人想隐瞒失效，去掉最后一条 / somebody would hide the end, and cuts the last entry out  ${after}`,
      )
      const hidden = await judgeAt(given, { file: cut, day: after, code: 3 })
      for (const line of linesWith(hidden.join('\n'), / range |E6|validity|verdict/)) note(line)
      note(`证据包 / bundle: ${file}`)
    },
  )
}

async function announce(given: Recognising, date: string, note: Note): Promise<Published> {
  const { story, bishan, meishan } = given
  const { id, digest } = knownEdition(given, story.end.edition)
  const value = story.end.successor
  const successor = { value, canonicalKey: canonicalKey(parseStandardNumber(value)) }
  const event = await publishAt(bishan, 'event', {
    type: 'LifecycleEvent',
    tier: 'public',
    synthetic: true,
    credentialSubject: { eventKind: 'superseded', edition: { id, digest }, date, successor },
  })
  note(
    `${date} 由 ${value} 代替（合成样例） / replaced on that day, by entry ${event.index} of ${event.origin}`,
  )
  await untilWitnessed(bishan.place, event.index)
  await until(async () => (await fetch(`${meishan.place.url}/records/${event.digest}`)).ok, 20_000)
  return event
}

interface Asked {
  readonly id: string
  readonly day: string
  readonly code: number
  readonly when: string
}

async function showAt(desk: Desk, { id, day, code, when }: Asked): Promise<readonly string[]> {
  const shown = await desk.run('agreement', 'show', id, '--at', day)
  if (shown.code !== code) throw new Error(`on ${day} it ended with ${shown.code} instead of ${code}`)
  const said = linesWith(shown.out, /^\d{4}.*：|^[✗?] [EG]|^✓ E3|^须于/)
  return [`${desk.place.zh}  ${when}`, ...said.map((line) => `  ${line}`)]
}

function gatherAbout({ bishan }: Recognising, id: string, file: string): Promise<string> {
  return bishan.must('bundle', 'recognition', id, '-o', file)
}

interface Expected {
  readonly file: string
  readonly day: string
  readonly code: number
  readonly all?: true
}

/** By somebody who has the file and the fingerprint on paper, and nothing else. */
async function judgeAt(
  { setting }: Recognising,
  { file, day, code, all }: Expected,
): Promise<readonly string[]> {
  const args = ['verify', file, '--trust', setting.ceremony.fingerprint, '--at', day]
  const ran = await runCsx(setting.root, args, join(setting.scratch, 'reviewer'))
  if (ran.code !== code)
    throw new Error(`on ${day} it ended with ${ran.code} instead of ${code}:\n${ran.out}`)
  const wanted = all ? /E\d|有效期 validity/ : /^[✗?]|✓ .*E3|有效期 validity/
  return [...linesWith(ran.out, wanted), verdictIn(ran.out)].map((line) => `  ${line}`)
}

/** The log of the event ends before it in this file, and the file's own digest is made to fit. */
function cutOut(bytes: Uint8Array, { digest, index, origin }: Published): string {
  const { bundle, records } = parseAgreementBundle(bytes)
  const kept = [...records].filter(([name]) => name !== digest).map(([, record]) => record)
  const objects = kept.map((record): JsonObject => {
    const value: JsonValue = JSON.parse(decodeUtf8(record))
    if (!isJsonObject(value)) throw new Error('a record is an object')
    return value
  })
  const logs = bundle.logs.map(({ openings, ...log }) => ({
    ...log,
    entries: log.origin === origin ? log.entries.slice(0, index - log.from) : log.entries,
    ...(openings ? { openings } : {}),
  }))
  return formatAgreementBundle({ ...bundle, logs, records: objects })
}
