import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Updater } from 'tuf-js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticMember } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { canonicalize } from '../../protocol/canonical.ts'
import type { Registry } from '../../protocol/trust/registry.ts'
import { csx } from '../cli/csx.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { pairedRegistry } from '../support/witness.ts'

const names = ['主管局一（合成）', '主管局二（合成）', '璧山（合成）', '眉山（合成）']
const patient = { timeout: 30_000 }
let network: Network
let directory: string
let nodes: TestNode[]

beforeEach(async () => {
  network = await createNetwork(names, { registry: pairedRegistry })
  directory = await mkdtemp(join(tmpdir(), 'csx-registry-test-'))
  nodes = []
  for (const n of names.keys()) nodes.push(await network.start(n, { pollSeconds: 0.3 }))
})

afterEach(async () => {
  await network.close()
  await rm(directory, { recursive: true, force: true })
})

const versionAt = async (node: TestNode) =>
  (await node.get<{ registry: Registry }>('/api/v1/registry/chain')).registry.version

async function bundleOf(node: TestNode, digest: string): Promise<string> {
  const file = join(directory, `${digest.slice(7, 15)}.csx.json`)
  expect(await csx(['bundle', digest, '--node', node.url, '-o', file])).toMatchObject({ code: 0 })
  return file
}

async function verdict(file: string, trust: string, ...flags: readonly string[]) {
  const { code, out } = await csx(['verify', file, '--trust', trust, '--json', ...flags])
  const { verdict: word, checks, asOf } = JSON.parse(out)
  const bad = checks.find(({ outcome }: { outcome: string }) => outcome !== 'passed')
  return { code, word, bad: bad && [bad.check, bad.code], version: asOf?.registry.version }
}

const isWhole = async (node: TestNode) =>
  (await node.get<{ logged: unknown[] }>('/api/v1/registry/chain')).logged.length

/** One change of a member, in the next version. */
function change(did: string, edit: (member: any) => void, version = 2): Registry {
  const later: any = structuredClone(network.registry)
  later.version = version
  edit(later.members.find(({ id }: { id: string }) => id === did))
  return later
}

describe('a network under a registry that both bureaus signed', () => {
  test('[REG-9] [REG-15] [REC-500] [REC-501] each version stands in both bureaus’ logs, and a bundle is verified by the fingerprint of the root alone', async () => {
    const [, , agency] = nodes as [TestNode, TestNode, TestNode, TestNode]
    await expect.poll(() => isWhole(agency), patient).toBe(2)
    const { digest } = await agency.publish(syntheticStandard(0))
    await expect.poll(async () => (await agency.fetch('/log/1/witnessed')).status, patient).toBe(200)
    const file = await bundleOf(agency, digest)
    expect(await verdict(file, network.root)).toEqual({
      code: 0,
      word: 'verified',
      bad: undefined,
      version: 1,
    })
    expect(await verdict(file, network.root, '--registry-at-least', '2')).toMatchObject({
      code: 3,
      bad: ['trust', 'REGISTRY_STALE'],
    })
    expect(await verdict(file, `sha256:${'0'.repeat(64)}`)).toMatchObject({
      code: 3,
      bad: ['trust', 'NOT_TRUSTED'],
    })
    // A root as a file, and the whole chain as one, lead to the same.
    const root = join(directory, 'root.json')
    await writeFile(root, await (await agency.fetch('/registry/1.root.json')).text())
    const chain = join(directory, 'chain.json')
    await writeFile(chain, await (await agency.fetch('/api/v1/registry/chain')).text())
    for (const trust of [root, chain]) expect(await verdict(file, trust)).toMatchObject({ code: 0 })
    const monitored = await csx([
      'monitor',
      agency.url,
      '--trust',
      network.root,
      '--state',
      join(directory, 'state.json'),
    ])
    expect(monitored).toMatchObject({ code: 0, err: '' })
    expect(monitored.out).toContain(`信任根指纹 / root of trust: ${network.root}\n`)
  })

  test('[VERIFY-31] a registry in a bundle that is not proven in both logs leaves it undecided; one that is altered rejects it', async () => {
    const [, , agency] = nodes as [TestNode, TestNode, TestNode, TestNode]
    await expect.poll(() => isWhole(agency), patient).toBe(2)
    const { digest } = await agency.publish(syntheticStandard(0))
    await expect.poll(async () => (await agency.fetch('/log/1/witnessed')).status, patient).toBe(200)
    const file = await bundleOf(agency, digest)
    const text = await readFile(file, 'utf8')
    const altered = async (edit: (bundle: any) => void) => {
      const bundle = JSON.parse(text)
      edit(bundle)
      const { digest: _digest, ...body } = bundle
      const { createHash } = await import('node:crypto')
      const sealed = {
        ...body,
        digest: `sha256:${createHash('sha256').update(canonicalize(body)).digest('hex')}`,
      }
      const other = join(directory, 'altered.csx.json')
      await writeFile(other, `${canonicalize(sealed)}\n`)
      return verdict(other, network.root)
    }
    expect(await altered((bundle) => bundle.registry.logged.pop())).toMatchObject({
      code: 3,
      bad: ['trust', 'INCLUSION_MISSING'],
    })
    expect(await altered((bundle) => delete bundle.registry)).toMatchObject({
      code: 3,
      bad: ['trust', 'NOT_TRUSTED'],
    })
    expect(await altered((bundle) => bundle.registry.registry.members.pop())).toMatchObject({
      code: 1,
      bad: ['trust', 'DIGEST_MISMATCH'],
    })
    expect(await altered((bundle) => bundle.registry.targets.signatures.pop())).toMatchObject({
      code: 1,
      bad: ['trust', 'THRESHOLD_NOT_MET'],
    })
    expect(
      await altered((bundle) => {
        bundle.registry.logged[0].record.credentialSubject.version = 7
      }),
    ).toMatchObject({ code: 1, bad: ['trust', 'LEAF_MISMATCH'] })
    expect(
      await altered((bundle) => {
        bundle.registry.logged[1] = bundle.registry.logged[0]
      }),
    ).toMatchObject({ code: 3, bad: ['trust', 'INCLUSION_MISSING'] })
  })

  test('[REG-13] a suspension acts within an interval at every node, and what was logged before stands', async () => {
    const [, , agency, partner] = nodes as [TestNode, TestNode, TestNode, TestNode]
    await agency.publish(syntheticStandard(0))
    await partner.waitFor(agency.member, 1)
    await network.publishRegistry(
      change(agency.member.did, (member) => {
        member.status.push({ status: 'suspended', origin: agency.member.origin, size: 1 })
      }),
    )
    await expect
      .poll(
        () => Promise.all(nodes.map(async (node) => (await node.fetch('/registry/2.targets.json')).status)),
        patient,
      )
      .toEqual([200, 200, 200, 200])
    // The file is there a moment before it counts.
    await expect
      .poll(async () => (await agency.fetch('/metrics')).text(), patient)
      .toMatch(/^csx_registry_version 2$/m)
    const response = await agency.post('/api/v1/records', syntheticStandard(1))
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      403,
      'MEMBER_SUSPENDED',
    ])
    expect(await partner.countStandards()).toBe(1)
  })

  test('[REG-13] a new member is followed without a restart, and one that left no longer', async () => {
    const [, , , partner] = nodes as [TestNode, TestNode, TestNode, TestNode]
    const guest = syntheticMember('新成员（合成）', 'http://localhost:9')
    const later: any = structuredClone(network.registry)
    later.version = 2
    later.members.push(structuredClone(guest.entry))
    await network.publishRegistry(later, 1)
    const origins = async () => (await partner.logs()).map(({ origin }) => origin)
    await expect.poll(origins, patient).toContain(guest.origin)
  })

  test('[REG-10] every node is a repository for an unmodified client', async () => {
    for (const node of nodes) {
      const client = await mkdtemp(join(directory, 'client-'))
      await writeFile(
        join(client, 'root.json'),
        Buffer.from(await (await node.fetch('/registry/1.root.json')).arrayBuffer()),
      )
      const updater = new Updater({
        metadataDir: client,
        metadataBaseUrl: `${node.url}/registry`,
        targetDir: client,
        targetBaseUrl: `${node.url}/registry/targets`,
        config: { fetchRetries: 0 },
      })
      await updater.refresh()
      const info = await updater.getTargetInfo('registry.json')
      const file = await updater.downloadTarget(info!)
      expect(JSON.parse(await readFile(file, 'utf8')).version).toBe(1)
    }
    for (const path of [
      '../keys/log.key',
      'targets/x',
      '0.root.json',
      'timestamp.json.tmp',
      '%2e%2e%2foperator.token',
    ])
      expect((await nodes[0]!.fetch(`/registry/${path}`)).status).toBe(404)
    expect(await versionAt(nodes[3]!)).toBe(1)
    const metrics = await (await nodes[3]!.fetch('/metrics')).text()
    expect(metrics).toMatch(/^csx_registry_version 1$/m)
    expect(Number(/^csx_registry_fresh_seconds (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThan(86_400)
  })
})
