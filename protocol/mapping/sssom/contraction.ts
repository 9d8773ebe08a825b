import { ProtocolError } from '../../error.ts'
import { builtInPrefixes, notInIri } from './prefix.ts'

/** The CURIE of an IRI. */
export type Contract = (iri: string) => string

/** Finds the CURIEs of IRIs, and notes which prefixes were needed. */
export interface Contraction {
  readonly used: ReadonlySet<string>
  /** @throws {ProtocolError} `SSSOM_PREFIX_INVALID` — no declared prefix fits */
  readonly contract: Contract
  /** The same for one column, whose values mostly have one prefix. */
  column(): Contract
}

/** By the longest namespace that the IRI begins with; of several prefixes for one namespace by the first in order. */
export function contractor(prefixes: ReadonlyMap<string, string>): Contraction {
  const namespaces = new NamespaceIndex([...builtInPrefixes, ...prefixes])
  const used = new Set<string>()
  const column = (): Contract => {
    let last: Namespace | undefined
    return (iri) => {
      // Where a longer one begins with it, the last one that fitted need not be the longest that fits.
      if (!last || last.begins || !iri.startsWith(last.iri)) {
        last = namespaces.find(iri)
        if (last) used.add(last.prefix)
      }
      if (!last || notInIri.test(iri)) {
        throw new ProtocolError('SSSOM_PREFIX_INVALID', 'no prefix is declared for an IRI of the set', {
          evidence: { iri: iri.slice(0, 500) },
        })
      }
      return `${last.prefix}:${iri.slice(last.iri.length)}`
    }
  }
  return { used, contract: column(), column }
}

interface Namespace {
  readonly iri: string
  readonly prefix: string
  /** The longest other one that it begins with. */
  readonly within: Namespace | undefined
  /** Whether another begins with it. */
  begins: boolean
}

/** Namespaces in order, so that the longest with which a text begins is found without looking at each. */
export class NamespaceIndex {
  readonly #sorted: readonly Namespace[]

  constructor(prefixes: Iterable<readonly [prefix: string, namespace: string]>) {
    const first = new Map<string, string>()
    for (const [prefix, iri] of prefixes) {
      const known = first.get(iri)
      if (known === undefined || prefix < known) first.set(iri, prefix)
    }
    const sorted: Namespace[] = []
    for (const [iri, prefix] of [...first].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      let within = sorted.at(-1)
      while (within && !iri.startsWith(within.iri)) within = within.within
      if (within) within.begins = true
      sorted.push({ iri, prefix, within, begins: false })
    }
    this.#sorted = sorted
  }

  /** Whatever begins the text lies before it in order, and begins all that lies between. */
  find(text: string): Namespace | undefined {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#sorted[middle]?.iri ?? '') <= text) low = middle + 1
      else high = middle
    }
    let found = this.#sorted[low - 1]
    if (!found || text.startsWith(found.iri)) return found
    const shared = sharedLength(found.iri, text)
    while (found && found.iri.length > shared) found = found.within
    return found
  }
}

function sharedLength(a: string, b: string): number {
  let at = 0
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1
  return at
}
