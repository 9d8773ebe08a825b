import { encodeBase64 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import type { PublicKey } from '../key.ts'
import type { Checkpoint } from '../log/checkpoint.ts'
import type { VerifierKey } from '../log/note.ts'
import type { Member, Purpose } from './registry.ts'
import type { Trust, TrustedLog } from './trust.ts'

/** @throws {ProtocolError} `NOT_A_MEMBER` — could not be checked: this registry says nothing about the issuer */
export function findMember(trust: Trust, issuer: string): Member {
  const member = trust.members.get(issuer)
  if (!member)
    throw new ProtocolError('NOT_A_MEMBER', 'the issuer is not in the registry', { evidence: { issuer } })
  return member
}

/** @throws {ProtocolError} `NOT_A_MEMBER` — could not be checked: this registry says nothing about the log */
export function findLog(trust: Trust, origin: string): TrustedLog {
  const log = trust.logs.get(origin)
  if (!log)
    throw new ProtocolError('NOT_A_MEMBER', 'the log is not in the registry', { evidence: { origin } })
  return log
}

/**
 * The keys whose signature counts on a checkpoint of this size: `from < size ≤ to`. An empty log is signed by the first
 * key.
 *
 * @throws {ProtocolError} `KEY_NOT_VALID_AT_TIME`, `BEYOND_CLOSE`
 * @see spec/trust.md, TRUST-6
 */
export function logKeysAt(trusted: TrustedLog, size: number): readonly VerifierKey[] {
  const { closed } = trusted.log
  if (closed && size > closed.size) {
    throw new ProtocolError('BEYOND_CLOSE', 'the registry closed this log at a smaller size', {
      evidence: { size, closed: closed.size },
    })
  }
  const keys = trusted.keys.filter(
    ({ from, to }) => (from < size || size === 0) && (to === undefined || size <= to),
  )
  if (keys.length === 0)
    throw new ProtocolError('KEY_NOT_VALID_AT_TIME', 'no log key is valid for this size', {
      evidence: { size },
    })
  return keys.map(({ key }) => key)
}

/**
 * At the size at which the registry closed a log, the tree is the one that the registry names, whoever signs another: the key of
 * a closed log may be in wrong hands. Of a smaller tree nothing is said here.
 *
 * @throws {ProtocolError} `CONSISTENCY_INVALID`
 * @see spec/trust.md, TRUST-10
 */
export function checkClosedRoot({ log: { closed } }: TrustedLog, { size, root }: Checkpoint): void {
  if (closed && size === closed.size && encodeBase64(root) !== closed.root) {
    throw new ProtocolError('CONSISTENCY_INVALID', 'not the tree at which the registry closed this log', {
      evidence: { size, root: encodeBase64(root), closed: closed.root },
    })
  }
}

export interface KeyUse {
  readonly issuer: string
  readonly purpose: Purpose
  readonly origin: string
  readonly index: number
}

/**
 * The issuer's key for this purpose at this place of this log: `from ≤ index < to`.
 *
 * @throws {ProtocolError} `KEY_NOT_FOUND` `KEY_CONTROLLER_MISMATCH` `PURPOSE_MISMATCH` `KEY_NOT_VALID_AT_TIME`
 * @see spec/trust.md, TRUST-7
 */
export function findRecordKey(trust: Trust, multikey: string, use: KeyUse): PublicKey {
  const found = trust.keys.get(multikey)
  if (!found)
    throw new ProtocolError('KEY_NOT_FOUND', 'the registry does not know this key', {
      evidence: { key: multikey },
    })
  if (found.member.id !== use.issuer) {
    throw new ProtocolError('KEY_CONTROLLER_MISMATCH', 'the key belongs to another member', {
      evidence: { key: multikey, controller: found.member.id, issuer: use.issuer },
    })
  }
  if (found.purpose !== use.purpose) {
    throw new ProtocolError('PURPOSE_MISMATCH', 'the key is for another purpose', {
      evidence: { key: multikey, purpose: found.purpose },
    })
  }
  if (!isInRange(found.valid, use)) {
    throw new ProtocolError('KEY_NOT_VALID_AT_TIME', 'the key is not valid at this place of the log', {
      evidence: { key: multikey, origin: use.origin, index: use.index },
    })
  }
  return found.key
}

/**
 * The keys whose signature counts on a record there, in the order of the registry; one, unless two ranges overlap.
 *
 * @see spec/trust.md, TRUST-7
 */
export function recordKeysAt(trust: Trust, use: KeyUse): readonly PublicKey[] {
  const keys = trust.members.get(use.issuer)?.keys ?? []
  return keys.flatMap(({ multikey, purpose, valid }) => {
    const found = purpose === use.purpose && isInRange(valid, use) ? trust.keys.get(multikey) : undefined
    return found ? [found.key] : []
  })
}

function isInRange(valid: Member['keys'][number]['valid'], { origin, index }: KeyUse): boolean {
  return valid.some(
    (range) => range.origin === origin && range.from <= index && (range.to === undefined || index < range.to),
  )
}

/**
 * Members are judged by their status at the entry's index of that log.
 *
 * @throws {ProtocolError} `MEMBER_SUSPENDED` `NOT_A_MEMBER`
 * @see spec/trust.md, TRUST-8
 */
export function checkMemberStatus(member: Member, origin: string, index: number): void {
  const steps = member.status
    .filter((step) => step.origin === origin && step.size <= index)
    .toSorted((a, b) => a.size - b.size)
  const status = steps.at(-1)?.status
  if (status === 'suspended')
    throw new ProtocolError('MEMBER_SUSPENDED', 'the member was suspended at this entry', {
      evidence: { index },
    })
  if (status !== 'active')
    throw new ProtocolError('NOT_A_MEMBER', 'not an active member at this entry', { evidence: { index } })
}
