import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalBytes } from '../../protocol/canonical.ts'
import { composeTargets, composeTimestamp } from '../../protocol/trust/tuf-make.ts'
import { at, change, done, makeBureaus, member, publishArgs, read, refused, sign } from './bureaus.ts'
import { csx, put } from './csx.ts'

const rootKey = (who: string, n: number) => at(`${who}/safe/registry-root-${n}.key`)

beforeAll(async () => {
  await makeBureaus()
  cpSync(at('first'), at('unsigned'), { recursive: true })
  // Three of the four keys of the root; the fourth is in a safe.
  renameSync(rootKey('two', 2), at('two/fourth.key'))
  await sign('first', 'one')
  await sign('first', 'two')
  await done(publishArgs('first', 'one/registry'))
  renameSync(at('two/fourth.key'), rootKey('two', 2))
})

describe('one root by two files', () => {
  test('[REG-23] a root that has its signatures gets no other, and that is told', async () => {
    cpSync(at('first'), at('full'), { recursive: true })
    const before = read('full/root.json')
    expect(before.signatures).toHaveLength(3)
    const out = await sign('full', 'two')
    expect(out).toMatch(/根的签名已足/)
    expect(read('full/root.json')).toEqual(before)
    rmSync(at('full/targets.json'))
    put('full/targets.json', canonicalBytes({ ...read('first/targets.json'), signatures: [] }))
    await sign('full', 'one')
    mkdirSync(at('no-keys'))
    await refused(['registry', 'sign', at('full'), '--keys', at('no-keys'), '--yes'], 2, /USAGE_INVALID/)
    expect(read('full/targets.json').signatures).toHaveLength(1)
  })

  test('[REG-25] what was published with another signature of the root is no obstacle, and the file that lies there stays', async () => {
    cpSync(at('unsigned'), at('four'), { recursive: true })
    for (const who of ['one', 'two']) await sign('four', who)
    expect(read('four/root.json').signatures).toHaveLength(4)
    await done(publishArgs('four', 'two/registry', 'two'))
    const kept = read('two/registry/1.root.json')
    expect(kept.signatures).toHaveLength(4)
    await change('second', 'init', '--from', at('one/registry'))
    await change('second', 'suspend', member, '--at', '5')
    // Both bureaus compare with what they themselves published.
    for (const who of ['one', 'two'])
      await change(
        'second',
        'sign',
        '--keys',
        at(`${who}/safe`),
        '--yes',
        '--repository',
        at(`${who}/registry`),
      )
    const shown = await done(publishArgs('second', 'two/registry', 'two'))
    expect(read('two/registry/1.root.json')).toEqual(kept)
    expect(read('two/registry/2.targets.json').signatures).toHaveLength(2)
    const { out } = await csx(['registry', 'show', at('two/registry')])
    const fingerprint = /sha256:[0-9a-f]{64}\s*$/.exec(shown)?.[0].trim() ?? 'none'
    expect(out).toContain(fingerprint)
    await done(publishArgs('second', 'one/registry'))
    expect(read('one/registry/1.root.json').signatures).toHaveLength(3)
  })
})

describe('what is published', () => {
  test('[REG-25] what has expired is not published', async () => {
    await change('expired', 'init', '--from', at('one/registry'))
    const registry = read('expired/registry.json')
    const expires = Date.now() - 1000
    const targets = composeTargets(canonicalBytes(registry), { version: registry.version, expires })
    put('expired/targets.json', canonicalBytes(targets))
    for (const who of ['one', 'two']) await sign('expired', who)
    await refused(publishArgs('expired', 'one/registry'), 1, /REGISTRY_STALE.*重新制作/)
    expect(existsSync(at(`one/registry/${registry.version}.targets.json`))).toBe(false)
  })

  test('[REG-25] [REG-28] an older draft is refused, and the words say how to go on', async () => {
    await refused(publishArgs('first', 'one/registry'), 1, /REGISTRY_ROLLBACK.*csx registry init --from/)
  })

  test('[REG-29] show tells all that it names, and until when each role holds', async () => {
    await change('more', 'init', '--from', at('one/registry'))
    await change(
      'more',
      'set-pair',
      'one-three',
      '--name',
      '合成结对',
      '--parties',
      'did:web:localhost%3A7501',
      member,
    )
    await change('more', 'set-group', 'west', '--name', '合成组')
    await change('more', 'set-member', member, '--group', 'west')
    await change(
      'more',
      'set-authority',
      '--scheme',
      'Q',
      '--prefix',
      'Q/ABC',
      '--origin',
      'localhost:7503/log/1',
    )
    for (const who of ['one', 'two']) await sign('more', who)
    await done(publishArgs('more', 'more/registry'))
    const out = await done(['registry', 'show', at('more/registry')])
    for (const words of ['root', 'targets', 'snapshot', 'timestamp'])
      expect(out).toMatch(new RegExp(`${words} valid until: \\d{4}-`))
    for (const words of [
      /cosigner: localhost:7503\/witness/,
      /pair: 合成结对/,
      /group: 合成组/,
      /authority: Q Q\/ABC/,
    ])
      expect(out).toMatch(words)
    await refused(
      ['registry', 'show', at('more'), '--root', `sha256:${'0'.repeat(64)}`],
      2,
      /USAGE_INVALID.*--root/,
    )
  })

  test('[REG-29] a first draft without members is sound', async () => {
    const files = ['one', 'two'].map((who) => at(`${who}/safe/bureau.json`))
    await change('empty', 'init', '--network', 'synthetic', '--bureau', ...files)
    expect(await done(['registry', 'show', at('empty')])).toContain('csx registry add')
  })

  test('[REG-711] [REG-22] a timestamp or targets that nobody signed are neither shown nor copied', async () => {
    cpSync(at('one/registry'), at('bare'), { recursive: true })
    const version = read('bare/timestamp.json').signed.meta['snapshot.json'].version
    const expires = Date.parse('2099-01-01')
    put('bare/timestamp.json', canonicalBytes(composeTimestamp(version, { version, expires })))
    await refused(['registry', 'show', at('bare')], 1, /THRESHOLD_NOT_MET/)
    await refused(['registry', 'init', at('refused'), '--from', at('bare')], 1, /THRESHOLD_NOT_MET/)
    cpSync(at('one/registry'), at('loose'), { recursive: true })
    const targets = read('loose/2.targets.json')
    put('loose/2.targets.json', canonicalBytes({ ...targets, signatures: [] }))
    await refused(['registry', 'init', at('refused'), '--from', at('loose')], 1, /THRESHOLD_NOT_MET/)
    await refused(['registry', 'init', at('refused'), '--network', 'synthetic'], 2, /USAGE_INVALID/)
    const both = ['--from', at('one/registry'), '--network', 'synthetic']
    await refused(['registry', 'init', at('refused'), ...both], 2, /USAGE_INVALID/)
    expect(existsSync(at('refused'))).toBe(false)
  })

  test('[REG-709] a link or a pipe in a folder is not followed, and holds nobody up', async () => {
    await change('linked', 'init', '--from', at('one/registry'))
    const file = at('linked/base/timestamp.json')
    renameSync(file, at('elsewhere.json'))
    symlinkSync(at('elsewhere.json'), file)
    await refused(['registry', 'show', at('linked')], 1, /FILE_UNSAFE/)
    rmSync(file)
    symlinkSync(at('nowhere.json'), file)
    await refused(['registry', 'show', at('linked')], 1, /FILE_UNSAFE/)
    rmSync(file)
    execFileSync('mkfifo', [file])
    await refused(['registry', 'sign', at('linked'), '--keys', at('one/safe'), '--yes'], 1, /FILE_UNSAFE/)
    rmSync(file)
    mkdirSync(file)
    await refused(['registry', 'show', at('linked')], 1, /FILE_UNSAFE/)
    rmSync(at('linked/base'), { recursive: true })
    writeFileSync(at('real.json'), canonicalBytes(read('linked/registry.json')))
    rmSync(at('linked/registry.json'))
    symlinkSync(at('real.json'), at('linked/registry.json'))
    await refused(['registry', 'show', at('linked')], 1, /FILE_UNSAFE/)
  })
})
