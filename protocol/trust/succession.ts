import { ProtocolError, pointerStep } from '../error.ts'
import type { Member } from './registry.ts'

/**
 * Whoever follows from an agency that left to those that took over comes to an end, at members that are there.
 *
 * @throws {ProtocolError} `REGISTRY_MALFORMED`, with a pointer
 * @see spec/trust.md, TRUST-201
 */
export function checkSuccession(members: ReadonlyMap<string, Member>): void {
  for (const [i, member] of [...members.values()].entries()) {
    if (!member.succeededBy) continue
    const place = `/members${pointerStep(i)}/succeededBy`
    if (member.origins.some(({ origin }) => lastStatus(member, origin) !== 'left'))
      throw malformed(place, 'a member is succeeded once it has left, in each of its logs')
    const names = new Set<string>()
    for (const [j, { id }] of member.succeededBy.entries()) {
      const at = `${place}${pointerStep(j)}/id`
      if (!members.has(id)) throw malformed(at, 'the successor is not a member')
      if (names.has(id)) throw malformed(at, 'a successor stands twice')
      names.add(id)
    }
  }
  const walk: Walk = { members, seen: new Map() }
  for (const member of members.values()) follow(member, walk)
}

interface Walk {
  readonly members: ReadonlyMap<string, Member>
  /** `open` while what comes after it is looked at. */
  readonly seen: Map<string, 'open' | 'done'>
}

/** Each member once, so that a thousand with twenty successors each are no work. */
function follow(member: Member, walk: Walk): void {
  if (walk.seen.has(member.id)) return
  walk.seen.set(member.id, 'open')
  for (const [j, { id }] of (member.succeededBy ?? []).entries()) {
    if (walk.seen.get(id) === 'open') {
      const i = [...walk.members.keys()].indexOf(member.id)
      const place = `/members${pointerStep(i)}/succeededBy${pointerStep(j)}/id`
      throw malformed(place, 'a member cannot succeed itself, not by way of others either')
    }
    const next = walk.members.get(id)
    if (next) follow(next, walk)
  }
  walk.seen.set(member.id, 'done')
}

function lastStatus({ status }: Member, origin: string): string | undefined {
  const steps = status.filter((step) => step.origin === origin).toSorted((a, b) => a.size - b.size)
  return steps.at(-1)?.status
}

function malformed(pointer: string, message: string): ProtocolError {
  return new ProtocolError('REGISTRY_MALFORMED', message, { place: { pointer } })
}
