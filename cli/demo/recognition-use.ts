import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalize } from '../../protocol/canonical.ts'
import { addDays, legalDateOf } from '../../protocol/date.ts'
import { digestOf } from '../../protocol/hash.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { answers } from '../../protocol/standing/condition.ts'
import { labelOf } from '../answer.ts'
import { ask, hasRecord, publish } from './client.ts'
import { type Desk, linesWith } from './desk.ts'
import { runCsx } from './process.ts'
import { draftOf } from './recognition-draft.ts'
import { knownEdition, project, type Recognising, type StoryEdition } from './recognition-story.ts'
import { until } from './setting.ts'

type Note = (text: string) => void

/** What the demo invents for an interconnection; it is marked in the record itself. */
export interface InterfaceStory {
  readonly environment: string
  readonly edition: StoryEdition
  readonly schema: JsonObject
  readonly suite: JsonObject
}

export async function readInterfaceStory(root: string): Promise<InterfaceStory> {
  const story: InterfaceStory = JSON.parse(
    await readFile(join(root, 'fixtures/region/demo-interface.json'), 'utf8'),
  )
  return story
}

/** Beside the recognition: both interconnect their catalogues, and one uses a clause of the other. @returns the id of the reuse */
export async function playUse(given: Recognising, recognition: string): Promise<string> {
  const { stage } = given.setting
  await stage.step(
    '互通：双方各以同一测试集测对方节点的查询接口，拟出并签署互通声明；持有对方日志的签名列在旁边',
    'an interconnection: each runs the suite against the other’s node; both sign, and what each holds of the other’s log stands beside',
    (note) => interconnect(given, note),
  )
  return stage.step(
    '互用：眉山依据互认使用璧山标准的一条',
    'a reuse: Meishan uses a clause of Bishan’s standard, on the ground of the recognition',
    (note) => reuse(given, recognition, note),
  )
}

async function interconnect(given: Recognising, note: Note): Promise<void> {
  const { setting, bishan, meishan } = given
  const story = await readInterfaceStory(setting.root)
  const published = await publish(bishan.place, draftOf(story.edition))
  const schemaText = `${JSON.stringify(story.schema)}\n`
  const suiteText = canonicalize({
    format: 'csx-conformance-suite',
    v: 1,
    schema: digestOf(schemaText),
    ...story.suite,
  })
  const schema = await bishan.write('interface.schema.json', schemaText)
  const suite = await bishan.write('interface.suite.json', `${suiteText}\n`)
  const run = async (desk: Desk, other: Desk) => {
    const file = bishan.path(`run-${desk.place.name}.json`)
    const who = ['--by', desk.place.did, '--environment', story.environment, '-o', file]
    const args = [
      'conformance',
      'run',
      '--suite',
      suite,
      '--schema',
      schema,
      '--url',
      other.place.url,
      ...who,
    ]
    const ran = await runCsx(setting.root, args, bishan.path('.'))
    if (ran.code !== 0) throw new Error(ran.out)
    for (const line of linesWith(ran.out, /必测项全部通过|^通过/)) note(`${desk.place.zh}  ${line}`)
    return file
  }
  const [ours, theirs] = await Promise.all([run(bishan, meishan), run(meishan, bishan)])
  await until(() => hasRecord(bishan.place, published.digest), 15_000)
  const id = await agree(given, bishan, note, [
    ...['draft-interconnection', project, '--edition', published.digest, '--schema', schema],
    ...['--suite', suite, '--our-run', ours, '--their-run', theirs],
    ...['--our-endpoint', bishan.place.url, '--their-endpoint', meishan.place.url],
  ])
  await until(async () => holdingsIn(await viewAt(bishan, id)).length === 2, 20_000)
  const view = await viewAt(bishan, id)
  noteConditions(view, /^C/, note)
  for (const { origin, size } of holdingsIn(view))
    note(`对方持有 ${String(origin)} 前${String(size)}条 / the other holds it below ${String(size)}`)
}

async function reuse(given: Recognising, recognition: string, note: Note): Promise<string> {
  const { meishan, story } = given
  // One that is not replaced itself: the recognition behind it falls all the same.
  const used = story.editions.find(({ by, key }) => by === 'bishan' && key !== story.end.edition)
  const id = await agree(given, meishan, note, [
    ...['draft-reuse', project, '--edition', knownEdition(given, used?.key ?? '').digest],
    ...['--recognition', recognition, '--clauses', 'c4', '--manner', 'clause-citation'],
    ...['--target-number', '合成发〔2026〕98号', '--disposal-days', '60'],
  ])
  noteConditions(await viewAt(meishan, id), /^G/, note)
  return id
}

/** Drafted and proposed by one, accepted by the other as soon as all of it is there, and in force at both. @returns its id */
async function agree(
  { story, bishan, meishan }: Recognising,
  by: Desk,
  note: Note,
  args: readonly string[],
): Promise<string> {
  const today = legalDateOf(Date.now())
  const file = by.path('use.json')
  const statement = await by.must(
    'agreement',
    ...args,
    ...['--basis-number', story.basis.documentNo, '--accept-by', addDays(today, 30)],
    ...['--effective-from', today, '--valid-until', addDays(today, 365), '--output', file],
  )
  const lines = linesWith(statement, /\S/)
  const [from, to] = [/^二、/, /^三、/].map((part) => lines.findIndex((line) => part.test(line)))
  for (const line of lines.slice(from, to)) note(line)
  const digest = /签署的摘要：(sha256:[0-9a-f]{64})/.exec(statement)?.[1] ?? ''
  const agreement: JsonValue = JSON.parse(Buffer.from(await by.read('use.json')).toString('utf8'))
  const id = isJsonObject(agreement) ? String(agreement.id) : ''
  await actAt(by, { act: 'propose', id, digest, agreement, tier: 'public' })
  const other = by === bishan ? meishan : bishan
  // As soon as the proposal and what it names have come.
  await until(() => actAt(other, { act: 'accept', id, digest }).then(isDone, () => false), 20_000)
  for (const desk of [by, other])
    await until(async () => (await viewAt(desk, id)).answer === 'effective', 20_000)
  return id
}

const isDone = () => true

function actAt({ place }: Desk, body: object): Promise<JsonObject> {
  const headers = { 'content-type': 'application/json' }
  return ask(place, '/api/v1/agreements/acts', { method: 'POST', headers, body: JSON.stringify(body) })
}

function viewAt({ place }: Desk, id: string): Promise<JsonObject> {
  return ask(place, `/api/v1/agreements/${encodeURIComponent(id)}`)
}

/** Those with a size: somebody has said something. */
function holdingsIn({ holdings }: JsonObject): readonly JsonObject[] {
  return Array.isArray(holdings) ? holdings.filter(isJsonObject).filter(({ size }) => size !== undefined) : []
}

function noteConditions({ conditions, on, answer }: JsonObject, wanted: RegExp, note: Note): void {
  for (const one of Array.isArray(conditions) ? conditions.filter(isJsonObject) : [])
    if (wanted.test(String(one.condition)))
      note(`${one.outcome === 'passed' ? '✓' : '✗'} ${String(one.condition)}  ${String(one.detail)}`)
  note(`${String(on)}：${labelOf(answers, String(answer))}`)
}
