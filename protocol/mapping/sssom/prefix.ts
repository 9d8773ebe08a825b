import { ProtocolError } from '../../error.ts'
import { sssomLimits } from './set.ts'

/** Prefixes that every set has; they may be declared, but not otherwise. */
export const builtInPrefixes: ReadonlyMap<string, string> = new Map([
  ['linkml', 'https://w3id.org/linkml/'],
  ['owl', 'http://www.w3.org/2002/07/owl#'],
  ['rdf', 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'],
  ['rdfs', 'http://www.w3.org/2000/01/rdf-schema#'],
  ['semapv', 'https://w3id.org/semapv/vocab/'],
  ['skos', 'http://www.w3.org/2004/02/skos/core#'],
  ['sssom', 'https://w3id.org/sssom/'],
  ['xsd', 'http://www.w3.org/2001/XMLSchema#'],
])

const nameStart =
  'A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd'

/** An XML name without a colon. */
export const ncName = new RegExp(`^[${nameStart}][-.0-9\\u00b7\\u0300-\\u036f\\u203f\\u2040${nameStart}]*$`)

/** What an IRI cannot hold: white space, control characters, and what sets an IRI apart in other texts. */
export const notInIri = /[\u0000-\u0020\u007f-\u00a0<>"\u2028\u2029]/

export function isIri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) && !notInIri.test(text)
}

/**
 * The map of prefixes of a set: what it declares, and the built-in ones.
 *
 * @throws {ProtocolError} `SSSOM_PREFIX_INVALID` — not a name, not an IRI, or a built-in prefix that stands for something else
 * @see spec/mapping.md, MAP-13
 */
export function checkPrefixes(declared: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  for (const [prefix, namespace] of declared) {
    const builtIn = builtInPrefixes.get(prefix)
    if (builtIn !== undefined && builtIn !== namespace)
      refuse(prefix, 'a built-in prefix stands for another IRI')
    if (!ncName.test(prefix) || prefix === '_') refuse(prefix, 'not a name that a prefix can have')
    if (prefix.length > sssomLimits.key) refuse(prefix, 'longer than a key of a metadata block can be')
    if (!isIri(namespace)) refuse(prefix, 'does not stand for an IRI')
  }
  return new Map([...builtInPrefixes, ...declared])
}

function refuse(prefix: string, message: string): never {
  throw new ProtocolError('SSSOM_PREFIX_INVALID', message, {
    place: { pointer: `/curie_map/${prefix.slice(0, 100)}` },
  })
}

/**
 * The IRI that a CURIE stands for.
 *
 * @throws {ProtocolError} `SSSOM_PREFIX_INVALID` `SSSOM_VALUE_INVALID`
 */
export function expandCurie(text: string, prefixes: ReadonlyMap<string, string>): string {
  const colon = text.indexOf(':')
  if (colon < 1 || notInIri.test(text)) throw new ProtocolError('SSSOM_VALUE_INVALID', 'not a CURIE')
  const namespace = prefixes.get(text.slice(0, colon))
  if (namespace === undefined) {
    const prefix = text.slice(0, Math.min(colon, 100))
    const message = text.startsWith('//', colon + 1)
      ? 'an IRI where a CURIE must stand'
      : `the prefix ${prefix} is not declared`
    throw new ProtocolError('SSSOM_PREFIX_INVALID', message, { evidence: { prefix } })
  }
  return namespace + text.slice(colon + 1)
}
