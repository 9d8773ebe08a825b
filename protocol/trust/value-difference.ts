import { canonicalize } from '../canonical.ts'
import { pointerStep } from '../error.ts'
import type { JsonValue } from '../json-value.ts'

/** One thing that changes from a version to the next, in words for who is to sign it. */
export interface Change {
  readonly zh: string
  readonly en: string
  /** It changes what was valid in the past: only a mistake, or a theft, looks like this. */
  readonly history?: true
}

/** Each place at which two values differ, with what stood there and what does now. */
export function differencesOf(a: JsonValue, b: JsonValue, at: string): readonly string[] {
  const isTree = (value: JsonValue) => typeof value === 'object' && value !== null
  if (!isTree(a) || !isTree(b) || Array.isArray(a) !== Array.isArray(b)) {
    const [old, now] = [canonicalize(a), canonicalize(b)]
    return old === now ? [] : [`${at === '' ? '/' : at} ${old} → ${now}`]
  }
  const [old, now] = [new Map(Object.entries(a ?? {})), new Map(Object.entries(b ?? {}))]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) =>
    differencesOf(old.get(key) ?? null, now.get(key) ?? null, at + pointerStep(key)),
  )
}

export function plain(value: unknown): JsonValue {
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}

/** By what an entry is called, and a second one of the same by its number: one of two that goes must not go unseen. */
export function numbered<T>(list: readonly T[], nameOf: (entry: T) => string): ReadonlyMap<string, T> {
  const found = new Map<string, T>()
  for (const entry of list) {
    const name = nameOf(entry)
    let n = 1
    while (found.has(`${name} ${n}`)) n += 1
    found.set(`${name} ${n}`, entry)
  }
  return found
}
