import { ProtocolError } from '../../error.ts'
import { type MappingRecord, noTermFound } from './set.ts'

export interface Checked {
  readonly columns: readonly string[]
  readonly records: readonly MappingRecord[]
}

/**
 * What the schema asks of a row as a whole, after propagation: subject, predicate, object and justification; a label instead of an
 * id for a literal alone; a reviewer where there is a review; a cardinality that fits `sssom:NoTermFound`; record ids in all rows or
 * in none, each once.
 *
 * @throws {ProtocolError} `SSSOM_SLOT_MISSING` `SSSOM_VALUE_INVALID`
 * @see spec/mapping.md, MAP-17
 */
export function checkRecords({ columns, records }: Checked, placeOf: (index: number) => string): void {
  const at = (name: string) => columns.indexOf(name)
  const sides = (['subject', 'object'] as const).map((side) => ({
    side,
    id: at(`${side}_id`),
    label: at(`${side}_label`),
    type: at(`${side}_type`),
  }))
  const needed = ['predicate_id', 'mapping_justification'].map((name) => ({ name, index: at(name) }))
  const reviewers = [at('reviewer_id'), at('reviewer_label')]
  const reviews = ['review_date', 'reviewer_agreement'].map((name) => ({ name, index: at(name) }))
  const cardinality = at('mapping_cardinality')
  const ids = new Set<unknown>()
  const recordId = at('record_id')
  const [subject, object] = sides

  const fail = (
    code: 'SSSOM_SLOT_MISSING' | 'SSSOM_VALUE_INVALID',
    index: number,
    name: string,
    why: string,
  ): never => {
    throw new ProtocolError(code, why, { place: { cell: `${placeOf(index)}, column ${name}` } })
  }

  for (const [i, record] of records.entries()) {
    for (const { side, id, label, type } of sides) {
      const literal = type >= 0 && record[type] === 'rdfs literal'
      if (literal && record[label] === undefined)
        fail('SSSOM_SLOT_MISSING', i, `${side}_label`, 'a literal without its text')
      if (!literal && record[id] === undefined)
        fail('SSSOM_SLOT_MISSING', i, `${side}_id`, `a row without ${side}`)
    }
    for (const { name, index } of needed)
      if (record[index] === undefined) fail('SSSOM_SLOT_MISSING', i, name, `a row without ${name}`)
    for (const { name, index } of reviews)
      if (index >= 0 && record[index] !== undefined && reviewers.every((one) => record[one] === undefined))
        fail('SSSOM_SLOT_MISSING', i, 'reviewer_id', `${name} without a reviewer`)
    if (cardinality >= 0 && record[cardinality] !== undefined) {
      const fits = cardinalityFits(record[cardinality], record[subject?.id ?? -1], record[object?.id ?? -1])
      if (!fits) fail('SSSOM_VALUE_INVALID', i, 'mapping_cardinality', 'not the cardinality of such a row')
    }
    if (recordId >= 0) {
      const id = record[recordId]
      if (id === undefined)
        fail('SSSOM_SLOT_MISSING', i, 'record_id', 'some rows have a record id and this has none')
      if (ids.has(id)) fail('SSSOM_VALUE_INVALID', i, 'record_id', 'a record id twice')
      ids.add(id)
    }
  }
}

function cardinalityFits(stated: unknown, subject: unknown, object: unknown): boolean {
  const [none, absent] = [subject === noTermFound, object === noTermFound]
  if (none && absent) return stated === '0:0'
  if (none) return stated === '0:1'
  if (absent) return stated === '1:0'
  return stated !== '0:0' && stated !== '0:1' && stated !== '1:0'
}
