import { chmodSync, cpSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { at, makeBureaus, read } from './bureaus.ts'
import { csx, onTerminal, put } from './csx.ts'

const phrases = ['a passphrase of the tests, one', 'a passphrase of the tests, two'] as const
const secret = (name: string, text: string) => {
  const file = put(name, `${text}\n`)
  chmodSync(file, 0o600)
  return file
}
const keys = at('one/safe')
const offline = ['registry-root-1.key', 'registry-root-2.key', 'registry-targets.key']
const signOn = (draft: string, answers: readonly string[]) =>
  onTerminal(['registry', 'sign', at(draft), '--keys', keys], answers)

beforeAll(async () => {
  await makeBureaus()
  for (const name of ['typed', 'two-persons', 'declined', 'file', 'provided'])
    cpSync(at('first'), at(name), { recursive: true })
  const seal = (files: readonly string[], phrase: string) =>
    csx(['key', 'seal', ...files.map((name) => join(keys, name)), '--passphrase-file', phrase])
  expect((await seal(offline.slice(0, 1), secret('phrase-1', phrases[0]))).code).toBe(0)
  expect((await seal(offline.slice(1), secret('phrase-2', phrases[1]))).code).toBe(0)
})

describe('a bureau that types everything', () => {
  test('[REG-23] [KEY-11] signs with sealed keys, each by the passphrase of its person, and none of it is shown', async () => {
    const { code, seen } = await signOn('typed', ['yes\r', `${phrases[0]}\r`, `${phrases[1]}\r`])
    expect([code, seen]).toEqual([0, expect.stringMatching(/已签名3处/)])
    expect(seen).toMatch(/registry-root-2\.key 的口令/)
    for (const phrase of phrases) expect(seen).not.toContain(phrase)
    expect(read('typed/root.json').signatures).toHaveLength(2)
    expect(read('typed/targets.json').signatures).toHaveLength(1)
  })

  test('[REG-23] is told which key a passphrase does not open, and nothing is signed', async () => {
    const { code, seen } = await signOn('two-persons', ['yes\r', `${phrases[0]}\r`, 'another one, wrong\r'])
    expect([code, seen]).toEqual([1, expect.stringMatching(/PASSPHRASE_WRONG[\s\S]*registry-root-2\.key/)])
    expect(read('two-persons/targets.json').signatures).toEqual([])
  })

  test('[REG-23] may say no, or leave, and nothing is signed', async () => {
    const { code, seen } = await signOn('declined', ['no\r'])
    expect([code, seen]).toEqual([1, expect.stringContaining('未签名')])
    expect((await signOn('declined', ['\u0004'])).code).toBe(2)
    expect(read('declined/targets.json').signatures).toEqual([])
  })

  test('[REG-23] has no file for passphrases that differ, and keys of another program are told', async () => {
    const args = ['registry', 'sign', at('file'), '--keys', keys, '--yes']
    const { code, err } = await csx([...args, '--passphrase-file', at('phrase-1')])
    expect([code, err]).toEqual([1, expect.stringMatching(/PASSPHRASE_WRONG.*registry-root-2\.key/)])
    cpSync(at('two/safe'), at('two/provided'), { recursive: true })
    const file = at('two/provided/registry-root-1.key')
    const { v, purpose, multikey } = JSON.parse(readFileSync(file, 'utf8'))
    renameSync(file, at('two/root-1.key'))
    chmodSync(
      put(
        'two/provided/registry-root-1.key',
        JSON.stringify({ v, purpose, multikey, provider: { command: ['/bin/false'] } }),
      ),
      0o600,
    )
    const other = await csx(['registry', 'sign', at('provided'), '--keys', at('two/provided'), '--yes'])
    expect([other.code, other.err]).toEqual([0, expect.stringMatching(/registry-root-1\.key 由外部程序签名/)])
    expect(read('provided/root.json').signatures).toHaveLength(1)
  })
})
