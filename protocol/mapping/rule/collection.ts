import type { FindingCode } from './code.ts'
import type { MappingFinding } from './finding.ts'

/** Of one code no more than these are written out, the first by the names of their rows: nobody reads a thousand. */
export const maxFindings = 200

/** Findings up to a bound for each code. What lies beyond is counted, and its chain is not looked for. */
export class Findings {
  readonly #kept: MappingFinding[] = []
  readonly #counts = new Map<FindingCode, number>()

  add(code: FindingCode, make: () => MappingFinding): void {
    const count = (this.#counts.get(code) ?? 0) + 1
    this.#counts.set(code, count)
    if (count <= maxFindings) this.#kept.push(make())
  }

  list(): MappingFinding[] {
    return this.#kept
  }

  /** How many of each code were found. */
  counts(): ReadonlyMap<FindingCode, number> {
    return this.#counts
  }
}
