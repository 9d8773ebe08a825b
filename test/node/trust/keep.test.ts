import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { namedKeys, registryBytes, signAll, syntheticBureau } from '../../../fixtures/synthetic/ceremony.ts'
import { createLogger } from '../../../node/deps.ts'
import { openMirror } from '../../../node/trust/mirror.ts'
import { signOnline } from '../../../node/trust/sign-online.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import { parseTuf } from '../../../protocol/trust/tuf.ts'
import {
  composeRoot,
  composeSnapshot,
  composeTargets,
  composeTimestamp,
  signTuf,
} from '../../../protocol/trust/tuf-make.ts'
import {
  at,
  codeOf,
  expires,
  keepForEachTest,
  members,
  one,
  open,
  publish,
  put,
  putJson,
  registry,
  repository,
  told,
  two,
} from '../../support/kept-registry.ts'
import { serveRegistry } from '../../support/registry-server.ts'

keepForEachTest()

describe('the registry of a node', () => {
  test('[REG-12] a first start needs a source and the digest of the root, and nothing else', async () => {
    const { trust } = await open()
    expect(trust.current().registry.version).toBe(1)
    expect(Buffer.from(trust.bytes())).toEqual(Buffer.from(registryBytes(registry(1))))
    expect(
      await codeOf(
        open({ pinned: `sha256:${'0'.repeat(64)}`, mirror: openMirror(join(at.directory, 'other')) }),
      ),
    ).toBe('NOT_TRUSTED')
    expect(await codeOf(open({ sources: () => [], mirror: openMirror(join(at.directory, 'other')) }))).toBe(
      'NOT_TRUSTED',
    )
  })

  test('[REG-10] it starts again from its mirror with nobody there, and the mirror is a source like any other', async () => {
    await open()
    await at.server.close()
    const again = await open({ sources: () => [] })
    expect(again.trust.current().registry.version).toBe(1)
    const stick = join(at.directory, 'registry')
    const { trust } = await open({
      mirror: openMirror(join(at.directory, 'second')),
      sources: () => [{ name: stick, read: openMirror(stick).read }],
    })
    expect(trust.current().registry.version).toBe(1)
    at.server = await serveRegistry(new Map())
  })

  test('[REG-13] a newer version counts at once, and whoever holds the trust is told', async () => {
    const { trust, refresh } = await open()
    let changes = 0
    trust.onChange(() => {
      changes += 1
    })
    await refresh()
    expect(changes).toBe(0)
    await publish(2, members)
    await refresh()
    expect([trust.current().members.size, trust.current().registry.version, changes]).toEqual([3, 2, 1])
  })

  test('[REG-11] a poll that finds nothing new asks for the next root and the timestamp', async () => {
    const { refresh } = await open()
    at.server.asked.length = 0
    await refresh()
    expect(at.server.asked).toEqual(['2.root.json', 'timestamp.json'])
  })

  test('[REG-4] what one bureau alone signed changes nothing, and the operator is told once', async () => {
    const { trust, refresh } = await open()
    await publish(2, members, [one.targets])
    await refresh()
    await refresh()
    expect(trust.current().registry.version).toBe(1)
    expect(told()).toEqual(['THRESHOLD_NOT_MET'])
    await publish(3, members)
    await refresh()
    expect(trust.current().registry.version).toBe(3)
  })

  test('[REG-11] an older version is refused from any source and after any restart', async () => {
    const { refresh } = await open()
    await publish(2, members)
    await refresh()
    at.server.files = (await repository(1)).files
    await refresh()
    expect(told()).toContain('REGISTRY_ROLLBACK')
    const again = await open()
    await again.refresh()
    expect(again.trust.current().registry.version).toBe(2)
  })

  test('[REG-11] two registries of one version are never both believed', async () => {
    const { trust, refresh } = await open()
    const before = trust.current().fingerprint
    const other = registryBytes(registry(1, members))
    put(`targets/${sha256Hex(other)}.registry.json`, other)
    await putJson(
      '1.targets.json',
      signAll(composeTargets(other, { version: 1, expires }), [one.targets, two.targets]),
    )
    await putJson('2.snapshot.json', signTuf(composeSnapshot(1, { version: 2, expires }), one.snapshot))
    await putJson('timestamp.json', signTuf(composeTimestamp(2, { version: 2, expires }), one.timestamp))
    await refresh()
    // TUF goes by versions, and keeps the targets it has.
    expect(trust.current().fingerprint).toBe(before)
    const fresh = await open({ mirror: openMirror(join(at.directory, 'fresh')) })
    expect(fresh.trust.current().fingerprint).not.toBe(before)
  })

  test('[REG-11] one that has expired is not taken, and what is known stays known', async () => {
    const { trust, refresh } = await open()
    const bytes = registryBytes(registry(2, members))
    put(`targets/${sha256Hex(bytes)}.registry.json`, bytes)
    await putJson(
      '2.targets.json',
      signAll(composeTargets(bytes, { version: 2, expires: 1 }), [one.targets, two.targets]),
    )
    await putJson('2.snapshot.json', signTuf(composeSnapshot(2, { version: 2, expires }), one.snapshot))
    await putJson('timestamp.json', signTuf(composeTimestamp(2, { version: 2, expires }), one.timestamp))
    await refresh()
    expect([trust.current().registry.version, told()]).toEqual([1, ['REGISTRY_STALE']])
  })

  test('[REG-11] a timestamp that has run out is told, and nothing else changes', async () => {
    let now = Date.now()
    const { trust, refresh } = await open({
      deps: {
        now: () => now,
        random: (bytes) => new Uint8Array(bytes),
        logger: createLogger('info', { write: (line: string) => void at.lines.push(line) }),
      },
    })
    now = expires + 1
    await refresh()
    expect([trust.current().registry.version, told()]).toEqual([1, ['REGISTRY_STALE']])
  })

  test('[REG-5] a root without the outgoing keys is refused; with them it is followed', async () => {
    const next = syntheticBureau(two.did, 2)
    const root = composeRoot([...namedKeys(one), ...namedKeys(next)], { version: 2, expires })
    const { trust, refresh } = await open()
    await putJson('2.root.json', signAll(root, [...one.root, ...next.root]))
    await refresh()
    expect([trust.current().anchor?.root.version, told()]).toEqual([1, ['THRESHOLD_NOT_MET']])
    await putJson('2.root.json', signAll(root, [...one.root, ...next.root, two.root[1]]))
    const bytes = registryBytes(registry(2))
    put(`targets/${sha256Hex(bytes)}.registry.json`, bytes)
    await putJson(
      '2.targets.json',
      signAll(composeTargets(bytes, { version: 2, expires }), [one.targets, next.targets]),
    )
    await putJson('2.snapshot.json', signTuf(composeSnapshot(2, { version: 2, expires }), next.snapshot))
    await putJson('timestamp.json', signTuf(composeTimestamp(2, { version: 2, expires }), next.timestamp))
    await refresh()
    expect(trust.current().anchor?.root.version).toBe(2)
    // A node that knows the first root alone walks the same way.
    const { trust: fresh } = await open({ mirror: openMirror(join(at.directory, 'fresh')) })
    expect(fresh.current().anchor?.root.version).toBe(2)
  })

  test.each<[string, () => Uint8Array]>([
    ['no JSON', () => Buffer.from('<html>')],
    ['a bomb', () => Buffer.alloc(4 << 20, 0x20)],
    ['nothing', () => new Uint8Array(0)],
    ['deep nesting', () => Buffer.from(`${'['.repeat(5000)}${']'.repeat(5000)}`)],
  ])('[REG-11] a source that shows %s changes nothing', async (_, bytes) => {
    const { trust, refresh } = await open()
    for (const path of ['timestamp.json', '2.root.json']) {
      const before = at.server.files
      put(path, bytes())
      await refresh()
      at.server.files = before
      expect(trust.current().registry.version).toBe(1)
    }
    await publish(2, members)
    await refresh()
    expect(trust.current().registry.version).toBe(2)
  })

  test('[REG-13] what a bureau publishes into the files of its own node counts without any source', async () => {
    const { trust, refresh } = await open()
    await publish(2, members)
    for (const [path, bytes] of at.server.files) await writeFile(join(at.directory, 'registry', path), bytes)
    await at.server.close()
    await refresh()
    expect(trust.current().registry.version).toBe(2)
    at.server = await serveRegistry(new Map())
  })

  test('[REG-10] no file is left beside those that are served', async () => {
    const { refresh } = await open()
    await publish(2, members)
    await refresh()
    const names = await readdir(join(at.directory, 'registry'), { recursive: true })
    expect(names.filter((name) => !/^(?:targets|(?:targets\/)?[\w.]+\.json)$/.test(name))).toEqual([])
  })

  test('[REG-14] the node of a bureau signs again when half of the life is over; a key that the root does not know signs nothing, and is told of', async () => {
    const mirror = openMirror(join(at.directory, 'registry'))
    const { known, refresh } = await open({ mirror })
    const sign = (now: number, signers = two) => signOnline(known(), { mirror, signers, now })
    expect(await sign(Date.now())).toBe(false)
    expect(await codeOf(sign(expires, syntheticBureau('did:web:strange.example')))).toBe('KEY_NOT_PINNED')
    expect(await sign(expires - 3 * 86_400_000)).toBe(true)
    await refresh()
    const second = Math.floor(expires / 1000) - 3 * 86_400
    expect(parseTuf('timestamp', known().timestamp).signed).toMatchObject({
      version: second,
      meta: { 'snapshot.json': { version: second } },
    })
    expect(known().freshUntil).toBeGreaterThan(expires)
    put('timestamp.json', known().timestamp)
    put(`${second}.snapshot.json`, known().snapshot)
    const { known: other } = await open({ mirror: openMirror(join(at.directory, 'other')) })
    expect(other().freshUntil).toBe(known().freshUntil)
  })
})
