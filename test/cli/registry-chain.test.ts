import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  registryBytes,
  type SyntheticBureau,
  signAll,
  syntheticBureau,
  syntheticRepository,
} from '../../fixtures/synthetic/ceremony.ts'
import { syntheticMember, syntheticPolicy, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { canonicalBytes } from '../../protocol/canonical.ts'
import { composeTargets } from '../../protocol/trust/tuf-make.ts'
import { csx } from './csx.ts'

/** A node that serves a registry which both bureaus signed, and which stands in no log. */
let server: Server
let url: string
let pinned: string

beforeAll(async () => {
  const members = [7511, 7512].map((port) => syntheticMember(`合成${port}`, `http://localhost:${port}`))
  const [one, two] = members.map(({ did }) => syntheticBureau(did)) as [SyntheticBureau, SyntheticBureau]
  const registry = { ...syntheticRegistry(members), policy: syntheticPolicy(members) }
  const expires = Date.now() + 86_400_000
  const { files, fingerprint } = await syntheticRepository({
    bureaus: [one, two],
    registries: [registry],
    expires,
  })
  pinned = fingerprint
  const targets = composeTargets(registryBytes(registry), { version: 1, expires })
  const chain = canonicalBytes({
    format: 'csx-registry-chain',
    v: 1,
    roots: [JSON.parse(Buffer.from(files.get('1.root.json')!).toString())],
    targets: await signAll(targets, [one.targets, two.targets]),
    registry: JSON.parse(JSON.stringify(registry)),
    logged: [],
  })
  server = createServer((request, response) => {
    if (request.url === '/api/v1/registry/chain') response.end(Buffer.from(chain))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  url = `http://localhost:${(server.address() as AddressInfo).port}`
})

afterAll(() => new Promise((resolve) => server.close(resolve)))

test.each([
  ['monitor', (folder: string) => ['--state', `${folder}.state.json`]],
  ['copy', (folder: string) => [folder]],
])(
  '[VERIFY-701] csx %s goes by no registry of a node that the bureaus did not log',
  async (command, more) => {
    const { code, out, err } = await csx([command, url, '--trust', pinned, ...more(`unlogged-${command}`)])
    expect([code, out + err]).toEqual([3, expect.stringContaining('INCLUSION_MISSING')])
  },
)
