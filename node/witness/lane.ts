import { ProtocolError } from '../../protocol/error.ts'
import { createTurns } from '../store/turns.ts'

/** Of one log: different offers that would advance it, while one is signed. */
const mostWaiting = 8

/**
 * The same work is done once for whoever asks for it at once; different work on one log one after the other, so that the offers of one
 * cannot take all connections to the database.
 *
 * @throws {ProtocolError} from the call: `RATE_LIMITED`
 */
export function createLanes<T>(): (origin: string, work: string, run: () => Promise<T>) => Promise<T> {
  const lanes = new Map<
    string,
    { readonly turn: ReturnType<typeof createTurns>; readonly under: Map<string, Promise<T>> }
  >()
  return (origin, work, run) => {
    const lane = lanes.get(origin) ?? { turn: createTurns(), under: new Map<string, Promise<T>>() }
    const known = lane.under.get(work)
    if (known) return known
    if (lane.under.size >= mostWaiting)
      return Promise.reject(new ProtocolError('RATE_LIMITED', 'too many offers of this log at once'))
    lanes.set(origin, lane)
    const turn = lane.turn(run).finally(() => {
      lane.under.delete(work)
      if (lane.under.size === 0) lanes.delete(origin)
    })
    lane.under.set(work, turn)
    return turn
  }
}
