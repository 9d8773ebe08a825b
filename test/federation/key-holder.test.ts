import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sealKeyFile } from '../../cli/seal.ts'
import { syntheticSeed } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { encodeBase64Url, encodeHex, encodeUtf8 } from '../../protocol/bytes.ts'
import { purposes } from '../../protocol/trust/registry.ts'
import { createNetwork, type Network } from '../support/network.ts'
import { expectProblem } from '../support/node-request.ts'
import { readLog } from '../support/node-stranger.ts'

const passphrase = 'no secret but of the tests'
const module = fileURLToPath(new URL('../support/signing-module.ts', import.meta.url))

let network: Network
let directory: string
beforeEach(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）'])
  directory = network.directories[0] ?? ''
  mkdirSync(join(directory, 'keys'))
})
afterEach(() => network.close())

const secret = (path: string, text: string) => writeFileSync(join(directory, path), text, { mode: 0o600 })
const member = () => network.members[0]!
const plainFile = (purpose: (typeof purposes)[number]) => ({
  v: 1 as const,
  purpose,
  multikey: member()[purpose].publicKey.multibase,
  seed: encodeBase64Url(syntheticSeed(purpose, member().did)),
})

describe('a node with sealed keys', () => {
  test('[KEY-12] starts with its passphrase file alone, and no log line has passphrase or seed', async () => {
    for (const purpose of purposes)
      secret(
        `keys/${purpose}.key`,
        JSON.stringify(await sealKeyFile(plainFile(purpose), encodeUtf8(passphrase))),
      )
    secret('passphrase', `${passphrase}\n`)
    secret('wrong', 'not the passphrase\n')
    const settings = (name: string) => ({ environment: { CSX_PASSPHRASE_FILE: join(directory, name) } })
    await expect(network.start(0)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    await expect(network.start(0, settings('wrong'))).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
    const node = await network.start(0, settings('passphrase'))
    await node.publish(syntheticStandard(1))
    expect((await readLog(`${node.url}/log/1`)).size).toBe(1)
    for (const line of node.lines)
      for (const word of [passphrase, ...purposes.map((purpose) => plainFile(purpose).seed)])
        expect(line).not.toContain(word)
  })
})

describe('a node whose log key is held by a program', () => {
  const faults = () => join(directory, 'faults')
  const misbehave = (how: string) => writeFileSync(join(faults(), how), '')

  beforeEach(() => {
    mkdirSync(faults())
    const { seed: _seed, ...identity } = plainFile('log')
    const seed = encodeHex(syntheticSeed('log', member().did))
    const command = [process.execPath, module, seed, join(directory, 'starts'), faults()]
    secret('keys/log.key', JSON.stringify({ ...identity, provider: { command } }))
  })

  test('[KEY-21] [KEY-22] what is published while it fails is stored, shown to nobody, and signed once it works', async () => {
    const [node, follower] = [await network.start(0), await network.start(1)]
    await node.publish(syntheticStandard(1))
    misbehave('signs-wrongly')
    const headers = { 'idempotency-key': 'once' }
    const failed = await node.post('/api/v1/records', syntheticStandard(2), headers)
    await expectProblem(failed, 'KEY_UNAVAILABLE', { status: 503 })
    const later = await node.post('/api/v1/records', syntheticStandard(3))
    await expectProblem(later, 'KEY_UNAVAILABLE', { status: 503 })
    expect((await readLog(`${node.url}/log/1`)).size).toBe(1)
    rmSync(join(faults(), 'signs-wrongly'))
    const again = await node.post('/api/v1/records', syntheticStandard(2), headers)
    expect(again.status).toBe(201)
    expect(await again.json()).toMatchObject({ index: 1 })
    await follower.waitFor(member(), 2)
    expect(await follower.logOf(member())).toMatchObject({ held: 2, quarantined: 0, state: 'active' })
  })

  test('[KEY-21] a node starts and serves without its program, and signs what is left once it works', async () => {
    const first = await network.start(0)
    await first.publish(syntheticStandard(1))
    misbehave('dies')
    await expectProblem(await first.post('/api/v1/records', syntheticStandard(2)), 'KEY_UNAVAILABLE', {
      status: 503,
    })
    await first.stop()
    const node = await network.start(0)
    expect((await readLog(`${node.url}/log/1`)).size).toBe(1)
    await expectProblem(await node.post('/api/v1/records', syntheticStandard(3)), 'KEY_UNAVAILABLE', {
      status: 503,
    })
    rmSync(join(faults(), 'dies'))
    await node.publish(syntheticStandard(4))
    const { size, entries, root, signedRoot } = await readLog(`${node.url}/log/1`)
    expect([size, entries.length, root]).toEqual([3, 3, signedRoot])
    expect(readFileSync(join(directory, 'starts'), 'utf8').split('\n').length).toBeGreaterThan(2)
  })
})
