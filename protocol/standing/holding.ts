import { formatMoment } from '../date.ts'
import type { Agreement } from '../record/agreement.ts'
import type { HolderWord } from '../trust/cosigner.ts'
import type { KnownLogs } from './known-log.ts'

/** What one party said of holding a log of the other: nothing, where there is no size. */
export interface Holding {
  /** DID of the party that holds. */
  readonly by: string
  /** The log of the other. */
  readonly origin: string
  /** Everything below it is held. */
  readonly size?: number
  /** Since when, by the holder's own word. */
  readonly since?: string
}

/**
 * Of each log of each party the largest tree of which the other's holder said that it has all of it, and when it first did.
 *
 * Takes for granted that `known.holders` are verified, and over beginnings of the trees that are at hand. Proves that the party said so;
 * not that it still has it, nor that it gives it to anybody. Decides nothing about the agreement.
 *
 * @see spec/agreement.md, AGREE-74 (PROTOCOL section 8)
 */
export function holdingsOf(
  { trust, holders = [] }: Pick<KnownLogs, 'trust' | 'holders'>,
  { parties }: Pick<Agreement, 'parties'>,
): readonly Holding[] {
  return parties.flatMap(({ id: by }, i) => {
    const logs = trust.members.get(parties[1 - i]?.id ?? '')?.origins ?? []
    return logs.map(({ origin }) => {
      const word = holders.filter((one) => one.by === by && one.origin === origin).reduce(further, undefined)
      return word ? { by, origin, size: word.size, since: formatMoment(word.time * 1000) } : { by, origin }
    })
  })
}

function further(a: HolderWord | undefined, b: HolderWord): HolderWord {
  return !a || b.size > a.size || (b.size === a.size && b.time < a.time) ? b : a
}
