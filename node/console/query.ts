import { findForbiddenCharacter } from '../../protocol/identifier/text.ts'
import { classes, levels } from '../../protocol/record/vocabulary.ts'
import { type LifecycleState, lifecycleStates } from '../../protocol/standing/lifecycle.ts'
import type { StandardQuery } from '../projection/port.ts'

/** What the search form asked, as far as it was understood. */
export interface Search {
  readonly q: string
  readonly class: string
  readonly level: string
  readonly state: LifecycleState | ''
  /** From 1. */
  readonly page: number
  /** Names of the conditions that were not understood, and so do not narrow. */
  readonly ignored: readonly ('q' | 'class' | 'level' | 'state' | 'page')[]
}

export const pageSize = 20
const longestWords = 200
const lastPage = 1_000_000

/** Reads the form. Never refuses: a page for people says what it left out instead. */
export function readSearch(parameter: (name: string) => string | undefined): Search {
  const words = (parameter('q') ?? '').toWellFormed().normalize('NFC').trim()
  const q = plainWords(words)
  const [primary, level] = [choose(classes, parameter('class')), choose(levels, parameter('level'))]
  const state = chooseState(parameter('state'))
  const page = readPage(parameter('page'))
  return {
    q,
    class: primary ?? '',
    level: level ?? '',
    state: state ?? '',
    page: page ?? 1,
    ignored: [
      ...(q === words ? [] : (['q'] as const)),
      ...(primary === undefined ? (['class'] as const) : []),
      ...(level === undefined ? (['level'] as const) : []),
      ...(state === undefined ? (['state'] as const) : []),
      ...(page === undefined ? (['page'] as const) : []),
    ],
  }
}

/** Without what nobody can see or type, and short enough to look for. */
function plainWords(words: string): string {
  return Array.from(words, (char) => (findForbiddenCharacter(char) === undefined ? char : ' '))
    .slice(0, longestWords)
    .join('')
    .trim()
}

/** Empty where nothing was chosen; `undefined` where the choice is not on the list. */
function choose(table: object, choice: string | undefined): string | undefined {
  if (choice === undefined || choice === '') return ''
  return Object.hasOwn(table, choice) ? choice : undefined
}

function chooseState(choice: string | undefined): LifecycleState | '' | undefined {
  if (choice === undefined || choice === '') return ''
  return isState(choice) ? choice : undefined
}

function isState(choice: string): choice is LifecycleState {
  return Object.hasOwn(lifecycleStates, choice)
}

function readPage(page: string | undefined): number | undefined {
  if (page === undefined || page === '') return 1
  const number = /^[1-9]\d{0,6}$/.test(page) ? Number(page) : 0
  return number >= 1 && number <= lastPage ? number : undefined
}

export function isNarrowed({ q, class: primary, level, state }: Search): boolean {
  return q !== '' || primary !== '' || level !== '' || state !== ''
}

export function queryOf(search: Search, day: string): StandardQuery {
  const { q, class: primary, level, state, page } = search
  return {
    day,
    limit: pageSize,
    offset: (page - 1) * pageSize,
    ...(q === '' ? {} : { q }),
    ...(primary === '' ? {} : { class: primary }),
    ...(level === '' ? {} : { level }),
    ...(state === '' ? {} : { state }),
  }
}

/** The address of another page of the same search, below the home page. */
export function addressOf(search: Search, page: number): string {
  const { q, class: primary, level, state } = search
  const members = Object.entries({ q, class: primary, state, level, page: page === 1 ? '' : String(page) })
  const query = new URLSearchParams(members.filter(([, value]) => value !== '')).toString()
  return `${query === '' ? '' : `?${query}`}#standards`
}
