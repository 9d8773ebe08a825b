import { isAlias, isMap, isScalar, isSeq, Lexer, type Pair, Parser, parseDocument, visit } from 'yaml'
import { ProtocolError } from '../../error.ts'
import { sssomLimits } from './set.ts'

/** YAML as a metadata block uses it: every scalar is text, since the schema and not its spelling says of what type it is. */
export type YamlValue = string | readonly YamlValue[] | ReadonlyMap<string, YamlValue>

const maxDepth = 16

/** What the parser holds open at 16 levels, with room to spare: a block of keys and values opens several for one level. */
const maxOpen = 8 * maxDepth

/** Both are done here instead, in a time that grows with the text and not with its square. */
const quick = { uniqueKeys: false, prettyErrors: false } as const

function malformed(message: string, line?: number): never {
  throw new ProtocolError(
    'SSSOM_MALFORMED',
    message,
    line === undefined ? {} : { place: { cell: `line ${line}` } },
  )
}

/**
 * A metadata block without its `#`: one mapping at the top.
 *
 * Refused: directives, tags, anchors, aliases, which the format forbids, and so everything that could grow in memory; a key twice;
 * more than 256 KiB or 16 levels. What has no value is left out.
 *
 * @throws {ProtocolError} `SSSOM_MALFORMED` `SIZE_LIMIT`
 * @see spec/mapping.md, MAP-11
 */
export function parseYamlBlock(text: string): ReadonlyMap<string, YamlValue> {
  if (text.length > sssomLimits.metadataBytes)
    throw new ProtocolError('SIZE_LIMIT', `the metadata block is longer than ${sssomLimits.metadataBytes}`)
  requireShallow(text)
  const document = parseDocument(text, { schema: 'failsafe', version: '1.2', ...quick })
  const [fault] = [...document.errors, ...document.warnings]
  if (fault) malformed(`not YAML: ${fault.code}`, text.slice(0, fault.pos[0]).split('\n').length)
  if (/^%/m.test(text)) malformed('a YAML directive')
  visit(document, {
    Alias: () => malformed('an alias'),
    Value: (_, node) => {
      if (node.anchor !== undefined) malformed('an anchor')
      if (node.tag !== undefined) malformed('a tag')
    },
  })
  const { contents } = document
  if (contents === null || (isScalar(contents) && readScalar(contents) === undefined)) return new Map()
  if (!isMap(contents)) return malformed('not a mapping of slots')
  return readMap(contents.items, 0)
}

/** The reader that follows calls itself for every level, and a program that runs out of stack there may end without a word. */
function requireShallow(text: string): void {
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme))
    if (parser.stack.length > maxOpen) malformed('too deep', text.slice(0, parser.offset).split('\n').length)
  }
}

function readMap(items: readonly Pair<unknown, unknown>[], depth: number): ReadonlyMap<string, YamlValue> {
  const entries = new Map<string, YamlValue>()
  const keys = new Set<string>()
  for (const { key, value } of items) {
    if (!isScalar(key) || typeof key.value !== 'string') return malformed('a key that is not text')
    if (keys.has(key.value)) return malformed(`the key ${key.value.slice(0, 100)} twice`)
    keys.add(key.value)
    const read = readNode(value, depth)
    if (read !== undefined) entries.set(key.value, read)
  }
  return entries
}

function readNode(node: unknown, depth: number): YamlValue | undefined {
  if (depth > maxDepth) return malformed('too deep')
  if (node === null || node === undefined) return undefined
  if (isScalar(node)) return readScalar(node)
  if (isMap(node)) return readMap(node.items, depth + 1)
  if (isAlias(node) || !isSeq(node)) return malformed('an alias')
  return node.items.map((item) => readNode(item, depth + 1)).filter((item) => item !== undefined)
}

function readScalar({ value, type }: { value: unknown; type?: string | undefined }): string | undefined {
  if (typeof value !== 'string') return undefined
  const plain = type === 'PLAIN' || type === undefined
  return plain && /^(?:|~|null|Null|NULL)$/.test(value) ? undefined : value
}
