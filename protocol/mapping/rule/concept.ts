import type { NamedRow, Pin } from '../../record/mapping-row.ts'

/** Values by edition, digest and clause, without a text made of the three for each look: the parts are there and hashed already. */
export class PinTable<T> {
  readonly #values = new Map<string, Map<string, Map<string, T>>>()

  get(pin: Pin): T | undefined {
    return this.#values
      .get(pin.edition)
      ?.get(pin.digest)
      ?.get(pin.clause ?? '')
  }

  set(pin: Pin, value: T): void {
    const { edition, digest, clause = '' } = pin
    const digests = this.#values.get(edition) ?? new Map<string, Map<string, T>>()
    this.#values.set(edition, digests)
    const clauses = digests.get(digest) ?? new Map<string, T>()
    digests.set(digest, clauses)
    clauses.set(clause, value)
  }
}

/** Rows with what they join as numbers. */
export interface NumberedRows {
  readonly rows: readonly NamedRow[]
  /** How many different things the rows are about. */
  readonly size: number
  readonly subjects: Int32Array
  /** -1: without object. */
  readonly objects: Int32Array
}

/** Numbers in the order in which sorted rows name them, so that they are the same for any order rows come in. */
export function numberRows(sorted: readonly NamedRow[]): NumberedRows {
  const table = new PinTable<number>()
  let size = 0
  const numberOf = (pin: Pin) => {
    const known = table.get(pin)
    if (known !== undefined) return known
    table.set(pin, size)
    size += 1
    return size - 1
  }
  const [subjects, objects] = [new Int32Array(sorted.length), new Int32Array(sorted.length)]
  for (const [rank, { mapping }] of sorted.entries()) {
    subjects[rank] = numberOf(mapping.subject)
    objects[rank] = mapping.object ? numberOf(mapping.object) : -1
  }
  return { rows: sorted, size, subjects, objects }
}
