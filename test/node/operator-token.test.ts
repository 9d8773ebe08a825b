import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openToken } from '../../node/operator-token.ts'
import { createClock } from '../support/log.ts'

let directory: string
let tokenFile: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'csx-token-'))
  tokenFile = join(directory, 'made', 'operator.token')
})
afterEach(() => rm(directory, { recursive: true }))

const open = () => openToken({ tokenFile }, createClock().deps)

test('[NODE-25] the first start makes a token that nobody else can read, and the next ones keep it', async () => {
  const token = await open()
  expect(token).toMatch(/^[A-Za-z0-9_-]{32}$/)
  expect(await readFile(tokenFile, 'utf8')).toBe(`${token}\n`)
  expect((await stat(tokenFile)).mode & 0o777).toBe(0o600)
  await writeFile(tokenFile, 'chosen by the operator\n')
  expect(await open()).toBe('chosen by the operator')
})

test('[NODE-25] an empty file, which a start that was killed leaves, is as good as none', async () => {
  await open()
  await writeFile(tokenFile, '')
  expect(await open()).toMatch(/^[A-Za-z0-9_-]{32}$/)
  await writeFile(tokenFile, 'short\n')
  await expect(open()).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
  await writeFile(tokenFile, 'long enough\n')
  await chmod(tokenFile, 0o644)
  await expect(open()).rejects.toMatchObject({ code: 'KEY_PERMISSIONS' })
})
