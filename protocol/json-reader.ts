import { ProtocolError, pointerStep } from './error.ts'
import type { JsonValue } from './json-value.ts'

const plainText = /[^"\\\u0000-\u001f]*/y
const numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const fewDigits = /^-?(?:0|[1-9][0-9]{0,14})$/
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const quote = 0x22
const comma = 0x2c
const zero = 0x30
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

export interface JsonLimits {
  readonly depth: number
  /** Values of every kind, containers and what is in them. */
  readonly values: number
}

/**
 * Reads RFC 8259 character by character, so that every fault has a place.
 *
 * @throws {ProtocolError} `JSON_MALFORMED` `JSON_DUPLICATE_KEY` `JSON_TOO_DEEP` `NUMBER_UNSAFE`
 *   `TEXT_INVALID_UNICODE` `CANON_LIMIT`
 */
export function readStrictJson(text: string, limits: JsonLimits): JsonValue {
  return new Reader(text, limits).readDocument()
}

class Reader {
  private at = 0
  private values = 0
  private readonly text: string
  private readonly limits: JsonLimits
  private readonly path: (string | number)[] = []

  constructor(text: string, limits: JsonLimits) {
    this.text = text
    this.limits = limits
  }

  readDocument(): JsonValue {
    if (this.text.charCodeAt(0) === 0xfeff)
      throw this.fault('JSON_MALFORMED', 'begins with a byte order mark')
    this.skipBlank()
    const value = this.readValue(0)
    this.skipBlank()
    if (this.at < this.text.length) throw this.fault('JSON_MALFORMED', 'text after the value')
    return value
  }

  private readValue(depth: number): JsonValue {
    this.values += 1
    if (this.values > this.limits.values)
      throw this.fault('CANON_LIMIT', `more than ${this.limits.values} values`)
    const code = this.text.charCodeAt(this.at)
    if (code === quote) return this.readString()
    if (code === openBrace || code === openBracket) {
      if (depth >= this.limits.depth)
        throw this.fault('JSON_TOO_DEEP', `more than ${this.limits.depth} levels`)
      return code === openBrace ? this.readObject(depth + 1) : this.readArray(depth + 1)
    }
    if (this.takeWord('true')) return true
    if (this.takeWord('false')) return false
    return this.takeWord('null') ? null : this.readNumber()
  }

  private readObject(depth: number): JsonValue {
    const object: Record<string, JsonValue> = {}
    this.at += 1
    this.skipBlank()
    if (this.take(closeBrace)) return object
    do {
      this.skipBlank()
      if (this.text.charCodeAt(this.at) !== quote)
        throw this.fault('JSON_MALFORMED', 'a member name was expected')
      const key = this.readString()
      this.path.push(key)
      if (Object.hasOwn(object, key)) throw this.fault('JSON_DUPLICATE_KEY', 'a member stands twice')
      this.skipBlank()
      if (!this.take(colon)) throw this.fault('JSON_MALFORMED', 'a colon was expected')
      this.skipBlank()
      const value = this.readValue(depth)
      if (key !== '__proto__') object[key] = value
      // It must become a plain member, as JSON.parse makes it, not the prototype.
      else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
      this.path.pop()
      this.skipBlank()
    } while (this.take(comma))
    if (!this.take(closeBrace)) throw this.fault('JSON_MALFORMED', 'a comma or a closing brace was expected')
    return object
  }

  private readArray(depth: number): JsonValue {
    const items: JsonValue[] = []
    this.at += 1
    this.skipBlank()
    if (this.take(closeBracket)) return items
    do {
      this.skipBlank()
      this.path.push(items.length)
      items.push(this.readValue(depth))
      this.path.pop()
      this.skipBlank()
    } while (this.take(comma))
    if (!this.take(closeBracket))
      throw this.fault('JSON_MALFORMED', 'a comma or a closing bracket was expected')
    return items
  }

  private readString(): string {
    this.at += 1
    let value = this.match(plainText)
    while (!this.take(quote)) {
      if (!this.take(backslash))
        throw this.fault('JSON_MALFORMED', 'a string is not closed, or holds a control character')
      value += this.readEscape() + this.match(plainText)
    }
    if (!value.isWellFormed()) throw this.fault('TEXT_INVALID_UNICODE', 'a lone surrogate')
    return value
  }

  private readEscape(): string {
    const letter = this.text[this.at] ?? ''
    this.at += 1
    if (letter === 'u') {
      const digits = this.text.slice(this.at, this.at + 4)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.fault('JSON_MALFORMED', 'a bad \\u escape')
      this.at += 4
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const char = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
    if (char === undefined) throw this.fault('JSON_MALFORMED', 'an unknown escape')
    return char
  }

  private readNumber(): number {
    const start = this.at
    const token = this.match(numberToken)
    if (token === '') throw this.fault('JSON_MALFORMED', 'a value was expected')
    const value = Number(token)
    if (!fewDigits.test(token) && !keepsValue(token, value)) {
      this.at = start
      throw this.fault('NUMBER_UNSAFE', 'a number that a double does not keep')
    }
    return value
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.at += found.length
    return found
  }

  private skipBlank(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code !== space && code !== lineFeed && code !== carriageReturn && code !== tab) return
      this.at += 1
    }
  }

  private take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false
    this.at += 1
    return true
  }

  private takeWord(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false
    this.at += word.length
    return true
  }

  private fault(
    code:
      | 'JSON_MALFORMED'
      | 'JSON_DUPLICATE_KEY'
      | 'JSON_TOO_DEEP'
      | 'NUMBER_UNSAFE'
      | 'TEXT_INVALID_UNICODE'
      | 'CANON_LIMIT',
    message: string,
  ): ProtocolError {
    const pointer = this.path.map(pointerStep).join('')
    return new ProtocolError(code, `${message} (character ${this.at})`, {
      place: { pointer, index: this.at },
    })
  }
}

/**
 * An integer must be exactly the double it becomes. A fraction is nearly never exact in binary: it must stay
 * finite, not sink to zero, and have no more digits than a double can tell apart (17).
 */
function keepsValue(token: string, value: number): boolean {
  if (!Number.isFinite(value)) return false
  const written = decimal(token)
  if (written.digits === '') return true
  if (value === 0) return false
  if (Number.isInteger(value)) {
    const kept = decimal(String(value))
    return kept.digits === written.digits && kept.exponent === written.exponent
  }
  return written.digits.length <= 17
}

/** Digits without zeros at either end, and the power of ten of the last one. */
function decimal(token: string): { digits: string; exponent: number } {
  const [mantissa = '', power = '0'] = token.replace(/^-/, '').toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const all = (whole + fraction).replace(/^0+/, '')
  // Not by a pattern, which would try at every zero: a long row of them costs the square of its length.
  let end = all.length
  while (all.charCodeAt(end - 1) === zero) end -= 1
  return { digits: all.slice(0, end), exponent: Number(power) - fraction.length + (all.length - end) }
}
