import { isCalendarDate } from '../../date.ts'
import { ProtocolError } from '../../error.ts'
import { NamespaceIndex } from './contraction.ts'
import { expandCurie, isIri } from './prefix.ts'
import { noTermFound, type SlotValue, sssomLimits } from './set.ts'
import { enums, type Slot } from './slot.ts'

const justificationNames =
  'MappingReview ManualMappingCuration LogicalReasoning LexicalMatching CompositeMatching UnspecifiedMatching SemanticSimilarityThresholdMatching LexicalSimilarityThresholdMatching MappingChaining MappingInversion StructuralMatching InstanceBasedMatching BackgroundKnowledgeBasedMatching'
const justificationIris: ReadonlySet<string> = new Set(
  justificationNames.split(' ').map((name) => `https://w3id.org/semapv/vocab/${name}`),
)

/** RFC 3986, appendix A, as far as a character class can say it: a scheme, and what a URI is made of. */
const nonRelativeUri = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/

const double = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/

export function invalid(message: string): never {
  throw new ProtocolError('SSSOM_VALUE_INVALID', message)
}

export interface ValueRules {
  /** Turns an identifier as it is written into an IRI. */
  readonly expand: (text: string) => string
  /** Whether the set is of version 1.0, where a relative reference was allowed for a URI. */
  readonly relative: boolean
}

export function curieRules(prefixes: ReadonlyMap<string, string>, relative: boolean): ValueRules {
  return { expand: (text) => expandCurie(text, prefixes), relative }
}

/**
 * Identifiers as JSON has them: IRIs, or CURIEs of declared prefixes. A `@context` says what is a prefix in its document, by `terms`: an
 * IRI may begin like another prefix of the set, and is known by its namespace.
 */
export function iriRules(
  prefixes: ReadonlyMap<string, string>,
  relative: boolean,
  terms: ReadonlyMap<string, string> = new Map(),
): ValueRules {
  const namespaces = new NamespaceIndex(prefixes)
  return {
    expand: (text) => {
      const colon = text.indexOf(':')
      const prefix = text.slice(0, Math.max(0, colon))
      const isPlain = isIri(text)
      if (isPlain && text.startsWith('//', colon + 1)) return text
      if (terms.has(prefix)) return expandCurie(text, terms)
      if (prefixes.has(prefix) && terms.size === 0) return expandCurie(text, prefixes)
      const isWhole = namespaces.find(text) !== undefined || /^(?:urn|did|doi|tag|mailto):/.test(text)
      return isPlain && isWhole ? text : expandCurie(text, prefixes)
    },
    relative,
  }
}

/**
 * One value of a slot, by its type.
 *
 * @throws {ProtocolError} `SSSOM_VALUE_INVALID` `SSSOM_PREFIX_INVALID`
 * @see spec/mapping.md, MAP-14
 */
export function readOne(slot: Slot, text: string, rules: ValueRules): string {
  switch (slot.type) {
    case 'entity':
      return checkEntity(slot, rules.expand(text))
    case 'string':
      return text
    case 'date':
      return isCalendarDate(text) ? text : invalid('not a date YYYY-MM-DD that exists')
    case 'uri':
      return rules.relative || nonRelativeUri.test(text)
        ? text
        : invalid('not a URI with a scheme (RFC 3986)')
    case 'double':
      throw new TypeError('a number is not a text')
    default:
      return readEnum(slot, text)
  }
}

function checkEntity({ name }: Slot, iri: string): string {
  if (iri === noTermFound && name !== 'subject_id' && name !== 'object_id')
    return invalid('sssom:NoTermFound says nothing here')
  if (name === 'mapping_justification' && !justificationIris.has(iri))
    return invalid('not a justification of the schema')
  return iri
}

function readEnum({ name, type }: Slot, text: string): string {
  if (!Object.hasOwn(Reflect.get(enums, type), text)) return invalid('not a word of its list')
  const forPredicates =
    name !== 'predicate_type' || !/^(?:rdfs literal|composed entity expression)$/.test(text)
  return forPredicates ? text : invalid('no predicate is of this type')
}

/** @throws {ProtocolError} `SSSOM_VALUE_INVALID` */
export function readDouble(slot: Slot, text: string): number {
  if (!double.test(text)) return invalid('not a decimal number')
  return checkDouble(slot, Number(text))
}

/** @throws {ProtocolError} `SSSOM_VALUE_INVALID` */
export function checkDouble({ range }: Slot, value: number): number {
  if (!Number.isFinite(value)) return invalid('not a finite number')
  if (range && (value < range[0] || value > range[1])) return invalid(`not from ${range[0]} to ${range[1]}`)
  return value === 0 ? 0 : value
}

/** A list of values or one, each of them text. */
export function readTexts(slot: Slot, texts: readonly string[], rules: ValueRules): SlotValue {
  const [first] = texts
  if (first === undefined || texts.includes('')) return invalid('a value of a list is empty')
  if (texts.length > sssomLimits.values) return invalid(`more than ${sssomLimits.values} values`)
  if (slot.many) return texts.map((text) => readOne(slot, text, rules))
  if (texts.length > 1) return invalid('several values where there can be one')
  return slot.type === 'double' ? readDouble(slot, first) : readOne(slot, first, rules)
}

/** `a|b\|c` as `a` and `b|c`: before anything else than these two a backslash is itself. */
export function splitValues(cell: string): readonly string[] {
  if (!cell.includes('|') && !cell.includes('\\')) return [cell]
  const values: string[] = []
  let value = ''
  for (let at = 0; at < cell.length; at += 1) {
    const character = cell.charAt(at)
    const next = cell.charAt(at + 1)
    if (character === '\\' && (next === '|' || next === '\\')) {
      value += next
      at += 1
    } else if (character === '|') {
      values.push(value)
      value = ''
    } else value += character
  }
  return [...values, value]
}

export function joinValues(values: readonly string[]): string {
  return values.map((value) => value.replace(/[\\|]/g, '\\$&')).join('|')
}

/** At most three digits after the point, the last rounded to the nearest, away from zero between two. */
export function formatDouble(value: number): string {
  const [, sign = '', digits = '', rest = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(plainDecimal(value)) ?? []
  if (rest.length <= 3) return value === 0 ? '0' : sign + digits + (rest === '' ? '' : `.${rest}`)
  const thousandths = (BigInt(digits + rest.slice(0, 3)) + (rest.charAt(3) >= '5' ? 1n : 0n))
    .toString()
    .padStart(4, '0')
  const fraction = thousandths.slice(-3).replace(/0+$/, '')
  const text = thousandths.slice(0, -3) + (fraction === '' ? '' : `.${fraction}`)
  return text === '0' ? '0' : sign + text
}

/** The shortest digits that name the number, without an exponent. */
function plainDecimal(value: number): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  const shift = Number(exponent)
  if (shift === 0) return String(value)
  const digits = whole + fraction
  const point = whole.length + shift
  if (point >= digits.length) return sign + digits.padEnd(point, '0')
  const padded = point < 1 ? '0'.repeat(1 - point) + digits : digits
  const at = Math.max(point, 1)
  return `${sign}${padded.slice(0, at)}.${padded.slice(at)}`
}
