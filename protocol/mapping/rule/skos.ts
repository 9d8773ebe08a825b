import type { NamedRow } from '../../record/mapping-row.ts'
import { componentsOf } from '../closure/component.ts'
import { type Arrow, type Graph, graphOf, Pathfinder } from '../closure/graph.ts'
import { Partition } from '../closure/partition.ts'
import { reaches } from '../closure/reach.ts'
import type { Findings } from './collection.ts'
import type { NumberedRows } from './concept.ts'
import { findingOf } from './finding.ts'
import { isRelied } from './row-set.ts'

/** Of a circle of many rows that many are tried for the shortest way round. */
const maxTried = 64

/** A row between two numbered concepts; its rank is its place among the sorted rows. */
interface Link {
  readonly row: NamedRow
  readonly from: number
  readonly to: number
  readonly rank: number
}

interface Links {
  readonly size: number
  readonly rows: readonly NamedRow[]
  readonly exact: readonly Link[]
  /** Turned so that each leads to the broader topic. */
  readonly broad: readonly Link[]
  readonly related: readonly Link[]
}

/**
 * M2 over the rows that people accepted: what SKOS forbids within the closure of exactMatch, which runs both ways and through others.
 *
 * Each finding names a shortest chain, of several the first by the names of its rows.
 *
 * @see spec/mapping.md, MAP-61 (SKOS Reference S27, S46)
 */
export function checkSkos(numbered: NumberedRows, found: Findings): void {
  const links = linkRows(numbered)
  const classes = new Partition(links.size)
  for (const { from, to } of links.exact) classes.join(from, to)
  const topics = graphOf(
    links.size,
    links.broad
      .map((link) => ({ ...link, from: classes.find(link.from), to: classes.find(link.to) }))
      .filter(({ from, to }) => from !== to),
  )
  checkExact(links, classes, found)
  checkCircles(links, { classes, topics, found })
  checkRelated(links, { classes, topics, found })
}

interface Closure {
  readonly classes: Partition
  /** Ways to broader topics, between classes of exact matches. */
  readonly topics: Graph
  readonly found: Findings
}

function linkRows({ rows, size, subjects, objects }: NumberedRows): Links {
  const [exact, broad, related]: [Link[], Link[], Link[]] = [[], [], []]
  for (const [rank, row] of rows.entries()) {
    const [one, other] = [subjects[rank] ?? -1, objects[rank] ?? -1]
    if (other < 0 || !isRelied(row)) continue
    const { predicate } = row.mapping
    if (predicate === 'exact-match') exact.push({ row, rank, from: one, to: other })
    if (predicate === 'broad-match') broad.push({ row, rank, from: one, to: other })
    if (predicate === 'narrow-match') broad.push({ row, rank, from: other, to: one })
    if (predicate === 'related-match') related.push({ row, rank, from: one, to: other })
  }
  return { size, rows, exact, broad, related }
}

function bothWays(links: readonly Link[]): readonly Arrow[] {
  return links.flatMap(({ from, to, rank }) => [
    { from, to, rank },
    { from: to, to: from, rank },
  ])
}

/** S46: one class of exact matches holds both ends of a row that is no exact match. */
function checkExact({ size, rows, exact, broad, related }: Links, classes: Partition, found: Findings): void {
  const finder = new Pathfinder(graphOf(size, bothWays(exact)))
  const look = (links: readonly Link[], code: 'exact-and-broader' | 'exact-and-related') => {
    for (const { row, from, to } of links) {
      if (from === to || classes.find(from) !== classes.find(to)) continue
      found.add(code, () => findingOf(code, row, { chain: namesOf(rows, finder.find(from, to)) }))
    }
  }
  look(broad, 'exact-and-broader')
  look(related, 'exact-and-related')
}

/** One finding for each knot of circles: where it is resolved and others remain, they are found next time. */
function checkCircles({ size, rows, exact, broad }: Links, { classes, topics, found }: Closure): void {
  const { of } = componentsOf(topics)
  const knotOf = ({ from, to }: Arrow) => {
    const [one, other] = [classes.find(from), classes.find(to)]
    return one !== other && of[one] === of[other] ? of[one] : undefined
  }
  const knots = new Map<number, Link[]>()
  const inside: Arrow[] = []
  for (const link of broad) {
    const knot = knotOf(link)
    if (knot === undefined) continue
    inside.push(link)
    const links = knots.get(knot) ?? []
    if (links.length < maxTried) links.push(link)
    knots.set(knot, links)
  }
  if (knots.size === 0) return
  const finder = new Pathfinder(graphOf(size, [...bothWays(exact), ...inside]))
  for (const links of knots.values())
    for (const { row, way } of firstOf(
      links.map(({ row, rank, from, to }) => ({ row, way: [rank, ...(finder.find(to, from) ?? [])] })),
    ))
      found.add('broader-cycle', () =>
        findingOf('broader-cycle', row, { chain: namesOf(rows, way.slice(1)) }),
      )
}

/** S27: related topics, one of which is reached from the other by broader ones. */
function checkRelated(links: Links, { classes, topics, found }: Closure): void {
  const asked = links.related
    .map((link) => ({ link, from: classes.find(link.from), to: classes.find(link.to) }))
    .filter(({ from, to }) => from !== to)
  const forth = reaches(topics, asked)
  const back = reaches(
    topics,
    asked.map(({ from, to }) => ({ from: to, to: from })),
  )
  const finder = new Pathfinder(graphOf(links.size, [...bothWays(links.exact), ...links.broad]))
  for (const [n, { link }] of asked.entries()) {
    if (!forth[n] && !back[n]) continue
    found.add('related-and-broader', () => {
      const ways = [finder.find(link.from, link.to), finder.find(link.to, link.from)]
      const [first] = firstOf(ways.flatMap((way) => (way ? [{ way }] : [])))
      return findingOf('related-and-broader', link.row, { chain: namesOf(links.rows, first?.way) })
    })
  }
}

/** The shortest, of several the first by its ranks; as a list, which is empty where there was none. */
function firstOf<T extends { readonly way: readonly number[] }>(ways: readonly T[]): readonly T[] {
  return ways.toSorted((a, b) => compareWays(a.way, b.way)).slice(0, 1)
}

function compareWays(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return a.length - b.length
  const at = a.findIndex((rank, n) => rank !== b[n])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

function namesOf(rows: readonly NamedRow[], ranks: readonly number[] = []): readonly string[] {
  return ranks.map((rank) => rows[rank]?.row ?? '')
}
