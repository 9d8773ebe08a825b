import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { csx, linesOf } from './cli/csx.ts'

const folder = fileURLToPath(new URL('../fixtures/release/', import.meta.url))

interface Case {
  readonly file: string
  readonly at: string
  /** What is trusted, where it is not the root or the registry of the folder. */
  readonly trust?: string
  readonly verdict: string
  readonly codes: readonly string[]
}

interface Answer {
  readonly verdict: string
  readonly checks: readonly { readonly outcome: string; readonly code?: string }[]
}

/** Files of each release are kept as they were written: evidence that somebody holds must go on verifying, for ever. */
describe.each(readdirSync(folder))('files written by version %s', (version) => {
  const { cases } = JSON.parse(readFileSync(`${folder}${version}/expect.json`, 'utf8')) as { cases: Case[] }

  test.each(cases)('[VERIFY-30] $file at $at: $verdict', async ({ file, at, trust, verdict, codes }) => {
    const flags = trust === undefined ? [] : ['--trust', trust]
    const { out } = await csx(['verify', file, '--at', at, '--json', ...flags], {
      cwd: `${folder}${version}`,
    })
    const answer = linesOf(out)[0] as Answer
    expect(answer.verdict).toBe(verdict)
    const stated = answer.checks.flatMap(({ outcome, code }) => (outcome === 'passed' ? [] : (code ?? [])))
    expect([...new Set(stated)]).toEqual(codes)
  })
})
