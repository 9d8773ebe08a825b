import { ProtocolError } from '../../protocol/error.ts'
import type { Signer } from '../../protocol/key.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { findLog, logKeysAt, recordKeysAt } from '../../protocol/trust/validity.ts'
import { type KeyDirectoryOptions, openKeyDirectory } from './key-directory.ts'

export type RecordPurpose = 'publish' | 'attest'

export interface KeyRingOptions extends KeyDirectoryOptions {
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
   * The key of records at this index: of purpose `attest` for acts about agreements, else `publish`.
   *
   * @throws {ProtocolError} `KEY_NOT_VALID_AT_TIME`; as `openSigner`
   */
  forIndex(index: number, purpose: RecordPurpose): Promise<Signer>
  close(): Promise<void>
}

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
  const { issuer, origin, trust } = options
  const directory = openKeyDirectory(options)
  const files = await directory.list('log')
  const pinned = new Set((trust().logs.get(origin)?.keys ?? []).map(({ key }) => key.key.multibase))
  const own = files.filter(({ multikey }) => pinned.has(multikey))
  if (own.length === 0)
    throw new ProtocolError('KEY_NOT_PINNED', 'the registry does not know the log key of this node', {
      evidence: { keys: files.map(({ multikey }) => multikey) },
    })
  const registered = (await directory.list('publish')).filter(({ multikey }) => trust().keys.has(multikey))
  // What cannot be opened is told at the start, and not at the first publication.
  for (const file of [...own, ...registered]) await directory.open(file)

  return {
    forSize: (size) =>
      directory.find(
        'log',
        logKeysAt(findLog(trust(), origin), size).map(({ key }) => key.multibase),
        { size },
      ),
    forIndex: (index, purpose) => {
      const keys = recordKeysAt(trust(), { issuer, purpose, origin, index })
      return directory.find(
        purpose,
        keys.map(({ multibase }) => multibase),
        { index },
      )
    },
    close: directory.close,
  }
}
