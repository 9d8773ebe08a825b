import { describe, expect, test } from 'vitest'
import { listFiles, readSource, readText } from './support/source.ts'

/** Clauses that no test names yet, with the reason. The list only ever gets shorter: a clause with a test MUST NOT stand here. */
const pending: readonly { readonly id: string; readonly why: string }[] = []

/** Specifications that code and tests refer to and that are not written yet. */
const awaited: readonly { readonly area: string; readonly why: string }[] = []

const ids = /\[([A-Z]+-\d+)\]/g

interface Clause {
  readonly id: string
  readonly area: string
  readonly number: number
  readonly file: string
}

const specs = listFiles('protocol/spec', '.md')
const clauses: readonly Clause[] = specs.flatMap((file) =>
  [...readText(file).matchAll(/^\*\*\[([A-Z]+)-(\d+)\]\*\*/gm)].map(([, area = '', number = '']) => ({
    id: `${area}-${number}`,
    area,
    number: Number(number),
    file,
  })),
)
const known = new Set(clauses.map(({ id }) => id))

/** Clause ids in the titles of tests, also in the tables of `test.each`. */
const named = new Map<string, string>()
for (const file of listFiles('test', '.test.ts')) {
  if (file === 'test/spec.test.ts') continue
  for (const { text } of readSource(file).literals)
    for (const [, id = ''] of text.matchAll(ids)) named.set(id, file)
}

const areaOf = (id: string) => id.slice(0, id.lastIndexOf('-'))
const isAwaited = (id: string) => awaited.some(({ area }) => area === areaOf(id))

describe('specifications and tests', () => {
  test('each clause stands in the title of a test, or on the list of those that wait for one', () => {
    const excused = new Set(pending.map(({ id }) => id))
    expect(clauses.length).toBeGreaterThan(50)
    expect([...known].filter((id) => !named.has(id) && !excused.has(id))).toEqual([])
    if (pending.length > 0)
      process.stdout.write(
        `clauses without a test: ${pending.map(({ id, why }) => `${id} (${why})`).join(', ')}\n`,
      )
  })

  test('what waits for a test is a clause and has none', () => {
    expect(pending.filter(({ id }) => !known.has(id) || named.has(id)).map(({ id }) => id)).toEqual([])
  })

  test('each clause in the title of a test stands in a specification', () => {
    const strange = [...named].filter(([id]) => !known.has(id) && !isAwaited(id))
    expect(strange.map(([id, file]) => `${file}: ${id}`)).toEqual([])
  })

  test('each clause that the code refers to stands in a specification', () => {
    const strange = ['protocol', 'node', 'cli', 'fixtures'].flatMap((folder) =>
      listFiles(folder, '.ts').flatMap((file) =>
        referencesOf(readText(file)).map((id) => [file, id] as const),
      ),
    )
    expect(
      strange.filter(([, id]) => !known.has(id) && !isAwaited(id)).map(([file, id]) => `${file}: ${id}`),
    ).toEqual([])
  })

  test('an awaited specification is not there yet', () => {
    expect(awaited.filter(({ area }) => clauses.some((clause) => clause.area === area))).toEqual([])
  })
})

/** Ids in lines that point to a specification, and in their continuation up to the end of the comment. */
function referencesOf(text: string): readonly string[] {
  return [...text.matchAll(/@see[^@]*?\*\//g)].flatMap(([tag]) =>
    [...tag.matchAll(/\b([A-Z]{2,}-\d+)\b/g)]
      .map(([id]) => id)
      .filter((id) => clauses.some(({ area }) => area === areaOf(id)) || /spec\//.test(tag)),
  )
}

describe('each specification', () => {
  test('an area has one file, and its clauses count from 1, or again from a multiple of ten, without a gap', () => {
    const areas = [...new Set(clauses.map(({ area }) => area))]
    const faults = areas.flatMap((name) => {
      const list = clauses.filter(({ area }) => area === name).toSorted((a, b) => a.number - b.number)
      return list.flatMap(({ id, number, file }, i) => {
        const before = list[i - 1]
        const follows = before === undefined ? number === 1 : number === before.number + 1
        const opens = before !== undefined && number > before.number && number % 10 === 0
        const sameFile = before === undefined || before.file === file
        return (follows || opens) && sameFile ? [] : [`${file}: ${id}`]
      })
    })
    expect(faults).toEqual([])
  })

  test.each(specs)(
    '%s has at most 250 lines, an example before its first clause, and a MUST or its like in it',
    (file) => {
      const text = readText(file)
      const lines = text.split('\n').length - 1
      expect(lines).toBeLessThanOrEqual(250)
      expect(text.indexOf('\n```')).toBeGreaterThan(0)
      expect(text.indexOf('\n```')).toBeLessThan(text.indexOf('\n**['))
      expect(text).toContain('MUST')
    },
  )

  test('each clause cites what it fulfils', () => {
    const bare = specs.flatMap((file) =>
      readText(file)
        .split(/^(?=\*\*\[[A-Z]+-\d+\]\*\*|## )/m)
        .filter((part) => part.startsWith('**['))
        .filter(
          (part) =>
            !/\((?:[^()]|\([^()]*\))*(?:\bR\d+|PROTOCOL|DOMAIN|STYLE|ARCHITECTURE|SECURITY|RFC|C2SP|W3C|rules? ST\d)(?:[^()]|\([^()]*\))*\)/.test(
              part,
            ),
        )
        .map((part) => `${file}: ${part.slice(2, part.indexOf(']') + 1)}`),
    )
    expect(bare).toEqual([])
  })
})
