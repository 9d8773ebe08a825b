import { canonicalize } from '../canonical.ts'
import type { JsonValue } from '../json-value.ts'
import { type Change, numbered } from './value-difference.ts'

/**
 * Lists whose entries stand in another order. Of what comes, goes and changes others tell; that what stays has changed places, or that a
 * list holds as many of it as before, nobody would.
 */
export function orderChanges(before: JsonValue, after: JsonValue): readonly Change[] {
  return movedIn(before, after, '').map((at) => ({
    zh: `${at} 的顺序改变`,
    en: `the order of ${at} changes`,
  }))
}

function movedIn(before: JsonValue, after: JsonValue, at: string): readonly string[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now] = [numbered(before, nameOf), numbered(after, nameOf)]
    const stayed = (a: ReadonlyMap<string, JsonValue>, b: ReadonlyMap<string, JsonValue>) =>
      [...a.keys()].filter((name) => b.has(name))
    const later = stayed(now, old)
    const moved = stayed(old, now).some((name, i) => later[i] !== name)
    const inner = later.flatMap((name) =>
      movedIn(old.get(name) ?? null, now.get(name) ?? null, `${at}/${name.replace(/ 1$/, '')}`),
    )
    return [...(moved ? [at === '' ? '/' : at] : []), ...inner]
  }
  if (!isTree(before) || !isTree(after)) return []
  const old = new Map(Object.entries(before))
  return Object.entries(after).flatMap(([key, value]) => movedIn(old.get(key) ?? null, value, `${at}/${key}`))
}

function isTree(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nameOf(entry: JsonValue): string {
  if (!isTree(entry)) return canonicalize(entry)
  const { id, multikey, key, origin, vkey } = entry
  const name = id ?? multikey ?? key ?? (vkey === undefined ? undefined : origin)
  return typeof name === 'string' ? name : canonicalize(entry)
}
