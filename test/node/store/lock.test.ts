import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockDirectory } from '../../../node/store/lock.ts'
import { identifyProcess } from '../../../node/store/process-identity.ts'
import { startChild, type TestChild } from '../../support/child.ts'

const deps = { random: (bytes: number) => new Uint8Array(randomBytes(bytes)) }

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'csx-lock-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function starter(): Promise<TestChild> {
  const child = startChild('lock-process.ts', [directory])
  await child.line()
  return child
}

async function take(child: TestChild): Promise<Record<string, unknown> | undefined> {
  child.process.stdin.write('go\n')
  return child.line()
}

describe('data directory', () => {
  test('[DUR-7] a second process is refused at once and changes nothing', async () => {
    const child = await starter()
    expect(await take(child)).toMatchObject({ pid: child.process.pid })
    const before = await readdir(join(directory, 'lock'))
    const begun = performance.now()
    await expect(lockDirectory(directory, deps)).rejects.toMatchObject({
      code: 'LOG_LOCKED',
      evidence: { pid: child.process.pid },
    })
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(await readdir(join(directory, 'lock'))).toEqual(before)
    await child.end()
    await (await lockDirectory(directory, deps)).release()
  })

  test('[DUR-7] one process cannot take it twice', async () => {
    const lock = await lockDirectory(directory, deps)
    await expect(lockDirectory(directory, deps)).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    await lock.release()
    await (await lockDirectory(directory, deps)).release()
  })

  test('[DUR-7] of several that start over a dead holder exactly one wins', async () => {
    for (let round = 0; round < 3; round += 1) {
      const dead = await starter()
      await take(dead)
      await dead.kill('SIGKILL')
      const children = await Promise.all(Array.from({ length: 5 }, starter))
      const answers = await Promise.all(children.map(take))
      expect(answers.filter((answer) => answer?.pid !== undefined).length).toBe(1)
      expect(answers.filter((answer) => answer?.code === 'LOG_LOCKED').length).toBe(4)
      await Promise.all(children.map((child) => child.end()))
    }
  })

  test('[DUR-7] of many attempts at once in one process exactly one wins', async () => {
    for (let round = 0; round < 20; round += 1) {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, () => lockDirectory(directory, deps)),
      )
      const won = results.filter((result) => result.status === 'fulfilled')
      expect(won.length).toBe(1)
      await won[0]?.value.release()
    }
    expect((await readdir(join(directory, 'lock'))).length).toBeLessThanOrEqual(2)
  })

  test.each([
    [
      'a number that another process has by now',
      { pid: process.pid, start: 'another boot/1', released: false },
    ],
    ['a process that is not there', { pid: 4_000_000, start: 'x', released: false }],
    ['one that let go', { ...identifyProcess(process.pid), released: true }],
  ])('[DUR-7] taken over: %s', async (_name, holder) => {
    await mkdir(join(directory, 'lock'))
    await writeFile(join(directory, 'lock', '7'), JSON.stringify(holder))
    const lock = await lockDirectory(directory, deps)
    expect(JSON.parse(await readFile(join(directory, 'lock', '8'), 'utf8'))).toMatchObject({
      pid: process.pid,
      released: false,
    })
    await lock.release()
  })

  test('[DUR-7] a file that a power loss cut short holds nothing', async () => {
    await mkdir(join(directory, 'lock'))
    await writeFile(join(directory, 'lock', '3'), '{"pid":')
    await (await lockDirectory(directory, deps)).release()
    expect(await readdir(join(directory, 'lock'))).toContain('4')
  })

  test('[DUR-26] a directory that cannot be made is a fault of the settings', async () => {
    await writeFile(join(directory, 'file'), '')
    await expect(lockDirectory(join(directory, 'file', 'data'), deps)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      evidence: { faults: [{ variable: 'CSX_DATA_DIR' }] },
    })
  })
})
