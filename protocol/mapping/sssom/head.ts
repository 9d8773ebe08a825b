import { atPointer, ProtocolError, pointerStep } from '../../error.ts'
import { isExtensionName, readDefinitions, readExtensionValue, undeclaredExtension } from './extension.ts'
import { checkPrefixes } from './prefix.ts'
import { type Extension, type Remark, type SlotValue, sssomLimits } from './set.ts'
import { setSlots } from './slot.ts'
import { invalid, readTexts, type ValueRules } from './value.ts'
import type { YamlValue } from './yaml-block.ts'

/** What stands above the rows, read. */
export interface Head {
  readonly version: '1.0' | '1.1' | undefined
  /** Those declared, without the built-in ones. */
  readonly declared: ReadonlyMap<string, string>
  /** Both. */
  readonly prefixes: ReadonlyMap<string, string>
  readonly rules: ValueRules
  readonly definitions: ReadonlyMap<string, Extension>
  readonly metadata: ReadonlyMap<string, SlotValue>
  readonly extra: ReadonlyMap<string, string>
}

export type RulesOf = (prefixes: ReadonlyMap<string, string>, relative: boolean) => ValueRules

/**
 * Slots of the set by their types. Without `mapping_set_id` or `license` there is a remark and no fault: sets of the specification's
 * own examples lack them.
 *
 * @throws {ProtocolError} `SSSOM_MALFORMED` `SSSOM_PREFIX_INVALID` `SSSOM_VALUE_INVALID` `SSSOM_VERSION_UNKNOWN`
 *   — place: a pointer into the block
 * @see spec/mapping.md, MAP-12, MAP-13
 */
export function readHead(raw: ReadonlyMap<string, YamlValue>, rulesOf: RulesOf, remarks: Remark[]): Head {
  const version = readVersion(raw.get('sssom_version'))
  const declared = readPrefixes(raw.get('curie_map'))
  const prefixes = checkPrefixes(declared)
  const rules = rulesOf(prefixes, version !== '1.1')
  const definitions = atPointer('/extension_definitions', () =>
    readDefinitions(raw.get('extension_definitions'), rules.expand, remarks),
  )
  const metadata = new Map<string, SlotValue>()
  const extra = new Map<string, string>()
  for (const [name, value] of raw) {
    if (['sssom_version', 'curie_map', 'extension_definitions', 'mappings'].includes(name)) continue
    const slot = setSlots.get(name)
    atPointer(pointerStep(name), () => {
      if (slot) {
        const texts = textsOf(value)
        if (texts.length > 0 && !(texts.length === 1 && texts[0] === ''))
          metadata.set(name, readTexts(slot, texts, rules))
      } else if (!isExtensionName(name)) remarks.push({ what: 'not a slot', pointer: pointerStep(name) })
      else if (typeof value !== 'string') invalid('an extension has one value')
      else {
        const extension = definitions.get(name) ?? undeclaredExtension(name)
        if (value !== '') extra.set(name, readExtensionValue(extension, value, rules.expand))
      }
    })
  }
  for (const name of ['mapping_set_id', 'license'])
    if (!metadata.has(name)) remarks.push({ what: 'a required slot is missing', pointer: `/${name}` })
  return { version, declared, prefixes, rules, definitions, metadata, extra }
}

function textsOf(value: YamlValue): readonly string[] {
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return invalid('not a value of this slot')
  const texts = value.filter((item) => typeof item === 'string')
  return texts.length === value.length ? texts : invalid('not a list of values')
}

function readVersion(value: YamlValue | undefined): '1.0' | '1.1' | undefined {
  if (value === undefined || value === '1.0' || value === '1.1') return value
  throw new ProtocolError('SSSOM_VERSION_UNKNOWN', 'neither version 1.0 nor 1.1', {
    place: { pointer: '/sssom_version' },
  })
}

function readPrefixes(value: YamlValue | undefined): ReadonlyMap<string, string> {
  if (value === undefined) return new Map()
  const place = { pointer: '/curie_map' }
  if (!(value instanceof Map))
    throw new ProtocolError('SSSOM_PREFIX_INVALID', 'not a map of prefixes', { place })
  if (value.size > sssomLimits.prefixes) throw new ProtocolError('SIZE_LIMIT', 'too many prefixes', { place })
  const found = new Map<string, string>()
  for (const [prefix, namespace] of value) {
    if (typeof prefix !== 'string' || typeof namespace !== 'string')
      throw new ProtocolError('SSSOM_PREFIX_INVALID', 'not a map of prefixes', { place })
    found.set(prefix, namespace)
  }
  return found
}
