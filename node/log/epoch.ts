import { ProtocolError } from '../../protocol/error.ts'
import { formatOrigin, formatRecordId, parseOrigin } from '../../protocol/identifier/name.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { prepareOwnRecord } from './own-record.ts'
import { formatUuid, type PreparedRecord, type Workshop } from './publish.ts'

/**
 * The record with which a log begins that goes on where another was closed; `undefined` for a first epoch, or one that has begun.
 *
 * @throws {ProtocolError} `LOG_CLOSED` — the registry did not close the log before; what `signerAt` throws
 * @see spec/record.md, REC-200 and REC-201
 */
export async function prepareEpochStart(workshop: Workshop): Promise<PreparedRecord | undefined> {
  const { deps, name, origin, trust } = workshop
  const { epoch } = parseOrigin(origin)
  if (epoch === 1 || workshop.size() > 0) return undefined
  const previous = closedBefore(trust(), formatOrigin(name, epoch - 1))
  const id = formatRecordId(name, formatUuid(deps.random(16)))
  return prepareOwnRecord(workshop, id, { type: 'EpochStart', credentialSubject: { previous } })
}

function closedBefore(trust: Trust, origin: string) {
  const closed = trust.logs.get(origin)?.log.closed
  if (!closed)
    throw new ProtocolError('LOG_CLOSED', 'the registry does not say where the log before this one ended', {
      evidence: { origin },
    })
  return { origin, size: closed.size, root: closed.root }
}
