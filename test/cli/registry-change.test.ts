import { cpSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { at, bureaus, change, done, log, makeBureaus, member, read, refused, sign } from './bureaus.ts'
import { csx, put } from './csx.ts'

const root = Buffer.alloc(32).toString('base64')
const key = (folder: string, purpose: string) => at(`three/${folder}/${purpose}.key`)
const multikey = (folder: string, purpose: string) =>
  JSON.parse(readFileSync(key(folder, purpose), 'utf8')).multikey
const memberOf = (draft: string) =>
  read(`${draft}/registry.json`).members.find(({ id }: any) => id === member)
const draftOf = (name: string) => cpSync(at('first'), at(name), { recursive: true })

beforeAll(async () => {
  await makeBureaus()
  for (const name of ['next', 'epoch'])
    await done([
      ...['keygen', '--base-url', 'http://localhost:7503', '--name', '合成局three'],
      ...['--out', at(`three/${name}`)],
    ])
})

const close = (draft: string, size: number) =>
  change(
    draft,
    'close',
    log,
    '--size',
    String(size),
    '--root',
    root,
    '--reason',
    '合成',
    '--next',
    multikey('epoch', 'log'),
  )

describe('a log that is closed', () => {
  test('[REG-24] a member that is suspended, or has left, stays so in the next log', async () => {
    for (const [name, steps, expected] of [
      ['suspended', [['--at', '100']], 'suspended'],
      ['left', [['--at', '100', '--leave']], 'left'],
      [
        'lifted',
        [
          ['--at', '100'],
          ['--at', '200', '--lift'],
        ],
        'active',
      ],
      [
        'lifted-later',
        [
          ['--at', '100'],
          ['--at', '700', '--lift'],
        ],
        'suspended',
      ],
      ['suspended-later', [['--at', '700']], 'suspended'],
      ['never', [], 'active'],
    ] as const) {
      draftOf(name)
      for (const step of steps) await change(name, 'suspend', member, ...step)
      await close(name, 500)
      expect([name, memberOf(name).status.at(-1)]).toEqual([
        name,
        { status: expected, origin: 'localhost:7503/log/2', size: 0 },
      ])
    }
  })

  test('[REG-24] the keys that were valid at its end go on, and no others', async () => {
    for (const [name, size, going] of [
      ['planned', 500, 'keys'],
      ['reached', 601, 'next'],
      ['to-the-end', 600, 'keys'],
      ['nothing', 0, 'keys'],
    ] as const) {
      draftOf(name)
      await change(
        name,
        'rotate-key',
        member,
        '--purpose',
        'publish',
        '--new',
        key('next', 'publish'),
        '--at',
        '600',
      )
      await close(name, size)
      const goes = memberOf(name)
        .keys.filter(({ purpose, valid }: any) => purpose === 'publish' && valid.at(-1).origin.endsWith('/2'))
        .map(({ multikey }: any) => multikey)
      expect([name, goes]).toEqual([name, [multikey(going, 'publish')]])
    }
  })
})

describe('what is refused', () => {
  beforeAll(async () => {
    draftOf('used')
    await change('used', 'suspend', member, '--at', '100')
    draftOf('closed')
    await close('closed', 5)
  })
  const rotate = (...rest: string[]) => ['rotate-key', member, '--new', key('next', 'publish'), ...rest]
  const closing = (tree: string) => ['close', log, '--size', '5', '--root', tree, '--reason', '合成']

  test.each<[string, string, readonly string[]]>([
    ['[REG-20] a status where one begins already', 'used', ['suspend', member, '--at', '100', '--lift']],
    ['[REG-20] a member that never was', 'used', ['suspend', member, '--at', '0', '--leave']],
    ['[REG-20] a key that ends at its beginning', 'first', rotate('--purpose', 'publish', '--at', '0')],
    ['[REG-20] a log closed a second time', 'closed', closing(root)],
    [
      '[REG-28] a log of another member',
      'first',
      ['suspend', member, '--at', '5', '--origin', 'localhost:7501/log/1'],
    ],
    ['[REG-28] a root that is no hash', 'first', closing('A'.repeat(44))],
    ['[REG-28] a key file for another purpose', 'first', rotate('--purpose', 'attest', '--at', '5')],
    [
      '[REG-28] a purpose beside a role',
      'first',
      [
        'rotate-key',
        bureaus[0],
        '--role',
        'targets',
        '--purpose',
        'log',
        '--new',
        at('two/safe/registry-targets.key'),
      ],
    ],
    [
      '[REG-28] an index beside a role',
      'first',
      [
        'rotate-key',
        bureaus[0],
        '--role',
        'targets',
        '--at',
        'zzz',
        '--new',
        at('two/safe/registry-targets.key'),
      ],
    ],
    [
      '[REG-28] an old key that is another',
      'first',
      [
        'rotate-key',
        bureaus[0],
        '--role',
        'targets',
        '--old',
        '0'.repeat(64),
        '--new',
        at('two/safe/registry-targets.key'),
      ],
    ],
    [
      '[REG-28] an old key beside a purpose',
      'first',
      rotate('--purpose', 'publish', '--at', '5', '--old', '0'.repeat(64)),
    ],
    [
      '[REG-28] a key file of another role',
      'first',
      ['rotate-key', bureaus[0], '--role', 'targets', '--new', at('one/safe/registry-root-1.key')],
    ],
    ['[REG-28] a member that is not there', 'first', ['suspend', 'did:web:localhost%3A7599', '--at', '5']],
    [
      '[REG-28] a log that is not there',
      'first',
      ['close', 'localhost:7599/log/1', ...closing(root).slice(2)],
    ],
    ['[REG-26] a pair of one', 'first', ['set-pair', 'x', '--name', 'x', '--parties', member, member]],
    ['[REG-27] a group that is not there', 'grouped', ['set-member', member, '--group', 'east']],
  ])('%s is wrong usage', async (_, draft, [command = '', ...rest]) => {
    if (draft === 'grouped') {
      draftOf('grouped')
      await change('grouped', 'set-group', 'west', '--name', '合成组')
    }
    const before = readFileSync(at(`${draft}/registry.json`))
    await refused(['registry', command, at(draft), ...rest], 2, /USAGE_INVALID|NOT_A_MEMBER/)
    expect(readFileSync(at(`${draft}/registry.json`))).toEqual(before)
  })

  test.each<[string, readonly string[], RegExp]>([
    [
      '[REG-26] a pair with a stranger',
      ['set-pair', 'x', '--name', 'x', '--parties', member, 'did:web:nobody.example'],
      /nobody\.example/,
    ],
    [
      '[REG-26] authority of no log',
      ['set-authority', '--scheme', 'Q', '--prefix', 'Q/A', '--origin', 'nobody.example/log/1'],
      /nobody\.example/,
    ],
    [
      '[REG-23] a policy that is no text',
      ['set-policy', put('policy.bin', new Uint8Array([0xff, 0xfe]))],
      /TEXT_INVALID_UNICODE.*policy\.bin/,
    ],
    [
      '[REG-23] a file that is no member',
      ['add', put('good.json', '{}'), put('bad.json', '[')],
      /good\.json/,
    ],
  ])('%s', async (_, [command = '', ...rest], words) => {
    await refused(['registry', command, at('first'), ...rest], 1, words)
  })

  test('[REG-23] a key of the root as a key of a member, before anybody signs', async () => {
    const { multikey } = read('one/safe/registry-targets.key')
    const args = ['rotate-key', at('first'), member, '--purpose', 'attest', '--new', multikey, '--at', '9']
    await refused(['registry', ...args], 1, /REGISTRY_MALFORMED/)
    const own = JSON.parse(readFileSync(key('keys', 'attest'), 'utf8')).multikey
    const role = ['rotate-key', at('first'), bureaus[0], '--role', 'targets', '--new', own]
    await refused(['registry', ...role], 1, /REGISTRY_MALFORMED/)
  })

  test('[REG-26] `sign` refuses what was written into the folder by hand', async () => {
    draftOf('by-hand')
    await change('by-hand', 'set-pair', 'x', '--name', '合成', '--parties', member, bureaus[0])
    const registry = read('by-hand/registry.json')
    registry.projects[0].parties[1] = 'did:web:nobody.example'
    put('by-hand/registry.json', JSON.stringify(registry))
    const { composeTargets } = await import('../../protocol/trust/tuf-make.ts')
    const { canonicalBytes } = await import('../../protocol/canonical.ts')
    const targets = composeTargets(canonicalBytes(registry), { version: 1, expires: Date.now() + 1e9 })
    put('by-hand/targets.json', canonicalBytes(targets))
    await refused(
      ['registry', 'sign', at('by-hand'), '--keys', at('one/safe'), '--yes'],
      1,
      /REGISTRY_MALFORMED.*nobody\.example/,
    )
  })
})

describe('dates and groups', () => {
  test('[REG-24] a date is the beginning of the day in Asia/Shanghai', async () => {
    draftOf('dated')
    await change(
      'dated',
      'rotate-key',
      member,
      '--purpose',
      'witness',
      '--new',
      key('next', 'witness'),
      '--at',
      '2099-12-01',
    )
    expect(memberOf('dated').cosigners.at(-1).from).toBe('2099-11-30T16:00:00Z')
  })

  test('[REG-27] the end of a pair or a group keeps its beginning', async () => {
    draftOf('ended')
    const pair = ['set-pair', 'x', '--name', '合成', '--parties', member, bureaus[0]]
    for (const [command = '', ...rest] of [pair, ['set-group', 'g', '--name', '合成']]) {
      await change('ended', command, ...rest, '--from', '2026-01-01')
      await change('ended', command, ...rest, '--to', '2026-12-31')
    }
    const { projects, groups } = read('ended/registry.json')
    for (const { from, to } of [...projects, ...groups])
      expect([from, to]).toEqual(['2026-01-01', '2026-12-31'])
  })

  test('[REG-27] groups are introduced where members are of several, and members put in and taken out', async () => {
    const files = ['one', 'two'].map((who) => at(`${who}/safe/bureau.json`))
    await change('groups', 'init', '--network', 'synthetic', '--bureau', ...files)
    await change('groups', 'add', at('one/keys/member.json'), '--group', 'g1')
    await change('groups', 'add', at('two/keys/member.json'), at('three/keys/member.json'), '--group', 'g2')
    await change('groups', 'set-group', 'g1', '--name', '合成一组')
    await change('groups', 'set-group', 'g2', '--name', '合成二组', '--from', '2026-01-01')
    expect(read('groups/registry.json').groups).toEqual([
      { id: 'g1', nameZh: '合成一组' },
      { id: 'g2', nameZh: '合成二组', from: '2026-01-01' },
    ])
    await change('groups', 'set-member', member, bureaus[0], '--group', 'g2')
    await change('groups', 'set-member', bureaus[1], '--group', 'none')
    expect(read('groups/registry.json').members.map(({ group }: any) => group)).toEqual([
      'g2',
      undefined,
      'g2',
    ])
    for (const who of ['one', 'two']) await sign('groups', who)
    expect((await csx(['registry', 'show', at('groups')])).code).toBe(0)
  })
})
