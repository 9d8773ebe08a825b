import { expect, test } from 'vitest'
import { formatMappingSet } from '../../../protocol/mapping/mapping-set.ts'
import { rowsOfSet } from '../../../protocol/mapping/set-to-row.ts'
import { parseSssomTsv } from '../../../protocol/mapping/sssom/read.ts'
import { mappingRow } from '../../../protocol/record/mapping-row.ts'

const pin = (host: string) => ({
  edition: `https://${host}.example/id/7b8e2c3a-5d1f-4e6a-9b0c-1d2e3f4a5b6c`,
  digest: `sha256:${'1'.repeat(64)}`,
})
const mapping = mappingRow.parse({
  subject: pin('a'),
  object: pin('b'),
  predicate: 'close-match',
  justification: 'manual-curation',
  state: 'draft',
  certainty: '0.85123',
})
const others = ['r2', 'r3'].map((row) => ({ row, mapping: { ...mapping, certainty: '0.5' } }))
const text = new TextDecoder().decode(
  formatMappingSet([{ row: 'r1', mapping }, ...others], { setId: 'https://a.example/s' }),
)
const certaintyIn = (table: string) =>
  rowsOfSet(parseSssomTsv(new TextEncoder().encode(table)).set, { placeOf: String }).rows.find(
    ({ row }) => row === 'r1',
  )?.mapping.certainty

test('[MAP-21] the exact number counts beside its own three digits alone', () => {
  expect(text).toContain('\t0.851\t')
  expect(certaintyIn(text)).toBe('0.85123')
  expect(certaintyIn(text.replace('\t0.851\t', '\t0.9\t'))).toBe('0.9')
  expect(certaintyIn(text.replace('\t0.851\t', '\t\t'))).toBeUndefined()
  expect(certaintyIn(text.replace('0.85123', '0.8514'))).toBe('0.8514')
  expect(certaintyIn(text.replace('0.85123', '0.7'))).toBe('0.851')
})
