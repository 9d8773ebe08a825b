import { type OpenedAgreementBundle, parseAgreementBundle } from './agreement-bundle.ts'
import { formatMoment, legalDateOf } from './date.ts'
import type { Agreement } from './record/agreement.ts'
import { isAttestation } from './record/schema.ts'
import { tierNames } from './record/vocabulary.ts'
import type { KnownLogs } from './standing/known-log.ts'
import { filesByName } from './standing/recognition-evidence.ts'
import { hasUnopened } from './standing/unopened.ts'
import { asksForWitnesses } from './trust/cosigner.ts'
import { nameAt } from './trust/registry.ts'
import type { Trust } from './trust/trust.ts'
import { Argument, type AsOf, argueDigest, type Verdict, type VerifyOptions, verdictOf } from './verdict.ts'
import { argueLog, argueSeen, loggedOnIn, type ProvenLog } from './verify-agreement-log.ts'
import { argueAgreement, argueStatements, readCandidates, readersOf } from './verify-agreement-record.ts'
import {
  type AnyStanding,
  findingFor,
  findingForHolding,
  standingIn,
  summaryOf,
} from './verify-agreement-standing.ts'
import { argueTrust } from './verify-issuer.ts'
import { argueFreshness } from './verify-range.ts'
import { momentOf } from './verify-witness.ts'

export interface AgreementVerdict extends Verdict {
  readonly standing?: AnyStanding
  readonly agreement?: Agreement
}

/**
 * Verifies the evidence about one agreement offline, for any date: who consented, what the pinned editions, the files and the basis
 * are, and what ended it, all from the logs in the file.
 *
 * `verified` proves: on the legal date asked, as known at the checkpoints in the file, the recognition, interconnection or reuse was in
 * force by each of its conditions, and in each log that has a say there is no entry, from the first that matters to its checkpoint, that
 * says otherwise. It does not prove what was logged after these checkpoints, nor that the logs showed everybody the same trees.
 *
 * Never throws for what is in the file: malformed input is a failed check.
 *
 * @see spec/agreement.md, AGREE-40 to AGREE-46, AGREE-50 to AGREE-52
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
  const reading = argueStatements(argument, opened, {
    agreement,
    candidates,
    trust,
    proven,
    now: options.now,
  })
  if (!reading) {
    argument.skip('standing')
    return end()
  }
  const { statements, covered, acted } = reading
  const { mappingSalt, subject, logs } = opened.bundle
  const readers = readersOf(opened, agreement)
  const names = filesByName(opened.texts.values(), mappingSalt)
  const known: KnownLogs = {
    trust,
    statements,
    covered,
    acted,
    unopened: new Set(logs.flatMap(({ origin, entries }) => (hasUnopened(entries, readers) ? [origin] : []))),
    loggedOn: loggedOnIn(proven, trust),
    holders: [...proven.values()].flatMap(({ holders }) => holders),
    file: (name) => names.get(name),
    ...(mappingSalt === undefined ? {} : { mappingSalt }),
  }
  const day = legalDateOf(at)
  const { standing, proposal, acceptances } = standingIn(known, { agreement, digest: subject.digest, day })
  // What decides nothing spoils nothing: else one party could end an agreement at once by a picture of a log that never was.
  for (const { subject: act } of acceptances) if (act.seen) argueSeen(argument, proven, act.seen)
  for (const condition of standing.conditions) argument.note(findingFor(condition))
  const nameOf = (did: string) => nameAt(trust.members.get(did)?.profile ?? [], day)
  for (const holding of standing.holdings ?? []) argument.note(findingForHolding(holding, nameOf))
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
    first: proposal?.origin,
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
