import type { Agreement } from '../../protocol/record/agreement.ts'
import { isStandardRecord } from '../../protocol/record/schema.ts'
import { authoritiesFor } from '../../protocol/standing/edition-evidence.ts'
import { earlierLogs } from '../../protocol/standing/known-log.ts'
import { findProposal } from './agreement-act.ts'
import type { KnownAgreement } from './known-agreement.ts'

/** A log that is needed from an entry on. */
export interface PlannedLog {
  readonly origin: string
  readonly from: number
  /** From where on its records are needed, too, where that is later. */
  readonly records?: number
  readonly path: string
  /** With lines of the other party's holder, beside an interconnection. */
  readonly notes?: readonly string[]
}

/** Where to gather the evidence about an agreement from, at this node. */
export interface EvidencePlan {
  readonly agreement: string
  readonly digest: string
  /** For whom its acts are. */
  readonly contains: string
  readonly audience?: string
  readonly logs: readonly PlannedLog[]
  readonly files: readonly string[]
}

/**
 * The logs that have a say and are here: their entries from the first on, for nobody can tell otherwise that no act, and no other use of
 * an id, came before, in an earlier epoch, too; their records from the first statement about the matter, all of them where the log goes
 * on in a later epoch.
 *
 * @see protocol/spec/agreement.md, AGREE-44 and AGREE-106
 */
export function planEvidence(
  { known, extents, files, notes }: KnownAgreement,
  {
    agreement,
    digest,
    logPath,
  }: { readonly agreement: Agreement; readonly digest: string; readonly logPath: (origin: string) => string },
): EvidencePlan {
  const { statements, trust } = known
  const first = new Map<string, number>()
  for (const { origin, index } of statements) first.set(origin, Math.min(first.get(origin) ?? index, index))
  const from = new Map(first)
  for (const member of trust.registry.members) {
    const origins = member.origins.map(({ origin }) => origin)
    const begun = origins.findIndex((origin) => first.has(origin))
    const isParty = agreement.parties.some(({ id }) => id === member.id)
    if (begun < 0 && !isParty) continue
    for (const [i, origin] of origins.entries())
      if (i > begun || isParty) from.set(origin, i === begun ? (first.get(origin) ?? 0) : 0)
  }
  const numbers = statements.flatMap(({ record }) =>
    isStandardRecord(record) ? [record.credentialSubject] : [],
  )
  for (const { origin, from: start } of numbers.flatMap((subject) => authoritiesFor(trust, subject)))
    from.set(origin, Math.min(start, from.get(origin) ?? start))
  const size = new Map(extents.map((extent) => [extent.origin, extent.size]))
  const ranges = [...from].map(([origin, start]) => ({ origin, from: start }))
  // An id counts at its first use: the entries of earlier logs show it, and nothing in their records matters.
  for (const { origin } of earlierLogs(trust, ranges)) from.set(origin, size.get(origin) ?? 0)
  const tier = findProposal(known, agreement, digest).placed?.record.tier ?? 'public'
  return {
    agreement: agreement.id,
    digest,
    contains: tier,
    ...(tier === 'pair' ? { audience: agreement.project } : {}),
    logs: [...from]
      .filter(([origin]) => size.has(origin))
      .map(([origin, index]) => {
        const holding = notes.get(origin) ?? []
        const range = index > 0 ? { from: 0, records: index } : { from: 0 }
        const place = { origin, ...range, path: logPath(origin) }
        return holding.length === 0 ? place : { ...place, notes: holding }
      })
      .toSorted((a, b) => (a.origin < b.origin ? -1 : 1)),
    files,
  }
}
