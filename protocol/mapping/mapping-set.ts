import { equalBytes } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import type { NamedRow, Pin } from '../record/mapping-row.ts'
import { iriOfPin, type SetOptions, setOfRows } from './row-to-set.ts'
import { rowsOfSet } from './set-to-row.ts'
import { parseSssomTsv } from './sssom/read.ts'
import type { MappingSet } from './sssom/set.ts'
import { formatSssomTsv } from './sssom/write.ts'

/**
 * The mapping set that an agreement pins: canonical SSSOM/TSV of rows, which any reader of SSSOM reads. Rows come in the order of
 * their names, whatever order they are given in.
 *
 * @throws {ProtocolError} `DUPLICATE_ID` — two rows of one name
 * @see spec/mapping.md, MAP-24
 */
export function formatMappingSet(rows: readonly NamedRow[], options: SetOptions): Uint8Array {
  return formatSssomTsv(setOfRows(rows, options))
}

/**
 * The rows of a mapping set that an agreement pins.
 *
 * Proves that the bytes are the only ones that `formatMappingSet` makes of these rows, this set id, license, title and labels: so
 * its digest stands for the rows. Says nothing about what the rows claim, nor about labels, which are for people.
 *
 * @throws {ProtocolError} what `parseSssomTsv` throws · `SSSOM_ROW_FOREIGN` `SCHEMA_INVALID` `DUPLICATE_ID`
 *   `SSSOM_NOT_CANONICAL`
 * @see spec/mapping.md, MAP-24
 */
export function parseMappingSet(bytes: Uint8Array): readonly NamedRow[] {
  const { set, placeOf } = parseSssomTsv(bytes)
  const { rows, faults } = rowsOfSet(set, { placeOf })
  const [fault] = faults
  if (fault) throw new ProtocolError(fault.code, fault.detail, { place: { cell: fault.cell } })
  if (!equalBytes(formatMappingSet(rows, optionsOf(set)), bytes))
    throw new ProtocolError('SSSOM_NOT_CANONICAL', 'not the canonical mapping set of its rows')
  return rows
}

function optionsOf(set: MappingSet): SetOptions {
  const text = (name: string) => {
    const value = set.metadata.get(name)
    return typeof value === 'string' ? value : undefined
  }
  const labels = new Map<string, string>()
  for (const side of ['subject', 'object']) {
    const [id, label, version] = ['id', 'label', 'source_version'].map((name) =>
      set.columns.indexOf(`${side}_${name}`),
    )
    for (const record of set.records) {
      const value = record[label ?? -1]
      if (typeof value === 'string') labels.set(`${record[id ?? -1]} ${record[version ?? -1]}`, value)
    }
  }
  const title = text('mapping_set_title')
  return {
    setId: text('mapping_set_id') ?? '',
    license: text('license') ?? '',
    ...(title === undefined ? {} : { title }),
    labelOf: (pin: Pin) => labels.get(`${iriOfPin(pin)} ${pin.digest}`),
  }
}
