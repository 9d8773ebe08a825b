import { compareText } from '../canonical.ts'

/** Where something stands: an entry of a log. */
export interface Place {
  readonly origin: string
  readonly index: number
}

/** The member that a log is named after: TRUST-4 holds each origin to the name of its owner. */
export function ownerOf(origin: string): string {
  return splitOrigin(origin).owner
}

/**
 * One member's entries follow one another by epoch, as a number, and index: `log/9` comes before `log/10`. Those of several members stand
 * by name, which is the same for everybody and means nothing.
 *
 * @see spec/standing.md, STAND-6; spec/trust.md, TRUST-200
 */
export function comparePlaces(a: Place, b: Place): number {
  if (a.origin === b.origin) return a.index - b.index
  const [one, other] = [splitOrigin(a.origin), splitOrigin(b.origin)]
  return compareText(one.owner, other.owner) || one.epoch - other.epoch || a.index - b.index
}

function splitOrigin(origin: string): { readonly owner: string; readonly epoch: number } {
  const at = origin.lastIndexOf('/log/')
  return at < 0
    ? { owner: origin, epoch: 0 }
    : { owner: origin.slice(0, at), epoch: Number(origin.slice(at + '/log/'.length)) }
}
