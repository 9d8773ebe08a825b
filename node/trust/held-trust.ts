import type { Trust } from '../../protocol/trust/trust.ts'

/** The registry that this node goes by now. Whoever needs it asks at the time of use, so that a newer one counts at once. */
export interface HeldTrust {
  current(): Trust
  /** The exact bytes of the registry; another array when it is another registry. */
  bytes(): Uint8Array
  /** Called after each change. @returns ends it */
  onChange(listener: () => void): () => void
}

export interface ReplaceableTrust extends HeldTrust {
  replace(trust: Trust, bytes: Uint8Array): void
}

export function holdTrust(trust: Trust, bytes: Uint8Array): ReplaceableTrust {
  let held = { trust, bytes }
  const listeners = new Set<() => void>()
  return {
    current: () => held.trust,
    bytes: () => held.bytes,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    replace: (newer, newerBytes) => {
      held = { trust: newer, bytes: newerBytes }
      for (const listener of listeners) listener()
    },
  }
}
