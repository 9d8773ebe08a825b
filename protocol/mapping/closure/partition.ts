/** Numbers from 0 in classes that only ever join. */
export class Partition {
  readonly #parents: Int32Array

  constructor(size: number) {
    this.#parents = Int32Array.from({ length: size }, (_, i) => i)
  }

  /** The least number of the class, so that the answer does not depend on the order of joining. */
  find(member: number): number {
    const parents = this.#parents
    let at = member
    for (let parent = parents[at] ?? at; parent !== at; parent = parents[at] ?? at) {
      parents[at] = parents[parent] ?? parent
      at = parents[at] ?? at
    }
    return at
  }

  join(a: number, b: number): void {
    const [one, other] = [this.find(a), this.find(b)]
    this.#parents[Math.max(one, other)] = Math.min(one, other)
  }
}
