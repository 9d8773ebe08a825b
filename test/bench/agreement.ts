import { syntheticAct } from '../../fixtures/synthetic/agreement.ts'
import {
  recognitionBundle,
  recognitionTrust,
  sawProposal,
  startRecognition,
} from '../../fixtures/synthetic/recognition.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { addDays } from '../../protocol/date.ts'
import { recognitionAt } from '../../protocol/standing/recognition.ts'
import { verifyAgreementBundle } from '../../protocol/verify-recognition.ts'
import {
  acceptance,
  act,
  agreement,
  edition,
  eventOf,
  factsOf,
  proposal,
} from '../protocol/standing/recognition-sample.ts'
import { percentile } from './measure.ts'
import { type BenchOptions, goalRow, type Row } from './row.ts'

/** Agreements: a whole file of evidence, and the standing of a country's worth of them on a date. */
export async function measureAgreement({ quick, say }: BenchOptions): Promise<readonly Row[]> {
  const [entries, count] = quick ? [100, 2_000] : [300, 10_000]
  const bytes = encodeUtf8(await bundleOf(entries))
  const options = {
    trust: recognitionTrust(),
    now: Date.UTC(2026, 5, 1, 4),
    at: Date.UTC(2026, 5, 1, 4),
  }
  const verify = timesOf(quick ? 5 : 20, () => {
    const { verdict, findings } = verifyAgreementBundle(bytes, options)
    if (verdict !== 'verified')
      throw new Error(JSON.stringify(findings.filter(({ outcome }) => outcome !== 'passed')))
  })
  const [first = 0, ...rest] = verify
  const typical = percentile(rest, 0.5)
  say(
    `recognition bundle, 3 logs of ${entries} entries: ${first.toFixed(0)} ms, then ${typical.toFixed(0)} ms`,
  )
  const prepared = standings(count)
  const fold = timesOf(quick ? 5 : 10, () => {
    const states = new Set(
      prepared.map(({ facts, about }) => recognitionAt(facts, about, '2026-09-01').state),
    )
    if (states.size < 4) throw new Error(`only ${[...states].join(', ')}`)
  })
  const best = percentile(fold, 0.5)
  say(`standing of ${count} recognitions: ${best.toFixed(0)} ms`)
  const named = `${count.toLocaleString('en')} recognitions`
  return [
    goalRow(
      `a full recognition bundle verified, 3 logs of ${entries} entries`,
      `first ${first.toFixed(0)} ms, then p50 ${typical.toFixed(0)} ms (${(bytes.length / 1024).toFixed(0)} KiB)`,
      '≤ 200 ms',
      first <= 200 && typical <= 200,
    ),
    goalRow(
      `standing of ${named} on a date`,
      `p50 ${best.toFixed(0)} ms`,
      quick ? '≤ 200 ms for 10,000' : '≤ 200 ms',
      best * (10_000 / count) <= 200,
    ),
  ]
}

/** Each log with other records of its agency before, between and after the acts. */
async function bundleOf(entries: number): Promise<string> {
  const world = await startRecognition()
  const { west, east, bureau } = world
  const fill = async (log: typeof west, size: number) => {
    for (let n = log.logged.length; n < size; n += 1) await log.publish(syntheticStandard(1000 + n))
  }
  for (const log of [west, east]) await fill(log, Math.floor(entries / 2))
  west.skipTo('2026-02-02T02:00:00Z')
  await west.publish(syntheticAct({ act: 'propose', agreement: world.agreement }))
  const seen = await sawProposal(world)
  east.skipTo('2026-02-10T02:00:00Z')
  await east.publish(syntheticAct({ act: 'accept', agreement: world.agreement, seen }))
  for (const log of [west, east, bureau]) await fill(log, entries)
  return recognitionBundle(world)
}

function timesOf(rounds: number, run: () => void): readonly number[] {
  return Array.from({ length: rounds }, () => {
    const begun = performance.now()
    run()
    return performance.now() - begun
  })
}

/** 合成: plain ones, ones under notice, with changed clauses, ended editions, and terms of their own. */
function standings(count: number) {
  return Array.from({ length: count }, (_, i) => {
    const about = { ...agreement, validUntil: addDays('2026-08-15', i % 400), graceDays: i % 60 }
    const withdrawal = act({ act: 'withdraw', by: 'east', index: 9, on: addDays('2026-05-01', i % 90) })
    const acts = i % 7 === 0 ? [proposal, acceptance, withdrawal] : [proposal, acceptance]
    const events =
      i % 5 === 0
        ? [eventOf('west', 'superseded', addDays('2026-06-01', i % 200))]
        : i % 3 === 0
          ? [eventOf('west', 'amendment', addDays('2026-06-01', i % 200), ['c1'])]
          : []
    const editions = [edition('west', { events }), edition('east')]
    return { about, facts: factsOf({ editions }, acts) }
  })
}
