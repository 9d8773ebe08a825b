import { asksForWitnesses, witnessesFor } from '../../protocol/trust/cosigner.ts'
import type { Sighting } from '../../protocol/trust/log-time.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Database } from '../store/database.ts'
import { readSightings } from '../store/witness-store.ts'

/**
 * What this node knows of the times at which the witnesses of the policy saw a followed log, as far as it says when the entries of
 * [from, end) were logged.
 *
 * @see spec/witness.md, WIT-42
 */
export async function sightingsFor(
  { database, trust }: { readonly database: Database; readonly trust: () => Trust },
  log: { readonly id: number; readonly origin: string },
  { from, end }: { readonly from: number; readonly end: number },
): Promise<readonly Sighting[]> {
  if (!asksForWitnesses(trust())) return []
  const keys = witnessesFor(trust(), log.origin).map(({ key }) => key.key.multibase)
  return readSightings(database, log.id, { keys, from, end })
}
