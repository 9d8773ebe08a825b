import { type Components, componentsOf } from './component.ts'
import type { Graph } from './graph.ts'

/** Whether a way leads from the one to the other. */
export interface Question {
  readonly from: number
  readonly to: number
}

const perWord = 32
const words = 32

/**
 * Answers each question: is `to` reached from `from` by at least one arrow?
 *
 * A thousand questions go over the components at once, one bit each, so that the worst case of a hundred thousand rows, half of
 * them arrows and half questions, is a hundred million operations on words instead of a search for each.
 */
export function reaches(graph: Graph, questions: readonly Question[]): readonly boolean[] {
  const components = componentsOf(graph)
  const { of, count } = components
  const arrows = condense(graph, components)
  const answers = questions.map(({ from, to }) => from !== to && of[from] === of[to])
  // Arrows lead downwards, so that of two components only the higher may reach the other.
  const open = [...questions.keys()].filter((n) => {
    const { from = 0, to = 0 } = questions[n] ?? {}
    const [source, target] = [of[from] ?? 0, of[to] ?? 0]
    return source > target && (arrows.starts[source] ?? 0) < (arrows.starts[source + 1] ?? 0)
  })
  const bits = new Uint32Array(count * words)
  for (let first = 0; first < open.length; first += words * perWord) {
    const batch = open.slice(first, first + words * perWord)
    bits.fill(0)
    for (const [bit, n] of batch.entries()) setBit(bits, of[questions[n]?.from ?? 0] ?? 0, bit)
    spread(bits, arrows, count)
    for (const [bit, n] of batch.entries()) answers[n] = hasBit(bits, of[questions[n]?.to ?? 0] ?? 0, bit)
  }
  return answers
}

interface Arrows {
  readonly starts: Int32Array
  readonly targets: Int32Array
}

/** Arrows between components, by the component that they leave. */
function condense({ size, starts, targets }: Graph, { of, count }: Components): Arrows {
  const between: [from: number, to: number][] = []
  for (let node = 0; node < size; node += 1)
    for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at += 1) {
      const [from, to] = [of[node] ?? 0, of[targets[at] ?? 0] ?? 0]
      if (from !== to) between.push([from, to])
    }
  const begin = new Int32Array(count + 1)
  for (const [from] of between) begin[from + 1] = (begin[from + 1] ?? 0) + 1
  for (let n = 0; n < count; n += 1) begin[n + 1] = (begin[n + 1] ?? 0) + (begin[n] ?? 0)
  const free = begin.slice(0, count)
  const ends = new Int32Array(between.length)
  for (const [from, to] of between) {
    const at = free[from] ?? 0
    free[from] = at + 1
    ends[at] = to
  }
  return { starts: begin, targets: ends }
}

function spread(bits: Uint32Array, { starts, targets }: Arrows, count: number): void {
  for (let node = count - 1; node >= 0; node -= 1) {
    const [begin, end] = [starts[node] ?? 0, starts[node + 1] ?? 0]
    if (begin === end) continue
    const source = node * words
    for (let at = begin; at < end; at += 1) {
      const target = (targets[at] ?? 0) * words
      for (let word = 0; word < words; word += 1)
        bits[target + word] = (bits[target + word] ?? 0) | (bits[source + word] ?? 0)
    }
  }
}

function setBit(bits: Uint32Array, node: number, bit: number): void {
  const at = node * words + Math.floor(bit / perWord)
  bits[at] = (bits[at] ?? 0) | (1 << (bit % perWord))
}

function hasBit(bits: Uint32Array, node: number, bit: number): boolean {
  return ((bits[node * words + Math.floor(bit / perWord)] ?? 0) & (1 << (bit % perWord))) !== 0
}
