import { isCalendarDate } from '../../protocol/date.ts'
import { findForbiddenCharacter } from '../../protocol/identifier/text.ts'
import type { Text } from '../../protocol/verdict.ts'

/** What a form asked, read value by value. Never refuses: a page for people says what it left out instead. */
export interface Parameters {
  /** Empty where nothing was written. */
  text(name: string, label: Text, longest?: number): string
  day(name: string, label: Text, today: string): string
  /** `undefined` where nothing was chosen. */
  choice<T extends string>(name: string, label: Text, table: Readonly<Record<T, unknown>>): T | undefined
  /** From 1. */
  page(name: string, label: Text): number
  /** Labels of what was not understood, so far. */
  readonly ignored: readonly Text[]
}

const longestText = 512
const lastPage = 1_000_000

/** @see SECURITY.md, R35 */
export function readParameters(query: (name: string) => string | undefined): Parameters {
  const ignored: Text[] = []
  const stated = (name: string) => query(name) ?? ''
  return {
    text(name, label, longest = longestText) {
      const written = stated(name).trim()
      const plain =
        written.isWellFormed() && written.length <= longest && findForbiddenCharacter(written) === undefined
      if (!plain) ignored.push(label)
      return plain ? written : ''
    },
    day(name, label, today) {
      const written = stated(name).trim()
      if (written === '') return today
      if (isCalendarDate(written)) return written
      ignored.push(label)
      return today
    },
    choice(name, label, table) {
      const written = stated(name)
      if (written === '') return undefined
      if (isKey(table, written)) return written
      ignored.push(label)
      return undefined
    },
    page(name, label) {
      const written = stated(name)
      if (written === '') return 1
      const number = /^[1-9]\d{0,6}$/.test(written) ? Number(written) : 0
      if (number >= 1 && number <= lastPage) return number
      ignored.push(label)
      return 1
    },
    ignored,
  }
}

function isKey<T extends string>(table: Readonly<Record<T, unknown>>, written: string): written is T {
  return Object.hasOwn(table, written)
}

/** A path with what a form says, without what it leaves open. */
export function addressWith(path: string, members: Readonly<Record<string, string | undefined>>): string {
  const stated = Object.entries(members).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  )
  return stated.length === 0 ? path : `${path}?${new URLSearchParams(Object.fromEntries(stated))}`
}
