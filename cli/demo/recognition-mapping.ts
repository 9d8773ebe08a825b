import { legalDateOf } from '../../protocol/date.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import { formatMappingSet, parseMappingSet } from '../../protocol/mapping/mapping-set.ts'
import { mappingRow, type NamedRow, type Pin } from '../../protocol/record/mapping-row.ts'
import { type Desk, linesWith } from './desk.ts'
import { type Known, knownEdition, project, type Recognising, type StoryRow } from './recognition-story.ts'
import { until } from './setting.ts'

type Note = (text: string) => void

/** Counterparts are looked for, proposed, worked on by both while the line is cut, merged, and accepted. */
export async function playMapping(given: Recognising): Promise<void> {
  const { stage } = given.setting
  await stage.step(
    '比对与建议：哪些条款相似，哪些"未比对"；建议只供人判断',
    'compare and suggest: what is alike, and what nobody has compared yet; people decide',
    (note) => showSuggestions(given, note),
  )
  await stage.step(
    '璧山据建议逐条判断，写明关系与方向，提交待审；无对应的也写明',
    'Bishan judges the suggestions, states relations with their direction, and proposes; so is an absence',
    (note) => proposeRows(given, note),
  )
  await stage.step(
    '线路中断：双方各在自己的节点上改同一行；恢复后自动合并，由眉山审核通过',
    'the line is cut: both edit one row at their own nodes; it comes back, they merge, and Meishan accepts',
    (note) => mergeAndAccept(given, note),
  )
}

const sets = ['property', 'vehicles'] as const

function pairOf(given: Recognising, set: (typeof sets)[number]): readonly [Known, Known] {
  return [knownEdition(given, `bishan-${set}`), knownEdition(given, `meishan-${set}`)]
}

async function showSuggestions(given: Recognising, note: Note): Promise<void> {
  const { bishan } = given
  for (const set of sets) {
    const [ours, theirs] = pairOf(given, set)
    const out = await bishan.must(
      'suggest',
      ours.digest,
      theirs.digest,
      '--most',
      '1',
      '-o',
      suggested(bishan, set),
    )
    for (const line of linesWith(out, /^\S+ \S+ .*0?\.\d\d|1\.00/)) note(line)
  }
  const [ours, theirs] = pairOf(given, 'property')
  for (const line of linesWith(await bishan.must('compare', ours.digest, theirs.digest), /未比对|覆盖/))
    note(line)
}

function suggested(desk: Desk, set: string): string {
  return desk.path(`suggested-${set}.sssom.tsv`)
}

/** The table of candidates, judged: this is what people do in a spreadsheet. */
async function proposeRows(given: Recognising, note: Note): Promise<void> {
  const { story, bishan } = given
  const candidates: NamedRow[] = []
  for (const set of sets) candidates.push(...parseMappingSet(await bishan.read(`suggested-${set}.sssom.tsv`)))
  const rows = story.rows.map((row) => judge(row, given, candidates))
  const file = await bishan.write(
    'judged.sssom.tsv',
    formatMappingSet(rows, { setId: `${bishan.place.url}/judged` }),
  )
  const out = await bishan.must('mapping', 'import', project, file, '--yes')
  note(
    `建议${candidates.length}条，采用${rows.filter(({ mapping }) => mapping.object).length}条 / of ${candidates.length} suggestions`,
  )
  for (const line of linesWith(out, /已写入|rows/)) note(line)
  await until(
    async () => (await given.meishan.run('mapping', 'show', project)).out.split('\n').length > rows.length,
    20_000,
  )
  for (const line of linesWith(await given.meishan.must('mapping', 'show', project), /\S/))
    note(`眉山所见 / at Meishan: ${line}`)
}

function judge(row: StoryRow, given: Recognising, candidates: readonly NamedRow[]): NamedRow {
  const pin = (name: string): Pin => {
    const [key = '', clause] = name.split('#')
    const { id, digest } = knownEdition(given, key)
    return { edition: id, digest, ...(clause === undefined ? {} : { clause }) }
  }
  const subject = pin(row.subject)
  const object = row.object === undefined ? undefined : pin(row.object)
  const candidate = candidates.find(
    ({ mapping }) =>
      mapping.subject.edition === subject.edition &&
      mapping.subject.clause === subject.clause &&
      mapping.object?.clause === object?.clause,
  )
  if (object && !candidate) throw new Error(`nobody suggested ${row.row}`)
  const said = {
    ...row.said,
    justification: 'manual-curation',
    state: 'in-review',
    author: given.bishan.place.did,
    authorLabel: '合成 比对岗',
    mappedOn: legalDateOf(Date.now()),
  }
  const source = row.objectSource === undefined ? {} : { objectSource: pin(row.objectSource) }
  return {
    row: row.row,
    mapping: mappingRow.parse({ subject, ...(object ? { object } : {}), ...source, ...said }),
  }
}

async function mergeAndAccept(given: Recognising, note: Note): Promise<void> {
  const { setting, story, bishan, meishan } = given
  const { row } = story.edits
  const node = (desk: Desk) => {
    const found = setting.nodes.find(({ name }) => name === desk.place.name)
    if (!found) throw new Error(`no node of ${desk.place.name}`)
    return found
  }
  const [ours, theirs] = await Promise.all([
    edited(bishan, row, story.edits.bishan),
    edited(meishan, row, story.edits.meishan),
  ])
  const bring = (desk: Desk, file: string) => desk.must('mapping', 'import', project, file, '--yes')
  await node(meishan).stop()
  await bring(bishan, ours)
  note(`眉山不通，璧山改 / Meishan is away, Bishan changes ${row}: ${JSON.stringify(story.edits.bishan)}`)
  await node(bishan).stop()
  await node(meishan).start()
  await bring(meishan, theirs)
  note(`璧山不通，眉山改 / Bishan is away, Meishan changes ${row}: ${JSON.stringify(story.edits.meishan)}`)
  await node(bishan).start()
  const standing = async (desk: Desk) => (await desk.run('mapping', 'show', project, row)).out
  await until(async () => (await standing(bishan)).includes('已合并'), 20_000)
  for (const line of linesWith(await standing(bishan), /已合并|basis|differences|起草方|\[\d\]/))
    note(line.trim())
  note((await bishan.must('mapping', 'settle', project, row)).trim())
  await until(async () => (await standing(meishan)).includes('已登记'), 20_000)
  const review = await meishan.run('mapping', 'accept', project, '--all-in-review', '--label', '合成 审核岗')
  for (const line of linesWith(review.out, /\S/)) note(line)
  if (review.code !== 0) throw new Error(`accept ended with ${review.code}`)
  const counts = async (desk: Desk) => linesWith(await desk.must('mapping', 'status', project), /行：|rows:/)
  const accepted = await counts(meishan)
  for (const line of accepted) note(line)
  // Bishan goes on from its own copy, which has what Meishan accepted only once it has followed Meishan's log.
  await until(async () => (await counts(bishan)).join() === accepted.join(), 20_000)
  const [a, b] = pairOf(given, 'property')
  for (const line of linesWith(await meishan.must('compare', a.digest, b.digest), /^\s*\d |覆盖/)) note(line)
}

/** Takes the table out and changes one row in it, to be brought back. */
async function edited(desk: Desk, row: string, change: JsonObject): Promise<string> {
  const file = desk.path('edit.sssom.tsv')
  await desk.must('mapping', 'export', project, '-o', file)
  const bytes = await desk.read('edit.sssom.tsv')
  const setId = /mapping_set_id: "?([^"\s]+)/.exec(Buffer.from(bytes).toString('utf8'))?.[1] ?? ''
  const rows = parseMappingSet(bytes).map((each) =>
    each.row === row ? { row, mapping: mappingRow.parse({ ...each.mapping, ...change }) } : each,
  )
  return desk.write('edit.sssom.tsv', formatMappingSet(rows, { setId }))
}
