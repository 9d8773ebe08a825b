import { ownSides, type SideNames } from '../../protocol/mapping/limit/words.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Catalogue } from '../projection/port.ts'
import { isWhole, type Scope } from '../store/scope.ts'
import { createTurns } from '../store/turns.ts'
import type { AgreementList } from './agreement-list.ts'
import { type ComparisonAnswer, compareNamed } from './comparison.ts'
import type { MappingWork } from './mapping-work.ts'
import type { Named } from './named.ts'

export interface ComparerOptions {
  readonly trust: () => Trust
  /** The DID of this node. */
  readonly self: string
  readonly catalogueOf: (scope: Scope) => Catalogue
  readonly mapping: Pick<MappingWork, 'rowsFor'>
  readonly agreementList: Pick<AgreementList, 'agreedRows'>
}

/** Two editions or two agencies, for people who look at them. */
export type Comparer = (
  a: string,
  b: string,
  given: { readonly day: string; readonly scope: Scope },
) => Promise<ComparisonAnswer>

/**
 * Whoever may read everything compares by the rows of the workspaces, and his own side is called 我方; everybody else by the rows of
 * agreements that are public and in force, as 甲方 and 乙方. One after the other, as the API does it.
 *
 * @see protocol/spec/console.md, CONSOLE-4
 */
export function createComparer({
  trust,
  self,
  catalogueOf,
  mapping,
  agreementList,
}: ComparerOptions): Comparer {
  const inTurn = createTurns()
  return (a, b, { day, scope }) =>
    inTurn(() =>
      compareNamed(a, b, {
        catalogue: catalogueOf(scope),
        trust,
        day,
        ...(isWhole(scope) ? { names: (found: readonly [Named, Named]) => namesOf(found, self) } : {}),
        rows: (found) =>
          isWhole(scope)
            ? mapping.rowsFor({ caller: { standing: 'operator' }, scope })
            : agreementList.agreedRows(whichOf(found), { on: day, scope }),
      }),
    )
}

function whichOf([a, b]: readonly [Named, Named]) {
  return a.kind === 'edition' && b.kind === 'edition'
    ? { editions: [a.edition.id, b.edition.id] }
    : { parties: [agencyOf(a), agencyOf(b)] }
}

function namesOf([a, b]: readonly [Named, Named], self: string): SideNames {
  const [one, other] = [agencyOf(a) === self, agencyOf(b) === self]
  if (one && !other) return ownSides
  if (other && !one) return { a: ownSides.b, b: ownSides.a }
  return { a: { zh: '甲方', en: 'A' }, b: { zh: '乙方', en: 'B' } }
}

function agencyOf(named: Named): string {
  return named.kind === 'agency' ? named.id : named.edition.summary.issuer
}
