import { ProtocolError } from '../protocol/error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../protocol/json-value.ts'
import { textOf } from './client.ts'

/** A member that must be an object. @throws {ProtocolError} `PAGE_MALFORMED` */
export function objectOf(answer: JsonObject, name: string): JsonObject {
  const value = answer[name]
  if (!isJsonObject(value)) throw malformed(`no object "${name}"`)
  return value
}

/** A member that must be a list of objects. @throws {ProtocolError} `PAGE_MALFORMED` */
export function listOf(answer: JsonObject, name: string): readonly JsonObject[] {
  const value = answer[name]
  if (!isList(value) || !value.every(isJsonObject)) throw malformed(`no list "${name}"`)
  return value.filter(isJsonObject)
}

/** A list of texts, or one of them. Nothing where the member is absent. */
export function textsOf(answer: JsonObject, name: string): readonly string[] {
  const value = answer[name]
  if (value === undefined) return []
  if (typeof value === 'string') return [value]
  if (!isList(value)) throw malformed(`no texts "${name}"`)
  return value.map((each) => {
    if (typeof each !== 'string') throw malformed(`no texts "${name}"`)
    return each
  })
}

/** `中文 / English` of a member with both. */
export function wordsOf(answer: JsonObject): string {
  return `${textOf(answer, 'zh')} / ${textOf(answer, 'en')}`
}

/** The words for a slug, or the slug itself where a newer node has more of them. */
export function labelOf(
  table: Readonly<Record<string, { readonly zh: string; readonly en: string }>>,
  slug: string,
): string {
  const label = Object.hasOwn(table, slug) ? table[slug] : undefined
  return label ? `${label.zh} ${slug}` : slug
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function malformed(message: string): ProtocolError {
  return new ProtocolError('PAGE_MALFORMED', `an answer of the node: ${message}`)
}
