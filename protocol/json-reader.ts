import { ProtocolError, pointerStep } from './error.ts'
import type { JsonValue } from './json-value.ts'

const blank = /[\t\n\r ]*/y
const plainText = /[^"\\\u0000-\u001f]*/y
const numberToken = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
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

/**
 * Reads RFC 8259 character by character, so that every fault has a place.
 *
 * @throws {ProtocolError} `JSON_MALFORMED` `JSON_DUPLICATE_KEY` `JSON_TOO_DEEP` `NUMBER_UNSAFE`
 *   `TEXT_INVALID_UNICODE`
 */
export function readStrictJson(text: string, maxDepth: number): JsonValue {
  const reader = new Reader(text, maxDepth)
  return reader.readDocument()
}

class Reader {
  private at = 0
  private readonly text: string
  private readonly maxDepth: number
  private readonly path: (string | number)[] = []

  constructor(text: string, maxDepth: number) {
    this.text = text
    this.maxDepth = maxDepth
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
    const char = this.text[this.at]
    if (char === '{' || char === '[') {
      if (depth >= this.maxDepth) throw this.fault('JSON_TOO_DEEP', `more than ${this.maxDepth} levels`)
      return char === '{' ? this.readObject(depth + 1) : this.readArray(depth + 1)
    }
    if (char === '"') return this.readString()
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length
        return value
      }
    }
    return this.readNumber()
  }

  private readObject(depth: number): JsonValue {
    const object: Record<string, JsonValue> = {}
    const seen = new Set<string>()
    this.at += 1
    this.skipBlank()
    if (this.take('}')) return object
    do {
      this.skipBlank()
      if (this.text[this.at] !== '"') throw this.fault('JSON_MALFORMED', 'a member name was expected')
      const key = this.readString()
      this.path.push(key)
      if (seen.has(key)) throw this.fault('JSON_DUPLICATE_KEY', 'a member stands twice')
      seen.add(key)
      this.skipBlank()
      if (!this.take(':')) throw this.fault('JSON_MALFORMED', 'a colon was expected')
      this.skipBlank()
      const value = this.readValue(depth)
      // `__proto__` must become a plain member, as JSON.parse makes it, not the prototype.
      Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
      this.path.pop()
      this.skipBlank()
    } while (this.take(','))
    if (!this.take('}')) throw this.fault('JSON_MALFORMED', 'a comma or a closing brace was expected')
    return object
  }

  private readArray(depth: number): JsonValue {
    const items: JsonValue[] = []
    this.at += 1
    this.skipBlank()
    if (this.take(']')) return items
    do {
      this.skipBlank()
      this.path.push(items.length)
      items.push(this.readValue(depth))
      this.path.pop()
      this.skipBlank()
    } while (this.take(','))
    if (!this.take(']')) throw this.fault('JSON_MALFORMED', 'a comma or a closing bracket was expected')
    return items
  }

  private readString(): string {
    this.at += 1
    let value = ''
    for (;;) {
      value += this.match(plainText)
      if (this.take('"')) break
      if (!this.take('\\'))
        throw this.fault('JSON_MALFORMED', 'a string is not closed, or holds a control character')
      const letter = this.text[this.at] ?? ''
      this.at += 1
      if (letter === 'u') {
        const digits = this.text.slice(this.at, this.at + 4)
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.fault('JSON_MALFORMED', 'a bad \\u escape')
        value += String.fromCharCode(Number.parseInt(digits, 16))
        this.at += 4
      } else {
        const char = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
        if (char === undefined) throw this.fault('JSON_MALFORMED', 'an unknown escape')
        value += char
      }
    }
    if (!value.isWellFormed()) throw this.fault('TEXT_INVALID_UNICODE', 'a lone surrogate')
    return value
  }

  private readNumber(): number {
    numberToken.lastIndex = this.at
    const match = numberToken.exec(this.text)
    if (!match) throw this.fault('JSON_MALFORMED', 'a value was expected')
    const token = match[0]
    const value = Number(token)
    if (!keepsValue(token, value)) throw this.fault('NUMBER_UNSAFE', 'a number that a double does not keep')
    this.at += token.length
    return value
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.at += found.length
    return found
  }

  private skipBlank(): void {
    this.match(blank)
  }

  private take(char: string): boolean {
    if (this.text[this.at] !== char) return false
    this.at += 1
    return true
  }

  private fault(
    code:
      | 'JSON_MALFORMED'
      | 'JSON_DUPLICATE_KEY'
      | 'JSON_TOO_DEEP'
      | 'NUMBER_UNSAFE'
      | 'TEXT_INVALID_UNICODE',
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
  const digits = all.replace(/0+$/, '')
  return { digits, exponent: Number(power) - fraction.length + (all.length - digits.length) }
}
