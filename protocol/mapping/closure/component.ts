import type { Graph } from './graph.ts'

/** Strongly connected components, numbered so that every arrow leads to the same or a lower number. */
export interface Components {
  readonly count: number
  readonly of: Int32Array
}

/** Tarjan's algorithm with a stack of its own: a chain of a hundred thousand rows is no depth of calls. */
export function componentsOf({ size, starts, targets }: Graph): Components {
  const index = new Int32Array(size).fill(-1)
  const low = new Int32Array(size)
  const of = new Int32Array(size).fill(-1)
  const next = starts.slice(0, size)
  const open: number[] = []
  let [count, counter] = [0, 0]
  for (let root = 0; root < size; root += 1) {
    if (index[root] !== -1) continue
    const calls = [root]
    while (calls.length > 0) {
      const node = calls.at(-1) ?? root
      if (index[node] === -1) {
        index[node] = counter
        low[node] = counter
        counter += 1
        open.push(node)
      }
      const at = next[node] ?? 0
      if (at < (starts[node + 1] ?? 0)) {
        next[node] = at + 1
        const target = targets[at] ?? 0
        if (index[target] === -1) calls.push(target)
        else if (of[target] === -1) low[node] = Math.min(low[node] ?? 0, index[target] ?? 0)
        continue
      }
      calls.pop()
      const parent = calls.at(-1)
      if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0)
      if (low[node] !== index[node]) continue
      for (let member = open.pop(); member !== undefined; member = open.pop()) {
        of[member] = count
        if (member === node) break
      }
      count += 1
    }
  }
  return { count, of }
}
