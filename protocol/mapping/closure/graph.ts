/** An arrow between numbered nodes, with the rank of what drew it. */
export interface Arrow {
  readonly from: number
  readonly to: number
  readonly rank: number
}

/** Arrows by the node that they leave, in the order of their ranks. */
export interface Graph {
  readonly size: number
  /** Arrows of node n stand from `starts[n]` to before `starts[n + 1]`. */
  readonly starts: Int32Array
  readonly targets: Int32Array
  readonly ranks: Int32Array
}

export function graphOf(size: number, arrows: readonly Arrow[]): Graph {
  const starts = new Int32Array(size + 1)
  for (const { from } of arrows) starts[from + 1] = (starts[from + 1] ?? 0) + 1
  for (let n = 0; n < size; n += 1) starts[n + 1] = (starts[n + 1] ?? 0) + (starts[n] ?? 0)
  const free = starts.slice(0, size)
  const targets = new Int32Array(arrows.length)
  const ranks = new Int32Array(arrows.length)
  for (const { from, to, rank } of arrows.toSorted((a, b) => a.rank - b.rank)) {
    const at = free[from] ?? 0
    free[from] = at + 1
    targets[at] = to
    ranks[at] = rank
  }
  return { size, starts, targets, ranks }
}

/** Finds ways in one graph, again and again, without clearing what it has visited each time. */
export class Pathfinder {
  readonly #graph: Graph
  readonly #seen: Int32Array
  readonly #before: Int32Array
  readonly #by: Int32Array
  #round = 0

  constructor(graph: Graph) {
    this.#graph = graph
    this.#seen = new Int32Array(graph.size)
    this.#before = new Int32Array(graph.size)
    this.#by = new Int32Array(graph.size)
  }

  /**
   * The ranks along a shortest way, of several the first by its ranks; `undefined`: there is none. A node is reached from itself by
   * the empty way.
   */
  find(from: number, to: number): readonly number[] | undefined {
    if (from === to) return []
    const { starts, targets, ranks } = this.#graph
    this.#round += 1
    this.#seen[from] = this.#round
    const queue = [from]
    for (let head = 0; head < queue.length; head += 1) {
      const node = queue[head] ?? 0
      for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at += 1) {
        const next = targets[at] ?? 0
        if (this.#seen[next] === this.#round) continue
        this.#seen[next] = this.#round
        this.#before[next] = node
        this.#by[next] = ranks[at] ?? 0
        if (next === to) return this.#walkBack(from, to)
        queue.push(next)
      }
    }
    return undefined
  }

  /** Every other node within so many arrows, nearest first, with a shortest way to it. */
  *around(from: number, depth: number): Generator<{ readonly to: number; readonly way: readonly number[] }> {
    const { starts, targets, ranks } = this.#graph
    this.#round += 1
    const round = this.#round
    this.#seen[from] = round
    let ring = [from]
    for (let distance = 1; distance <= depth && ring.length > 0; distance += 1) {
      const next: number[] = []
      for (const node of ring)
        for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at += 1) {
          const target = targets[at] ?? 0
          if (this.#seen[target] === round) continue
          this.#seen[target] = round
          this.#before[target] = node
          this.#by[target] = ranks[at] ?? 0
          next.push(target)
          yield { to: target, way: this.#walkBack(from, target) }
        }
      ring = next
    }
  }

  #walkBack(from: number, to: number): readonly number[] {
    const way: number[] = []
    for (let node = to; node !== from; node = this.#before[node] ?? from) way.push(this.#by[node] ?? 0)
    return way.reverse()
  }
}
