import { decodeUtf8, encodeBase64Url } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { readSecretFile } from './log/signer.ts'
import { readIfThere, writeDurably } from './store/file.ts'

/**
 * The operator's token; a first start makes one, so that an office needs no other tool for it. The lock on the data directory keeps
 * another process from making one too.
 *
 * @throws {ProtocolError} `KEY_UNAVAILABLE` `KEY_PERMISSIONS`
 * @see spec/node.md, NODE-25
 */
export async function openToken({ tokenFile }: Pick<Config, 'tokenFile'>, deps: Deps): Promise<string> {
  try {
    // An empty file is what a start leaves that was killed between making it and writing it.
    if (!(await readIfThere(tokenFile))) {
      await writeDurably(tokenFile, `${encodeBase64Url(deps.random(24))}\n`, 0o600)
      deps.logger.info({ file: tokenFile }, 'made an operator token')
    }
  } catch (error) {
    throw new ProtocolError('KEY_UNAVAILABLE', 'the operator token cannot be read or written', {
      cause: error,
      evidence: { file: tokenFile },
    })
  }
  const token = decodeUtf8(await readSecretFile(tokenFile)).trim()
  if (token.length < 8)
    throw new ProtocolError('KEY_UNAVAILABLE', 'the operator token is too short to be a secret', {
      evidence: { file: tokenFile },
    })
  return token
}
