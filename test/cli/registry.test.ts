import { cpSync, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { csx, folder, put } from './csx.ts'

/** Two bureaus with folders of their own, as on two machines; what they share is carried in `draft`. */
const at = (name: string) => join(folder, name)

beforeAll(async () => {
  for (const [name, port] of [
    ['one', 7501],
    ['two', 7502],
  ] as const) {
    const url = `http://localhost:${port}`
    await done(['registry', 'keys', '--base-url', url, '--out', at(`${name}/safe`)])
    await done(['keygen', '--base-url', url, '--name', `合成主管局${name}`, '--out', at(`${name}/keys`)])
  }
  await done([
    'keygen',
    '--base-url',
    'http://localhost:7503',
    '--name',
    '合成区局',
    '--out',
    at('three/keys'),
  ])
  await done([
    'registry',
    'init',
    at('draft'),
    '--network',
    'synthetic',
    '--bureau',
    at('one/safe/bureau.json'),
    at('two/safe/bureau.json'),
  ])
  await done(['registry', 'add', at('draft'), at('one/keys/member.json'), at('two/keys/member.json')])
  await done(['registry', 'set-policy', at('draft'), 'bureaus'])
})

async function done(args: readonly string[]): Promise<string> {
  const { code, out, err } = await csx(args)
  expect([args.slice(0, 2), code, err]).toEqual([args.slice(0, 2), 0, ''])
  return out
}

async function refused(args: readonly string[], code: string): Promise<string> {
  const { code: exit, out, err } = await csx(args)
  expect([args.slice(0, 2), exit === 1 || exit === 2 || exit === 3, err]).toEqual([
    args.slice(0, 2),
    true,
    expect.stringContaining(code),
  ])
  return out
}

const sign = (draft: string, who: string) =>
  done(['registry', 'sign', at(draft), '--keys', at(`${who}/safe`), '--yes'])
const publish = (draft: string, to = 'one/registry') => [
  'registry',
  'publish',
  at(draft),
  '--repository',
  at(to),
  '--keys',
  at('one/safe'),
]
const member = 'did:web:localhost%3A7503'

/** The next version of what is published, with one change, signed by both. */
async function next(draft: string, change: readonly string[]): Promise<string> {
  await done(['registry', 'init', at(draft), '--from', at('one/registry')])
  const [command = '', ...rest] = change
  const out = await done(['registry', command, at(draft), ...rest])
  await sign(draft, 'one')
  await sign(draft, 'two')
  return out
}

describe('the ceremony of two bureaus', () => {
  test('[REG-21] keys are secret files, the public half is not, and nothing is overwritten', async () => {
    for (const name of [
      'registry-root-1',
      'registry-root-2',
      'registry-targets',
      'registry-snapshot',
      'registry-timestamp',
    ])
      expect(statSync(at(`one/safe/${name}.key`)).mode & 0o777).toBe(0o600)
    const text = readFileSync(at('one/safe/bureau.json'), 'utf8')
    expect(text).not.toContain('seed')
    expect(JSON.parse(text).keys.map(({ role }: any) => role)).toEqual([
      'root',
      'root',
      'targets',
      'snapshot',
      'timestamp',
    ])
    await refused(
      ['registry', 'keys', '--base-url', 'http://localhost:7501', '--out', at('one/safe')],
      'USAGE_INVALID',
    )
    const phrase = put('phrase', 'a passphrase of the tests\n')
    await csx([
      'registry',
      'keys',
      '--base-url',
      'http://localhost:7501',
      '--out',
      at('sealed'),
      '--passphrase-file',
      phrase,
    ])
    // Made with the mode of the test's umask, which others can read: refused, and nothing made.
    expect(existsSync(at('sealed/bureau.json'))).toBe(false)
  })

  test('[REG-25] one bureau alone publishes nothing; both do, and the fingerprint is told', async () => {
    await refused(publish('draft'), 'THRESHOLD_NOT_MET')
    await sign('draft', 'one')
    await refused(publish('draft'), 'THRESHOLD_NOT_MET')
    expect(existsSync(at('one/registry'))).toBe(false)
    const out = await sign('draft', 'two')
    expect(out).toMatch(/✓ .*registry signed/)
    expect(await done(publish('draft'))).toMatch(/sha256:[0-9a-f]{64}/)
    await refused(publish('draft'), 'REGISTRY_ROLLBACK')
  })

  test('[REG-20] each change is told in both languages before anybody signs', async () => {
    const added = await next('second', ['add', at('three/keys/member.json')])
    expect(added).toContain('新成员 合成区局')
    const shown = await done(['registry', 'show', at('second')])
    expect(shown).toMatch(/新成员 合成区局.*new member did:web:localhost%3A7503/)
    expect(shown).toMatch(/代替第1版/)
    await done(publish('second'))
  })

  test('[REG-23] a change makes signatures void, and what would contradict itself is not written', async () => {
    await done(['registry', 'init', at('void'), '--from', at('one/registry')])
    await sign('void', 'one')
    const before = readFileSync(at('void/registry.json'))
    await refused(['registry', 'add', at('void'), at('three/keys/member.json')], 'REGISTRY_MALFORMED')
    await refused(['registry', 'suspend', at('void'), 'did:web:nobody.example', '--at', '1'], 'NOT_A_MEMBER')
    expect(readFileSync(at('void/registry.json'))).toEqual(before)
    await done(['registry', 'suspend', at('void'), member, '--at', '5'])
    expect(JSON.parse(readFileSync(at('void/targets.json'), 'utf8')).signatures).toEqual([])
  })

  test('[REG-22] the folder is all that is handed over', async () => {
    await done(['registry', 'init', at('carried'), '--from', at('one/registry')])
    await done([
      'registry',
      'set-pair',
      at('carried'),
      'one-three',
      '--name',
      '合成结对',
      '--parties',
      'did:web:localhost%3A7501',
      member,
      '--from',
      '2026-01-01',
    ])
    await sign('carried', 'one')
    cpSync(at('carried'), at('elsewhere'), { recursive: true })
    const out = await sign('elsewhere', 'two')
    expect(out).toContain('新结对 合成结对')
    await done(publish('elsewhere'))
    await done(['registry', 'init', at('carried-2'), '--from', at('one/registry')])
    await refused(['registry', 'init', at('carried-2'), '--from', at('one/registry')], 'USAGE_INVALID')
  })

  test.each<[string, readonly string[], RegExp]>([
    ['suspend', ['suspend', member, '--at', '5'], /暂停.*suspended from entry 5/],
    ['lift', ['suspend', member, '--at', '8', '--lift'], /正常.*active from entry 8/],
    [
      'authority',
      ['set-authority', '--scheme', 'DB-P', '--prefix', 'DB50', '--origin', 'localhost:7501/log/1'],
      /标准号归口.*DB50/,
    ],
    [
      'end-of-pair',
      [
        'set-pair',
        'one-three',
        '--name',
        '合成结对',
        '--parties',
        'did:web:localhost%3A7501',
        member,
        '--from',
        '2026-01-01',
        '--to',
        '2026-12-31',
      ],
      /结对改为/,
    ],
    [
      'group',
      ['set-group', 'west', '--name', '西部协作组（合成）', '--from', '2026-01-01'],
      /新协作组 西部协作组（合成）（west）：2026-01-01–[\s\S]*new group west/,
    ],
    [
      'end-of-group',
      ['set-group', 'west', '--name', '西部协作组（合成）', '--to', '2026-12-31'],
      /协作组改为/,
    ],
  ])('[REG-20] %s', async (name, change, expected) => {
    expect(await next(`change-${name}`, change)).toMatch(expected)
    await done(publish(`change-${name}`))
  })

  test('[REG-24] a key of a member is replaced from an index on, and the old one ends there', async () => {
    await done([
      'keygen',
      '--base-url',
      'http://localhost:7503',
      '--name',
      '合成区局',
      '--out',
      at('three/next'),
    ])
    for (const purpose of ['publish', 'log'])
      expect(
        await next(`rotate-${purpose}`, [
          'rotate-key',
          member,
          '--purpose',
          purpose,
          '--new',
          at(`three/next/${purpose}.key`),
          '--at',
          '10',
        ]),
      ).toMatch(/止于 10[\s\S]*|新密钥/)
    const registry = JSON.parse(readFileSync(at('rotate-publish/registry.json'), 'utf8'))
    const { keys } = registry.members.find(({ id }: any) => id === member)
    const ranges = keys.filter(({ purpose }: any) => purpose === 'publish').map(({ valid }: any) => valid[0])
    expect(ranges).toEqual([
      { origin: 'localhost:7503/log/1', from: 0, to: 10 },
      { origin: 'localhost:7503/log/1', from: 10 },
    ])
    await done(['registry', 'init', at('rotate-time'), '--from', at('one/registry')])
    await done([
      'registry',
      'rotate-key',
      at('rotate-time'),
      member,
      '--purpose',
      'witness',
      '--new',
      at('three/next/witness.key'),
      '--at',
      '2099-06-01',
    ])
    const cosigners = JSON.parse(readFileSync(at('rotate-time/registry.json'), 'utf8')).members.find(
      ({ id }: any) => id === member,
    ).cosigners
    expect(
      cosigners
        .filter(({ name }: any) => name.endsWith('/witness'))
        .map(({ from, to }: any) => [from === '2099-05-31T16:00:00Z', to]),
    ).toEqual([
      [false, '2099-05-31T16:00:00Z'],
      [true, undefined],
    ])
  })

  test('[REG-24] the key of a bureau’s witness is replaced in the policy too, and so `set-policy bureaus` has it', async () => {
    const url = 'http://localhost:7502'
    await done(['keygen', '--base-url', url, '--name', '合成主管局two', '--out', at('two/next')])
    await done(['registry', 'init', at('rotate-bureau'), '--from', at('one/registry')])
    const policy = () => JSON.parse(readFileSync(at('rotate-bureau/registry.json'), 'utf8')).policy as string
    const [, before] = /witness bureau-2 (\S+)/.exec(policy()) ?? []
    const out = await done([
      ...['registry', 'rotate-key', at('rotate-bureau'), 'did:web:localhost%3A7502', '--purpose', 'witness'],
      ...['--new', at('two/next/witness.key'), '--at', '2027-01-01T00:00:00+08:00'],
    ])
    expect(out).toMatch(/策略|policy/)
    const rotated = policy()
    expect(rotated).toContain('group bureaus all bureau-1 bureau-2-any-2')
    expect(rotated).toContain(`witness bureau-2 ${before}\n`)
    await done(['registry', 'set-policy', at('rotate-bureau'), 'bureaus'])
    expect(policy()).toBe(rotated)
  })

  test('[REG-24] closing a log opens the next with its key, and the other keys go on', async () => {
    await done([
      'keygen',
      '--base-url',
      'http://localhost:7503',
      '--name',
      '合成区局',
      '--out',
      at('three/epoch'),
    ])
    const { multikey } = JSON.parse(readFileSync(at('three/epoch/log.key'), 'utf8'))
    const root = Buffer.alloc(32).toString('base64')
    const out = await next('closing', [
      'close',
      'localhost:7503/log/1',
      '--size',
      '12',
      '--root',
      root,
      '--reason',
      '密钥泄露',
      '--next',
      multikey,
    ])
    expect(out).toMatch(/关闭日志 localhost:7503\/log\/1，规模12[\s\S]*新日志 localhost:7503\/log\/2/)
    const { origins, keys } = JSON.parse(readFileSync(at('closing/registry.json'), 'utf8')).members.find(
      ({ id }: any) => id === member,
    )
    expect(origins.map(({ origin, closed }: any) => [origin, closed?.size])).toEqual([
      ['localhost:7503/log/1', 12],
      ['localhost:7503/log/2', undefined],
    ])
    expect(keys.every(({ valid }: any) => valid.at(-1).origin === 'localhost:7503/log/2')).toBe(true)
  })

  test('[REG-24] a new root needs the outgoing keys as well', async () => {
    await done(['registry', 'keys', '--base-url', 'http://localhost:7502', '--out', at('two/new')])
    await done(['registry', 'init', at('root'), '--from', at('one/registry')])
    const old = JSON.parse(readFileSync(at('one/registry/1.root.json'), 'utf8')).signed
    const [held] = old.roles.root.keyids.filter((id: string) => old['x-csx-controller'][id].endsWith('7502'))
    await done([
      'registry',
      'rotate-key',
      at('root'),
      'did:web:localhost%3A7502',
      '--role',
      'root',
      '--old',
      held,
      '--new',
      at('two/new/registry-root-1.key'),
    ])
    await refused(
      [
        'registry',
        'rotate-key',
        at('root'),
        'did:web:localhost%3A7502',
        '--role',
        'root',
        '--new',
        at('two/new/registry-root-2.key'),
      ],
      'USAGE_INVALID',
    )
    await sign('root', 'one')
    await done(['registry', 'sign', at('root'), '--keys', at('two/new'), '--yes'])
    await refused(publish('root'), 'THRESHOLD_NOT_MET')
    await sign('root', 'two')
    await done(publish('root'))
    const shown = await done(['registry', 'show', at('one/registry')])
    expect(shown).toMatch(/根第2版/)
  })

  test('[REG-25] another root of trust does not take the place of the one that is published', async () => {
    await done([
      'registry',
      'init',
      at('foreign'),
      '--network',
      'synthetic',
      '--bureau',
      at('two/new/bureau.json'),
      at('one/safe/bureau.json'),
    ])
    await done(['registry', 'add', at('foreign'), at('one/keys/member.json'), at('two/keys/member.json')])
    await done(['registry', 'sign', at('foreign'), '--keys', at('two/new'), '--yes'])
    await sign('foreign', 'one')
    await refused(publish('foreign'), 'NOT_TRUSTED')
  })

  test('[REG-20] what rewrites the past is marked', async () => {
    await done(['registry', 'init', at('past'), '--from', at('one/registry')])
    const file = at('past/registry.json')
    const registry = JSON.parse(readFileSync(file, 'utf8'))
    registry.members = registry.members.filter(({ id }: any) => id !== member)
    registry.projects = []
    put('past/registry.json', JSON.stringify(registry))
    const { out } = await csx(['registry', 'show', at('past')])
    expect(out).toMatch(/! .*删除成员 did:web:localhost%3A7503/)
  })

  test('[REG-22] what is no folder of the ceremony is said to be none', async () => {
    await refused(['registry', 'show', at('nowhere')], 'USAGE_INVALID')
    await refused(['registry', 'init', at('half'), '--network', 'synthetic'], 'USAGE_INVALID')
    await refused(
      ['registry', 'show', at('one/registry'), '--root', `sha256:${'0'.repeat(64)}`],
      'NOT_TRUSTED',
    )
  })
})
