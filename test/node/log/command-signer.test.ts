import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { startCommandSigner } from '../../../node/log/command-signer.ts'
import { type OpenedSigner, openSigner } from '../../../node/log/signer.ts'
import { signerFromSeed } from '../../../protocol/key.ts'

const script = fileURLToPath(new URL('../../support/signing-module.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'csx-module-'))
const message = new TextEncoder().encode('a checkpoint')
const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((signer) => signer.close()))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function place() {
  const home = mkdtempSync(join(folder, 'm-'))
  const faults = join(home, 'faults')
  mkdirSync(faults)
  const seed = randomBytes(32)
  const starts = join(home, 'starts')
  writeFileSync(starts, '')
  const file = {
    v: 1 as const,
    purpose: 'log' as const,
    multikey: signerFromSeed(seed).publicKey.multibase,
    provider: { command: [process.execPath, script, seed.toString('hex'), starts, faults] },
  }
  const path = join(home, 'log.key')
  writeFileSync(path, JSON.stringify(file), { mode: 0o600 })
  return {
    home,
    file,
    starts: () => readFileSync(starts, 'utf8').split('\n').filter(Boolean),
    misbehave: (how: string) => writeFileSync(join(faults, how), ''),
    behave: (how: string) => rmSync(join(faults, how)),
  }
}

function keep<T extends { close(): Promise<void> }>(signer: T): T {
  open.push(signer)
  return signer
}

const fast = { answer: 1500, rest: 100, end: 1000 }
const codeOf = (signature: Promise<unknown>) =>
  signature.then(
    () => 'signed',
    (error: { code?: string }) => error.code,
  )

async function signs(signer: Pick<OpenedSigner, 'sign' | 'publicKey'>): Promise<boolean> {
  return signer.publicKey.verify(message, await signer.sign(message))
}

describe('a program that signs', () => {
  test('[KEY-20] is started once, at the first signature, and answers one line for each', async () => {
    const { home, file, starts } = place()
    const signer = keep(await openSigner(home, 'log'))
    expect(signer.publicKey.multibase).toBe(file.multikey)
    expect(starts()).toEqual([])
    const all = await Promise.all(Array.from({ length: 20 }, () => signs(signer)))
    expect(all).toEqual(Array.from({ length: 20 }, () => true))
    expect(starts()).toHaveLength(1)
  })

  test('[KEY-20] gets nothing of the environment of the node, which holds secrets', async () => {
    const { home, starts } = place()
    process.env.CSX_TEST_SECRET = 'x'
    const signer = keep(await openSigner(home, 'log'))
    expect(await signs(signer)).toBe(true)
    delete process.env.CSX_TEST_SECRET
    expect(starts()[0]?.split(' ')[1]).toBe('LANG,PATH')
  })

  test('[KEY-20] ends with the node', async () => {
    const { home, starts } = place()
    const signer = await openSigner(home, 'log')
    await signer.sign(message)
    const pid = Number(starts()[0]?.split(' ')[0])
    await signer.close()
    expect(() => process.kill(pid, 0)).toThrow()
    expect(await codeOf(signer.sign(message))).toBe('KEY_UNAVAILABLE')
  })

  test.each(['dies', 'rubbish', 'floods', 'answers-another', 'hangs'])(
    '[KEY-21] one that fails leaves no signature, and is started again: %s',
    async (how) => {
      const { file, starts, misbehave, behave } = place()
      const signer = keep(startCommandSigner(file, fast))
      expect(await signs(signer)).toBe(true)
      misbehave(how)
      expect(await Promise.all([1, 2].map(() => codeOf(signer.sign(message))))).toEqual([
        'KEY_UNAVAILABLE',
        'KEY_UNAVAILABLE',
      ])
      behave(how)
      expect(await signs(signer)).toBe(true)
      expect(starts()).toHaveLength(2)
    },
  )

  test('[KEY-21] one that is killed is started again', async () => {
    const { file, starts } = place()
    const signer = keep(startCommandSigner(file, fast))
    expect(await signs(signer)).toBe(true)
    process.kill(Number(starts()[0]?.split(' ')[0]), 'SIGKILL')
    await sleep(200)
    expect(await signs(signer)).toBe(true)
    expect(starts()).toHaveLength(2)
  })

  test('[KEY-21] one that cannot be started at all is unavailable, and is not tried without a rest', async () => {
    const { file } = place()
    const none = { ...file, provider: { command: ['/nonexistent/module'] } }
    const signer = keep(startCommandSigner(none, fast))
    const begun = performance.now()
    for (let n = 0; n < 3; n += 1) expect(await codeOf(signer.sign(message))).toBe('KEY_UNAVAILABLE')
    expect(performance.now() - begun).toBeGreaterThan(150)
  })

  test('[KEY-22] a wrong signature never leaves the signer', async () => {
    const { file, misbehave, behave } = place()
    const signer = keep(startCommandSigner(file, fast))
    misbehave('signs-wrongly')
    expect(await codeOf(signer.sign(message))).toBe('KEY_UNAVAILABLE')
    behave('signs-wrongly')
    expect(await signs(signer)).toBe(true)
    const other = { ...file, multikey: signerFromSeed(randomBytes(32)).publicKey.multibase }
    expect(await codeOf(keep(startCommandSigner(other, fast)).sign(message))).toBe('KEY_UNAVAILABLE')
  })

  test('[KEY-23] a refusal is no failure: the program stays, and its words are not repeated', async () => {
    const { file, starts, misbehave, behave } = place()
    const signer = keep(startCommandSigner(file, fast))
    misbehave('refuses')
    const error: unknown = await signer.sign(message).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'KEY_UNAVAILABLE' })
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('1234')
    behave('refuses')
    expect(await signs(signer)).toBe(true)
    expect(starts()).toHaveLength(1)
  })
})
