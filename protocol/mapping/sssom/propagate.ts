import { compareCodePoints } from './code-point.ts'
import type { Extension, MappingRecord, MappingSet, SlotValue } from './set.ts'
import { propagatedSlots, rowSlots } from './slot.ts'

type Table = Pick<MappingSet, 'metadata' | 'columns' | 'records'>

/**
 * Gives each row what the set says of all of them: a slot of which no row has a value of its own. One that some row has stays with
 * the set, where it then speaks for none. A set without rows keeps everything.
 *
 * @see spec/mapping.md, MAP-16 (SSSOM 1.1, Propagation)
 */
export function propagate(
  { metadata, columns, records }: Table,
  extensions: ReadonlyMap<string, Extension>,
): Table {
  const own = new Set(columns)
  const moved = propagatedSlots.filter(({ name }) => metadata.has(name) && !own.has(name))
  if (moved.length === 0 || records.length === 0) return { metadata, columns, records }
  const values = moved.map(({ name }) => metadata.get(name))
  const rest = new Map(metadata)
  for (const { name } of moved) rest.delete(name)
  const all = [...columns, ...moved.map(({ name }) => name)]
  return {
    metadata: rest,
    ...orderColumns(
      all,
      records.map((record) => [...record, ...values]),
      extensions,
    ),
  }
}

/**
 * The other way: a slot of which all rows have one value goes to the set, unless the set says something else.
 *
 * @see spec/mapping.md, MAP-16 (SSSOM 1.1, Condensation)
 */
export function condense({ metadata, columns, records }: Table): Table {
  const [first] = records
  if (!first) return { metadata, columns, records }
  const moved = propagatedSlots.filter(({ name }) => {
    const at = columns.indexOf(name)
    const value = first[at]
    if (at < 0 || value === undefined) return false
    const stated = metadata.get(name)
    return (
      (stated === undefined || isSame(stated, value)) && records.every((record) => isSame(record[at], value))
    )
  })
  if (moved.length === 0) return { metadata, columns, records }
  const all = new Map(metadata)
  for (const { name } of moved) {
    const value = first[columns.indexOf(name)]
    if (value !== undefined) all.set(name, value)
  }
  const gone = new Set(moved.map(({ name }) => name))
  const kept = columns.flatMap((name, i) => (gone.has(name) ? [] : [i]))
  return {
    metadata: all,
    columns: columns.filter((name) => !gone.has(name)),
    records: records.map((record) => kept.map((i) => record[i])),
  }
}

export function isSame(a: SlotValue | undefined, b: SlotValue | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a.length !== b.length) return false
  return a.every((value, i) => value === b[i])
}

/** Columns in the order of the schema, extensions after them by property; those that no row fills are dropped. */
export function orderColumns(
  columns: readonly string[],
  records: readonly MappingRecord[],
  extensions: ReadonlyMap<string, Extension>,
): Pick<MappingSet, 'columns' | 'records'> {
  const place = new Map([...rowSlots.keys()].map((name, i) => [name, i]))
  const property = (name: string) => extensions.get(name)?.property ?? name
  const filled = columns.flatMap((name, i) =>
    records.some((record) => record[i] !== undefined) ? [{ name, i, at: place.get(name) ?? place.size }] : [],
  )
  const ordered = filled.toSorted(
    (a, b) => a.at - b.at || compareCodePoints(property(a.name), property(b.name)),
  )
  if (ordered.length === columns.length && ordered.every(({ i }, at) => i === at)) return { columns, records }
  return {
    columns: ordered.map(({ name }) => name),
    records: records.map((record) => ordered.map(({ i }) => record[i])),
  }
}
