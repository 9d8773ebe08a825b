import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addWitnessKey } from '../../cli/registry/policy.ts'
import { registryText, type SyntheticMember, syntheticSeed } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { encodeBase64Url } from '../../protocol/bytes.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { signerFromSeed } from '../../protocol/key.ts'
import { formatVerifierKey, parseNote, verifierKeyOf } from '../../protocol/log/note.ts'
import type { Purpose, Registry } from '../../protocol/trust/registry.ts'
import { csx } from '../cli/csx.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { pairedRegistry, readNote, trustOf } from '../support/witness.ts'

const names = ['主管局一（合成）', '主管局二（合成）', '璧山（合成）', '眉山（合成）']
const patient = { timeout: 20_000 }
let network: Network
let directory: string
let nodes: [TestNode, TestNode, TestNode, TestNode]

beforeEach(async () => {
  network = await createNetwork(names, { registry: pairedRegistry })
  directory = await mkdtemp(join(tmpdir(), 'csx-rotation-'))
  const { registrySource } = network
  nodes = (await Promise.all(
    names.map((_, n) => network.start(n, { registrySource, pollSeconds: 0.3 })),
  )) as typeof nodes
})
afterEach(async () => {
  await network.close()
  await rm(directory, { recursive: true, force: true })
})

const nextSigner = (purpose: Purpose, { did }: SyntheticMember) =>
  signerFromSeed(syntheticSeed(purpose, `${did} next`))

async function putNextKey(purpose: Purpose, node: TestNode): Promise<void> {
  const seed = syntheticSeed(purpose, `${node.member.did} next`)
  const { multibase } = nextSigner(purpose, node.member).publicKey
  const file = { v: 1, purpose, multikey: multibase, seed: encodeBase64Url(seed) }
  const path = join(node.directory, 'keys', `${purpose}.next.key`)
  await writeFile(path, JSON.stringify(file), { mode: 0o600 })
}

const nameOf = (role: string, { origin }: SyntheticMember) => origin.replace(/\/log\/\d+$/, `/${role}`)
const nextVerifier = (role: 'witness' | 'holder', member: SyntheticMember) =>
  verifierKeyOf(nameOf(role, member), nextSigner(role, member).publicKey, 0x04)

/** As `csx registry rotate-key` does it. */
function rotateCosigner(
  registry: Registry,
  role: 'witness' | 'holder',
  { member, at }: { member: SyntheticMember; at: string },
): void {
  const entry: any = registry.members.find(({ id }) => id === member.did)
  const old = entry.cosigners.find(({ name }: any) => name === nameOf(role, member))
  const key = formatVerifierKey(nextVerifier(role, member))
  old.to = at
  entry.cosigners.push({ name: old.name, key, from: at })
  if (role === 'witness') Object.assign(registry, { policy: addWitnessKey(registry.policy, [old.key], key) })
}

function rotateRequest(registry: Registry, member: SyntheticMember, at: number): void {
  const entry: any = registry.members.find(({ id }) => id === member.did)
  entry.keys.find(({ purpose }: any) => purpose === 'request').valid[0].to = at
  const { multibase } = nextSigner('request', member).publicKey
  entry.keys.push({ multikey: multibase, purpose: 'request', valid: [{ origin: member.origin, from: at }] })
}

async function renew(change: (registry: Registry) => void): Promise<Registry> {
  let after: Registry | undefined
  await network.renew((registry) => {
    change(registry)
    after = { ...registry, version: 2 }
    return registry
  })
  for (const node of nodes)
    await expect.poll(() => node.lines.some((line) => line.includes('"version":2')), patient).toBe(true)
  return after!
}

/** The key ids of a cosigner in what the agency serves. */
async function idsAt(node: TestNode, name: string): Promise<readonly string[]> {
  const { signatures } = parseNote(await (await node.fetch('/log/1/checkpoint')).text())
  return signatures.filter((line) => line.name === name).map(({ id }) => id)
}

const soon = () => `${new Date(Date.now() + 3_000).toISOString().slice(0, 19)}Z`

describe('a planned rotation, with the next keys at hand and no restart', () => {
  test('[KEY-34] [REG-24] of a witness and of a holder: the policy is met before and after, and what was witnessed before still counts', async () => {
    const [, two, agency, partner] = nodes
    await Promise.all([putNextKey('witness', two), putNextKey('holder', partner)])
    const first = await agency.publish(syntheticStandard(0))
    const witnessed = async (trust: string) => {
      const response = await agency.fetch('/log/1/witnessed')
      return response.ok ? readNote(await response.text(), agency.member.origin, trustOf(trust)) : undefined
    }
    await expect.poll(() => witnessed(network.trust), patient).toMatchObject({ size: 1, witnessed: true })
    const file = join(directory, 'before.csx.json')
    expect(await csx(['bundle', first.digest, '--node', agency.url, '-o', file])).toMatchObject({ code: 0 })
    const at = soon()
    const after = await renew((registry) => {
      rotateCosigner(registry, 'witness', { member: two.member, at })
      rotateCosigner(registry, 'holder', { member: partner.member, at })
    })
    await sleep(Math.max(0, Date.parse(at) - Date.now()))
    await agency.publish(syntheticStandard(1))
    await expect
      .poll(() => witnessed(registryText(after)), patient)
      .toMatchObject({ size: 2, witnessed: true })
    expect(await idsAt(agency, nameOf('witness', two.member))).toEqual([
      nextVerifier('witness', two.member).id,
    ])
    const holding = nextVerifier('holder', partner.member)
    await expect.poll(() => idsAt(agency, holding.name), patient).toEqual([holding.id])
    const trust = join(directory, 'after.json')
    await writeFile(trust, registryText(after))
    expect(await csx(['verify', file, '--trust', trust])).toMatchObject({ code: 0 })
  })

  test('[KEY-34] of requests: from the size on at which others take the new key, the partner asks with it', async () => {
    const [, , agency, partner] = nodes
    await putNextKey('request', partner)
    const secret = (n: number) => agency.publish({ ...syntheticStandard(n), tier: 'pair', audience: 'pair' })
    const has = async (digest: string) =>
      (
        await partner.fetch(`/api/v1/records/${digest}`, {
          headers: { authorization: `Bearer ${partner.token}` },
        })
      ).status
    await renew((registry) => rotateRequest(registry, partner.member, 2))
    for (const n of [0, 1, 2, 3]) {
      const { digest } = await secret(n)
      await expect.poll(() => has(digest), patient).toBe(200)
      await partner.publish(syntheticStandard(100 + n))
      await agency.waitFor(partner.member, n + 1)
    }
    expect(partner.lines.join('\n')).not.toContain('KEY_NOT_VALID_AT_TIME')
    expect((await agency.fetch(`/mirror/${sha256Hex(partner.member.origin)}/checkpoint`)).status).toBe(200)
  })

  test('[KEY-34] without the next key a witness signs nothing more, says so, and goes on when it comes', async () => {
    const [, two, agency] = nodes
    const at = soon()
    await renew((registry) => rotateCosigner(registry, 'witness', { member: two.member, at }))
    await sleep(Math.max(0, Date.parse(at) - Date.now()))
    await agency.publish(syntheticStandard(0))
    const name = nameOf('witness', two.member)
    await expect.poll(() => two.lines.join('\n'), patient).toContain('KEY_NOT_VALID_AT_TIME')
    expect(await idsAt(agency, name)).toEqual([])
    await putNextKey('witness', two)
    await expect.poll(() => idsAt(agency, name), patient).toEqual([nextVerifier('witness', two.member).id])
  })
})
