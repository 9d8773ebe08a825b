import { isCalendarDate } from '../../date.ts'
import { ncName } from './prefix.ts'
import type { Extension, Remark } from './set.ts'
import { isStandardName } from './slot.ts'
import { invalid } from './value.ts'
import type { YamlValue } from './yaml-block.ts'

export const xsd = 'http://www.w3.org/2001/XMLSchema#'
const undeclared = 'http://sssom.invalid/'

/** An extension that nothing declares. */
export function undeclaredExtension(name: string): Extension {
  return { name, property: undeclared + name, type: `${xsd}string` }
}

export function isUndeclaredProperty({ name, property }: Extension): boolean {
  return property === undeclared + name
}

/** LinkML's own spelling, and the one that the specification has in places. */
export function isReferenceType(type: string): boolean {
  return /^https:\/\/w3id\.org\/linkml\/(?:Uriorcurie|uriorcurie|uriOrCurie)$/.test(type)
}

export function isExtensionName(name: string): boolean {
  return ncName.test(name) && !isStandardName(name)
}

/**
 * The declared extensions. One that is not as the specification has it is ignored, as it demands, with a remark; two of one name or
 * property are refused.
 *
 * @throws {ProtocolError} `SSSOM_VALUE_INVALID`
 * @see spec/mapping.md, MAP-15
 */
export function readDefinitions(
  listed: YamlValue | undefined,
  expand: (text: string) => string,
  remarks: Remark[],
): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>()
  const properties = new Set<string>()
  const list = listed === undefined ? [] : Array.isArray(listed) ? listed : [listed]
  for (const [i, item] of list.entries()) {
    const extension = readDefinition(item, expand)
    if (!extension) {
      remarks.push({ what: 'a definition that must be ignored', pointer: `/extension_definitions/${i}` })
      continue
    }
    if (found.has(extension.name) || properties.has(extension.property))
      invalid('two definitions of one name or one property')
    found.set(extension.name, extension)
    properties.add(extension.property)
  }
  return found
}

function readDefinition(item: YamlValue, expand: (text: string) => string): Extension | undefined {
  if (!(item instanceof Map)) return undefined
  const known = [...item.keys()].every((key) => ['slot_name', 'property', 'type_hint'].includes(key))
  const name: unknown = item.get('slot_name')
  if (!known || typeof name !== 'string' || !isExtensionName(name)) return undefined
  const iris = ['property', 'type_hint'].map((key) => {
    const text: unknown = item.get(key)
    if (text === undefined) return ''
    try {
      return typeof text === 'string' ? expand(text) : undefined
    } catch {
      return undefined
    }
  })
  const [property, type] = iris
  if (property === undefined || type === undefined) return undefined
  const plain = undeclaredExtension(name)
  return { name, property: property || plain.property, type: type || plain.type }
}

/** Value of an extension by its type: kept as it is written, but for an identifier, which becomes an IRI. */
export function readExtensionValue(
  { type }: Extension,
  text: string,
  expand: (text: string) => string,
): string {
  if (isReferenceType(type)) return expand(text)
  if (!type.startsWith(xsd)) return text
  switch (type.slice(xsd.length)) {
    case 'integer':
      return /^[+-]?\d{1,400}$/.test(text) ? text : invalid('not an integer')
    case 'boolean':
      return /^(?:true|false)$/.test(text) ? text : invalid('neither true nor false')
    case 'double':
      return isFraction(text) ? text : invalid('not a decimal number')
    case 'date':
      return isCalendarDate(text) ? text : invalid('not a date YYYY-MM-DD that exists')
    case 'datetime':
    case 'dateTime':
      return isMoment(text) ? text : invalid('not a date and time')
    default:
      return text
  }
}

function isFraction(text: string): boolean {
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/.test(text) && Number.isFinite(Number(text))
}

function isMoment(text: string): boolean {
  const [, day] =
    /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})?$/.exec(
      text,
    ) ?? []
  return day !== undefined && isCalendarDate(day)
}
