import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeBase64Url } from '../../protocol/bytes.ts'
import { signerFromSeed } from '../../protocol/key.ts'
import { parseVerifierKey } from '../../protocol/log/note.ts'
import { csx, folder, put } from './csx.ts'

function keygen(out: string, baseUrl = 'http://localhost:7401', name = '璧山区机关事务管理局') {
  return csx(['keygen', '--base-url', baseUrl, '--name', name, '--out', join(folder, out)])
}

function readJson(...path: readonly string[]): any {
  return JSON.parse(readFileSync(join(folder, ...path), 'utf8'))
}

describe('csx keygen', () => {
  test('makes two secret keys, each for one purpose, and what the registry says of the member', async () => {
    const { code, out } = await keygen('a')
    expect(code).toBe(0)
    expect(out).toContain('did:web:localhost%3A7401')
    const member = readJson('a', 'member.json')
    const [log, publish] = [readJson('a', 'log.key'), readJson('a', 'publish.key')]
    for (const name of ['log.key', 'publish.key'])
      expect(statSync(join(folder, 'a', name)).mode & 0o777).toBe(0o600)
    expect(log).toMatchObject({ v: 1, purpose: 'log', name: 'localhost:7401/log/1' })
    expect(publish).toMatchObject({ v: 1, purpose: 'publish' })
    for (const { seed, multikey } of [log, publish])
      expect(signerFromSeed(decodeBase64Url(seed)).publicKey.multibase).toBe(multikey)
    const [served] = member.origins
    expect(parseVerifierKey(served.vkey[0].key).key.multibase).toBe(log.multikey)
    expect(member.keys[0].multikey).toBe(publish.multikey)
    expect(member).toMatchObject({
      id: 'did:web:localhost%3A7401',
      endpoints: { base: 'http://localhost:7401' },
      synthetic: true,
    })
    expect(JSON.stringify(member)).not.toContain(log.seed)
    expect(out).not.toContain(log.seed)
  })

  test('never overwrites a key, and never makes the same one twice', async () => {
    await keygen('b')
    const before = readFileSync(join(folder, 'b', 'log.key'), 'utf8')
    expect((await keygen('b')).code).toBe(2)
    expect(readFileSync(join(folder, 'b', 'log.key'), 'utf8')).toBe(before)
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
