import { describe, expect, test } from 'vitest'
import { problemCodes } from '../protocol/error.ts'
import { messageOf } from '../protocol/message.ts'
import {
  endOfGroup,
  lineOf,
  listFiles,
  listTracked,
  readSource,
  readText,
  type Source,
  scan,
} from './support/source.ts'

/** A rule of the house that neither the compiler nor the linter holds. */
interface Rule {
  readonly name: string
  readonly applies: (path: string) => boolean
  /** Offsets at which a file breaks it. */
  readonly find: (source: Source) => readonly number[]
}

interface Exemption {
  readonly rule: string
  readonly path: string
  /** The line that is exempt, without blanks at its ends; the whole file where there is none. */
  readonly line?: string
  readonly why: string
}

/** One that is no longer needed fails the test. */
const exemptions: readonly Exemption[] = [
  {
    rule: 'no casts',
    path: 'protocol/verify.ts',
    line: 'return value as Verified<T>',
    why: 'the one line that makes a `Verified`',
  },
  {
    rule: 'no casts',
    path: 'fixtures/synthetic/log.ts',
    line: 'entry: formatEntry({ ...entry, ...change } as Entry),',
    why: 'makes entries that no type allows, for tests of their refusal',
  },
]

const inTest = (path: string) => path.startsWith('test/')
const inCli = (path: string) => path.startsWith('cli/')
const isTool = (path: string) => /^[^/]+\.config\.ts$/.test(path)
const isDeclaration = (path: string) => path.endsWith('.d.ts')
const isProgram = (path: string) => path === 'node/app.ts' || path === 'node/main.ts'

function offsets(code: string, pattern: RegExp): readonly number[] {
  return [...code.matchAll(pattern)].map(({ index }) => index)
}

/** Names of imports and exports, where `as` is no cast. */
const clauses = /\b(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^{}]*\})/g

function findCasts({ code }: Source): readonly number[] {
  const bare = code.replace(clauses, (clause) => clause.replace(/\S/g, ' '))
  const named = offsets(bare, /(?<=[\w$)\]}'"`>]\s+)as\s+(?!const\b)(?=[\w${([\x27"`])/g)
  const mapped = (at: number) => /\[\s*\w+\s+in\s[^\]]*$/.test(bare.slice(Math.max(0, at - 200), at))
  const angled = offsets(bare, /(?<=(?:[=(,?:&|[]|\breturn)\s*)<[\w$][\w$.<>[\]| ]*>(?=[\w$'"`{[])/g)
  return [...named.filter((at) => !mapped(at)), ...angled]
}

const rules: readonly Rule[] = [
  { name: 'no casts', applies: (path) => !inTest(path), find: findCasts },
  {
    name: 'no non-null assertions',
    applies: (path) => !inTest(path),
    find: ({ code }) => offsets(code, /(?<=[\w$)\]}'"`>])!(?!=)/g),
  },
  {
    name: 'no any',
    applies: (path) => !inTest(path),
    find: ({ code }) => offsets(code, /(?<![.\w$])any\b(?!\()/g),
  },
  {
    name: 'time and randomness are handed in',
    applies: (path) => !inTest(path) && !inCli(path) && !isProgram(path),
    find: ({ code }) =>
      offsets(
        code,
        /\bDate\.now\b|\bnew Date(?:\(\s*\)|(?!\s*\()\b)|(?<!new )\bDate\(\s*\)|\bMath\.random\b|\bperformance\.now\b|\brandom(?:UUID|Bytes|Int|FillSync)\(|\bgetRandomValues\b/g,
      ),
  },
  {
    name: 'the environment is read in one place',
    applies: (path) => !inTest(path) && !inCli(path) && !isTool(path) && path !== 'node/config.ts',
    find: ({ code }) => offsets(code, /\bprocess\.env\b/g),
  },
  {
    name: 'at most 300 lines',
    applies: (path) => !inTest(path),
    find: ({ text }) => (text.split('\n').length > 301 ? [text.length] : []),
  },
  {
    name: 'at most 400 lines in a test',
    applies: inTest,
    find: ({ text }) => (text.split('\n').length > 401 ? [text.length] : []),
  },
  {
    name: 'no default exports',
    applies: (path) => !isTool(path) && !isDeclaration(path) && !path.startsWith('test/support/'),
    find: ({ code }) => offsets(code, /\bexport\s+default\b|\bas\s+default\b/g),
  },
  {
    name: 'no module-level variables',
    applies: (path) => !inTest(path),
    find: ({ code }) => offsets(code, /^(?:export\s+)?(?:let|var)\b/gm),
  },
  {
    name: 'functions are declared, not assigned',
    applies: (path) => !inTest(path),
    find: ({ code }) =>
      offsets(code, /^export const [\w$]+(?:: [^=\n]+)? = (?:async )?(?:<[^>\n]*>)?\([^()\n]*\)[^=\n]*=>/gm),
  },
  { name: 'a verifier has no optional checks', applies: (path) => !inTest(path), find: findOptionalChecks },
  {
    name: 'names say what a thing is',
    applies: () => true,
    find: ({ code, path }) => [
      ...(hollow.test(path) ? [0] : []),
      ...offsets(
        code,
        /\b(?:function|class|interface|type|const|let)\s+\w*(?:Utils?|Helpers?|Manager|Service)\b/g,
      ),
    ],
  },
]

const hollow = /(?:^|[/.-])(?:utils?|helpers?|common|managers?|services?)(?=[/.-]|$)/i

function findOptionalChecks({ code }: Source): readonly number[] {
  return [...code.matchAll(/\bfunction verify\w*(?:<[^>]*>)?(?=\()/g)]
    .filter((match) => {
      const open = match.index + match[0].length
      const parameters = code.slice(open, endOfGroup(code, open)).replace(/=>/g, '  ')
      return /\?:|[^=!<>]=[^=]/.test(parameters)
    })
    .map(({ index }) => index)
}

function breachesOf(rule: Rule, source: Source): readonly string[] {
  const lines = source.text.split('\n')
  return rule.find(source).flatMap((offset) => {
    const line = lineOf(source.text, offset)
    const excused = exemptions.some(
      (exemption) =>
        exemption.rule === rule.name &&
        exemption.path === source.path &&
        (exemption.line === undefined || exemption.line === lines[line - 1]?.trim()),
    )
    return excused ? [] : [`${source.path}:${line} ${lines[line - 1]?.trim() ?? ''}`]
  })
}

const tracked = listTracked()
const sources = tracked.filter((path) => /\.[mc]?tsx?$/.test(path)).map(readSource)

describe('house style', () => {
  test.each(rules.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
    const subject = sources.filter(({ path }) => rule.applies(path))
    expect(subject.length).toBeGreaterThan(10)
    expect(subject.flatMap((source) => breachesOf(rule, source))).toEqual([])
  })

  test('an exemption is removed once nothing needs it', () => {
    const idle = exemptions.filter(({ rule: name, path, line }) => {
      const rule = rules.find((candidate) => candidate.name === name)
      const source = sources.find((candidate) => candidate.path === path)
      if (!rule || !source) return true
      const lines = source.text.split('\n')
      const broken = rule.find(source).map((offset) => lines[lineOf(source.text, offset) - 1]?.trim())
      return line === undefined ? broken.length === 0 : !broken.includes(line)
    })
    expect(idle.map(({ rule, path }) => `${path}: ${rule}`)).toEqual([])
  })

  test.each([
    ['no casts', 'const a = b as C', 1],
    ['no casts', 'f(<C>b)', 1],
    ['no casts', 'const a = <C>b', 1],
    ['no casts', 'const a = (b) as unknown as C', 2],
    [
      'no casts',
      "import { a as b } from './c.ts'\nimport * as z from 'zod'\nexport { d as e }\nconst f = [1] as const",
      0,
    ],
    ['no casts', "say('a as B') // c as D", 0],
    ['no casts', 'type A<T> = { [K in keyof T as Lower<K>]: T[K] }', 0],
    ['no casts', 'const a: Record<string, B> = c', 0],
    ['no non-null assertions', 'a.b! + c()!.d[0]!', 3],
    ['no non-null assertions', 'if (!a && b !== c && d != e) return !f', 0],
    ['no any', 'function f(a: any): Promise<any> {}', 2],
    ['no any', "Promise.any(a) // any\nconst b = 'any'", 0],
    ['time and randomness are handed in', 'Date.now() + +new Date() + Math.random()', 3],
    ['time and randomness are handed in', 'new Date(now).toISOString()', 0],
    ['no default exports', 'export default 1', 1],
    ['a verifier has no optional checks', 'function verifyA(a: A, b?: B) {}\nfunction verifyC(c = 1) {}', 2],
    ['a verifier has no optional checks', 'function verifyA<T>(a: T, run: () => T): void {}', 0],
    ['no module-level variables', 'let a = 1\nfunction f() {\n  let b = 2\n}', 1],
    ['functions are declared, not assigned', 'export const f = (a: A): B => a', 1],
    ['functions are declared, not assigned', 'export const names = ids.map((id) => id)', 0],
  ])('the rule "%s" reads %j rightly', (name, text, times) => {
    const rule = rules.find((candidate) => candidate.name === name)
    expect(rule?.find({ path: 'x.ts', text, ...scan(text) })).toHaveLength(times)
  })
})

describe('tests', () => {
  const tests = listFiles('test', '.ts').map(readSource)
  /** Functions of the test folder that make an expectation, directly or by one another. */
  const expecting = findExpecting(tests)

  test('each test expects something', () => {
    const empty = tests.flatMap(({ path, text, code }) =>
      blocksOf(code, /(?<![.\w$])(?:test|it)(?:\.\w+)*(?=\()/g)
        .filter(({ body }) => !expects(body, expecting))
        .map(({ start }) => `${path}:${lineOf(text, start)}`),
    )
    expect(empty).toEqual([])
  })

  test('each expectation has a matcher', () => {
    const bare = tests.flatMap(({ path, text, code }) =>
      blocksOf(code, /(?<![.\w$])expect(?=\()/g)
        .filter(({ end }) => !/^\s*\./.test(code.slice(end)))
        .map(({ start }) => `${path}:${lineOf(text, start)}`),
    )
    expect(bare).toEqual([])
  })

  test('none is skipped, alone or yet to be written', () => {
    const aside = tests.flatMap(({ path, text, code }) =>
      offsets(code, /(?<![.\w$])(?:test|it|describe)(?:\.\w+)*\.(?:skip|only|todo|fails)\b/g).map(
        (offset) => `${path}:${lineOf(text, offset)}`,
      ),
    )
    expect(aside).toEqual([])
  })
})

interface Block {
  readonly start: number
  readonly end: number
  readonly body: string
}

/** Calls that `pattern` ends before: `test.each(…)(…)` is one block to the end of its last bracket. */
function blocksOf(code: string, pattern: RegExp): readonly Block[] {
  return [...code.matchAll(pattern)].map((match) => {
    const start = match.index
    let end = endOfGroup(code, start + match[0].length)
    while (code[end] === '(') end = endOfGroup(code, end)
    return { start, end, body: code.slice(start, end) }
  })
}

function expects(body: string, names: ReadonlySet<string>): boolean {
  return /\bexpect\b/.test(body) || [...body.matchAll(/[\w$]+(?=\()/g)].some(([name]) => names.has(name))
}

function findExpecting(tests: readonly Source[]): ReadonlySet<string> {
  const functions = tests.flatMap(({ code }) =>
    [...code.matchAll(/\bfunction\s+([\w$]+)(?:<[^>]*>)?(?=\()/g)].map((match) => {
      const parameters = endOfGroup(code, match.index + match[0].length)
      const open = code.indexOf('{\n', parameters)
      return { name: match[1] ?? '', body: open < 0 ? '' : code.slice(open, endOfGroup(code, open)) }
    }),
  )
  const names = new Set<string>()
  for (let before = -1; before < names.size; ) {
    before = names.size
    for (const { name, body } of functions) if (expects(body, names)) names.add(name)
  }
  return names
}

describe('what the repository says', () => {
  /** Put together here, so that this file does not name what it looks for. */
  const homes = ['work', 'root', 'home', 'Users'].map((name) => `/${name}/`)
  const places = new RegExp(`(?<![\\w.~$*}/-])(?:${homes.join('|')})(?=[\\w.-])`)
  const hosts = new RegExp(
    [
      '\\b(?:registry|packages|mirrors?|artifacts?|nexus|artifactory)\\.[a-z0-9-]+\\.(?:org|com|net|io|dev|cn|internal|local|lan|corp)\\b',
      '://[^/\\s\'"`]*(?:registry|nexus|artifactory)[^/\\s\'"`]*',
      '"resolved"\\s*:',
    ].join('|'),
  )
  const texts = tracked
    .filter((path) => !/\.(?:png|woff2?|ico|gz|zip)$/.test(path))
    .map((path) => [path, readText(path)] as const)

  test('no path of one machine', () => {
    // The coordinators' pages of a node lie below an address that is spelled like one of these.
    const address = /\/work\/(?=(?:projects|agreements|compare|what-if|nowhere)\b)/g
    expect(
      texts
        .map(([path, text]) => [path, text.replace(address, '')] as const)
        .filter(([, text]) => places.test(text))
        .map(([path, text]) => `${path}: ${places.exec(text)?.[0]}`),
    ).toEqual([])
  })

  test('no host of a package registry', () => {
    expect(
      texts.filter(([, text]) => hosts.test(text)).map(([path, text]) => `${path}: ${hosts.exec(text)?.[0]}`),
    ).toEqual([])
  })

  test('each problem code stands once, with words in both languages that no other file repeats', () => {
    expect(new Set(problemCodes).size).toBe(problemCodes.length)
    const tables = sources.filter(({ path }) => path.startsWith('protocol/message/'))
    const rows = tables.flatMap(({ text }) =>
      [...text.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, code]) => code),
    )
    expect(rows.toSorted()).toEqual(problemCodes.toSorted())
    const words = problemCodes.map(messageOf)
    for (const row of words) for (const text of Object.values(row)) expect(text).not.toBe('')
    const known = new Set(words.map(({ zh }) => zh).filter((text) => text.length >= 6))
    const copies = sources
      .filter(({ path }) => /^(?:protocol|node|cli)\//.test(path) && !path.startsWith('protocol/message/'))
      .flatMap(({ path, literals }) =>
        literals.filter(({ text }) => known.has(text)).map(({ text }) => `${path}: ${text}`),
      )
    expect(copies).toEqual([])
  })
})
