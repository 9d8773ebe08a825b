import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import type { EditionLookup, PinnedEdition } from '../../../protocol/mapping/rule/edition.ts'
import type { MappingRow, NamedRow, Pin } from '../../../protocol/record/mapping-row.ts'
import { mappingRow } from '../../../protocol/record/mapping-row.ts'
import { type StandardSubject, standardSubject } from '../../../protocol/record/standard-record.ts'

/** Invented editions of two agencies, and rows between their clauses. */
export const [here, there] = ['did:web:here.example', 'did:web:there.example'] as const

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

export function pin(side: 'a' | 'b' | number, clause?: string): Pin {
  const n = side === 'a' ? 1 : side === 'b' ? 2 : side
  return {
    edition: `https://host-${n}.example/id/${uuid(n)}`,
    digest: `sha256:${String(n).padStart(64, '0')}`,
    ...(clause === undefined ? {} : { clause }),
  }
}

type Clauses = NonNullable<StandardSubject['clauses']>

export function subjectOf(clauses: Clauses, change: Partial<StandardSubject> = {}): StandardSubject {
  const { clauses: _, ...rest } = standardSubject.parse(syntheticStandard(1).credentialSubject)
  return { ...rest, ...(clauses.length === 0 ? {} : { clauses }), ...change }
}

export function clause(uid: string, extra: Partial<Clauses[number]> = {}): Clauses[number] {
  return { uid, locator: uid, heading: `第${uid}条（合成样例）`, ...extra }
}

/** A lookup that knows the editions given by their number, those of odd numbers from `here`. */
export function lookupOf(editions: ReadonlyMap<number, Clauses>): EditionLookup {
  const known = new Map<string, PinnedEdition>(
    [...editions].map(([n, clauses]) => [
      pin(n).edition,
      { subject: subjectOf(clauses), issuer: n % 2 === 1 ? here : there },
    ]),
  )
  return {
    edition: (id, digest) => (pin(Number(id.slice(-12))).digest === digest ? known.get(id) : undefined),
  }
}

/** An accepted row that nothing is wrong with, unless the change says so. */
export function row(name: string, change: Partial<Record<keyof MappingRow, unknown>> = {}): NamedRow {
  const mapping: Record<string, unknown> = {
    subject: pin('a', 'c1'),
    object: pin('b', 'c1'),
    predicate: 'exact-match',
    justification: 'manual-curation',
    state: 'accepted',
    author: here,
    mappedOn: '2026-01-10',
    reviewer: there,
    reviewedOn: '2026-02-01',
    ...change,
  }
  for (const key of Object.keys(mapping)) if (mapping[key] === undefined) delete mapping[key]
  return { row: name, mapping: mappingRow.parse(mapping) }
}
