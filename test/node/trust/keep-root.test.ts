import { execFileSync } from 'node:child_process'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { namedKeys, registryBytes, signAll, syntheticBureau } from '../../../fixtures/synthetic/ceremony.ts'
import { openMirror } from '../../../node/trust/mirror.ts'
import { signOnline } from '../../../node/trust/sign-online.ts'
import { canonicalBytes } from '../../../protocol/canonical.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import type { JsonObject } from '../../../protocol/json-value.ts'
import {
  composeRoot,
  composeSnapshot,
  composeTargets,
  composeTimestamp,
  nextOnline,
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

describe('what a node knows of root and timestamps', () => {
  /** What a thief of keys that root 2 took out writes into the files of the node, with whichever roots. */
  async function rotated() {
    const next = syntheticBureau(two.did, 2)
    const kept = await open()
    const sign = async (version: number, path: string, by = next) => {
      const bytes = registryBytes(registry(version, members))
      const stamp = { version, expires }
      return new Map<string, Uint8Array>([
        [`targets/${sha256Hex(bytes)}.registry.json`, bytes],
        ...(await Promise.all(
          [
            [`${version}.targets.json`, signAll(composeTargets(bytes, stamp), [one.targets, by.targets])],
            [`${version}.snapshot.json`, signTuf(composeSnapshot(version, stamp), by.snapshot)],
            [path, signTuf(composeTimestamp(version, stamp), by.timestamp)],
          ].map(async ([name, value]) => [name, canonicalBytes((await value) as JsonObject)] as const),
        )),
      ] as [string, Uint8Array][])
    }
    const rootOf = async (version: number, by: typeof next, outgoing: readonly (typeof next)[]) =>
      canonicalBytes(
        await signAll(composeRoot([...namedKeys(one), ...namedKeys(by)], { version, expires }), [
          ...one.root,
          ...by.root,
          ...outgoing.flatMap(({ root }) => root),
        ]),
      )
    put('2.root.json', await rootOf(2, next, [two]))
    for (const [path, bytes] of await sign(2, 'timestamp.json')) put(path, bytes)
    await kept.refresh()
    expect(kept.trust.current().anchor?.root.version).toBe(2)
    return { ...kept, sign, rootOf, next }
  }
  const intoMirror = async (files: ReadonlyMap<string, Uint8Array>) => {
    for (const [path, bytes] of files) await writeFile(join(at.directory, 'registry', path), bytes)
  }

  test('[REG-703] its own files do not lead a node away from the root that it knows, nor back to an older timestamp', async () => {
    const { trust, refresh, sign, rootOf, known } = await rotated()
    await at.server.close()
    const thief = syntheticBureau(two.did, 3)
    const before = known()
    const honest = new Map([
      ['2.root.json', before.roots[1]!],
      ['timestamp.json', before.timestamp],
    ])
    await intoMirror(await sign(3, 'timestamp.json', thief))
    await intoMirror(
      new Map([
        ['2.root.json', await rootOf(2, thief, [two])],
        ['3.root.json', await rootOf(3, thief, [])],
      ]),
    )
    await refresh()
    expect([trust.current().registry.version, told().at(-2)]).toEqual([2, 'REGISTRY_ROLLBACK'])
    await rm(join(at.directory, 'registry', '3.root.json'))
    await intoMirror(honest)
    await refresh()
    const older = composeTimestamp(2, { version: 1, expires: expires + 1000 })
    const next = syntheticBureau(two.did, 2)
    await intoMirror(new Map([['timestamp.json', canonicalBytes(await signTuf(older, next.timestamp))]]))
    await refresh()
    expect(known().timestamp).toEqual(before.timestamp)
    at.server = await serveRegistry(new Map())
  })

  test('[REG-703] a timestamp that a stolen key counted to the end is left behind with that key', async () => {
    const { trust, refresh } = await open()
    const stamp = composeTimestamp(1, { version: Number.MAX_SAFE_INTEGER, expires })
    await putJson('timestamp.json', signTuf(stamp, two.timestamp))
    await refresh()
    const next = syntheticBureau(two.did, 2)
    const root = composeRoot([...namedKeys(one), ...namedKeys(next)], { version: 2, expires })
    await putJson('2.root.json', signAll(root, [...one.root, ...next.root, ...two.root]))
    const bytes = registryBytes(registry(2, members))
    put(`targets/${sha256Hex(bytes)}.registry.json`, bytes)
    const targets = composeTargets(bytes, { version: 2, expires })
    await putJson('2.targets.json', signAll(targets, [one.targets, next.targets]))
    await putJson('2.snapshot.json', signTuf(composeSnapshot(2, { version: 2, expires }), one.snapshot))
    await putJson('timestamp.json', signTuf(composeTimestamp(2, { version: 2, expires }), one.timestamp))
    await refresh()
    expect(trust.current().registry.version).toBe(2)
  })

  test('[REG-707] the node of a bureau writes nothing that could not be read again after a timestamp at the end of its count', async () => {
    const mirror = openMirror(join(at.directory, 'registry'))
    const { known, refresh } = await open({ mirror })
    const stamp = composeTimestamp(1, { version: Number.MAX_SAFE_INTEGER, expires: Date.now() + 86_400_000 })
    await putJson('timestamp.json', signTuf(stamp, one.timestamp))
    await refresh()
    expect(await codeOf(signOnline(known(), { mirror, signers: two, now: Date.now() }))).toBe(
      'REGISTRY_MALFORMED',
    )
    expect(await mirror.read('timestamp.json')).toEqual(known().timestamp)
    const again = await open({ mirror, sources: () => [] })
    expect(again.trust.current().registry.version).toBe(1)
  })

  test('[REG-708] what one bureau publishes counts although the other signed more often while it was away', async () => {
    const mirror = openMirror(join(at.directory, 'registry'))
    const { known, refresh, trust } = await open({ mirror })
    for (const day of [5, 10, 15]) {
      const now = expires - 8 * 86_400_000 + day * 86_400_000
      expect(await signOnline(known(), { mirror, signers: two, now })).toBe(true)
      await refresh()
    }
    // The other has the first timestamp alone, and publishes the next version later.
    const now = expires + 8 * 86_400_000
    const [snapshot, timestamp] = [nextOnline(1, now), nextOnline(1, now)]
    const stamp = { version: timestamp, expires: now }
    const bytes = registryBytes(registry(2, members))
    put(`targets/${sha256Hex(bytes)}.registry.json`, bytes)
    const targets = composeTargets(bytes, { version: 2, expires: now })
    await putJson('2.targets.json', signAll(targets, [one.targets, two.targets]))
    await putJson(
      `${snapshot}.snapshot.json`,
      signTuf(composeSnapshot(2, { version: snapshot, expires: now }), one.snapshot),
    )
    await putJson('timestamp.json', signTuf(composeTimestamp(snapshot, stamp), one.timestamp))
    await refresh()
    expect(trust.current().registry.version).toBe(2)
  })

  test.each<[string, (file: string) => Promise<unknown>]>([
    ['a link to a secret', (file) => symlink(join(at.directory, 'secret.json'), file)],
    ['a pipe that nobody writes', async (file) => execFileSync('mkfifo', [file])],
    ['a directory', (file) => mkdir(file)],
    ['a device without end', (file) => symlink('/dev/zero', file)],
    ['a file that is far too large', (file) => writeFile(file, Buffer.alloc((1 << 18) + 1, 0x20))],
  ])(
    '[REG-709] %s in its directory is neither read nor served, and stops nothing',
    async (_, make) => {
      const mirror = openMirror(join(at.directory, 'registry'))
      const { trust, refresh } = await open({ mirror })
      await writeFile(join(at.directory, 'secret.json'), '{}')
      for (const path of ['timestamp.json', '9.root.json']) {
        const file = join(at.directory, 'registry', path)
        await rm(file, { force: true })
        await make(file)
        expect(await codeOf(mirror.read(path))).toMatch(/^(?:FILE_UNSAFE|RESPONSE_TOO_LARGE)$/)
        await refresh()
        expect(trust.current().registry.version).toBe(1)
        await rm(file, { recursive: true })
      }
      await publish(2, members)
      await refresh()
      expect(trust.current().registry.version).toBe(2)
    },
    5_000,
  )

  test('[REG-710] broken off between a new root and what it vouches for, a node starts again from its sources, and goes back behind nothing', async () => {
    const { stop } = await rotated()
    await stop()
    const mirror = openMirror(join(at.directory, 'registry'))
    const [second, whole] = [await mirror.read('2.root.json'), at.server.files]
    await rm(join(at.directory, 'registry'), { recursive: true })
    at.server.files = (await repository(1)).files
    await (await open()).stop()
    await mirror.write('2.root.json', second!)
    // A source that holds the new root back does not lead behind it.
    expect(await codeOf(open())).not.toBe('opened')
    at.server.files = whole
    expect((await open()).trust.current().registry.version).toBe(2)
  })

  test('[REG-711] a timestamp or snapshot in its own files that nobody signed counts for nothing', async () => {
    const mirror = openMirror(join(at.directory, 'registry'))
    const { known, refresh } = await open({ mirror })
    const stamp = composeTimestamp(1, { version: 7, expires: Date.parse('9999-01-01') })
    for (const signer of [members[0]!.log, one.targets]) {
      await mirror.write('timestamp.json', canonicalBytes(await signTuf(stamp, signer)))
      await refresh()
      expect(known().freshUntil).toBe(Math.floor(expires / 1000) * 1000)
    }
    expect(told()).toContain('THRESHOLD_NOT_MET')
  })
})
