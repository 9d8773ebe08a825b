import { decodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { sha256Hex } from '../protocol/hash.ts'
import type { Signer } from '../protocol/key.ts'
import { maxNoteBytes } from '../protocol/log/note.ts'
import { isWithin } from '../protocol/trust/cosigner.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import type { Following } from './follow-members.ts'
import { openKeyDirectory } from './log/key-directory.ts'
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

/** A cosigner of this node's member. The registry says by which keys, and when each counts. */
interface OwnCosigner {
  readonly name: string
  isNamed(): boolean
  /** @throws {ProtocolError} `KEY_NOT_VALID_AT_TIME` — no key file here counts then; as `openKey` */
  signerAt(time: number): Promise<Signer>
}

/** @see spec/key.md, KEY-34 */
async function openCosigner(
  config: Config,
  { trust, did, origin, undo }: WitnessingOptions,
  role: 'witness' | 'holder',
): Promise<OwnCosigner> {
  const name = origin.replace(/\/log\/\d+$/, `/${role}`)
  const named = () =>
    [...trust.current().cosigners.values()].filter(
      ({ member, key }) => member.id === did && key.name === name,
    )
  const directory = openKeyDirectory(config)
  undo.push(() => directory.close())
  const known = new Set(named().map(({ key }) => key.key.multibase))
  if (known.size > 0) {
    const files = await directory.list(role)
    const own = files.filter(({ multikey }) => known.has(multikey))
    if (own.length === 0)
      throw new ProtocolError('KEY_NOT_PINNED', `the registry does not know the ${role} key of this node`, {
        evidence: { keys: files.map(({ multikey }) => multikey) },
      })
    // What cannot be opened is told at the start.
    for (const file of own) await directory.open(file)
  }
  return {
    name,
    isNamed: () => named().length > 0,
    signerAt: (time) => {
      const wanted = named().filter((cosigner) => isWithin(cosigner, time))
      return directory.find(
        role,
        wanted.map(({ key }) => key.key.multibase),
        { time },
      )
    },
  }
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
  const { name, signerAt, isNamed } = await openCosigner(config, options, 'holder')
  const hold = createHolder({ ...options, name, signerAt })
  // What it cannot sign now it signs at the next look; nothing else waits for it.
  return async (origin) => {
    if (!isNamed()) return
    await hold(origin).catch((error: unknown) =>
      options.deps.logger.warn({ origin, err: error }, 'what is held could not be signed'),
    )
  }
}

export interface WitnessPorts {
  /** As soon as there is any. */
  readonly following: () => Following | undefined
  /** Told that a log offers what its own key signed: whoever keeps it may be up. */
  readonly onShown: () => void
}

/**
 * The witness of this node: what answers offers of others. A member for whom the registry names no witness has none.
 *
 * @throws {ProtocolError} `KEY_UNAVAILABLE` `KEY_PERMISSIONS`; `KEY_NOT_PINNED` — the registry names another key
 */
export async function openWitness(
  config: Config,
  options: WitnessingOptions,
  { following, onShown }: WitnessPorts,
): Promise<(body: Uint8Array) => Promise<WitnessAnswer>> {
  const { deps, database, trust, origin } = options
  const { name, signerAt, isNamed } = await openCosigner(config, options, 'witness')
  const report = (of: string) => (error: unknown) =>
    deps.logger.error({ origin: of, err: error }, 'what a witness saw could not be noted')
  const cosign = createWitness({
    deps,
    database,
    trust: trust.current,
    own: origin,
    name,
    signerAt,
    onSigned: onShown,
    onCosigned: (of, note) => void following()?.wakeFor(of, note).catch(report(of)),
    onContradiction: (of, notes) =>
      void condemnLog({ deps, database, trust: trust.current }, of, notes).catch(report(of)),
  })
  return async (body) => {
    if (isNamed()) return cosign(body)
    throw new ProtocolError('NOT_FOUND', 'the registry names no witness of this member')
  }
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
