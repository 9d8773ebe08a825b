/** Operations for each CPU-second of this process (all its threads). */
export interface Rate {
  readonly cpu: number
}

/** Does a number of operations and says how many. */
export type Step = () => number | Promise<number>

const roundMilliseconds = 300

export async function measureRound(step: Step): Promise<Rate> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()]
  let operations = 0
  while (performance.now() - wall < roundMilliseconds) operations += await step()
  const used = process.cpuUsage(cpu)
  return { cpu: operations / ((used.user + used.system) / 1e6) }
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
