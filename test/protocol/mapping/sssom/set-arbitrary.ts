import fc from 'fast-check'
import { orderColumns } from '../../../../protocol/mapping/sssom/propagate.ts'
import type { Extension, MappingSet, SlotValue } from '../../../../protocol/mapping/sssom/set.ts'
import { enums, rowSlots, type Slot, setSlots } from '../../../../protocol/mapping/sssom/slot.ts'

/** Sets of every slot and hostile text, as reading leaves them: nothing that could be propagated stands in the set. */

const namespaces = {
  a: 'https://a.example/id/',
  ab: 'https://a.example/id/b',
  null: 'did:',
  'n-1.x': 'https://b.example/#',
}
const hostile = fc.constantFrom(
  '"',
  '\t',
  '\n',
  '\\',
  '|',
  '\\|',
  ': ',
  ' #',
  '- ',
  '1.10',
  'true',
  '~',
  '#',
  '\u200b',
  '😀',
  '',
  ' ',
  '\u0085',
  '\u2028',
  '中',
)
const text = fc
  .array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 4 })), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('').replaceAll('\0', '').replaceAll('\r', ''))
  .filter((made) => made !== '' && made.isWellFormed())
const entity = fc
  .tuple(fc.constantFrom(...Object.values(namespaces)), fc.stringMatching(/^[a-zA-Z0-9#/(:'.,-]{0,8}$/))
  .map(([namespace, local]) => namespace + local)
const uri = fc.stringMatching(/^https:\/\/[a-z/?=&;@.-]{1,20}$/)
const date = fc.constantFrom('2024-02-29', '2026-01-05', '1999-12-31')

function one(slot: Slot): fc.Arbitrary<string | number> {
  const justification = fc.constantFrom('LexicalMatching', 'MappingChaining')
  if (slot.name === 'mapping_justification')
    return justification.map((name) => `https://w3id.org/semapv/vocab/${name}`)
  if (slot.type === 'string') return text
  if (slot.type === 'entity') return entity
  if (slot.type === 'uri') return uri
  if (slot.type === 'date') return date
  if (slot.type === 'double')
    return fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000)
  const words = Object.keys(enums[slot.type]).filter((word) => !/literal|^0:|:0|^composed/.test(word))
  return fc.constantFrom(...words)
}

function value(slot: Slot): fc.Arbitrary<SlotValue> {
  if (slot.many) return fc.array(one(slot).map(String), { minLength: 1, maxLength: 3 })
  return one(slot)
}

const always = ['subject_id', 'predicate_id', 'object_id', 'mapping_justification', 'reviewer_label']
const extensions: readonly Extension[] = [
  { name: 'ext_b', property: 'https://a.example/id/z', type: 'http://www.w3.org/2001/XMLSchema#integer' },
  {
    name: '__proto__',
    property: 'http://sssom.invalid/__proto__',
    type: 'http://www.w3.org/2001/XMLSchema#string',
  },
  { name: 'ext_a', property: 'did:p', type: 'https://w3id.org/linkml/Uriorcurie' },
]
const extensionValue = ({ type }: Extension) =>
  type.endsWith('integer') ? fc.constantFrom('12', '-3') : type.endsWith('Uriorcurie') ? entity : text

export const mappingSets: fc.Arbitrary<MappingSet> = fc
  .record({
    names: fc.subarray([...rowSlots.keys()].filter((name) => name !== 'record_id')),
    used: fc.subarray(extensions.map(({ name }) => name)),
    ids: fc.boolean(),
    size: fc.integer({ min: 0, max: 6 }),
  })
  .chain(({ names, used, ids, size }) => {
    const slots = [...rowSlots.values()].filter(({ name }) => always.includes(name) || names.includes(name))
    const added = extensions.filter(({ name }) => used.includes(name))
    const cells = [
      ...slots.map((slot) =>
        always.includes(slot.name) ? value(slot) : fc.option(value(slot), { nil: undefined }),
      ),
      ...added.map((extension) => fc.option(extensionValue(extension), { nil: undefined })),
    ]
    const metadata = fc.record(
      Object.fromEntries(
        [...setSlots.values()]
          .filter(({ name, propagated }) => !propagated && name !== 'sssom_version')
          .map((slot) => [slot.name, value(slot)]),
      ),
      { requiredKeys: ['mapping_set_id', 'license'] },
    )
    return fc
      .record({
        metadata,
        records: fc.array(fc.tuple(...cells), { minLength: size, maxLength: size }),
        extra: text,
      })
      .map(({ metadata: head, records, extra }): MappingSet => {
        const known = new Map(added.map((extension) => [extension.name, extension]))
        const named = records.map((record, i) => (ids ? [`https://a.example/id/r${i}`, ...record] : record))
        const columns = [
          ...(ids ? ['record_id'] : []),
          ...slots.map(({ name }) => name),
          ...used.filter((name) => known.has(name)),
        ]
        const table = orderColumns(columns, named, known)
        const kept = new Map(
          [...known].filter(([name]) => table.columns.includes(name) || name === '__proto__'),
        )
        return {
          ...table,
          metadata: new Map(
            Object.entries(head).filter((entry): entry is [string, SlotValue] => entry[1] !== undefined),
          ),
          prefixes: new Map(Object.entries(namespaces)),
          extensions: kept,
          extra: new Map(kept.has('__proto__') ? [['__proto__', extra]] : []),
        }
      })
  })

/** Rows as names and values, in an order of their own: the writer sorts them by their cells. */
export function contentOf({ metadata, extensions, extra, columns, records }: MappingSet): unknown {
  const rows = records.map((record) => JSON.stringify(columns.map((name, i) => [name, record[i]])))
  return { metadata, extensions, extra, columns, rows: rows.toSorted() }
}
