import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ProtocolError } from '../../protocol/error.ts'
import type { Signer } from '../../protocol/key.ts'
import type { KeyFile, KeyPurpose } from '../../protocol/trust/key-file.ts'
import { type OpenedSigner, openKey, readKeyFile, type SignerOptions } from './signer.ts'

export interface KeyDirectoryOptions extends SignerOptions {
  readonly keysDirectory: string
}

/** The key files of a node, `log.key` and beside it `log.next.key`, each opened when it is first asked for. Made by `openKeyDirectory`. */
export interface KeyDirectory {
  /**
   * The key files of a purpose, as they are now.
   *
   * @throws {ProtocolError} `KEY_UNAVAILABLE` — there is none, or one that is not a key of this purpose; `KEY_PERMISSIONS`
   */
  list(purpose: KeyPurpose): Promise<readonly KeyFile[]>
  /** @throws {ProtocolError} as `openKey` */
  open(file: KeyFile): Promise<Signer>
  /**
   * The first of the wanted keys that is here. The directory is looked at only while none of them is open.
   *
   * @param wanted public keys in multibase, in the order in which they are liked
   * @param place what `KEY_NOT_VALID_AT_TIME` says of where a key was wanted
   * @throws {ProtocolError} `KEY_NOT_VALID_AT_TIME` — none is here; as `list` and `open`
   */
  find(purpose: KeyPurpose, wanted: readonly string[], place: object): Promise<Signer>
  close(): Promise<void>
}

export function openKeyDirectory(options: KeyDirectoryOptions): KeyDirectory {
  const opened = new Map<string, Promise<OpenedSigner>>()
  const looking = new Map<KeyPurpose, Promise<readonly KeyFile[]>>()

  function open(file: KeyFile): Promise<OpenedSigner> {
    const known = opened.get(file.multikey)
    if (known) return known
    const opening = openKey(file, options)
    opened.set(file.multikey, opening)
    opening.catch(() => opened.delete(file.multikey))
    return opening
  }

  /** Many records at once look once. */
  function list(purpose: KeyPurpose): Promise<readonly KeyFile[]> {
    const known = looking.get(purpose)
    if (known) return known
    const reading = listKeyFiles(options.keysDirectory, purpose).finally(() => looking.delete(purpose))
    looking.set(purpose, reading)
    return reading
  }

  async function find(purpose: KeyPurpose, wanted: readonly string[], place: object): Promise<Signer> {
    for (const multikey of wanted) {
      const known = opened.get(multikey)
      if (known) return known
    }
    const files = await list(purpose)
    const file = wanted
      .map((multikey) => files.find((candidate) => candidate.multikey === multikey))
      .find((candidate) => candidate !== undefined)
    if (file) return open(file)
    throw new ProtocolError('KEY_NOT_VALID_AT_TIME', `no ${purpose} key of this node is valid here`, {
      evidence: { own: true, ...place, wanted, found: files.map(({ multikey }) => multikey) },
    })
  }

  return {
    list,
    open,
    find,
    close: async () => {
      for (const opening of opened.values()) await (await opening.catch(() => undefined))?.close()
    },
  }
}

async function listKeyFiles(directory: string, purpose: KeyPurpose): Promise<readonly KeyFile[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new ProtocolError('KEY_UNAVAILABLE', 'the key directory cannot be read', { cause })
  })
  const own = names.filter((name) => name.startsWith(`${purpose}.`) && name.endsWith('.key')).toSorted()
  if (own.length === 0)
    throw new ProtocolError('KEY_UNAVAILABLE', `there is no ${purpose}.key in the key directory`)
  return Promise.all(own.map((name) => readKeyFile(join(directory, name), purpose)))
}
