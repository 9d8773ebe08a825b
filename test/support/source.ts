import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The repository as text, for the tests that hold its rules. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

const left = new Set(['node_modules', 'dist', '.git', '.csx', '.demo'])

/** Files below a folder, in order, with `/` between the steps, whether git knows them or not. */
export function listFiles(folder: string, extension: string): readonly string[] {
  const found: string[] = []
  for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (left.has(entry.name)) continue
    if (entry.isDirectory()) found.push(...listFiles(path, extension))
    else if (entry.name.endsWith(extension)) found.push(path)
  }
  return found.toSorted()
}

/** What git keeps or would keep; without git, as in an unpacked archive, whatever lies here. */
export function listTracked(): readonly string[] {
  try {
    const options = ['--cached', '--others', '--exclude-standard', '-z']
    const names = execFileSync('git', ['ls-files', ...options], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return [...new Set(names.split('\0'))].filter((name) => name !== '' && existsSync(`${root}/${name}`))
  } catch {
    const here = readdirSync(root, { withFileTypes: true }).filter(({ name }) => !left.has(name))
    return here.flatMap((entry) => (entry.isDirectory() ? listFiles(entry.name, '') : [entry.name]))
  }
}

export function readText(path: string): string {
  return readFileSync(`${root}/${path}`, 'utf8')
}

export interface Literal {
  readonly start: number
  readonly text: string
}

/** A source text and what is left of it once nobody can mistake prose for code; offsets and lines are the same in both. */
export interface Source {
  readonly path: string
  readonly text: string
  /** Comments, and what stands in strings, templates and regular expressions, are blanks here. Their quotes stay. */
  readonly code: string
  /** Strings and templates without their quotes, escapes as written, templates up to their first `${`. */
  readonly literals: readonly Literal[]
}

export function readSource(path: string): Source {
  const text = readText(path)
  return { path, text, ...scan(text) }
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** After these a slash begins a regular expression, after all else it divides. */
const beforeRegex =
  /(?:^|[=(,:;!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|of|in|do|else|void|await|yield|throw))$/

/** Just enough of the grammar of TypeScript to tell code from text. */
export function scan(text: string): Pick<Source, 'code' | 'literals'> {
  const code = text.split('')
  const literals: Literal[] = []
  /** Depth of braces at which each open template goes on. */
  const templates: number[] = []
  let braces = 0
  let at = 0
  const blank = (from: number, to: number) => {
    for (let i = from; i < to; i += 1) if (code[i] !== '\n') code[i] = ' '
  }
  const skipTo = (end: number) => {
    blank(at, end)
    at = end
  }
  const readTemplate = (start: number) => {
    let end = start
    while (end < text.length && text[end] !== '`' && !text.startsWith('${', end))
      end += text[end] === '\\' ? 2 : 1
    literals.push({ start, text: text.slice(start, end) })
    blank(start, end)
    if (text[end] === '`') at = end + 1
    else {
      templates.push(braces)
      braces += 1
      at = end + 2
    }
  }
  while (at < text.length) {
    const char = text[at] ?? ''
    if (text.startsWith('//', at) || (at === 0 && text.startsWith('#!'))) {
      const end = text.indexOf('\n', at)
      skipTo(end < 0 ? text.length : end)
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2)
      skipTo(end < 0 ? text.length : end + 2)
    } else if (char === "'" || char === '"') {
      let end = at + 1
      while (end < text.length && text[end] !== char && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1
      literals.push({ start: at + 1, text: text.slice(at + 1, end) })
      blank(at + 1, end)
      at = end + 1
    } else if (char === '`') readTemplate(at + 1)
    else if (
      char === '/' &&
      beforeRegex.test(
        code
          .slice(Math.max(0, at - 40), at)
          .join('')
          .trimEnd(),
      )
    ) {
      const end = endOfRegex(text, at)
      blank(at + 1, end - 1)
      at = end
    } else {
      if (char === '{') braces += 1
      if (char === '}') braces -= 1
      at += 1
      if (char === '}' && templates.at(-1) === braces) {
        templates.pop()
        readTemplate(at)
      }
    }
  }
  return { code: code.join(''), literals }
}

function endOfRegex(text: string, start: number): number {
  let inClass = false
  let at = start + 1
  for (; at < text.length && text[at] !== '\n'; at += 1) {
    const char = text[at]
    if (char === '\\') at += 1
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '/' && !inClass) return at + 1
  }
  return at
}

/** Offset behind the bracket that closes the one at `open`, in blanked code. */
export function endOfGroup(code: string, open: number): number {
  let depth = 0
  for (let at = open; at < code.length; at += 1) {
    if ('([{'.includes(code.charAt(at))) depth += 1
    if (')]}'.includes(code.charAt(at))) depth -= 1
    if (depth === 0) return at + 1
  }
  return code.length
}

export interface Import {
  /** As written. */
  readonly specifier: string
  readonly line: number
  /** `import('…')`, loaded when it is needed. */
  readonly lazy: boolean
}

/** Everything a file draws in: static, lazy and type imports, re-exports, and files it starts as workers by `new URL`. */
export function importsOf({ text, code, literals }: Source): readonly Import[] {
  const imports: Import[] = []
  for (const { start, text: specifier } of literals) {
    if (!`'"`.includes(code.charAt(start - 1))) continue
    const before = code.slice(Math.max(0, start - 60), start - 1)
    const lazy = /\bimport\s*\(\s*$/.test(before)
    const fixed = /\b(?:from|import|require\s*\()\s*$/.test(before)
    const worker = /\bnew URL\(\s*$/.test(before) && /^\.{1,2}\/.*\.(?:ts|js)$/.test(specifier)
    if (lazy || fixed || worker) imports.push({ specifier, line: lineOf(text, start), lazy })
  }
  return imports
}
