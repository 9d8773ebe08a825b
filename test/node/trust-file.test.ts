import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registryText, syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { readConfig, type SettingFault } from '../../node/config.ts'
import { openTrustFile } from '../../node/trust-file.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Registry } from '../../protocol/trust/registry.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'csx-trust-'))
})
afterAll(() => rm(directory, { recursive: true }))

const member = syntheticMember('璧山（合成）', 'http://localhost:7401')
const other = syntheticMember('眉山（合成）', 'http://localhost:7402')
const registry = syntheticRegistry([member, other])
const config = () => readConfig({ CSX_BASE_URL: member.base, CSX_DATA_DIR: directory })

async function open(content: string | undefined) {
  const { trustFile } = config()
  await rm(trustFile, { force: true })
  if (content !== undefined) await writeFile(trustFile, content)
  return openTrustFile(config())
}

async function faultOf(content: string | undefined): Promise<SettingFault> {
  const error = await open(content).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ProtocolError)) throw new Error('it was taken')
  expect(error.code).toBe('CONFIG_INVALID')
  const [fault] = error.evidence.faults as readonly SettingFault[]
  expect(fault?.variable).toBe('CSX_TRUST_FILE')
  expect(fault?.remedy).not.toBe('')
  return fault!
}

/** The registry with the logs of the first member as given. */
function withOrigins(origins: Registry['members'][number]['origins']): string {
  return registryText({ ...registry, members: [{ ...member.entry, origins }, other.entry] })
}

describe('the trust file', () => {
  test('the node finds itself in it, by its base URL', async () => {
    const { did, origin, trust } = await open(registryText(registry))
    expect([did, origin, trust.members.size]).toEqual([member.did, member.origin, 2])
  })

  test('one that is missing, no registry, or without this node is a fault with a remedy', async () => {
    await faultOf(undefined)
    await faultOf('{')
    await faultOf('{}')
    expect((await faultOf(registryText(syntheticRegistry([other])))).problem).toContain(member.did)
  })

  const [first] = member.entry.origins
  const closed = { size: 3, root: Buffer.alloc(32).toString('base64'), reason: 'compromise' }

  test('nobody goes on writing a log that the registry closed', async () => {
    expect((await faultOf(withOrigins([{ ...first!, closed }]))).problem).toContain('closed')
  })
})
