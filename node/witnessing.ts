import { ProtocolError } from '../protocol/error.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import type { Following } from './follow-members.ts'
import { openSigner } from './log/signer.ts'
import type { Undo } from './storage.ts'
import type { Database } from './store/database.ts'
import { condemnLog } from './sync/contradiction.ts'
import type { HeldTrust } from './trust/held-trust.ts'
import { createWitness, type WitnessAnswer } from './witness/cosign.ts'
import { createOfferer, type Offerer } from './witness/offer.ts'

export interface WitnessingOptions {
  readonly deps: Deps
  readonly database: Database
  readonly trust: HeldTrust
  readonly did: string
  /** The origin of this node's own log. */
  readonly origin: string
  readonly undo: Undo[]
}

/**
 * The witness of this node: what answers offers of others. A member for whom the registry names no witness has none.
 *
 * @param following as soon as there is any
 * @throws {ProtocolError} `KEY_UNAVAILABLE` `KEY_PERMISSIONS`; `KEY_NOT_PINNED` — the registry names another key
 */
export async function openWitness(
  config: Config,
  { deps, database, trust, did, origin, undo }: WitnessingOptions,
  following: () => Following | undefined,
): Promise<(body: Uint8Array) => Promise<WitnessAnswer>> {
  const name = origin.replace(/\/log\/\d+$/, '/witness')
  const named = [...trust.current().cosigners.values()].filter(
    ({ member, key }) => member.id === did && key.name === name,
  )
  if (named.length === 0)
    return () =>
      Promise.reject(new ProtocolError('NOT_FOUND', 'the registry names no witness of this member'))
  const signer = await openSigner(config.keysDirectory, 'witness', config)
  undo.push(() => signer.close())
  if (!named.some(({ key }) => key.key.multibase === signer.publicKey.multibase))
    throw new ProtocolError('KEY_NOT_PINNED', 'the registry does not know the witness key of this node', {
      evidence: { key: signer.publicKey.multibase },
    })
  const report = (error: unknown) =>
    deps.logger.error({ err: error }, 'what a witness saw could not be noted')
  return createWitness({
    deps,
    database,
    trust: trust.current,
    own: origin,
    name,
    signer,
    onCosigned: (of, note) => void following()?.wakeFor(of, note).catch(report),
    onContradiction: (of, notes) =>
      void condemnLog({ deps, database, trust: trust.current }, of, notes).catch(report),
  })
}

const offerLimits = { maxBytes: 16_384, timeout: 10_000 } as const

/** Offers the own log to its witnesses from now on, and after each change of the registry. */
export function startOffers(
  { deps, database, trust, origin, undo }: WitnessingOptions,
  { client, askWitness }: Following,
): Offerer {
  const offerer = createOfferer({
    deps,
    database,
    trust: trust.current,
    own: origin,
    post: (url, text, signal) => client.post(url, text, { ...offerLimits, signal }),
    onAhead: ({ member }) => askWitness(member),
  })
  undo.push(() => offerer.stop())
  undo.push(trust.onChange(offerer.wake))
  offerer.wake()
  return offerer
}
