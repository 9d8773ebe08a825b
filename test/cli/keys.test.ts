import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { decodeBase64Url, encodeUtf8 } from '../../protocol/bytes.ts'
import { signerFromSeed } from '../../protocol/key.ts'
import { parseVerifierKey } from '../../protocol/log/note.ts'
import { parseRegistry, purposes } from '../../protocol/trust/registry.ts'
import { openTrust } from '../../protocol/trust/trust.ts'
import { csx, folder, onTerminal, put } from './csx.ts'

function keygen(out: string, baseUrl = 'http://localhost:7401', name = '璧山区机关事务管理局') {
  return csx(['keygen', '--base-url', baseUrl, '--name', name, '--out', join(folder, out)])
}

function readJson(...path: readonly string[]): any {
  return JSON.parse(readFileSync(join(folder, ...path), 'utf8'))
}

describe('csx keygen', () => {
  test('[KEY-1] makes six secret keys, each for one purpose, and says nothing of them', async () => {
    const { code, out } = await keygen('a')
    expect(code).toBe(0)
    expect(out).toContain('did:web:localhost%3A7401')
    const names = new Map([
      ['log', 'localhost:7401/log/1'],
      ['witness', 'localhost:7401/witness'],
      ['holder', 'localhost:7401/holder'],
    ])
    const seeds = purposes.map((purpose) => {
      const path = join(folder, 'a', `${purpose}.key`)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      const file = readJson('a', `${purpose}.key`)
      expect(file).toMatchObject({ v: 1, purpose })
      expect(file.name).toBe(names.get(purpose))
      expect(signerFromSeed(decodeBase64Url(file.seed)).publicKey.multibase).toBe(file.multikey)
      expect(readFileSync(join(folder, 'a', 'member.json'), 'utf8') + out).not.toContain(file.seed)
      return file.seed
    })
    expect(new Set(seeds).size).toBe(6)
  })

  test('[KEY-2] member.json has each key where its purpose belongs, and opens in a registry', async () => {
    const before = Date.now()
    await keygen('a2')
    const member = readJson('a2', 'member.json')
    expect(member).toMatchObject({
      id: 'did:web:localhost%3A7401',
      endpoints: { base: 'http://localhost:7401' },
      synthetic: true,
    })
    const multikey = (purpose: string) => readJson('a2', `${purpose}.key`).multikey
    const origin = 'localhost:7401/log/1'
    expect(parseVerifierKey(member.origins[0].vkey[0].key).key.multibase).toBe(multikey('log'))
    expect(member.keys).toEqual(
      ['publish', 'attest', 'request'].map((purpose) => ({
        multikey: multikey(purpose),
        purpose,
        valid: [{ origin, from: 0 }],
      })),
    )
    expect(member.cosigners.map(({ name }: any) => name)).toEqual([
      'localhost:7401/witness',
      'localhost:7401/holder',
    ])
    for (const { name, key, from } of member.cosigners) {
      expect(parseVerifierKey(key)).toMatchObject({ name, type: 4 })
      expect(parseVerifierKey(key).key.multibase).toBe(multikey(name.split('/').at(-1)))
      expect(Date.parse(from)).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000)
      expect(Date.parse(from)).toBeLessThanOrEqual(Date.now())
    }
    const registry = {
      ...syntheticRegistry([syntheticMember('乙', 'http://localhost:1')]),
      members: [member],
    }
    const parsed = parseRegistry(encodeUtf8(JSON.stringify(registry)))
    expect(openTrust(parsed.registry, parsed.fingerprint).members.has(member.id)).toBe(true)
  })

  test('[KEY-1] never overwrites a key, nor makes some beside those that are there, nor the same one twice', async () => {
    await keygen('b')
    const before = readFileSync(join(folder, 'b', 'log.key'), 'utf8')
    expect((await keygen('b')).code).toBe(2)
    expect(readFileSync(join(folder, 'b', 'log.key'), 'utf8')).toBe(before)
    mkdirSync(join(folder, 'half'))
    put('half/request.key', 'an old key')
    expect((await keygen('half')).code).toBe(2)
    expect(readdirSync(join(folder, 'half'))).toEqual(['request.key'])
    await keygen('c')
    expect(readFileSync(join(folder, 'c', 'log.key'), 'utf8')).not.toBe(before)
  })

  test('[VERIFY-16] a folder that cannot be made is named with its code, and is no fault of the program', async () => {
    put('file', '')
    for (const [out, code, word] of [
      ['file', 2, 'USAGE_INVALID'],
      ['file/below', 4, 'NOT_FOUND'],
    ] as const) {
      const ended = await keygen(out)
      expect([ended.code, ended.err.split(' ')[1]], out).toEqual([code, word])
    }
  })

  test('takes the base URL in its one spelling alone, and a name without control characters', async () => {
    for (const url of [
      'http://example.org',
      'https://example.org/',
      'https://Example.org',
      'http://localhost',
      'x',
    ])
      expect((await keygen('d', url)).code, url).toBe(2)
    expect((await keygen('d', 'https://example.org', 'a\u202eb')).code).toBe(2)
    expect((await keygen('e', 'https://example.org/bishan')).code).toBe(0)
    expect(readJson('e', 'member.json').synthetic).toBeUndefined()
  })
})

describe('sealed keys', () => {
  const passphrase = 'no secret but of the tests'

  function passphraseFile(text = passphrase): string {
    const file = put(`passphrase-${text.length}`, `${text}\n`)
    chmodSync(file, 0o600)
    return file
  }

  test('[KEY-10] keygen --passphrase-file writes no secret in the clear, and key unseal gives it back', async () => {
    const out = join(folder, 'sealed')
    const flags = ['--base-url', 'http://localhost:7401', '--name', '甲', '--out', out]
    const made = await csx(['keygen', ...flags, '--passphrase-file', passphraseFile()])
    expect(made.code).toBe(0)
    const files = purposes.map((purpose) => join(out, `${purpose}.key`))
    for (const file of files) {
      expect(statSync(file).mode & 0o777).toBe(0o600)
      expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).not.toContain('seed')
    }
    const shown = await csx(['key', 'show', ...files])
    expect(shown.out.match(/已密封/g)).toHaveLength(6)
    const opened = await csx(['key', 'unseal', ...files, '--passphrase-file', passphraseFile()])
    expect(opened.code).toBe(0)
    for (const purpose of purposes) {
      const { seed, multikey } = readJson('sealed', `${purpose}.key`)
      expect(signerFromSeed(decodeBase64Url(seed)).publicKey.multibase).toBe(multikey)
      expect(made.out + made.err + shown.out + opened.out + opened.err).not.toContain(seed)
      expect(statSync(join(out, `${purpose}.key`)).mode & 0o777).toBe(0o600)
    }
  })

  test('[KEY-10] key seal puts a file under a passphrase, all of them or none', async () => {
    await keygen('toseal')
    const file = (name: string) => join(folder, 'toseal', name)
    const before = readFileSync(file('log.key'), 'utf8')
    const sealed = [
      'key',
      'seal',
      file('log.key'),
      file('publish.key'),
      '--passphrase-file',
      passphraseFile(),
    ]
    put('toseal/broken.key', '{}')
    chmodSync(file('broken.key'), 0o600)
    expect((await csx([...sealed, file('broken.key')])).code).toBe(1)
    expect(readFileSync(file('log.key'), 'utf8')).toBe(before)
    expect((await csx(sealed)).code).toBe(0)
    expect(readFileSync(file('log.key'), 'utf8')).not.toContain(JSON.parse(before).seed)
    expect((await csx(sealed)).code).toBe(2)
    const wrong = await csx([
      'key',
      'unseal',
      file('log.key'),
      '--passphrase-file',
      passphraseFile('wrong passphrase'),
    ])
    expect(wrong.err.split(' ')[1]).toBe('PASSPHRASE_WRONG')
    expect(wrong.err).not.toContain('wrong passphrase')
  })

  test('[KEY-11] a passphrase comes from a private file or a terminal, and is not too short', async () => {
    await keygen('short')
    const key = join(folder, 'short', 'log.key')
    const seal = (...more: readonly string[]) => csx(['key', 'seal', key, ...more])
    expect((await seal('--passphrase-file', passphraseFile('fourteen chars'))).code).toBe(2)
    expect((await seal()).err).toContain('--passphrase-file')
    const open = put('passphrase-open', passphrase)
    chmodSync(open, 0o644)
    expect((await seal('--passphrase-file', open)).err).toContain('KEY_PERMISSIONS')
    chmodSync(key, 0o640)
    expect((await seal('--passphrase-file', passphraseFile())).err).toContain('KEY_PERMISSIONS')
    expect(readJson('short', 'log.key').seed).toBeDefined()
  })

  test('[KEY-11] a passphrase that is typed is asked for twice and never shown', async () => {
    await keygen('typed')
    const key = join(folder, 'typed', 'log.key')
    const differing = await onTerminal(['key', 'seal', key], [`${passphrase}\r`, `${passphrase}!\r`])
    expect(differing.code).toBe(2)
    expect(readJson('typed', 'log.key').seed).toBeDefined()
    const given = await onTerminal(['key', 'seal', key], [`x\u007f${passphrase}\r`, `${passphrase}\r`])
    expect(given.code).toBe(0)
    expect(readJson('typed', 'log.key').sealed).toBeDefined()
    expect(differing.seen + given.seen).not.toContain(passphrase.slice(2, 10))
    expect((await onTerminal(['key', 'unseal', key], ['\u0003'])).code).toBe(2)
    expect((await csx(['key', 'unseal', key, '--passphrase-file', passphraseFile()])).code).toBe(0)
  })

  test('[KEY-3] key show tells purpose, public key and name, and no secret', async () => {
    await keygen('shown')
    const { seed, multikey } = readJson('shown', 'witness.key')
    const { code, out } = await csx(['key', 'show', join(folder, 'shown', 'witness.key')])
    expect(code).toBe(0)
    for (const word of ['witness', multikey, 'localhost:7401/witness', '未密封']) expect(out).toContain(word)
    expect(out).not.toContain(seed)
    expect((await csx(['key', 'show', put('no.key', '{}')])).code).toBe(1)
  })
})

describe('csx trust', () => {
  test('init puts members into a registry, and show prints its fingerprint, members, logs and keys', async () => {
    await keygen('one', 'http://localhost:7411', '甲')
    await keygen('two', 'http://localhost:7412', '乙')
    const trust = join(folder, 'made.json')
    const made = await csx([
      'trust',
      'init',
      '--network',
      'synthetic',
      join(folder, 'one/member.json'),
      join(folder, 'two/member.json'),
      '-o',
      trust,
    ])
    expect(made.code).toBe(0)
    expect(readJson('made.json')).toMatchObject({ v: 1, version: 1, network: 'synthetic', policy: 'none' })
    const { code, out } = await csx(['trust', 'show', trust])
    expect(code).toBe(0)
    expect(made.out).toContain(out)
    for (const word of ['甲', '乙', 'localhost:7411/log/1', readJson('two', 'publish.key').multikey])
      expect(out).toContain(word)
    const compact = put('compact.json', JSON.stringify(readJson('made.json')))
    expect((await csx(['trust', 'show', compact])).out.split('\n')[0]).toBe(out.split('\n')[0])
  })

  test('init refuses what does not hold together', async () => {
    const one = join(folder, 'one/member.json')
    const output = join(folder, 'refused.json')
    const init = (network: string, ...files: readonly string[]) =>
      csx(['trust', 'init', '--network', network, ...files, '--output', output])
    expect((await init('synthetic', one, one)).err).toContain('REGISTRY_MALFORMED')
    expect((await init('production', one)).err).toContain('REGISTRY_MALFORMED')
    expect((await init('both', one)).code).toBe(2)
    expect((await csx(['trust', 'show', put('none.json', '{}')])).code).toBe(1)
    expect((await init('synthetic', put('member.json', '{"id":1}'))).err).toContain('REGISTRY_MALFORMED')
    expect(() => statSync(output)).toThrow()
  })
})
