import type { CalendarDate } from '../date.ts'
import type { ProblemCode } from '../error.ts'
import type { RecognitionAgreement, ReuseAgreement } from '../record/agreement.ts'
import type { MappingRow } from '../record/mapping-row.ts'
import type { Cause } from './condition.ts'
import type { KnownMapping } from './recognition-facts.ts'
import type { RowStanding } from './row-standing.ts'

export type Coverage =
  | { readonly outcome: 'covered' }
  | { readonly outcome: 'outside'; readonly zh: string; readonly en: string }
  | { readonly outcome: 'unknown'; readonly code: ProblemCode; readonly zh: string; readonly en: string }
  | {
      readonly outcome: 'fallen'
      readonly since: CalendarDate
      readonly cause?: Cause
      readonly zh: string
      readonly en: string
    }

interface Recognised {
  readonly mapping: KnownMapping | undefined
  readonly rows: readonly RowStanding[]
  readonly division: string | undefined
}

/**
 * Whether a recognition covers what is reused: between the same two, over this very edition, its matters and division, and for each
 * clause, or the edition where none is named, by a row that stands and whose effect reaches the reuser.
 *
 * @see spec/agreement.md, AGREE-82
 */
export function reusedRows(
  { parties, scope }: ReuseAgreement,
  recognition: RecognitionAgreement,
  { mapping, rows, division }: Recognised,
): Coverage {
  const { edition, clauses, matters, reuser } = scope
  if (parties.some(({ id }, i) => recognition.parties[i]?.id !== id))
    return outside('所引互认的双方不是本声明的双方', 'the recognition is between others')
  if (!recognition.scope.editions.some(({ id, digest }) => id === edition.id && digest === edition.digest))
    return outside('所用版本不在所引互认的范围内', 'the edition is outside the recognition')
  const named = (clauses ?? []).map((uid) => `${edition.id}#${uid}`)
  if (recognition.scope.clauses && named.some((name) => !recognition.scope.clauses?.includes(name)))
    return outside('所用条款不在所引互认的范围内', 'a clause is outside the recognition')
  const allowed = recognition.scope.matters
  if (allowed && !matters?.every((one) => allowed.includes(one)))
    return outside('所用事项超出所引互认的范围', 'what it is used for is outside the recognition')
  if (recognition.scope.divisions) {
    if (division === undefined)
      return {
        outcome: 'unknown',
        code: 'STATUS_UNAVAILABLE',
        zh: '登记册没有使用方的行政区划',
        en: 'the registry has no division of the reuser',
      }
    if (!recognition.scope.divisions.some((one) => division.startsWith(one.replace(/(?:00){1,2}$/, ''))))
      return outside('使用方的行政区划不在所引互认的范围内', 'the division of the reuser is outside')
  }
  if (!mapping)
    return {
      outcome: 'unknown',
      code: 'MAPPING_MISSING',
      zh: '所引互认的映射集不在手边',
      en: 'the mapping set of the recognition is not at hand',
    }
  const reaching = new Set(
    recognition.effects.flatMap(({ row, effect, to }) => (effect === 'direct' || to === reuser ? [row] : [])),
  )
  const usable = rows.filter(({ row }) => reaching.has(row))
  const groups = (clauses ?? [undefined]).map((clause) =>
    usable.filter(({ row }) => pins(mapping.rows.get(row), edition.id, clause)),
  )
  if (groups.some((group) => group.length === 0))
    return outside('所引互认没有惠及使用方的映射行', 'no row of the recognition reaches the reuser for it')
  const fallen = groups
    .filter((group) => group.every(({ state }) => state === 'fallen'))
    .map((group) => group.reduce((a, b) => ((a.until ?? '') < (b.until ?? '') ? b : a)))
  const [first] = fallen.toSorted((a, b) => ((a.until ?? '') < (b.until ?? '') ? -1 : 1))
  const isOpen = groups.some((group) => group.every(({ state }) => state === 'fallen' || state === 'open'))
  if (first?.until === undefined && isOpen)
    return {
      outcome: 'unknown',
      code: 'NOT_WITNESSED',
      zh: '所依据的映射行是否已失效，无从得知其入日志日期',
      en: 'no witness at hand says when the change behind its rows was logged',
    }
  if (first?.until === undefined) return { outcome: 'covered' }
  return {
    outcome: 'fallen',
    since: first.until,
    ...(first.cause ? { cause: first.cause } : {}),
    zh: `所依据的映射行自${first.until}起失效`,
    en: `the rows behind it fell on ${first.until}`,
  }
}

function pins(mapping: MappingRow | undefined, edition: string, clause: string | undefined): boolean {
  return [mapping?.subject, mapping?.object].some(
    (pin) =>
      pin?.edition === edition && (clause === undefined || pin.clause === undefined || pin.clause === clause),
  )
}

function outside(zh: string, en: string): Coverage {
  return { outcome: 'outside', zh, en }
}
