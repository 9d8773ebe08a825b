import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type SyntheticRepository,
  syntheticBureau,
  syntheticRepository,
} from '../../fixtures/synthetic/ceremony.ts'
import {
  registryText,
  type SyntheticMember,
  syntheticMember,
  syntheticRegistry,
  syntheticSeed,
} from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { encodeBase64Url } from '../../protocol/bytes.ts'
import { type Signer, signerFromSeed } from '../../protocol/key.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import { formatVerifierKey, parseNote, verifierKeyOf } from '../../protocol/log/note.ts'
import type { Purpose, Registry } from '../../protocol/trust/registry.ts'
import { freePort } from '../support/network.ts'
import { type NodeOptions, startTestNode, type TestNode } from '../support/node.ts'
import { expectProblem } from '../support/node-request.ts'
import { readLog } from '../support/node-stranger.ts'

const bureaus = [syntheticBureau('did:web:one.example'), syntheticBureau('did:web:two.example')] as const
const expires = Date.now() + 365 * 86_400_000
const repositoryOf = (registries: readonly Registry[]) =>
  syntheticRepository({ bureaus, registries, expires })

let members: SyntheticMember[]
let directories: string[]
let registries: any[]
let nodes: TestNode[]
beforeEach(async () => {
  const names = ['璧山（合成）', '眉山（合成）']
  members = []
  for (const name of names) members.push(syntheticMember(name, `http://localhost:${await freePort()}`))
  directories = await Promise.all(names.map(() => mkdtemp(join(tmpdir(), 'csx-node-'))))
  await Promise.all(directories.map((directory) => chmod(directory, 0o755)))
  registries = [syntheticRegistry(members)]
  nodes = []
})
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()))
  await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })))
})

async function start(n: number, options: NodeOptions = {}): Promise<TestNode> {
  const repository: SyntheticRepository = await repositoryOf(registries)
  const trust = registryText(registries.at(-1))
  const node = await startTestNode(
    { member: members[n]!, directory: directories[n]!, trust, repository },
    options,
  )
  nodes.push(node)
  return node
}

async function stop(node: TestNode): Promise<void> {
  nodes.splice(nodes.indexOf(node), 1)
  await node.stop()
}

/** The bureaus sign the next version, and it comes to every node. */
async function nextRegistry(change: (member: any) => void): Promise<void> {
  const next = structuredClone(registries.at(-1))
  next.version += 1
  change(next.members[0])
  registries.push(next)
  const { files } = await repositoryOf(registries)
  for (const { directory } of nodes)
    for (const [path, bytes] of files) await writeFile(join(directory, 'registry', path), bytes)
  for (const node of nodes)
    await expect
      .poll(() => node.lines.some((line) => line.includes(`"version":${next.version}`)), { timeout: 20_000 })
      .toBe(true)
}

const laterKey = (purpose: Purpose, generation: number) =>
  signerFromSeed(syntheticSeed(purpose, `${members[0]!.did} ${generation}`))

async function putKey(purpose: Purpose, generation: number): Promise<void> {
  const seed = syntheticSeed(purpose, `${members[0]!.did} ${generation}`)
  const multikey = signerFromSeed(seed).publicKey.multibase
  const file = { v: 1, purpose, multikey, seed: encodeBase64Url(seed) }
  const path = join(directories[0]!, 'keys', `${purpose}.${generation}.key`)
  await writeFile(path, JSON.stringify(file), { mode: 0o600 })
}

/** From this size and index on, the keys of a generation. */
function rotateAt(size: number, generation: number) {
  return (member: any) => {
    const [log] = member.origins
    log.vkey.at(-1).to = size
    const key = formatVerifierKey(verifierKeyOf(log.origin, laterKey('log', generation).publicKey))
    log.vkey.push({ key, from: size })
    const publish = member.keys.filter(({ purpose }: any) => purpose === 'publish')
    publish.at(-1).valid[0].to = size
    const multikey = laterKey('publish', generation).publicKey.multibase
    member.keys.push({ multikey, purpose: 'publish', valid: [{ origin: log.origin, from: size }] })
  }
}

const records = (from: number, amount: number) =>
  Array.from({ length: amount }, (_, n) => syntheticStandard(from + n))

async function signersOf(node: TestNode): Promise<readonly string[]> {
  const { records: served } = await readLog(`${node.url}/log/1`)
  return served.map(({ proof }) => proof.verificationMethod.split('#')[1])
}

async function expectAllHeld(holder: TestNode, size: number): Promise<void> {
  await holder.waitFor(members[0]!, size)
  expect(await holder.logOf(members[0]!)).toMatchObject({ held: size, quarantined: 0, state: 'active' })
}

const multibase = ({ publicKey }: Signer) => publicKey.multibase

describe('a planned rotation', () => {
  test('[KEY-30] [KEY-31] a node signs up to the boundary, waits there for its next keys, and goes on without a restart', async () => {
    const [node, follower] = [await start(0), await start(1)]
    for (const draft of records(0, 3)) await node.publish(draft)
    await nextRegistry(rotateAt(6, 2))
    for (const draft of records(3, 2)) await node.publish(draft)
    const straddling = { records: records(100, 2) }
    await expectProblem(await node.post('/api/v1/batches', straddling), 'KEY_NOT_VALID_AT_TIME', {
      status: 503,
    })
    await node.publish(syntheticStandard(5))
    const refused = await node.post('/api/v1/records', syntheticStandard(6))
    await expectProblem(refused, 'KEY_NOT_VALID_AT_TIME', { status: 503 })
    expect((await node.fetch('/log/1/checkpoint')).status).toBe(200)
    await putKey('publish', 2)
    // The log key is found before anything is written.
    const half = await node.post('/api/v1/records', syntheticStandard(6))
    await expectProblem(half, 'KEY_NOT_VALID_AT_TIME', { status: 503 })
    expect((await readLog(`${node.url}/log/1`)).size).toBe(6)
    await putKey('log', 2)
    expect((await node.post('/api/v1/batches', straddling)).status).toBe(201)
    await expectAllHeld(follower, 8)
    const old = members[0]!.publish
    expect(await signersOf(node)).toEqual([
      ...Array.from({ length: 6 }, () => multibase(old)),
      ...Array.from({ length: 2 }, () => multibase(laterKey('publish', 2))),
    ])
    await stop(node)
    const again = await start(0)
    await again.publish(syntheticStandard(50))
    await expectAllHeld(follower, 9)
  })

  test('[KEY-32] with all keys at hand, publications cross the boundary together, each under the key of its place', async () => {
    const [node, follower] = [await start(0), await start(1)]
    await putKey('log', 2)
    await putKey('publish', 2)
    await putKey('publish', 3)
    await putKey('log', 3)
    await nextRegistry(rotateAt(7, 2))
    await nextRegistry(rotateAt(25, 3))
    const posted = await Promise.all([
      ...records(0, 20).map((draft) => node.post('/api/v1/records', draft)),
      node.post('/api/v1/batches', { records: records(200, 10) }),
      ...records(300, 5).map((draft) => node.post('/api/v1/records', draft)),
    ])
    expect(posted.map(({ status }) => status).filter((status) => status !== 201)).toEqual([])
    await expectAllHeld(follower, 35)
    const keys = [members[0]!.publish, laterKey('publish', 2), laterKey('publish', 3)].map(multibase)
    const expected = Array.from({ length: 35 }, (_, i) => keys[i < 7 ? 0 : i < 25 ? 1 : 2])
    expect(await signersOf(node)).toEqual(expected)
  })

  test('[KEY-30] a node whose log key the registry does not name does not start', async () => {
    await nextRegistry((member) => {
      const { origin, vkey } = member.origins[0]
      vkey[0].key = formatVerifierKey(verifierKeyOf(origin, laterKey('log', 9).publicKey))
    })
    await expect(start(0)).rejects.toMatchObject({ code: 'KEY_NOT_PINNED' })
  })
})

/** The registry closes the first log of the first member where it stands, and may name the next. */
async function closeLog(node: TestNode, { named = true } = {}): Promise<readonly [string, string]> {
  const { size, root } = parseHead(await (await node.fetch('/log/1/checkpoint')).text())
  const closedRoot = Buffer.from(root).toString('base64')
  const next = members[0]!.origin.replace(/1$/, '2')
  await nextRegistry((member) => {
    member.origins[0].closed = { size, root: closedRoot, reason: '密钥外泄（合成）' }
    if (named) nameNextLog(member, next)
  })
  return [next, closedRoot]
}

function nameNextLog(member: any, next: string): void {
  member.origins.push({
    origin: next,
    url: member.origins[0].url.replace(/1$/, '2'),
    vkey: [{ key: formatVerifierKey(verifierKeyOf(next, laterKey('log', 2).publicKey)), from: 0 }],
  })
  for (const key of member.keys) key.valid.push({ origin: next, from: 0 })
  member.status.push({ status: 'active', origin: next, size: 0 })
}

describe('a closed log', () => {
  test('[KEY-33] is served by a node that starts, whether the registry names no next log or its key is not there', async () => {
    const first = await start(0)
    await first.publish(syntheticStandard(0))
    const [next] = await closeLog(first, { named: false })
    const expectServed = async (node: TestNode) => {
      const refused = await node.post('/api/v1/records', syntheticStandard(9))
      await expectProblem(refused, 'LOG_CLOSED', { status: 503 })
      expect((await readLog(`${node.url}/log/1`)).size).toBe(1)
      expect(await node.countStandards()).toBe(1)
    }
    await expectServed(first)
    await stop(first)
    const second = await start(0)
    await expectServed(second)
    await nextRegistry((member) => nameNextLog(member, next))
    await stop(second)
    const third = await start(0)
    await expectServed(third)
    await stop(third)
    await putKey('log', 2)
    const fourth = await start(0)
    expect(await fourth.publish(syntheticStandard(9))).toMatchObject({ origin: next, index: 1 })
    expect((await readLog(`${fourth.url}/log/1`)).size).toBe(1)
  })

  test('[KEY-33] takes nothing more; the next epoch opens without a restart once its key is there, with its EpochStart', async () => {
    const [node, follower] = [await start(0, { kind: 'program' }), await start(1)]
    for (const draft of records(0, 3)) await node.publish(draft)
    await expectAllHeld(follower, 3)
    const { origin } = members[0]!
    const [next, closedRoot] = await closeLog(node)
    await expectProblem(await node.post('/api/v1/records', syntheticStandard(9)), 'LOG_CLOSED', {
      status: 503,
    })
    await expectProblem(await node.fetch('/readyz'), 'LOG_CLOSED', { status: 503 })
    expect((await readLog(`${node.url}/log/1`)).size).toBe(3)
    await putKey('log', 2)
    const opened = async () => (await node.fetch('/log/2/checkpoint').catch(() => undefined))?.status
    await expect.poll(opened, { timeout: 40_000 }).toBe(200)
    const receipt = await node.publish(syntheticStandard(9))
    expect(receipt).toMatchObject({ origin: next, index: 1 })
    const { records: served, entries } = await readLog(`${node.url}/log/2`)
    expect(entries.map((entry) => entry.tier === 'public' && entry.type)).toEqual([
      'EpochStart',
      'StandardRecord',
    ])
    expect(served[0]).toMatchObject({
      synthetic: true,
      credentialSubject: { previous: { origin, size: 3, root: closedRoot } },
    })
    expect((await readLog(`${node.url}/log/1`)).size).toBe(3)
    const held = async () => (await follower.logs()).find((log) => log.origin === next)
    await expect.poll(async () => (await held())?.visible, { timeout: 20_000 }).toBe(2)
    expect(await held()).toMatchObject({ quarantined: 0, state: 'active' })
    expect(await follower.countStandards()).toBe(4)
    const note = parseNote(await (await node.fetch('/log/2/checkpoint')).text())
    expect(note.signatures.map(({ name }) => name)).toEqual([next])
  })
})
