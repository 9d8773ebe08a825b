import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { csx, folder } from './csx.ts'

export const at = (name: string) => join(folder, name)
export const read = (name: string): any => JSON.parse(readFileSync(at(name), 'utf8'))
export const safe = ['one', 'two'] as const
export const bureaus = ['did:web:localhost%3A7501', 'did:web:localhost%3A7502'] as const
export const member = 'did:web:localhost%3A7503'
export const log = 'localhost:7503/log/1'

export async function done(args: readonly string[]): Promise<string> {
  const { code, out, err } = await csx(args)
  expect([args.slice(0, 2), code, err]).toEqual([args.slice(0, 2), 0, ''])
  return out
}

/** Refused with this end, this code and these words. */
export async function refused(args: readonly string[], exit: number, words: RegExp): Promise<void> {
  const { code, err } = await csx(args)
  expect([args.slice(0, 4), code, err]).toEqual([args.slice(0, 4), exit, expect.stringMatching(words)])
}

export const change = (draft: string, command: string, ...rest: readonly string[]) =>
  done(['registry', command, at(draft), ...rest])
export const sign = (draft: string, who: string) =>
  change(draft, 'sign', '--keys', at(`${who}/safe`), '--yes')
export const publishArgs = (draft: string, to: string, who = 'one') => [
  ...['registry', 'publish', at(draft), '--repository', at(to), '--keys', at(`${who}/safe`)],
]

/** Two bureaus and one more agency, each with its keys, in a draft that nobody has signed. */
export async function makeBureaus(draft = 'first'): Promise<void> {
  for (const [name, port] of [
    ['one', 7501],
    ['two', 7502],
    ['three', 7503],
  ] as const) {
    const url = `http://localhost:${port}`
    if (name !== 'three') await done(['registry', 'keys', '--base-url', url, '--out', at(`${name}/safe`)])
    await done(['keygen', '--base-url', url, '--name', `合成局${name}`, '--out', at(`${name}/keys`)])
  }
  const files = safe.map((name) => at(`${name}/safe/bureau.json`))
  await change(draft, 'init', '--network', 'synthetic', '--bureau', ...files)
  await change(draft, 'add', ...['one', 'two', 'three'].map((name) => at(`${name}/keys/member.json`)))
}
