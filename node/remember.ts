import { sha256Hex } from '../protocol/hash.ts'
import { parseHead } from '../protocol/log/checkpoint.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import type { ServedLog } from './serve/port.ts'

/** The logs of the registry by the name under which they are mirrored; made anew for another registry. */
export function rememberMirrors(trust: () => Trust): () => ReadonlyMap<string, string> {
  let remembered: { trust: Trust; names: ReadonlyMap<string, string> } | undefined
  return () => {
    const now = trust()
    if (remembered?.trust !== now)
      remembered = { trust: now, names: new Map([...now.logs.keys()].map((of) => [sha256Hex(of), of])) }
    return remembered.names
  }
}

/** What a verdict on a log rests on: its size, and that of its newest note with a quorum. */
export function headsOf({ size, witnessed }: ServedLog): string {
  return witnessed === undefined ? `${size}` : `${size}/${parseHead(witnessed).size}`
}

const mostRemembered = 256

/** Answers that are asked for often, for as long as what they rest on stays. */
export function rememberVerdicts<T>(
  argue: (digest: string) => Promise<T>,
  { validFor }: { readonly validFor: () => Promise<string> },
): (digest: string) => Promise<T> {
  const remembered = new Map<string, Promise<T>>()
  let valid = ''
  return async (digest) => {
    const now = await validFor()
    if (now !== valid || remembered.size >= mostRemembered) remembered.clear()
    valid = now
    const known = remembered.get(digest)
    if (known) return known
    const arguing = argue(digest)
    remembered.set(digest, arguing)
    arguing.catch(() => remembered.delete(digest))
    return arguing
  }
}
