import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ProtocolError } from '../../protocol/error.ts'
import type { Signer } from '../../protocol/key.ts'
import type { KeyFile } from '../../protocol/trust/key-file.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { findLog, logKeysAt, recordKeysAt } from '../../protocol/trust/validity.ts'
import { type OpenedSigner, openKey, readKeyFile, type SignerOptions } from './signer.ts'

export interface KeyRingOptions extends SignerOptions {
  readonly directory: string
  readonly issuer: string
  readonly origin: string
  readonly trust: () => Trust
}

/** The keys of a log's writer, each used where the registry has it valid. Made by `openKeyRing`. */
export interface KeyRing {
  /**
   * The key of checkpoints of this size.
   *
   * @throws {ProtocolError} `KEY_NOT_VALID_AT_TIME` — no key file here is valid for it; `BEYOND_CLOSE`; as `openSigner`
   */
  forSize(size: number): Promise<Signer>
  /**
   * The key of records at this index.
   *
   * @throws {ProtocolError} `KEY_NOT_VALID_AT_TIME`; as `openSigner`
   */
  forIndex(index: number): Promise<Signer>
  close(): Promise<void>
}

type RingPurpose = 'log' | 'publish'

/**
 * A rotation is planned in the registry by size or index, and a node cannot be at hand at that moment. So the directory may hold the
 * keys of several ranges, `log.key` and `log.next.key`, and each is used in its own. Where none fits, nothing is signed, and the
 * directory is looked at again each time: the new file, or the next registry, heals it.
 *
 * @throws {ProtocolError} as `openSigner` — a key that the registry has valid cannot be opened; `KEY_NOT_PINNED` — the registry knows no
 *   log key of this node
 * @see spec/key.md, KEY-30 and KEY-31
 */
export async function openKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { directory, issuer, origin, trust } = options
  const opened = new Map<string, Promise<OpenedSigner>>()
  const looking = new Map<RingPurpose, Promise<readonly KeyFile[]>>()

  function open(file: KeyFile): Promise<OpenedSigner> {
    const known = opened.get(file.multikey)
    if (known) return known
    const opening = openKey(file, options)
    opened.set(file.multikey, opening)
    opening.catch(() => opened.delete(file.multikey))
    return opening
  }

  /** Many records at once look once. */
  function look(purpose: RingPurpose): Promise<readonly KeyFile[]> {
    const known = looking.get(purpose)
    if (known) return known
    const reading = listKeyFiles(directory, purpose).finally(() => looking.delete(purpose))
    looking.set(purpose, reading)
    return reading
  }

  async function find(purpose: RingPurpose, wanted: readonly string[], place: object): Promise<Signer> {
    for (const multikey of wanted) {
      const known = opened.get(multikey)
      if (known) return known
    }
    const files = await look(purpose)
    const file = wanted
      .map((multikey) => files.find((candidate) => candidate.multikey === multikey))
      .find((candidate) => candidate !== undefined)
    if (file) return open(file)
    throw new ProtocolError('KEY_NOT_VALID_AT_TIME', `no ${purpose} key of this node is valid here`, {
      evidence: { own: true, ...place, wanted, found: files.map(({ multikey }) => multikey) },
    })
  }

  const files = await listKeyFiles(directory, 'log')
  const pinned = new Set((trust().logs.get(origin)?.keys ?? []).map(({ key }) => key.key.multibase))
  const own = files.filter(({ multikey }) => pinned.has(multikey))
  if (own.length === 0)
    throw new ProtocolError('KEY_NOT_PINNED', 'the registry does not know the log key of this node', {
      evidence: { keys: files.map(({ multikey }) => multikey) },
    })
  const registered = (await listKeyFiles(directory, 'publish')).filter(({ multikey }) =>
    trust().keys.has(multikey),
  )
  // What cannot be opened is told at the start, and not at the first publication.
  for (const file of [...own, ...registered]) await open(file)

  return {
    forSize: (size) =>
      find(
        'log',
        logKeysAt(findLog(trust(), origin), size).map(({ key }) => key.multibase),
        { size },
      ),
    forIndex: (index) => {
      const keys = recordKeysAt(trust(), { issuer, purpose: 'publish', origin, index })
      return find(
        'publish',
        keys.map(({ multibase }) => multibase),
        { index },
      )
    },
    close: async () => {
      for (const opening of opened.values()) await (await opening.catch(() => undefined))?.close()
    },
  }
}

/**
 * The key files of a purpose: `log.key`, and `log.<anything>.key` beside it.
 *
 * @throws {ProtocolError} `KEY_UNAVAILABLE` — there is none, or one that is not a key of this purpose; `KEY_PERMISSIONS`
 */
async function listKeyFiles(directory: string, purpose: RingPurpose): Promise<readonly KeyFile[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new ProtocolError('KEY_UNAVAILABLE', 'the key directory cannot be read', { cause })
  })
  const own = names.filter((name) => name.startsWith(`${purpose}.`) && name.endsWith('.key')).toSorted()
  if (own.length === 0)
    throw new ProtocolError('KEY_UNAVAILABLE', `there is no ${purpose}.key in the key directory`)
  return Promise.all(own.map((name) => readKeyFile(join(directory, name), purpose)))
}
