import { ProtocolError } from '../../error.ts'
import { isExtensionName, readExtensionValue, undeclaredExtension } from './extension.ts'
import type { Head } from './head.ts'
import { type Extension, type Remark, type SlotValue, sssomLimits } from './set.ts'
import { rowSlots, type Slot } from './slot.ts'
import { malformed } from './table.ts'
import { invalid, readDouble, readTexts, splitValues } from './value.ts'

/** One column of a table: where its cells stand, what they mean. */
export interface Column {
  readonly name: string
  readonly at: number
  readonly read: (cell: string) => SlotValue
  readonly extension?: Extension
}

const oldNames: ReadonlyMap<
  string,
  readonly [slots: readonly string[], words?: ReadonlyMap<string, string>]
> = new Map([
  ['semantic_similarity_score', [['similarity_score']]],
  ['semantic_similarity_measure', [['similarity_measure']]],
  [
    'match_type',
    [
      ['mapping_justification'],
      new Map([
        ['Lexical', 'semapv:LexicalMatching'],
        ['Logical', 'semapv:LogicalReasoning'],
        ['HumanCurated', 'semapv:ManualMappingCuration'],
        ['Complex', 'semapv:CompositeMatching'],
        ['Unspecified', 'semapv:UnspecifiedMatching'],
        ['SemanticSimilarity', 'semapv:SemanticSimilarityThresholdMatching'],
      ]),
    ],
  ],
  [
    'match_term_type',
    [
      ['subject_type', 'object_type'],
      new Map([
        ['ConceptMatch', 'skos concept'],
        ['ClassMatch', 'owl class'],
        ['ObjectPropertyMatch', 'owl object property'],
        ['IndividualMatch', 'owl named individual'],
        ['DataPropertyMatch', 'owl data property'],
        ['TermMatch', 'rdfs literal'],
      ]),
    ],
  ],
])

/**
 * The columns that a header names. Names of before version 1.0 are read as what took their place, where that is not there itself; a
 * name that no extension can have is passed over with a remark.
 *
 * @throws {ProtocolError} `SSSOM_MALFORMED`
 * @see spec/mapping.md, MAP-15, MAP-18
 */
export function readHeader(
  names: readonly string[],
  { rules, definitions }: Head,
  { line, remarks }: { readonly line: number; readonly remarks: Remark[] },
): readonly Column[] {
  if (names.length > sssomLimits.columns) malformed('too many columns', `row ${line}`)
  const named = names.filter((name) => name !== '')
  if (new Set(named).size < named.length) malformed('a column twice', `row ${line}`)
  return names.flatMap((name, at): readonly Column[] => {
    const slot = rowSlots.get(name)
    if (slot) return [{ name, at, read: remember(slotReader(slot, rules)) }]
    const old = oldNames.get(name)
    if (old) {
      const [slots, words] = old
      if (slots.some((one) => names.includes(one))) return []
      return slots.flatMap((one) => {
        const into = rowSlots.get(one)
        if (!into) return []
        const read = slotReader(into, rules)
        return [{ name: one, at, read: remember((cell) => read(words ? wordOf(words, cell) : cell)) }]
      })
    }
    if (name.startsWith('#')) malformed('the metadata block ends before this line', `row ${line}`)
    if (!isExtensionName(name)) {
      remarks.push({ what: 'not a slot', cell: `row ${line}, column ${at + 1}` })
      return []
    }
    const extension = definitions.get(name) ?? undeclaredExtension(name)
    return [
      { name, at, extension, read: remember((cell) => readExtensionValue(extension, cell, rules.expand)) },
    ]
  })
}

function wordOf(words: ReadonlyMap<string, string>, cell: string): string {
  return words.get(cell) ?? invalid('not a word of its list')
}

function slotReader(slot: Slot, rules: Head['rules']): (cell: string) => SlotValue {
  if (slot.type === 'double') return (cell) => readDouble(slot, cell)
  if (!slot.many && slot.type === 'string') return (cell) => cell
  return (cell) => readTexts(slot, slot.many ? splitValues(cell) : [cell], rules)
}

/** Columns repeat themselves: a value that was read is not read again, as long as there are few of them. */
function remember(read: (cell: string) => SlotValue): (cell: string) => SlotValue {
  const known = new Map<string, SlotValue>()
  return (cell) => {
    const found = known.get(cell)
    if (found !== undefined) return found
    if (cell.length > sssomLimits.cell)
      throw new ProtocolError('SIZE_LIMIT', `a cell has more than ${sssomLimits.cell} characters`)
    const value = read(cell)
    if (known.size < 512) known.set(cell, value)
    return value
  }
}
