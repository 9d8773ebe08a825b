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
export function createQueues<T>(): (origin: string, work: string, run: () => Promise<T>) => Promise<T> {
  const queues = new Map<
    string,
    { readonly turn: ReturnType<typeof createTurns>; readonly under: Map<string, Promise<T>> }
  >()
  return (origin, work, run) => {
    const queue = queues.get(origin) ?? { turn: createTurns(), under: new Map<string, Promise<T>>() }
    const known = queue.under.get(work)
    if (known) return known
    if (queue.under.size >= mostWaiting)
      return Promise.reject(new ProtocolError('RATE_LIMITED', 'too many offers of this log at once'))
    queues.set(origin, queue)
    const turn = queue.turn(run).finally(() => {
      queue.under.delete(work)
      if (queue.under.size === 0) queues.delete(origin)
    })
    queue.under.set(work, turn)
    return turn
  }
}
