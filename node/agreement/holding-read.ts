import { ProtocolError } from '../../protocol/error.ts'
import type { Agreement } from '../../protocol/record/agreement.ts'
import { type HolderWord, holdersIn } from '../../protocol/trust/cosigner.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { openWithTrust } from '../../protocol/verify-checkpoint.ts'
import type { Database } from '../store/database.ts'
import { readHoldingNotes } from '../store/holding-store.ts'
import { findLog } from '../store/log-store.ts'

/** What the holders of two parties said of each other's logs, and the notes in which they did, by log. */
export interface KeptHoldings {
  readonly words: readonly HolderWord[]
  readonly notes: ReadonlyMap<string, readonly string[]>
}

/**
 * The lines of both parties' holders over what is here of each other's logs, each judged by the registry that counts now; of agreements
 * between the same two once.
 *
 * @see protocol/spec/agreement.md, AGREE-75
 */
export async function readHoldings(
  database: Database,
  trust: Trust,
  agreements: readonly Pick<Agreement, 'parties'>[],
): Promise<KeptHoldings> {
  const words: HolderWord[] = []
  const notes = new Map<string, readonly string[]>()
  const pairs = new Map(agreements.map(({ parties }) => [parties.map(({ id }) => id).join(' '), parties]))
  const sides = [...pairs.values()].flatMap(([a, b]) => [
    { owner: a.id, holder: b.id },
    { owner: b.id, holder: a.id },
  ])
  for (const { owner, holder } of sides)
    for (const { origin } of trust.members.get(owner)?.origins ?? []) {
      const found = (await listNotes(database, origin)).flatMap(({ note, end }) => {
        const said = wordsIn(note, origin, trust).filter(({ by, size }) => by === holder && size <= end)
        return said.length === 0 ? [] : [{ note, said }]
      })
      words.push(...found.flatMap(({ said }) => said))
      notes.set(origin, [...new Set([...(notes.get(origin) ?? []), ...found.map(({ note }) => note)])])
    }
  return { words, notes }
}

/** The kept ones, and what is served, in which a line may stand from before any were kept. */
async function listNotes(
  database: Database,
  origin: string,
): Promise<readonly { readonly note: string; readonly end: number }[]> {
  const log = await database.run((queries) => findLog(queries, origin))
  if (!log || log.checkpoint === null) return []
  const { id, checkpoint, checkpointSize: end, holding, holdingSize } = log
  const own = holding !== null && holdingSize === end ? [`${checkpoint}${holding}`] : []
  return [...(await readHoldingNotes(database, id)), checkpoint, ...own].map((note) => ({ note, end }))
}

function wordsIn(note: string, origin: string, trust: Trust): readonly HolderWord[] {
  try {
    return holdersIn(trust, openWithTrust(note, origin, trust))
  } catch (error) {
    // A key that the registry took back, say: then it says nothing any more.
    if (error instanceof ProtocolError) return []
    throw error
  }
}
