import type { CalendarDate } from './date.ts'
import type { Agreement } from './record/agreement.ts'
import type { AgreementFacts } from './standing/agreement-facts.ts'
import type { AgreementStanding } from './standing/agreement-standing.ts'
import { decisiveOf } from './standing/agreement-state.ts'
import { agreementStates, answers, type Condition } from './standing/condition.ts'
import type { PlacedAct } from './standing/consent.ts'
import { withForeseenEnd } from './standing/foreseen-end.ts'
import { type Holding, holdingsOf } from './standing/holding.ts'
import { interconnectionAt } from './standing/interconnection.ts'
import { findInterconnection } from './standing/interconnection-facts.ts'
import type { KnownLogs } from './standing/known-log.ts'
import { type RecognitionStanding, recognitionAt } from './standing/recognition.ts'
import { findRecognition } from './standing/recognition-evidence.ts'
import type { KnownMapping } from './standing/recognition-facts.ts'
import { type ReuseStanding, reuseAt } from './standing/reuse.ts'
import { findReuse } from './standing/reuse-facts.ts'
import type { Finding } from './verdict.ts'

/** The standing of an agreement of any kind, with what its kind adds. */
export type AnyStanding = AgreementStanding &
  Partial<Pick<RecognitionStanding, 'rows' | 'repin'>> &
  Pick<ReuseStanding, 'disposeBy'> & {
    /** Beside an interconnection: what each party holds of the other's logs. */
    readonly holdings?: readonly Holding[]
  }

export interface Asked {
  readonly agreement: Agreement
  readonly digest: string
  readonly day: CalendarDate
}

export interface Judged {
  readonly standing: AnyStanding
  readonly proposal: PlacedAct | undefined
  /** Those that count: of the agreement, and of the recognition that it rests on. */
  readonly acceptances: readonly PlacedAct[]
  /** Of a recognition, where its set is at hand. */
  readonly mapping?: KnownMapping | undefined
}

/**
 * The standing of the agreement by the fold of its kind, over what the logs at hand say.
 *
 * Takes for granted that `known.statements` are verified and all there are in what `covered` names.
 *
 * @see spec/agreement.md, AGREE-38 and AGREE-50
 */
export function standingIn(known: KnownLogs, { agreement, digest, day }: Asked): Judged {
  switch (agreement.kind) {
    case 'recognition': {
      const facts = findRecognition(known, agreement, digest)
      const standingAt = (on: CalendarDate) => recognitionAt(facts, agreement, on)
      const standing = withForeseenEnd(standingAt, [{ agreement, facts }], day)
      return { standing, ...actsIn(facts), mapping: facts.mapping }
    }
    case 'interconnection': {
      const facts = findInterconnection(known, agreement, digest)
      const standingAt = (on: CalendarDate) => interconnectionAt(facts, agreement, on)
      const judged = withForeseenEnd(standingAt, [{ agreement, facts }], day)
      const standing = { ...judged, holdings: holdingsOf(known, agreement) }
      return { standing, ...actsIn(facts) }
    }
    case 'reuse': {
      const facts = findReuse(known, agreement, digest)
      const standingAt = (on: CalendarDate) => reuseAt(facts, agreement, on)
      const behind = facts.recognition ? [facts.recognition] : []
      const standing = withForeseenEnd(standingAt, [{ agreement, facts }, ...behind], day)
      return { standing, ...actsIn(facts, facts.recognition?.facts) }
    }
  }
}

function actsIn(facts: AgreementFacts, behind?: AgreementFacts): Pick<Judged, 'proposal' | 'acceptances'> {
  const acceptances = [facts, behind].flatMap((one) => one?.consent.acceptance ?? [])
  return { proposal: facts.consent.proposal, acceptances }
}

/** One condition as a line of the argument. */
export function findingFor({ condition, outcome, code, since, cause, zh, en }: Condition): Finding {
  const by = cause ? `（${cause.origin} 第${cause.index}条）` : ''
  const byEn = cause ? ` (entry ${cause.index} of ${cause.origin})` : ''
  const from = since === undefined ? '' : ` [${since}]`
  return {
    check: 'standing',
    outcome,
    ...(code === undefined ? {} : { code }),
    detail: { zh: `${condition} ${zh}${from}${by}`, en: `${condition} ${en}${byEn}` },
  }
}

/**
 * What a party holds of a log of the other, as a line of the argument that decides nothing.
 *
 * @see spec/agreement.md, AGREE-74
 */
export function findingForHolding(
  { by, origin, size, since }: Holding,
  nameOf: (did: string) => string,
): Finding {
  const detail =
    size === undefined
      ? {
          zh: `${nameOf(by)}：未见其持有 ${origin} 的签名（不影响效力）`,
          en: `${by}: no word of its holder about ${origin} is at hand; this decides nothing`,
        }
      : {
          zh: `${nameOf(by)}持有 ${origin} 前${size}条及其公开记录与附件，${since}自述`,
          en: `${by} holds ${origin} below ${size}, with its public records and files, by its own word of ${since}`,
        }
  return { check: 'holding', outcome: 'passed', detail }
}

/** The day, the answer and the state, on one line. */
export function summaryOf(standing: AnyStanding, day: string): Finding {
  const { answer, state, conditions, cause, rows = [], repin = [], disposeBy, reviewOverdue } = standing
  const outcome = answer === 'effective' ? 'passed' : answer === 'undecided' ? 'unknown' : 'failed'
  const decisive =
    outcome === 'failed' ? decisiveOf(conditions) : conditions.find((one) => one.outcome === outcome)
  const code = outcome === 'passed' ? undefined : decisive?.code
  const fallen = rows.filter((row) => row.state === 'fallen').length
  const notes = [
    ...termIn(standing),
    // What ends it on the day asked, its condition says.
    cause === undefined || answer !== 'effective'
      ? undefined
      : [
          `因日志 ${cause.origin} 第${cause.index}条已定其止期`,
          `its end is settled by entry ${cause.index} of ${cause.origin}`,
        ],
    fallen === 0 ? undefined : [`${fallen}行已失效`, `${fallen} row(s) fell`],
    repin.length === 0 ? undefined : ['有版本须重新引用', 'pins to be renewed'],
    disposeBy === undefined ? undefined : [`应于${disposeBy}前处置`, `to be disposed of by ${disposeBy}`],
    reviewOverdue
      ? ['有版本逾期未复审（本文件所知）', 'a pinned edition is overdue for review, as far as is known here']
      : undefined,
  ].flatMap((note) => (note === undefined ? [] : [note]))
  return {
    check: 'validity',
    outcome,
    ...(code === undefined ? {} : { code }),
    detail: {
      zh: `${day}：${answers[answer].zh}${state === 'effective' ? '' : `，${agreementStates[state].zh}`}；${notes.map(([zh]) => zh).join('，')}`,
      en: `on ${day}: ${answers[answer].en}${state === 'effective' ? '' : `, ${agreementStates[state].en}`}; ${notes.map(([, en]) => en).join(', ')}`,
    },
  }
}

/** No term is told that ends before it begins. @see spec/agreement.md, AGREE-38 */
function termIn({ start, end, never }: AnyStanding): readonly (readonly [string, string] | undefined)[] {
  if (never) return [[`不会生效：${never.zh}`, `it never comes into force: ${never.en}`]]
  return [
    start === undefined ? undefined : [`自${start}起`, `from ${start}`],
    end === undefined || (start !== undefined && end <= start)
      ? undefined
      : [`至${end}（不含）`, `until ${end}`],
  ]
}
