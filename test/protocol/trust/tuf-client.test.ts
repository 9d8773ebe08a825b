import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Updater } from 'tuf-js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  namedKeys,
  registryBytes,
  signAll,
  syntheticBureau,
  syntheticRepository,
} from '../../../fixtures/synthetic/ceremony.ts'
import { syntheticMember, syntheticRegistry } from '../../../fixtures/synthetic/member.ts'
import { canonicalBytes } from '../../../protocol/canonical.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import {
  composeRoot,
  composeSnapshot,
  composeTargets,
  composeTimestamp,
  signTuf,
} from '../../../protocol/trust/tuf-make.ts'
import { type RegistryServer, serveRegistry } from '../../support/registry-server.ts'

const members = [
  syntheticMember('合成甲局', 'http://localhost:7401'),
  syntheticMember('合成乙局', 'http://localhost:7402'),
]
const one = syntheticBureau(members[0]!.did)
const two = syntheticBureau(members[1]!.did)
const expires = Date.now() + 86_400_000
const registry = (version: number) => ({ ...syntheticRegistry(members), version })

let server: RegistryServer
let directory: string

beforeEach(async () => {
  const { files } = await syntheticRepository({
    bureaus: [one, two],
    registries: [registry(1), registry(2)],
    expires,
  })
  server = await serveRegistry(files)
  directory = await mkdtemp(join(tmpdir(), 'csx-tuf-'))
  await writeFile(join(directory, 'root.json'), files.get('1.root.json')!)
})

afterEach(async () => {
  await server.close()
  await rm(directory, { recursive: true, force: true })
})

/** An unmodified client of the TUF project, as anybody may use it. */
async function download(): Promise<Uint8Array> {
  const updater = new Updater({
    metadataDir: directory,
    metadataBaseUrl: server.url,
    targetDir: directory,
    targetBaseUrl: `${server.url}/targets`,
    config: { fetchRetries: 0 },
  })
  await updater.refresh()
  const info = await updater.getTargetInfo('registry.json')
  if (!info) throw new Error('no registry.json')
  return readFile(await updater.downloadTarget(info))
}

async function change(
  path: string,
  make: () => Promise<Parameters<typeof canonicalBytes>[0]>,
): Promise<void> {
  server.files = new Map([...server.files, [path, canonicalBytes(await make())]])
}

async function publishOnline(version: number): Promise<void> {
  await change(`${version}.snapshot.json`, () =>
    signTuf(composeSnapshot(version, { version, expires }), two.snapshot),
  )
  await change('timestamp.json', () =>
    signTuf(composeTimestamp(version, { version, expires }), two.timestamp),
  )
}

describe('the registry in the hands of an unmodified tuf-js', () => {
  test('[REG-1] it accepts what the two bureaus signed, byte for byte', async () => {
    expect(await download()).toEqual(Buffer.from(registryBytes(registry(2))))
  })

  test('[REG-4] it refuses a registry that one bureau alone signed', async () => {
    await download()
    const bytes = registryBytes(registry(3))
    server.files = new Map([...server.files, [`targets/${sha256Hex(bytes)}.registry.json`, bytes]])
    await change('3.targets.json', () => signTuf(composeTargets(bytes, { version: 3, expires }), one.targets))
    await publishOnline(3)
    await expect(download()).rejects.toThrow(/1\/2 keys/)
  })

  test('[REG-5] it refuses an older version than it has seen, from whomever', async () => {
    await download()
    const { files } = await syntheticRepository({ bureaus: [one, two], registries: [registry(1)], expires })
    server.files = files
    await expect(download()).rejects.toThrow(/less than/)
  })

  test('[REG-5] a rotation needs the outgoing keys: with them it is followed, without them refused', async () => {
    const next = syntheticBureau(two.did, 2)
    const root = composeRoot([...namedKeys(one), ...namedKeys(next)], { version: 2, expires })
    await change('2.root.json', () => signAll(root, [...one.root, ...next.root]))
    await expect(download()).rejects.toThrow(/2\/3 keys/)
    await change('2.root.json', () => signAll(root, [...one.root, ...next.root, two.root[0]]))
    // Whatever the outgoing keys signed for now must be signed by the new ones.
    await expect(download()).rejects.toThrow()
    const bytes = registryBytes(registry(3))
    server.files = new Map([...server.files, [`targets/${sha256Hex(bytes)}.registry.json`, bytes]])
    await change('3.targets.json', () =>
      signAll(composeTargets(bytes, { version: 3, expires }), [one.targets, next.targets]),
    )
    await change('3.snapshot.json', () => signTuf(composeSnapshot(3, { version: 3, expires }), next.snapshot))
    await change('timestamp.json', () =>
      signTuf(composeTimestamp(3, { version: 3, expires }), next.timestamp),
    )
    expect(await download()).toEqual(Buffer.from(bytes))
  })
})
