// biome-ignore-all lint/suspicious/noTemplateCurlyInString: samples of source text
import { describe, expect, test } from 'vitest'
import { endOfGroup, importsOf, scan } from './source.ts'

const codeOf = (text: string) => scan(text).code.replace(/ +/g, ' ').trim()
const textsOf = (text: string) => scan(text).literals.map((literal) => literal.text)

describe('the scanner behind the tests of style and layers', () => {
  test('comments, strings and regular expressions are no code', () => {
    expect(codeOf("a // x as any\nb /* 'c' */ d")).toBe('a \nb d')
    expect(codeOf(`say("it's // as", 'a\\'b')`)).toBe('say(" ", \' \')')
    expect(codeOf('x.replace(/["\'/[/]`]+/g, y) / 2')).toBe('x.replace(/ /g, y) / 2')
    expect(codeOf('const half = total / 2 / n // rest')).toBe('const half = total / 2 / n')
    expect(codeOf('if (a) return /as any/.test(b)')).toBe('if (a) return / /.test(b)')
  })

  test('what stands between the braces of a template is code', () => {
    expect(codeOf('`a as ${b as C} as ${`${d}`} e` as F')).toBe('` ${b as C} ${`${d}`} ` as F')
    expect(codeOf('`${{ a: { b } }.a}!` + c!')).toBe('`${{ a: { b } }.a} ` + c!')
    expect(textsOf("f('a', `b${c}d`)")).toEqual(['a', 'b', 'd'])
  })

  test('offsets stay what they were', () => {
    const text = "import a from 'b' // 标准 𠮷\nexport { c } from './d.ts'"
    expect(scan(text).code).toHaveLength(text.length)
    expect(endOfGroup('f((a), [b]) + c', 1)).toBe(11)
  })

  test('every way to draw in another file is an import', () => {
    const text = [
      "import a from './a.ts'",
      "import type { B } from './b.ts'",
      "export { c } from './c.ts'",
      "import './d.ts'",
      "const e: typeof import('./e.ts') = await import('./f.ts')",
      "const g = new URL('./g.ts', import.meta.url)",
      "const h = new URL('./h.json', import.meta.url)",
      "// import i from './i.ts'",
      "say('from', './j.ts')",
      'const k = `${from}./k.ts`',
    ].join('\n')
    const found = importsOf({ path: 'x.ts', text, ...scan(text) })
    expect(found.map(({ specifier }) => specifier)).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `./${name}.ts`),
    )
    expect(found.filter(({ lazy }) => lazy).map(({ line }) => line)).toEqual([5, 5])
  })
})
