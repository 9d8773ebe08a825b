import { CompactEncrypt } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { sealKeyFile } from '../../../cli/seal.ts'
import { decodeBase64Url, encodeBase64Url, encodeUtf8 } from '../../../protocol/bytes.ts'
import { signerFromSeed } from '../../../protocol/key.ts'
import { openPlainKey, parseKeyFile, type SealedKeyFile } from '../../../protocol/trust/key-file.ts'
import { parsePassphrase, sealing, unsealKeyFile } from '../../../protocol/trust/sealed-key.ts'
import { readText } from '../../support/source.ts'

const seed = new Uint8Array(32).fill(7)
const plain = {
  v: 1 as const,
  purpose: 'witness' as const,
  name: 'bishan.example/witness',
  multikey: signerFromSeed(seed).publicKey.multibase,
  seed: encodeBase64Url(seed),
}
const passphrase = encodeUtf8('a long enough passphrase')
let sealed: SealedKeyFile

beforeAll(async () => {
  sealed = await sealKeyFile(plain, passphrase)
})

const codeOf = (opening: Promise<unknown>) =>
  opening.then(
    () => 'opened',
    (error: { code?: string }) => error.code,
  )

/** The seal with another header, as whoever can write the file could make it. */
function withHeader(change: object): SealedKeyFile {
  const [head = '', ...rest] = sealed.sealed.split('.')
  const header = { ...JSON.parse(new TextDecoder().decode(decodeBase64Url(head))), ...change }
  return { ...sealed, sealed: [encodeBase64Url(encodeUtf8(JSON.stringify(header))), ...rest].join('.') }
}

function block(name: string): any {
  const [, text = ''] = readText('protocol/spec/key.md').split(`\n\`\`\`json ${name}\n`)
  return JSON.parse(text.slice(0, text.indexOf('\n```')))
}

describe('sealed keys', () => {
  test('[KEY-10] the secret is inside and what tells keys apart outside; two seals of one key differ', async () => {
    const { seed: _seed, ...identity } = plain
    expect(sealed).toMatchObject(identity)
    expect(JSON.stringify(sealed)).not.toContain(plain.seed)
    expect(await unsealKeyFile(sealed, passphrase)).toEqual(plain)
    const again = await sealKeyFile(plain, passphrase)
    const parts = sealed.sealed.split('.')
    for (const [i, part] of again.sealed.split('.').entries()) expect(part, String(i)).not.toBe(parts[i])
  })

  test('[KEY-10] the seal is a JWE as the header says, with the iterations that the specification names', () => {
    const header = JSON.parse(new TextDecoder().decode(decodeBase64Url(sealed.sealed.split('.')[0] ?? '')))
    expect(header).toMatchObject({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 600_000 })
    expect(Object.keys(header).toSorted()).toEqual(['alg', 'enc', 'p2c', 'p2s'])
    const spec = readText('protocol/spec/key.md')
    for (const number of [sealing.iterations, sealing.leastIterations, sealing.mostIterations])
      expect(spec).toContain(number.toLocaleString('en'))
  })

  test.each([1, 1000, sealing.leastIterations - 1, sealing.mostIterations + 1, 4_000_000_000, -1, 1.5e12])(
    '[KEY-10] too few or too many iterations are refused before any is made: %d',
    async (p2c) => {
      const begun = performance.now()
      expect(await codeOf(unsealKeyFile(withHeader({ p2c }), passphrase))).toBe('KEY_MALFORMED')
      expect(performance.now() - begun).toBeLessThan(500)
    },
  )

  test.each([
    ['another way to make a key of it', { alg: 'PBES2-HS256+A128KW' }],
    ['a key that anybody has', { alg: 'dir' }],
    ['another cipher', { enc: 'A128CBC-HS256' }],
    ['compressed', { zip: 'DEF' }],
    ['an extension', { crit: ['b64'], b64: true }],
    ['iterations as text', { p2c: '600000' }],
    ['no salt', { p2s: 5 }],
  ])('[KEY-10] sealed in another way: %s', async (_name, change) => {
    expect(await codeOf(unsealKeyFile(withHeader(change), passphrase))).toBe('KEY_MALFORMED')
  })

  test('[KEY-12] a wrong passphrase and an altered file are refused alike, for no cipher can tell', async () => {
    expect(await codeOf(unsealKeyFile(sealed, encodeUtf8('a long enough passphrasf')))).toBe(
      'PASSPHRASE_WRONG',
    )
    for (const part of [1, 2, 3, 4]) {
      const parts = sealed.sealed.split('.')
      const bytes = Uint8Array.from(decodeBase64Url(parts[part] ?? ''))
      bytes[0] = (bytes[0] ?? 0) ^ 1
      parts[part] = encodeBase64Url(bytes)
      expect(await codeOf(unsealKeyFile({ ...sealed, sealed: parts.join('.') }, passphrase))).toBe(
        'PASSPHRASE_WRONG',
      )
    }
  })

  test('[KEY-12] what is inside must be what the outside says', async () => {
    for (const change of [
      { purpose: 'holder' as const },
      { name: 'meishan.example/witness' },
      { multikey: signerFromSeed(new Uint8Array(32)).publicKey.multibase },
    ])
      expect(await codeOf(unsealKeyFile({ ...sealed, ...change }, passphrase))).toBe('KEY_MALFORMED')
    const nested = await new CompactEncrypt(encodeUtf8(JSON.stringify(sealed)))
      .setProtectedHeader({ alg: sealing.alg, enc: sealing.enc })
      .setKeyManagementParameters({ p2c: sealing.leastIterations })
      .encrypt(passphrase)
    expect(await codeOf(unsealKeyFile({ ...sealed, sealed: nested }, passphrase))).toBe('KEY_MALFORMED')
  })

  test('[KEY-11] a passphrase is one line in one spelling', () => {
    const composed = encodeUtf8('caf\u00e9 caf\u00e9')
    expect(parsePassphrase(encodeUtf8('cafe\u0301 cafe\u0301\r\n'))).toEqual(composed)
    for (const text of ['', '\n', 'a\nb', 'a\0b', 'a'.repeat(2000)])
      expect(() => parsePassphrase(encodeUtf8(text))).toThrowError(
        expect.objectContaining({ code: 'PASSPHRASE_WRONG' }),
      )
    expect(() => parsePassphrase(Uint8Array.of(0xff, 0xfe))).toThrowError(
      expect.objectContaining({ code: 'PASSPHRASE_WRONG' }),
    )
  })
})

describe('the key files of the specification', () => {
  test('[KEY-3] the plain and the sealed example are one key, and the third names its program', async () => {
    const file = parseKeyFile(encodeUtf8(JSON.stringify(block('key-file'))))
    if (!('seed' in file)) throw new Error('not plain')
    expect(openPlainKey(file).publicKey.multibase).toBe(file.multikey)
    const outside = parseKeyFile(encodeUtf8(JSON.stringify(block('sealed-key-file'))))
    if (!('sealed' in outside)) throw new Error('not sealed')
    const words = /passphrase is `([^`]+)`/.exec(readText('protocol/spec/key.md'))?.[1] ?? ''
    expect(await unsealKeyFile(outside, encodeUtf8(words))).toEqual(file)
    expect(parseKeyFile(encodeUtf8(JSON.stringify(block('provider-key-file'))))).toMatchObject({
      provider: { command: [expect.stringMatching(/^\//), expect.anything(), expect.anything()] },
    })
  })

  test.each([
    ['neither secret nor seal nor provider', { seed: undefined }],
    ['two of them', { sealed: 'a.b.c.d.e' }],
    ['a relative path', { seed: undefined, provider: { command: ['bridge'] } }],
    ['no command', { seed: undefined, provider: { command: [] } }],
    ['a provider that nobody knows', { seed: undefined, provider: { pkcs11: 'x' } }],
    ['no JWE', { seed: undefined, sealed: 'a.b.c' }],
    ['a public key that is none', { multikey: 'z6Mk' }],
    ['another purpose than the six', { purpose: 'sign' }],
  ])('[KEY-3] the form is closed: %s', (_name, change) => {
    const text = JSON.stringify({ ...plain, ...change })
    expect(() => parseKeyFile(encodeUtf8(text))).toThrowError(
      expect.objectContaining({ code: 'KEY_MALFORMED' }),
    )
  })
})
