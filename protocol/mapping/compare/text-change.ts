/** A run of a text that both have, that the first alone has, or the second. */
export interface TextChange {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** Texts that differ in more places than that are shown one after the other: nobody reads such a difference. */
const maxEdits = 600

/** What is left of the steps that one comparison spends on the differences of all its texts. */
export interface EditBudget {
  steps: number
}

/** Dozens of texts that differ throughout, or thousands as they are revised. */
export function openBudget(): EditBudget {
  return { steps: 8_000_000 }
}

/** A number or a word of Latin letters changes as one; an ideograph changes by itself. */
const tokenForm = /\d+(?:[.,]\d+)*|[A-Za-zÀ-ɏ]+|[\s\S]/gu

/**
 * The difference of two texts by characters, numbers and words: shortest, and exact. The runs that are `same` or `removed` are the first
 * text, those that are `same` or `added` the second. Where the budget is spent they are shown one after the other.
 *
 * @see spec/mapping.md, MAP-74
 */
export function changesBetween(
  a: string,
  b: string,
  budget: EditBudget = openBudget(),
): readonly TextChange[] {
  const [one, other] = [a.match(tokenForm) ?? [], b.match(tokenForm) ?? []]
  let head = 0
  while (head < Math.min(one.length, other.length) && one[head] === other[head]) head += 1
  let tail = 0
  const most = Math.min(one.length, other.length) - head
  while (tail < most && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1
  return joinRuns([
    ...one.slice(0, head).map(same),
    ...editsBetween(one.slice(head, one.length - tail), other.slice(head, other.length - tail), budget),
    ...one.slice(one.length - tail).map(same),
  ])
}

function same(text: string): TextChange {
  return { kind: 'same', text }
}

/**
 * Myers' greedy algorithm: the furthest place on each diagonal, for one edit more at a time. A round has every other diagonal, from
 * the one furthest down.
 */
function editsBetween(a: readonly string[], b: readonly string[], budget: EditBudget): readonly TextChange[] {
  const rounds: Int32Array[] = []
  let furthest = new Int32Array(1)
  for (let edits = 0; edits <= Math.min(a.length + b.length, maxEdits) && budget.steps > 0; edits += 1) {
    rounds.push(furthest)
    const next = new Int32Array(edits + 1)
    for (let n = 0; n <= edits; n += 1) {
      const diagonal = 2 * n - edits
      const start = comesFromAbove(furthest, n, edits) ? (furthest[n] ?? 0) : (furthest[n - 1] ?? 0) + 1
      let x = start
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1
      next[n] = x
      budget.steps -= 1 + x - start
      if (x >= a.length && x - diagonal >= b.length) return walkBack(a, b, rounds)
    }
    furthest = next
  }
  return [
    ...a.map((text): TextChange => ({ kind: 'removed', text })),
    ...b.map((text): TextChange => ({ kind: 'added', text })),
  ]
}

/** Whether the best way to the n-th diagonal adds a token of the second text, rather than removing one of the first. */
function comesFromAbove(furthest: Int32Array, n: number, edits: number): boolean {
  if (n === 0) return true
  return n !== edits && (furthest[n - 1] ?? -1) < (furthest[n] ?? -1)
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  rounds: readonly Int32Array[],
): readonly TextChange[] {
  const changes: TextChange[] = []
  let [x, y] = [a.length, b.length]
  for (let edits = rounds.length - 1; edits >= 0; edits -= 1) {
    const furthest = rounds[edits] ?? new Int32Array(1)
    const n = (x - y + edits) / 2
    const above = comesFromAbove(furthest, n, edits)
    const before = x - y + (above ? 1 : -1)
    const startX = edits === 0 ? 0 : (furthest[above ? n : n - 1] ?? 0)
    const startY = edits === 0 ? 0 : startX - before
    while (x > startX && y > startY) {
      x -= 1
      y -= 1
      changes.push(same(a[x] ?? ''))
    }
    if (edits === 0) break
    if (above) changes.push({ kind: 'added', text: b[y - 1] ?? '' })
    else changes.push({ kind: 'removed', text: a[x - 1] ?? '' })
    ;[x, y] = [startX, startY]
  }
  return changes.reverse()
}

function joinRuns(changes: readonly TextChange[]): readonly TextChange[] {
  const runs: TextChange[] = []
  for (const change of changes) {
    const last = runs.at(-1)
    if (last?.kind === change.kind) runs[runs.length - 1] = { ...last, text: last.text + change.text }
    else runs.push(change)
  }
  return runs
}
