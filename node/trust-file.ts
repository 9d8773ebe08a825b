import { readFile } from 'node:fs/promises'
import { ProtocolError } from '../protocol/error.ts'
import { formatDid } from '../protocol/identifier/name.ts'
import { parseRegistry } from '../protocol/trust/registry.ts'
import { openTrust, type Trust } from '../protocol/trust/trust.ts'
import type { Config } from './config.ts'

export interface TrustFile {
  readonly trust: Trust
  readonly bytes: Uint8Array
  /** This node's own names, proven to be in the file. */
  readonly did: string
  readonly origin: string
}

/**
 * Reads `trust.json` and finds this node in it. The file rests on whoever put it there; nothing else vouches for it yet.
 *
 * @throws {ProtocolError} `CONFIG_INVALID` — not there, malformed, this node is not a member, or all its logs are closed
 */
export async function openTrustFile(config: Config): Promise<TrustFile> {
  const did = formatDid(config.base)
  const bytes = await readFile(config.trustFile).catch((cause: unknown) => {
    throw fault('cannot be read', `put the trust file at ${config.trustFile}, or set CSX_TRUST_FILE`, cause)
  })
  let trust: Trust
  try {
    const { registry, fingerprint } = parseRegistry(new Uint8Array(bytes))
    trust = openTrust(registry, fingerprint)
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw fault(
      `${cause.message} at ${cause.place.pointer ?? '/'}`,
      'get the trust file again from the agency that keeps it',
      cause,
    )
  }
  const member = trust.members.get(did)
  if (!member)
    throw fault(
      `${did} is not a member`,
      'add member.json of this node with `csx trust init`, or correct CSX_BASE_URL',
    )
  // The newest epoch that the registry knows and has not closed is the one to write.
  const newest = member.origins.findLast(({ closed }) => closed === undefined)
  if (!newest)
    throw fault(
      'it closes every log of this node, and nobody may go on writing a closed log',
      'let the registry name the next epoch of this node',
    )
  return { trust, bytes: new Uint8Array(bytes), did, origin: newest.origin }
}

function fault(problem: string, remedy: string, cause?: unknown): ProtocolError {
  return new ProtocolError('CONFIG_INVALID', `CSX_TRUST_FILE: ${problem}`, {
    evidence: { faults: [{ variable: 'CSX_TRUST_FILE', problem, remedy }] },
    cause,
  })
}
