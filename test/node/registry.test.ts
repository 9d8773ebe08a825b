import { afterEach, expect, test } from 'vitest'
import { createRegistrySources, type RegistrySources } from '../../node/registry.ts'
import type { OpenedRegistry } from '../../node/trust/chain-files.ts'
import { parseBaseUrl } from '../../protocol/identifier/name.ts'
import { createClock } from '../support/log.ts'
import { startPeer } from '../support/peer.ts'

let sources: RegistrySources | undefined
afterEach(() => sources?.close())

test('[SYNC-12] once the registry says that the network is not a synthetic one, none is fetched from this machine', async () => {
  const peer = await startPeer('镜像（合成）')
  const setting = `${peer.url}/registry`
  sources = createRegistrySources(
    { base: parseBaseUrl('https://jgsw.example.gov.cn'), registrySources: [setting] },
    createClock().deps,
  )
  const known = (network: string) =>
    ({ trust: { registry: { network }, members: new Map(), anchor: { root: { bureaus: [] } } } }) as unknown
  const read = (from: unknown) =>
    sources!.list(from as OpenedRegistry | undefined)[0]!.read('timestamp.json', 1000)
  for (const from of [undefined, known('synthetic')]) expect(await read(from)).toBeUndefined()
  await expect(read(known('production'))).rejects.toMatchObject({ code: 'ADDRESS_FORBIDDEN' })
  expect(peer.takeRequests()).toHaveLength(2)
  await peer.close()
})
