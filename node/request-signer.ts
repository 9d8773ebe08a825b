import { ProtocolError } from '../protocol/error.ts'
import type { Signer } from '../protocol/key.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { openSigner } from './log/signer.ts'
import type { Undo } from './storage.ts'

/** Without its key of purpose `request` a node follows as a stranger does. */
export async function openRequestSigner(
  config: Config,
  { deps, undo }: { readonly deps: Deps; readonly undo: Undo[] },
): Promise<Signer | undefined> {
  try {
    const signer = await openSigner(config.keysDirectory, 'request', config)
    undo.push(() => signer.close())
    return signer
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'KEY_UNAVAILABLE') throw error
    deps.logger.warn({ code: error.code }, 'no key for requests: what is not public is not asked for')
    return undefined
  }
}
