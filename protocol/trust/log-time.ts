import type { VerifierKey } from '../log/note.ts'
import { type Quorum, quorumTime, witnessesIn } from '../log/policy.ts'

/** That a witness cosigned a tree of a size at a time. Verified before; it says nothing by itself. */
export interface Sighting {
  /** The witness, by the multibase form of its key. */
  readonly key: string
  readonly size: number
  /** POSIX seconds. */
  readonly time: number
}

/** When an entry was logged, by the word of the witnesses; an end that nobody knows is absent. */
export interface LogTime {
  readonly after?: number
  readonly by?: number
}

/**
 * When the entry at an index was logged. `by`: the quorum has seen it, the later of two bureaus' first cosignatures over more than
 * `index` entries. `after`: no witness of the quorum had, the earlier of their last cosignatures over no more; one who never
 * cosigned so little leaves it open, so that an old note, shown to one of them while the other is out of reach, moves nothing.
 *
 * Fewer sightings make the interval wider, never another: whoever knows less contradicts less.
 *
 * @see spec/witness.md, WIT-40
 */
export function logTimeOf(quorum: Quorum, sightings: readonly Sighting[], index: number): LogTime {
  const timesOf = (keys: readonly VerifierKey[], covers: (size: number) => boolean) =>
    sightings.flatMap((seen) =>
      covers(seen.size) && keys.some(({ key }) => key.multibase === seen.key) ? [seen.time] : [],
    )
  const by = quorumTime(quorum, (key) => {
    const times = timesOf([key], (size) => size > index)
    return times.length === 0 ? undefined : Math.min(...times)
  })
  // One whose key was rotated is one witness still, under its name.
  const keys = witnessesIn(quorum)
  const last = [...new Set(keys.map(({ name }) => name))].map((name) =>
    timesOf(
      keys.filter((key) => key.name === name),
      (size) => size <= index,
    ),
  )
  const after = Math.min(...last.map((times) => Math.max(...times)))
  return {
    ...(Number.isFinite(after) ? { after } : {}),
    ...(by !== undefined && Number.isFinite(by) ? { by } : {}),
  }
}

/**
 * The same for many entries of one log: between two sizes that were seen all entries have one time.
 *
 * @see spec/witness.md, WIT-40
 */
export function logTimesOf(quorum: Quorum, sightings: readonly Sighting[]): (index: number) => LogTime {
  const sizes = [...new Set(sightings.map(({ size }) => size))].toSorted((a, b) => a - b)
  const times = new Map<number, LogTime>()
  return (index) => {
    const next = sizes.find((size) => size > index) ?? Number.POSITIVE_INFINITY
    const known = times.get(next)
    if (known) return known
    const time = logTimeOf(quorum, sightings, index)
    times.set(next, time)
    return time
  }
}
