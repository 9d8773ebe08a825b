import type { Pin } from '../../record/mapping-row.ts'
import type { StandardSubject } from '../../record/standard-record.ts'
import { type Clause, type Restriction, restrictionsOf } from '../limit/interval.ts'

/** A pinned edition as far as rules need it. */
export interface PinnedEdition {
  readonly subject: StandardSubject
  /** DID of the agency that issued its record. */
  readonly issuer: string
}

/** What the caller has verified: the edition of that id whose record has that digest, or nothing. */
export interface EditionLookup {
  readonly edition: (id: string, digest: string) => PinnedEdition | undefined
  /** The two parties of the project, where it is one. */
  readonly parties?: readonly [string, string]
}

/** An edition with its clauses by name, and their limits once they were asked for. */
export interface IndexedEdition extends PinnedEdition {
  readonly clause: (uid: string) => Clause | undefined
  readonly restrictions: (uid: string) => ReadonlyMap<string, Restriction>
}

/** Each edition is looked up once, and each clause is read once. */
export function indexEditions({ edition }: EditionLookup): (pin: Pin) => IndexedEdition | undefined {
  const known = new Map<string, Map<string, IndexedEdition | undefined>>()
  return ({ edition: id, digest }) => {
    const versions = known.get(id) ?? new Map<string, IndexedEdition | undefined>()
    const before = versions.get(digest)
    if (before || versions.has(digest)) return before
    const found = edition(id, digest)
    const indexed = found && indexClauses(found)
    known.set(id, versions.set(digest, indexed))
    return indexed
  }
}

function indexClauses(found: PinnedEdition): IndexedEdition {
  const clauses = new Map((found.subject.clauses ?? []).map((clause) => [clause.uid, clause]))
  const read = new Map<string, ReadonlyMap<string, Restriction>>()
  return {
    ...found,
    clause: (uid) => clauses.get(uid),
    restrictions: (uid) => {
      const before = read.get(uid)
      if (before) return before
      const restrictions = restrictionsOf(clauses.get(uid)?.limits ?? [])
      read.set(uid, restrictions)
      return restrictions
    },
  }
}
