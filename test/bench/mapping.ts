import { formatMappingSet } from '../../protocol/mapping/mapping-set.ts'
import { parseSssomTsv } from '../../protocol/mapping/sssom/read.ts'
import { formatSssomTsv } from '../../protocol/mapping/sssom/write.ts'
import type { NamedRow } from '../../protocol/record/mapping-row.ts'
import { type BenchOptions, goalRow, type Row } from './row.ts'

/** Mapping work at the size of two agencies' whole stock of clauses. */
export async function measureMapping({ quick, say }: BenchOptions): Promise<readonly Row[]> {
  const size = quick ? 10_000 : 100_000
  const rows = Array.from({ length: size }, (_, i) => syntheticRow(i))
  const bytes = formatMappingSet(rows, { setId: 'https://bishan.example/sets/bench' })
  const goal = quick ? '≤ 1 s for 100,000' : '≤ 1 s'
  const parse = bestOf(() => parseSssomTsv(bytes))
  const { set } = parseSssomTsv(bytes)
  const write = bestOf(() => formatSssomTsv(set))
  say(`SSSOM, ${size} rows: parse ${parse.toFixed(0)} ms, write ${write.toFixed(0)} ms`)
  const scale = 100_000 / size
  const named = `${size.toLocaleString('en')} rows, ${set.columns.length} columns, ${(bytes.length / 1e6).toFixed(1)} MB`
  return [
    goalRow(`SSSOM parse and check, ${named}`, `${parse.toFixed(0)} ms`, goal, parse * scale <= 1000),
    goalRow(`SSSOM canonical write, ${named}`, `${write.toFixed(0)} ms`, goal, write * scale <= 1000),
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

/** 合成: the words and lengths of real work, the content made up. */
function syntheticRow(i: number): NamedRow {
  const edition = (host: string) =>
    `https://${host}.example/id/7b8e2c3a-5d1f-4e6a-9b0c-${(i % 40).toString(16).padStart(12, '0')}`
  const digest = (digit: string): `sha256:${string}` => `sha256:${digit.repeat(64)}`
  return {
    row: `r${i.toString(36).padStart(8, '0')}`,
    mapping: {
      subject: { edition: edition('bishan'), digest: digest('1'), clause: `c-${i % 97}.${i}` },
      object: { edition: edition('meishan'), digest: digest('2'), clause: `c-${i % 89}.${i}` },
      predicate: 'close-match',
      relation: i % 3 === 0 ? 'superset' : 'intersects',
      justification: 'manual-curation',
      state: 'accepted',
      certainty: String((i % 100) / 100),
      differences: ['value', 'scope'],
      subjectValue: `≤${1000 + (i % 500)}元/m²`,
      objectValue: `≤${1500 - (i % 500)}元/m²`,
      effect: 'one-way',
      author: 'did:web:bishan.example',
      authorLabel: '标准化专员（合成）',
      mappedOn: '2026-01-05',
      reviewer: 'did:web:meishan.example',
      reviewedOn: '2026-02-05',
      ...(i % 5 === 0 ? { comment: `合成备注 ${i}，含“引号”与 "quotes"` } : {}),
    },
  }
}
