import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { draftOf } from '../../../cli/demo/recognition-draft.ts'
import { readStory } from '../../../cli/demo/recognition-story.ts'
import { readInterfaceStory } from '../../../cli/demo/recognition-use.ts'
import { isJsonObject, type JsonValue } from '../../../protocol/json-value.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'
import { root } from '../../support/source.ts'

const story = await readStory(root)

/** What `headings.json` has seen in print. */
function printedHeadings(): ReadonlySet<string> {
  const file = JSON.parse(readFileSync(`${root}/fixtures/region/headings.json`, 'utf8'))
  return new Set(
    file.documents.flatMap(({ headings }: any) => headings.flatMap(({ heading }: any) => heading ?? [])),
  )
}

describe('the story of a recognition', () => {
  test('each edition is a sound draft, made up and marked so', async () => {
    for (const edition of [...story.editions, (await readInterfaceStory(root)).edition]) {
      const draft = parseDraft(JSON.parse(JSON.stringify(draftOf(edition))))
      expect(draft).toMatchObject({ type: 'StandardRecord', synthetic: true })
      expect(edition.number).toMatch(/^DB5[01]\/T 99\d{4}—\d{4}$/)
      expect(edition.said.titleZh).toMatch(/（合成样例）$/)
      expect(edition.note).toMatch(/^合成样例/)
    }
  })

  test('a heading is one that was seen in print, or says that it is made up', () => {
    const printed = printedHeadings()
    const real = story.editions.flatMap(({ key, said }) =>
      membersOf(said.clauses).flatMap(({ heading }) =>
        String(heading).endsWith('（合成）') ? [] : [`${key} ${String(heading)}`],
      ),
    )
    expect(real).toEqual(['基本要求', '保洁服务', '客户服务'].map((heading) => `bishan-property ${heading}`))
    for (const name of real) expect(printed).toContain(name.split(' ')[1])
  })

  test('rows name clauses that are there, one is stricter, one has no counterpart', () => {
    const clauses = new Set(
      story.editions.flatMap(({ key, said }) =>
        membersOf(said.clauses).map(({ uid }) => `${key}#${String(uid)}`),
      ),
    )
    for (const { subject, object } of story.rows)
      for (const name of [subject, ...(object === undefined ? [] : [object])]) expect(clauses).toContain(name)
    const relations = story.rows.map(({ said }) => said.relation)
    expect(relations).toEqual(expect.arrayContaining(['superset', 'equivalent', 'none']))
  })
})

function membersOf(value: JsonValue | undefined) {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
