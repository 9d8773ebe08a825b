import { ProtocolError } from '../error.ts'

/**
 * How many ways a backtracking matcher may try on a text of n characters: at most `factor · n^degree`.
 */
export interface PatternCost {
  readonly factor: number
  readonly degree: number
}

const maxFactor = 1_000_000
const maxDegree = 3
const maxPattern = 500
const maxNesting = 20
/** Steps of a pattern with its counted repetitions written out, as matchers do. */
const maxSteps = 20_000

interface Measured extends PatternCost {
  readonly steps: number
}

/**
 * What a pattern may cost, told from its text alone: everything that may be repeated without end must match in one way, so that no
 * text makes it explode. Look-around and back references are refused.
 *
 * @throws {ProtocolError} `JSON_SCHEMA_REFUSED`
 * @see spec/conformance.md, CONF-22
 */
export function costOfPattern(pattern: string): PatternCost {
  if (pattern.length > maxPattern) throw refused(`a pattern of more than ${maxPattern} characters`)
  try {
    new RegExp(pattern, 'u')
  } catch {
    throw refused('not a pattern of ECMA-262 with the flag u')
  }
  const reader = new PatternReader(pattern)
  const cost = reader.read()
  const anchored = pattern.startsWith('^') && !reader.branched
  const { factor, degree } = checked({ ...cost, degree: cost.degree + (anchored ? 0 : 1) })
  return { factor, degree }
}

const one: Measured = { factor: 1, degree: 0, steps: 1 }

/** Goes over a pattern that is known to be well formed. */
class PatternReader {
  private at = 0
  private depth = 0
  /** Whether the outermost level has alternatives. */
  branched = false
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  read(): Measured {
    this.depth += 1
    if (this.depth > maxNesting) throw refused('groups in a pattern are nested too deeply')
    let all = this.sequence()
    while (this.text[this.at] === '|') {
      this.at += 1
      if (this.depth === 1) this.branched = true
      const next = this.sequence()
      all = {
        factor: all.factor + next.factor,
        degree: Math.max(all.degree, next.degree),
        steps: all.steps + next.steps,
      }
    }
    this.depth -= 1
    return checked(all)
  }

  private sequence(): Measured {
    let all = one
    while (this.at < this.text.length && this.text[this.at] !== '|' && this.text[this.at] !== ')') {
      const next = this.repeated(this.atom())
      all = checked({
        factor: all.factor * next.factor,
        degree: all.degree + next.degree,
        steps: all.steps + next.steps,
      })
    }
    return all
  }

  private atom(): Measured {
    const char = this.text[this.at]
    if (char === '(') return this.group()
    if (char === '[') return this.skip(/\[(?:\\.|[^\]\\])*\]/suy)
    if (char === '\\') {
      if (/^\\(?:[1-9]|k<)/.test(this.text.slice(this.at))) throw refused('a back reference in a pattern')
      return this.skip(/\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[A-Za-z]|.)/suy)
    }
    return this.skip(/./suy)
  }

  private skip(form: RegExp): Measured {
    form.lastIndex = this.at
    const [found] = form.exec(this.text) ?? []
    if (found === undefined) throw refused('not a pattern that is understood here')
    this.at += found.length
    return one
  }

  private group(): Measured {
    if (/^\((?:\?[=!]|\?<[=!])/.test(this.text.slice(this.at))) throw refused('look-around in a pattern')
    this.skip(/\((?:\?(?::|<[^>]*>))?/uy)
    if (this.text[this.at] === '?') throw refused('modifiers in a pattern')
    const cost = this.read()
    this.at += 1
    return cost
  }

  private repeated(inner: Measured): Measured {
    const [found = '', , least = '', comma, most = ''] =
      /^(\{(\d+)(,?)(\d*)\}|[*+?])\??/.exec(this.text.slice(this.at)) ?? []
    this.at += found.length
    if (found === '') return inner
    if (found.startsWith('?')) return checked({ ...inner, factor: inner.factor + 1 })
    const endless = found.startsWith('*') || found.startsWith('+') || (comma === ',' && most === '')
    if (endless) {
      if (inner.factor > 1 || inner.degree > 0)
        throw refused('a part of a pattern that matches in several ways is repeated without end')
      return { ...inner, degree: 1, steps: inner.steps * (Number(least) + 1) }
    }
    const [from, to] = [Number(least), Number(most === '' ? least : most)]
    return checked({
      factor: inner.factor ** to * (to - from + 1),
      degree: inner.degree * to,
      steps: inner.steps * Math.max(to, 1),
    })
  }
}

function checked(cost: Measured): Measured {
  if (cost.factor > maxFactor || cost.degree > maxDegree)
    throw refused('a pattern that may be tried in too many ways')
  if (cost.steps > maxSteps) throw refused('a pattern that repeats too often')
  return cost
}

function refused(message: string): ProtocolError {
  return new ProtocolError('JSON_SCHEMA_REFUSED', message)
}
