import { type OpenedAgreementBundle, parseAgreementBundle } from './agreement-bundle.ts'
import { formatMoment, legalDateOf } from './date.ts'
import type { Agreement } from './record/agreement.ts'
import type { Attestation } from './record/envelope.ts'
import { isAttestation } from './record/schema.ts'
import { tierNames } from './record/vocabulary.ts'
import { agreementStates, answers, type Condition } from './standing/condition.ts'
import { type RecognitionStanding, recognitionAt } from './standing/recognition.ts'
import { filesByName, findRecognition } from './standing/recognition-evidence.ts'
import { asksForWitnesses } from './trust/cosigner.ts'
import type { Trust } from './trust/trust.ts'
import {
  Argument,
  type AsOf,
  argueDigest,
  type Finding,
  outcomeOf,
  type Verdict,
  type VerifyOptions,
  verdictOf,
} from './verdict.ts'
import { argueLog, argueSeen, loggedOnIn, type ProvenLog } from './verify-agreement-log.ts'
import { argueAgreement, argueStatements, readCandidates } from './verify-agreement-record.ts'
import { argueTrust } from './verify-issuer.ts'
import { argueFreshness } from './verify-range.ts'
import { momentOf } from './verify-witness.ts'

export interface AgreementVerdict extends Verdict {
  readonly standing?: RecognitionStanding
  readonly agreement?: Agreement
}

/**
 * Verifies the evidence about one agreement offline, for any date: who consented, what the pinned editions, the mapping set and the
 * basis are, and what ended it, all from the logs in the file.
 *
 * `verified` proves: on the legal date asked, as known at the checkpoints in the file, the recognition was in force by E1 to E7, and in
 * each log that has a say there is no entry, from the first that matters to its checkpoint, that says otherwise. It does not prove what
 * was logged after these checkpoints, nor that the logs showed everybody the same trees.
 *
 * Never throws for what is in the file: malformed input is a failed check.
 *
 * @see spec/agreement.md, AGREE-40 to AGREE-46
 */
export function verifyAgreementBundle(bytes: Uint8Array, options: VerifyOptions): AgreementVerdict {
  const argument = new Argument()
  const end = (): AgreementVerdict => ({ verdict: verdictOf(argument.findings), findings: argument.findings })
  const opened = argument.step(
    'form',
    () => parseAgreementBundle(bytes),
    ({ bundle, records }) => ({
      zh: `证据包格式正确，日志${bundle.logs.length}个，记录${records.size}条`,
      en: `well-formed bundle about an agreement: ${bundle.logs.length} log(s), ${records.size} record(s)`,
    }),
  )
  if (!opened) return end()
  argueDigest(argument, opened)
  const trust = argueTrust(argument, options, opened.bundle.registry)
  const candidates = readCandidates(opened)
  const agreement = argueAgreement(argument, opened, candidates)
  if (!agreement || !trust) {
    argument.skip('standing')
    return end()
  }
  const seen = candidates.flatMap(({ record }) =>
    isAttestation(record) ? (record.credentialSubject.seen ?? []) : [],
  )
  const proven = new Map<string, ProvenLog>()
  for (const held of opened.bundle.logs) {
    const sizes = seen.flatMap(({ origin, size }) => (origin === held.origin ? [size] : []))
    const log = argueLog(argument, held, { trust, sizes })
    if (log) proven.set(held.origin, log)
  }
  argueReadership(argument, opened, agreement)
  const at = options.at ?? options.now
  const statements = argueStatements(argument, opened, {
    agreement,
    candidates,
    trust,
    proven,
    now: options.now,
  })
  if (!statements) {
    argument.skip('standing')
    return end()
  }
  for (const { record } of statements) {
    // What others say about it decides nothing, and so spoils nothing.
    if (!isAttestation(record) || !isByParty(record, { agreement, digest: opened.bundle.subject.digest }))
      continue
    if (record.credentialSubject.seen) argueSeen(argument, proven, record.credentialSubject.seen)
  }
  if (agreement.kind !== 'recognition') {
    argument.note(unsupported(agreement.kind))
    return end()
  }
  const { mappingSalt, subject, logs } = opened.bundle
  const names = filesByName(opened.texts.values(), mappingSalt)
  const facts = findRecognition(
    {
      trust,
      statements,
      covered: new Map(logs.flatMap(({ origin, from }) => (proven.has(origin) ? [[origin, from]] : []))),
      loggedOn: loggedOnIn(proven, trust),
      file: (name) => names.get(name),
      ...(mappingSalt === undefined ? {} : { mappingSalt }),
    },
    agreement,
    subject.digest,
  )
  const day = legalDateOf(at)
  const standing = recognitionAt(facts, agreement, day)
  for (const condition of standing.conditions) argument.note(findingFor(condition))
  argument.note(summaryOf(standing, day))
  const oldest = [...proven.values()].map(({ witnessed }) => witnessed?.latest ?? 0)
  const seenAt = oldest.length === 0 ? undefined : momentOf(Math.min(...oldest))
  const loggedAt = statements
    .map((one) => one.at)
    .toSorted()
    .at(-1)
  argueFreshness(argument, asksForWitnesses(trust) ? { seenAt } : { loggedAt }, options)
  const asOf = describeAsOf(proven, trust, {
    at,
    loggedAt: loggedAt ?? '',
    first: facts.consent.proposal?.origin,
  })
  return { ...end(), standing, agreement, ...(asOf ? { asOf } : {}) }
}

/** @see spec/tier.md, TIER-80 */
function argueReadership(
  argument: Argument,
  { bundle }: OpenedAgreementBundle,
  { project }: Agreement,
): void {
  const { contains, logs } = bundle
  if (contains === 'public') return
  const count = logs.reduce((sum, { openings = [] }) => sum + openings.length, 0)
  argument.note({
    check: 'readers',
    outcome: 'passed',
    detail: {
      zh: `注意：本文件含非公开记录${count}条（${tierNames[contains].zh}，${project}），持有者可向任何人证明其内容`,
      en: `this file opens ${count} record(s) that are not public (${tierNames[contains].en}): whoever has it can prove them to anybody`,
    },
  })
}

function findingFor({ condition, outcome, code, since, cause, zh, en }: Condition): Finding {
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

function summaryOf(
  { answer, state, start, end, rows, repin, reviewOverdue }: RecognitionStanding,
  day: string,
): Finding {
  const fallen = rows.filter((row) => row.state === 'fallen').length
  const notes = [
    start === undefined ? undefined : [`自${start}起`, `from ${start}`],
    end === undefined ? undefined : [`至${end}（不含）`, `until ${end}`],
    fallen === 0 ? undefined : [`${fallen}行已失效`, `${fallen} row(s) fell`],
    repin.length === 0 ? undefined : ['有版本须重新引用', 'pins to be renewed'],
    reviewOverdue
      ? ['有版本逾期未复审（本文件所知）', 'a pinned edition is overdue for review, as far as is known here']
      : undefined,
  ].flatMap((note) => (note === undefined ? [] : [note]))
  return {
    check: 'validity',
    outcome: answer === 'effective' ? 'passed' : answer === 'undecided' ? 'unknown' : 'failed',
    ...(state === 'renewed' ? ({ code: 'SUPERSEDED' } as const) : {}),
    detail: {
      zh: `${day}：${answers[answer].zh}${state === 'effective' ? '' : `，${agreementStates[state].zh}`}；${notes.map(([zh]) => zh).join('，')}`,
      en: `on ${day}: ${answers[answer].en}${state === 'effective' ? '' : `, ${agreementStates[state].en}`}; ${notes.map(([, en]) => en).join(', ')}`,
    },
  }
}

function isByParty(
  { issuer, credentialSubject }: Attestation,
  { agreement, digest }: { readonly agreement: Agreement; readonly digest: string },
): boolean {
  return credentialSubject.agreementDigest === digest && agreement.parties.some(({ id }) => id === issuer)
}

function unsupported(kind: string): Finding {
  return {
    check: 'standing',
    outcome: outcomeOf('RECORD_UNAVAILABLE'),
    code: 'RECORD_UNAVAILABLE',
    detail: {
      zh: `本版本尚不能判定此类协议（${kind}）`,
      en: `this version does not judge agreements of kind ${kind}`,
    },
  }
}

function describeAsOf(
  proven: ReadonlyMap<string, ProvenLog>,
  { registry, fingerprint, anchor }: Trust,
  {
    at,
    loggedAt,
    first,
  }: { readonly at: number; readonly loggedAt: string; readonly first: string | undefined },
): AsOf | undefined {
  const logs = [...proven.values()].map(({ held: { origin }, size, root, witnessed }) => ({
    origin,
    size,
    root,
    ...(witnessed ? { loggedBy: momentOf(witnessed.since) } : {}),
  }))
  const named = logs.find(({ origin }) => origin === first) ?? logs[0]
  if (!named) return undefined
  return {
    ...named,
    loggedAt,
    at: formatMoment(at),
    registry: { version: registry.version, fingerprint, ...(anchor ? { root: anchor.pinned } : {}) },
    logs,
  }
}
