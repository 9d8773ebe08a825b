/** Each place of the JSON tree, as the path that leads to it. */
export function placesOf(
  value: unknown,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesOf(item, [...path, key]))]
}

/** The value, changed in one of a few ways. */
export function alter(value: unknown, kind: number, seed: number): unknown {
  if (typeof value === 'number') return kind % 2 === 0 ? value + 1 : String(value)
  if (typeof value === 'boolean') return !value
  if (Array.isArray(value)) {
    if (kind % 3 === 0) return value.slice(0, -1)
    if (kind % 3 === 1) return [...value, value[0] ?? 0]
    return value.length > 1 ? [value[1], value[0], ...value.slice(2)] : []
  }
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value)
    const dropped = keys[seed % Math.max(1, keys.length)]
    return kind % 2 === 0
      ? Object.fromEntries(Object.entries(value).filter(([key]) => key !== dropped))
      : { ...value, added: 1 }
  }
  const text = String(value)
  const at = seed % Math.max(1, text.length)
  if (kind % 3 === 0) return text.slice(0, at) + text.slice(at + 1)
  if (kind % 3 === 1) return `${text.slice(0, at)}x${text.slice(at)}`
  const other = text.charCodeAt(at) === 0x30 ? '1' : '0'
  return text.slice(0, at) + other + text.slice(at + 1)
}

/** A copy in which what stands at a path is changed. */
export function replaceAt(
  value: any,
  [step, ...rest]: readonly (string | number)[],
  change: (old: unknown) => unknown,
): any {
  if (step === undefined) return change(value)
  const copy = Array.isArray(value) ? [...value] : { ...value }
  copy[step] = replaceAt(copy[step], rest, change)
  return copy
}
