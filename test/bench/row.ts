/** One line of the table. Nothing here passes or fails: a slow machine is no fault. */
export interface Row {
  readonly what: string
  readonly measured: string
  readonly goal: string
  /** `undefined` where there is nothing to reach, or nothing could be measured. */
  readonly reached: boolean | undefined
}

export interface BenchOptions {
  /** Smaller sizes, for development. */
  readonly quick: boolean
  /** Where a line of progress goes. */
  readonly say: (line: string) => void
}

export function goalRow(what: string, measured: string, goal: string, reached?: boolean): Row {
  return { what, measured, goal, reached }
}
