import { decodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { sha256Hex } from '../protocol/hash.ts'
import type { Signer } from '../protocol/key.ts'
import { maxNoteBytes } from '../protocol/log/note.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import type { Following } from './follow-members.ts'
import { openSigner } from './log/signer.ts'
import type { Undo } from './storage.ts'
import type { Database } from './store/database.ts'
import { condemnLog } from './sync/contradiction.ts'
import type { HeldTrust } from './trust/held-trust.ts'
import { createWitness, type WitnessAnswer } from './witness/cosign.ts'
import { createHolder } from './witness/hold.ts'
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

/** This node's key of a purpose, if the registry names a cosigner of that role for its member. */
async function openCosigner(
  config: Config,
  { trust, did, origin, undo }: WitnessingOptions,
  role: 'witness' | 'holder',
): Promise<{ readonly name: string; readonly signer: Signer } | undefined> {
  const name = origin.replace(/\/log\/\d+$/, `/${role}`)
  const named = [...trust.current().cosigners.values()].filter(
    ({ member, key }) => member.id === did && key.name === name,
  )
  if (named.length === 0) return undefined
  const signer = await openSigner(config.keysDirectory, role, config)
  undo.push(() => signer.close())
  if (!named.some(({ key }) => key.key.multibase === signer.publicKey.multibase))
    throw new ProtocolError('KEY_NOT_PINNED', `the registry does not know the ${role} key of this node`, {
      evidence: { key: signer.publicKey.multibase },
    })
  return { name, signer }
}

/**
 * What signs that this node holds the logs that it follows. A member for whom the registry names no holder says nothing.
 *
 * @throws {ProtocolError} `KEY_UNAVAILABLE` `KEY_PERMISSIONS`; `KEY_NOT_PINNED` — the registry names another key
 */
export async function openHolder(
  config: Config,
  options: WitnessingOptions,
): Promise<(origin: string) => Promise<void>> {
  const cosigner = await openCosigner(config, options, 'holder')
  if (!cosigner) return async () => {}
  const hold = createHolder({ ...options, ...cosigner })
  // What it cannot sign now it signs at the next look; nothing else waits for it.
  return (origin) =>
    hold(origin).catch((error: unknown) =>
      options.deps.logger.warn({ origin, err: error }, 'what is held could not be signed'),
    )
}

/**
 * The witness of this node: what answers offers of others. A member for whom the registry names no witness has none.
 *
 * @param following as soon as there is any
 * @throws {ProtocolError} `KEY_UNAVAILABLE` `KEY_PERMISSIONS`; `KEY_NOT_PINNED` — the registry names another key
 */
export async function openWitness(
  config: Config,
  options: WitnessingOptions,
  following: () => Following | undefined,
): Promise<(body: Uint8Array) => Promise<WitnessAnswer>> {
  const { deps, database, trust, origin } = options
  const cosigner = await openCosigner(config, options, 'witness')
  if (!cosigner)
    return () =>
      Promise.reject(new ProtocolError('NOT_FOUND', 'the registry names no witness of this member'))
  const report = (error: unknown) =>
    deps.logger.error({ err: error }, 'what a witness saw could not be noted')
  return createWitness({
    deps,
    database,
    trust: trust.current,
    own: origin,
    ...cosigner,
    onCosigned: (of, note) => void following()?.wakeFor(of, note).catch(report),
    onContradiction: (of, notes) =>
      void condemnLog({ deps, database, trust: trust.current }, of, notes).catch(report),
  })
}

const mirrorLimits = { maxBytes: maxNoteBytes, timeout: 10_000 } as const
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
    fetchMirror: async ({ endpoints }, signal) => {
      const url = `${endpoints.base}/mirror/${sha256Hex(origin)}/checkpoint`
      const { status, bytes } = await client.get(url, { ...mirrorLimits, signal })
      return status === 200 ? decodeUtf8(bytes) : undefined
    },
    onDoubt: ({ member }) => askWitness(member),
  })
  undo.push(() => offerer.stop())
  undo.push(trust.onChange(offerer.wake))
  offerer.wake()
  return offerer
}
