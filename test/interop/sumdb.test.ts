import { execFile, execFileSync } from 'node:child_process'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { formatVerifierKey, verifierKeyOf } from '../../protocol/log/note.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'

/** Of Debian's golang-go and golang-golang-x-mod-dev. */
const environment = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' }

function isThere(): boolean {
  try {
    execFileSync('go', ['list', 'golang.org/x/mod/sumdb/tlog'], { env: environment, stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

const entries = 300

function describeSumdb(): void {
  let network: Network
  let node: TestNode
  let folder: string
  let proxy: Server
  /** Whether a path is answered with one bit of it changed, somewhere in its middle. */
  let flips: (path: string) => boolean = () => false

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'csx-sumdb-'))
    await copyFile(fileURLToPath(new URL('./sumdb.go.txt', import.meta.url)), join(folder, 'main.go'))
    const env = { ...environment, GOCACHE: join(folder, 'cache') }
    execFileSync('go', ['build', '-o', 'verify', 'main.go'], { cwd: folder, env })
    network = await createNetwork(['璧山（合成）'])
    node = await network.start(0)
    const drafts = Array.from({ length: entries }, (_, n) => syntheticStandard(n))
    expect((await node.post('/api/v1/batches', { records: drafts })).status).toBe(201)
    proxy = createServer(async (request, response) => {
      const path = request.url ?? ''
      const answer = await node.fetch(path)
      const bytes = Buffer.from(await answer.arrayBuffer())
      const middle = Math.floor(bytes.length / 2)
      if (flips(path)) bytes[middle] = bytes[middle]! ^ 1
      response.writeHead(answer.status).end(bytes)
    })
    await new Promise<void>((ready) => proxy.listen(0, '127.0.0.1', ready))
  }, 180_000)
  afterAll(async () => {
    proxy?.close()
    await network?.close()
    await rm(folder, { recursive: true, force: true })
  })

  function verify(change: (path: string) => boolean): Promise<string> {
    flips = change
    const key = formatVerifierKey(verifierKeyOf(node.member.origin, node.member.log.publicKey))
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/log/1`
    return new Promise((resolve) => {
      execFile(join(folder, 'verify'), [url, key], { timeout: 60_000 }, (_, out) => resolve(out.trim()))
    })
  }

  test('[LOG-300] verifies checkpoint, tiles, and the place of every entry', async () => {
    expect(await verify(() => false)).toBe(`verified: ${entries} entries`)
  })

  test.each([
    ['the checkpoint', '/checkpoint', 'refused: note'],
    ['a tile', '/tile/0/000', 'refused: '],
    ['the last tile', '/tile/0/001', 'refused: '],
    ['a tile above', '/tile/1/000', 'refused: '],
    ['an entry', '/tile/entries/000', 'refused: '],
  ])('[LOG-300] refuses one flipped bit in %s', async (_, path, refusal) => {
    expect(await verify((asked) => asked.startsWith(`/log/1${path}`))).toContain(refusal)
  })
}

if (isThere()) describe('Go’s sumdb, unmodified, against a running node', describeSumdb)
else
  test('NOT CHECKED: Go’s sumdb, because golang-go and golang-golang-x-mod-dev are not there', () => {
    process.stderr.write(
      '\n*** NOT CHECKED: the log was not verified by Go’s sumdb.\n*** To check it: apt-get install --no-install-recommends golang-go golang-golang-x-mod-dev\n\n',
    )
    expect(isThere()).toBe(false)
  })
