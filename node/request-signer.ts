import { ProtocolError } from '../protocol/error.ts'
import type { Signer } from '../protocol/key.ts'
import { parseHead } from '../protocol/log/checkpoint.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { recordKeysAt } from '../protocol/trust/validity.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { openKeyDirectory } from './log/key-directory.ts'
import type { Undo } from './storage.ts'
import type { Database } from './store/database.ts'
import { findLog } from './store/log-store.ts'

export interface RequestSignerOptions {
  readonly deps: Pick<Deps, 'logger'>
  readonly database: Database
  readonly trust: () => Trust
  readonly did: string
  readonly undo: Undo[]
}

/** The key by which this node asks now; `undefined`: none counts, and it asks as a stranger. */
export type RequestSigner = () => Promise<Signer | undefined>

/**
 * The keys of purpose `request` in the key directory. Of several that the registry names, the one is used that counts at the size of the
 * own log, which is what others judge it by.
 *
 * @returns `undefined`: without any a node follows as a stranger does
 * @throws {ProtocolError} `KEY_PERMISSIONS` `PASSPHRASE_WRONG`
 * @see spec/key.md, KEY-34
 */
export async function openRequestSigner(
  config: Config,
  { deps, database, trust, did, undo }: RequestSignerOptions,
): Promise<RequestSigner | undefined> {
  const directory = openKeyDirectory(config)
  undo.push(() => directory.close())
  try {
    for (const file of await directory.list('request')) await directory.open(file)
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'KEY_UNAVAILABLE') throw error
    deps.logger.warn({ code: error.code }, 'no key for requests: what is not public is not asked for')
    return undefined
  }
  let told = false
  return async () => {
    const member = trust().members.get(did)
    const named = (member?.keys ?? []).filter(({ purpose }) => purpose === 'request')
    const origin = member?.origins.at(-1)?.origin ?? ''
    const wanted =
      named.length > 1
        ? recordKeysAt(trust(), {
            issuer: did,
            purpose: 'request',
            origin,
            index: await sizeOf(database, origin),
          }).map(({ multibase }) => multibase)
        : named.map(({ multikey }) => multikey)
    try {
      const signer = await directory.find('request', wanted, {})
      told = false
      return signer
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      if (!told) deps.logger.warn({ code: error.code, ...error.evidence }, error.message)
      told = true
      return undefined
    }
  }
}

/** Of a log that was put back, what others showed of it: they go by that. */
async function sizeOf(database: Database, origin: string): Promise<number> {
  const log = await database.run((queries) => findLog(queries, origin))
  const shown = (log?.fault?.notes ?? []).map((note) => parseHead(note).size)
  return Math.max(log?.checkpointSize ?? 0, ...shown)
}
