import { canonicalize } from '../../canonical.ts'
import { sha256Hex } from '../../hash.ts'
import type { MappingRow, NamedRow, Pin } from '../../record/mapping-row.ts'
import { type Arrow, graphOf, Pathfinder } from '../closure/graph.ts'
import { chainedRelation } from './derivation.ts'
import { inversePredicate, inverseRelation } from './relation.ts'
import { conceptOf, isRelied, sortRows } from './row-set.ts'

/** A row of a record can name no more. */
const maxInputs = 50

export interface DeriveOptions {
  /** No more rows than these; a class of a thousand exact matches has half a million pairs. */
  readonly most: number
}

/**
 * What follows from the accepted rows and is not written yet: each turned round, and each pair that exact matches join. Candidates, with
 * the rows that give them; people decide. The names follow from the contents, so that deriving again gives the same rows.
 *
 * Proves nothing about editions: it rests on the rows alone, which `checkMapping` holds against them.
 *
 * @see spec/mapping.md, MAP-67
 */
export function deriveRows(
  rows: readonly NamedRow[],
  { most }: DeriveOptions = { most: 10_000 },
): readonly NamedRow[] {
  const relied = sortRows(rows.filter((row) => isRelied(row) && row.row !== ''))
  const known = new Set(rows.map(statementOf))
  const derived: NamedRow[] = []
  for (const row of [...invert(relied), ...chain(relied, most)]) {
    const statement = statementOf(row)
    if (derived.length >= most) break
    if (known.has(statement)) continue
    known.add(statement)
    derived.push(row)
  }
  return derived
}

/** What a row is about: a derived one is not written beside one that people wrote. */
function statementOf({ mapping: { subject, object, predicate } }: NamedRow): string {
  return `${conceptOf(subject)} ${object ? conceptOf(object) : ''} ${predicate}`
}

function* invert(relied: readonly NamedRow[]): Generator<NamedRow> {
  for (const { row, mapping } of relied) {
    const { subject, object, predicate, relation, rationale, subjectValue, objectValue } = mapping
    if (!object) continue
    yield nameRow({
      subject: object,
      object: subject,
      predicate: inversePredicate[predicate],
      ...(relation === undefined ? {} : { relation: inverseRelation[relation] }),
      ...(rationale === undefined ? {} : { rationale }),
      ...(objectValue === undefined ? {} : { subjectValue: objectValue }),
      ...(subjectValue === undefined ? {} : { objectValue: subjectValue }),
      justification: 'mapping-inversion',
      state: 'candidate',
      derivedFrom: [row],
    })
  }
}

/** Pairs that exact matches join, nearest first from each, by shortest ways of no more rows than a record can name. */
function* chain(relied: readonly NamedRow[], most: number): Generator<NamedRow> {
  const exact = relied.filter(({ mapping }) => mapping.predicate === 'exact-match' && mapping.object)
  const pins: Pin[] = []
  const numbers = new Map<string, number>()
  const numberOf = (pin: Pin) => {
    const concept = conceptOf(pin)
    const number = numbers.get(concept) ?? pins.length
    if (number === pins.length) pins.push(pin)
    numbers.set(concept, number)
    return number
  }
  const arrows = exact.flatMap(({ mapping: { subject, object } }, rank): readonly Arrow[] => {
    if (!object) return []
    const [from, to] = [numberOf(subject), numberOf(object)]
    return [
      { from, to, rank },
      { from: to, to: from, rank },
    ]
  })
  const finder = new Pathfinder(graphOf(pins.length, arrows))
  let left = most
  for (const from of pins.keys())
    for (const { to, way } of finder.around(from, maxInputs)) {
      if (to < from || way.length < 2) continue
      if (left <= 0) return
      const row = chainRow(pins, { from, to, way: way.flatMap((rank) => exact[rank] ?? []) })
      if (!row) continue
      left -= 1
      yield row
    }
}

interface Way {
  readonly from: number
  readonly to: number
  readonly way: readonly NamedRow[]
}

/** In the direction in which its first row points. */
function chainRow(pins: readonly Pin[], { from, to, way }: Way): NamedRow | undefined {
  const [one, other] = [pins[from], pins[to]]
  const [first] = way
  if (!one || !other || !first || way.length < 2 || way.length > maxInputs) return undefined
  const points = conceptOf(first.mapping.subject) === conceptOf(one)
  const inputs = points ? way : way.toReversed()
  const relation = chainedRelation(inputs.map(({ mapping }) => mapping))
  return nameRow({
    subject: points ? one : other,
    object: points ? other : one,
    predicate: 'exact-match',
    ...(relation === undefined ? {} : { relation }),
    ...(relation === 'equivalent' ? { rationale: 'functional' as const } : {}),
    justification: 'mapping-chaining',
    state: 'candidate',
    derivedFrom: inputs.map(({ row }) => row),
  })
}

function nameRow(mapping: MappingRow): NamedRow {
  const text = canonicalize(JSON.parse(JSON.stringify(mapping)))
  return { row: `derived-${sha256Hex(text).slice(0, 32)}`, mapping }
}
