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
      if (leadsTo(id, member.id, { members, seen: new Set() }))
        throw malformed(at, 'a member cannot succeed itself, not by way of others either')
    }
  }
}

interface Walk {
  readonly members: ReadonlyMap<string, Member>
  readonly seen: Set<string>
}

function leadsTo(from: string, to: string, walk: Walk): boolean {
  if (from === to) return true
  if (walk.seen.has(from)) return false
  walk.seen.add(from)
  return (walk.members.get(from)?.succeededBy ?? []).some(({ id }) => leadsTo(id, to, walk))
}

function lastStatus({ status }: Member, origin: string): string | undefined {
  const steps = status.filter((step) => step.origin === origin).toSorted((a, b) => a.size - b.size)
  return steps.at(-1)?.status
}

function malformed(pointer: string, message: string): ProtocolError {
  return new ProtocolError('REGISTRY_MALFORMED', message, { place: { pointer } })
}
