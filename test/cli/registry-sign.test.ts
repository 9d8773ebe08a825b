import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  namedKeys,
  registryBytes,
  type SyntheticBureau,
  signAll,
  syntheticBureau,
  syntheticRepository,
} from '../../fixtures/synthetic/ceremony.ts'
import { syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { canonicalBytes } from '../../protocol/canonical.ts'
import { composeRoot, composeTargets } from '../../protocol/trust/tuf-make.ts'
import { csx, folder, put } from './csx.ts'

/** A bureau that is handed a folder by somebody who wants its signature for something else than it sees. */
const at = (name: string) => join(folder, name)
const read = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'))

async function done(args: readonly string[]): Promise<string> {
  const { code, out, err } = await csx(args)
  expect([args.slice(0, 2), code, err]).toEqual([args.slice(0, 2), 0, ''])
  return out
}

const sign = (draft: string, ...more: string[]) =>
  csx(['registry', 'sign', at(draft), '--keys', at('one/safe'), '--yes', ...more])

async function publish(draft: string): Promise<void> {
  for (const who of ['one', 'two'])
    await done(['registry', 'sign', at(draft), '--keys', at(`${who}/safe`), '--yes'])
  await done(['registry', 'publish', at(draft), '--repository', at('published'), '--keys', at('one/safe')])
}

/** A draft whose targets name it, as the program would have written them. */
function write(draft: string, change: (registry: any) => void, expires = Date.parse('2027-01-01')): void {
  const registry = read(`${draft}/registry.json`)
  change(registry)
  put(`${draft}/registry.json`, canonicalBytes(registry))
  const targets = composeTargets(canonicalBytes(registry), { version: registry.version, expires })
  put(`${draft}/targets.json`, canonicalBytes(targets))
}

async function draftOf(name: string): Promise<void> {
  await done(['registry', 'init', at(name), '--from', at('published')])
}

beforeAll(async () => {
  for (const [name, port] of [
    ['one', 7501],
    ['two', 7502],
  ] as const) {
    const url = `http://localhost:${port}`
    await done(['registry', 'keys', '--base-url', url, '--out', at(`${name}/safe`)])
    await done(['keygen', '--base-url', url, '--name', `合成局${name}`, '--out', at(`${name}/keys`)])
  }
  const bureaus = ['one', 'two'].map((name) => at(`${name}/safe/bureau.json`))
  await done(['registry', 'init', at('first'), '--network', 'synthetic', '--bureau', ...bureaus])
  await done(['registry', 'add', at('first'), at('one/keys/member.json'), at('two/keys/member.json')])
  cpSync(at('first'), at('unsigned'), { recursive: true })
  await publish('first')
  cpSync(at('published'), at('old'), { recursive: true })
  await draftOf('second')
  await done(['registry', 'suspend', at('second'), 'did:web:localhost%3A7502', '--at', '5'])
  await publish('second')
})

describe('what a bureau signs is what it was shown', () => {
  test('[REG-700] targets that name another registry than the one in the folder are not signed', async () => {
    await draftOf('other')
    const shown = readFileSync(at('other/registry.json'))
    write('other', (registry) => {
      registry.members[1].status.pop()
    })
    put('other/registry.json', shown)
    const { code, err } = await sign('other')
    expect([code, err]).toEqual([1, expect.stringContaining('DIGEST_MISMATCH')])
    expect(read('other/targets.json').signatures).toEqual([])
  })

  test.each<[string, (registry: any) => void]>([
    [
      'a version far ahead, after which none could follow',
      (registry) => {
        registry.version = Number.MAX_SAFE_INTEGER
      },
    ],
    [
      'a member that stands twice',
      (registry) => {
        registry.members.push(registry.members[0])
      },
    ],
  ])('[REG-700] %s is not signed', async (name, change) => {
    await draftOf(name)
    write(name, change)
    const { code, err } = await sign(name)
    expect([code, err]).toEqual([1, expect.stringContaining('REGISTRY_MALFORMED')])
    expect(read(`${name}/targets.json`).signatures).toEqual([])
  })

  test('[REG-700] a later version in a folder without a base is not signed as if it were the first', async () => {
    await draftOf('baseless')
    rmSync(at('baseless/base'), { recursive: true })
    cpSync(at('published/1.root.json'), at('baseless/root.json'))
    const { code, err } = await sign('baseless')
    expect([code, err]).toEqual([1, expect.stringContaining('REGISTRY_MALFORMED')])
  })

  test('[REG-701] an older version as base, which would hide what it takes back, is found by what is published', async () => {
    await draftOf('aged')
    rmSync(at('aged/base'), { recursive: true })
    cpSync(at('old'), at('aged/base'), { recursive: true })
    cpSync(at('unsigned/registry.json'), at('aged/registry.json'))
    write('aged', (registry) => {
      registry.version = 2
    })
    const { code, err } = await sign('aged', '--repository', at('published'))
    expect([code, err]).toEqual([1, expect.stringContaining('NOT_TRUSTED')])
    await draftOf('current')
    const out = await done([
      ...['registry', 'sign', at('current'), '--keys', at('one/safe'), '--yes'],
      ...['--repository', at('published')],
    ])
    expect(out).toMatch(/held against: sha256:[0-9a-f]{64}.*root 1 sha256:[0-9a-f]{64}/)
    expect(out).not.toContain('--repository')
    // Without it, the reader is told that nothing vouches for the base.
    expect((await sign('current')).out).toContain('--repository')
  })

  test('[REG-701] how long the signature of the registry will hold is told', async () => {
    await draftOf('long')
    write('long', () => {}, Date.parse('9999-01-01'))
    expect((await sign('long')).out).toContain('signed until 9999-01-01')
  })
})

test('[REG-703] what outgoing keys signed is not published over the root that took them out', async () => {
  const members = [7511, 7512].map((port) => syntheticMember(`合成${port}`, `http://localhost:${port}`))
  const [one, two] = members.map(({ did }) => syntheticBureau(did)) as [SyntheticBureau, SyntheticBureau]
  const next = syntheticBureau(two.did, 2)
  const expires = Date.now() + 86_400_000
  const registry = (version: number) => ({ ...syntheticRegistry(members), version })
  const place = (directory: string, files: ReadonlyMap<string, Uint8Array>) => {
    mkdirSync(at(`${directory}/targets`), { recursive: true })
    for (const [path, bytes] of files) put(`${directory}/${path}`, bytes)
  }
  const { files } = await syntheticRepository({
    bureaus: [one, two],
    registries: [registry(1), registry(2)],
    expires,
  })
  const root = composeRoot([...namedKeys(one), ...namedKeys(next)], { version: 2, expires })
  const second = canonicalBytes(await signAll(root, [...one.root, ...two.root, ...next.root]))
  place('rotated', new Map([...files, ['2.root.json', second]]))
  place('stolen/base', files)
  const bytes = registryBytes(registry(3))
  const targets = await signAll(composeTargets(bytes, { version: 3, expires }), [one.targets, two.targets])
  put('stolen/registry.json', bytes)
  put('stolen/targets.json', canonicalBytes(targets))
  const { code, err } = await csx([
    ...['registry', 'publish', at('stolen'), '--repository', at('rotated'), '--keys', at('one/safe')],
  ])
  expect([code, err]).toEqual([1, expect.stringContaining('NOT_TRUSTED')])
  expect(existsSync(at('rotated/3.targets.json'))).toBe(false)
})
