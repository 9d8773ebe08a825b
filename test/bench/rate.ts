import type { ReportLine } from '../../protocol/record/implementation-report.ts'
import type { KnownEdition } from '../../protocol/standing/rate/edition.ts'
import { rateOf } from '../../protocol/standing/rate/rate.ts'
import type { PlacedReport } from '../../protocol/standing/rate/report.ts'
import { type BenchOptions, goalRow, type Row } from './row.ts'

/** 标准综合运用率 of the whole region over two years. */
export function measureRate({ quick, say }: BenchOptions): readonly Row[] {
  const [agencies, quarters, lines] = quick ? [68, 2, 50] : [68, 8, 200]
  const periods = Array.from({ length: quarters }, (_, i) => `${2024 + Math.floor(i / 4)}-Q${(i % 4) + 1}`)
  const editions = new Map(Array.from({ length: lines * 4 }, (_, i) => [nameOf(i), syntheticEdition(i)]))
  const reports = periods.flatMap((period, q) =>
    Array.from({ length: agencies }, (_, a) => syntheticReport(a, q, { period, lines })),
  )
  const run = (known: number) => {
    const editionOf = ({ id }: { readonly id: string }) =>
      Number(id.slice(-6)) % 100 < known ? editions.get(id) : undefined
    for (const period of periods) rateOf({ period, reports, editionOf, expected: agencies })
  }
  const [whole, partly] = [bestOf(() => run(100)), bestOf(() => run(95))]
  say(`rates: ${whole.toFixed(0)} ms, with unknown editions ${partly.toFixed(0)} ms`)
  const size = `${agencies} agencies × ${quarters} periods × ${lines} lines`
  const goal = quick ? '≤ 200 ms at full size' : '≤ 200 ms'
  const reached = (time: number) => (quick ? undefined : time <= 200)
  return [
    goalRow(`rates of a region, ${size}`, `${whole.toFixed(0)} ms`, goal, reached(whole)),
    goalRow(
      'the same with bounds, one edition of twenty unknown',
      `${partly.toFixed(0)} ms`,
      goal,
      reached(partly),
    ),
  ]
}

function bestOf(run: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const begun = performance.now()
    run()
    return performance.now() - begun
  })
  return Math.min(...times)
}

function nameOf(i: number): string {
  return `https://bishan.example/id/00000000-0000-4000-8000-${String(i).padStart(12, '0')}`
}

/** 合成. */
function syntheticEdition(i: number): KnownEdition {
  return {
    facts: {
      identifiers: [],
      titleZh: `合成标准${i}`,
      effectiveOn: '2020-01-01',
      matters: ['property'],
      ...(i % 7 === 0 ? { important: true } : {}),
    },
    events: [],
  }
}

function syntheticReport(
  agency: number,
  quarter: number,
  { period, lines }: { readonly period: string; readonly lines: number },
): PlacedReport {
  const one = (i: number): ReportLine => {
    const clausesApplicable = 1 + ((agency * 31 + i * 17) % 60)
    const edition = (i * 4 + (agency % 4)) % (lines * 4)
    return {
      edition: { id: nameOf(edition), digest: `sha256:${'a'.repeat(64)}` },
      applicable: true,
      clausesApplicable,
      clausesExecuted: (agency + i + quarter) % (clausesApplicable + 1),
    }
  }
  return {
    agency: `did:web:a${agency}.example`,
    id: `https://a${agency}.example/id/00000000-0000-4000-8000-${String(quarter).padStart(12, '0')}`,
    digest: `sha256:${String(agency * 100 + quarter).padStart(64, '0')}`,
    subject: {
      period,
      indicatorSet: { code: 'ui-1' },
      functions: ['property', 'canteen'],
      lines: Array.from({ length: lines }, (_, i) => one(i)),
    },
    at: '2026-04-01T00:00:00.000Z',
    place: { origin: `a${agency}.example/log/1`, index: quarter },
  }
}
