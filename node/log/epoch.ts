import { canonicalBytes } from '../../protocol/canonical.ts'
import { formatMoment } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { digestOf } from '../../protocol/hash.ts'
import { formatOrigin, formatRecordId, parseOrigin } from '../../protocol/identifier/name.ts'
import { signRecord } from '../../protocol/proof/sign.ts'
import { composeRecord } from '../../protocol/record/compose.ts'
import { parseRecord } from '../../protocol/record/schema.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { checkMayIssue } from '../../protocol/verify.ts'
import { claimsOf, formatUuid, type PreparedRecord, type Workshop } from './publish.ts'

/**
 * The record with which a log begins that goes on where another was closed; `undefined` for a first epoch, or one that has begun.
 *
 * @throws {ProtocolError} `LOG_CLOSED` — the registry did not close the log before; what `signerAt` throws
 * @see spec/record.md, REC-200 and REC-201
 */
export async function prepareEpochStart(workshop: Workshop): Promise<PreparedRecord | undefined> {
  const { deps, name, issuer, origin, trust } = workshop
  const { epoch } = parseOrigin(origin)
  if (epoch === 1 || workshop.size() > 0) return undefined
  const previous = closedBefore(trust(), formatOrigin(name, epoch - 1))
  const document = composeRecord(
    {
      type: 'EpochStart',
      tier: 'public',
      ...(trust().members.get(issuer)?.synthetic ? { synthetic: true } : {}),
      credentialSubject: { previous },
    },
    { id: formatRecordId(name, formatUuid(deps.random(16))), issuer },
  )
  await workshop.expand(document)
  const signed = await signRecord(document, {
    signer: await workshop.signerAt(0),
    issuer,
    domain: origin,
    created: formatMoment(deps.now()).replace(/\.\d{3}Z$/, 'Z'),
  })
  const bytes = canonicalBytes(signed)
  const record = parseRecord(signed)
  return {
    id: record.id,
    type: record.type[1],
    tier: 'public',
    digest: digestOf(bytes),
    bytes,
    claims: claimsOf(record),
    references: [],
    requirePlace: (index) => checkMayIssue(trust(), record, { origin, index }),
  }
}

function closedBefore(trust: Trust, origin: string) {
  const closed = trust.logs.get(origin)?.log.closed
  if (!closed)
    throw new ProtocolError('LOG_CLOSED', 'the registry does not say where the log before this one ended', {
      evidence: { origin },
    })
  return { origin, size: closed.size, root: closed.root }
}
