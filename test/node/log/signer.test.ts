import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sealKeyFile } from '../../../cli/seal.ts'
import { isPrivate, openSigner, readSecretFile } from '../../../node/log/signer.ts'
import { encodeBase64Url } from '../../../protocol/bytes.ts'
import { signerFromSeed } from '../../../protocol/key.ts'

const seed = new Uint8Array(32).fill(9)
const file = {
  v: 1 as const,
  purpose: 'log' as const,
  name: 'localhost:7401/log/1',
  multikey: signerFromSeed(seed).publicKey.multibase,
  seed: encodeBase64Url(seed),
}

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'csx-keys-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function write(content: unknown, mode = 0o600): Promise<string> {
  const path = join(directory, 'log.key')
  await rm(path, { force: true })
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  await chmod(path, mode)
  return path
}

describe('key files', () => {
  test('[DUR-25] a key of its purpose signs', async () => {
    await write(file)
    const signer = await openSigner(directory, 'log')
    const message = Uint8Array.of(1, 2, 3)
    expect(signer.publicKey.verify(message, await signer.sign(message))).toBe(true)
  })

  test.each([0o644, 0o640, 0o604, 0o660, 0o601])(
    '[DUR-25] a key that others can reach is refused: %o',
    async (mode) => {
      const path = await write(file, mode)
      await expect(openSigner(directory, 'log')).rejects.toMatchObject({ code: 'KEY_PERMISSIONS' })
      await expect(readSecretFile(path)).rejects.toMatchObject({ code: 'KEY_PERMISSIONS' })
    },
  )

  test('[DUR-25] a key that is not there is unavailable', async () => {
    await expect(openSigner(directory, 'witness')).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    await expect(openSigner(join(directory, 'none'), 'log')).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
    })
  })

  test.each([
    ['another purpose', { ...file, purpose: 'publish' }],
    [
      'a public key of another seed',
      { ...file, multikey: signerFromSeed(new Uint8Array(32)).publicKey.multibase },
    ],
    ['a seed too short', { ...file, seed: encodeBase64Url(seed.subarray(1)) }],
    ['a seed in another spelling', { ...file, seed: `${file.seed}=` }],
    ['another version', { ...file, v: 2 }],
    ['a member too many', { ...file, note: 'x' }],
    ['a member too few', { v: 1, purpose: 'log', multikey: file.multikey }],
    ['no JSON', 'seed'],
    ['a member twice', JSON.stringify(file).replace('"v":1', '"v":1,"v":1')],
  ])(
    '[DUR-25] what is not a key is unavailable, and its content is not repeated: %s',
    async (_name, content) => {
      await write(content)
      const error = await openSigner(directory, 'log').catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'KEY_UNAVAILABLE' })
      const { message, stack, cause, evidence } = error as Error & { evidence: unknown }
      expect([message, stack, String(cause), JSON.stringify(evidence)].join('\n')).not.toContain(
        file.seed.slice(0, 20),
      )
    },
  )
})

describe('sealed key files', () => {
  const passphrase = '渝川互认 a long passphrase'

  async function seal(): Promise<string> {
    await write(await sealKeyFile(file, new TextEncoder().encode(passphrase)))
    const passphraseFile = join(directory, 'passphrase')
    await rm(passphraseFile, { force: true })
    await writeFile(passphraseFile, `${passphrase}\n`, { mode: 0o600 })
    return passphraseFile
  }

  test('[KEY-12] a sealed key signs like any other, once the passphrase file is named', async () => {
    const passphraseFile = await seal()
    const signer = await openSigner(directory, 'log', { passphraseFile })
    const message = Uint8Array.of(1, 2, 3)
    expect(signer.publicKey.multibase).toBe(file.multikey)
    expect(signer.publicKey.verify(message, await signer.sign(message))).toBe(true)
  })

  test('[KEY-12] without a passphrase it is unavailable, and the setting is named', async () => {
    await seal()
    const error = await openSigner(directory, 'log').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'KEY_UNAVAILABLE' })
    expect(String(error)).toContain('CSX_PASSPHRASE_FILE')
    await expect(
      openSigner(directory, 'log', { passphraseFile: join(directory, 'none') }),
    ).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
  })

  test('[KEY-12] a wrong passphrase says so and repeats nothing', async () => {
    const passphraseFile = await seal()
    await writeFile(passphraseFile, 'another passphrase')
    const error = await openSigner(directory, 'log', { passphraseFile }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'PASSPHRASE_WRONG' })
    const { message, stack, cause, evidence } = error as Error & { evidence: unknown }
    const told = [message, stack, String(cause), JSON.stringify(evidence)].join('\n')
    for (const secret of ['another passphrase', file.seed]) expect(told).not.toContain(secret)
  })

  test('[KEY-12] a passphrase file that others can read is refused', async () => {
    const passphraseFile = await seal()
    await chmod(passphraseFile, 0o644)
    await expect(openSigner(directory, 'log', { passphraseFile })).rejects.toMatchObject({
      code: 'KEY_PERMISSIONS',
    })
  })

  test('[KEY-3] a credential of systemd is as private as a file of one’s own', () => {
    const own = { mode: 0o100600, uid: 1000, gid: 1000 }
    expect(isPrivate(own, 1000)).toBe(true)
    expect(isPrivate({ ...own, mode: 0o100640 }, 1000)).toBe(false)
    expect(isPrivate({ mode: 0o100440, uid: 0, gid: 0 }, 1000)).toBe(true)
    expect(isPrivate({ mode: 0o100440, uid: 0, gid: 50 }, 1000)).toBe(false)
    expect(isPrivate({ mode: 0o100444, uid: 0, gid: 0 }, 1000)).toBe(false)
    expect(isPrivate({ mode: 0o100640, uid: 0, gid: 0 }, 0)).toBe(false)
  })
})
