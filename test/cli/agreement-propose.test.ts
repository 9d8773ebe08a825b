import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runPropose } from '../../cli/agreement-act.ts'
import type { World } from '../../cli/world.ts'
import { startRecognition } from '../../fixtures/synthetic/recognition.ts'
import { agreementDigest } from '../../protocol/record/agreement-rule.ts'

const folder = mkdtempSync(join(tmpdir(), 'csx-propose-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('[AGREE-112] a node that words another text than that of the file gets nothing signed', async () => {
  const { agreement } = await startRecognition()
  const digest = agreementDigest(agreement)
  const [file, token] = [join(folder, 'draft.json'), join(folder, 'token')]
  writeFileSync(file, JSON.stringify(agreement))
  writeFileSync(token, 'abc')
  const other = `sha256:${'0'.repeat(64)}`
  for (const [shown, signed] of [
    [{ digest, statement: ['互认声明', `签署的摘要：${digest}`] }, 1],
    [{ digest: other, statement: ['互认声明', `签署的摘要：${other}`] }, 0],
    [{ digest, statement: ['互认声明', `签署的摘要：${other}`] }, 0],
    [{ digest: other, statement: ['互认声明', `签署的摘要：${digest}`] }, 0],
  ] as const) {
    const posted: string[] = []
    const fetch = (async (input: string) => {
      posted.push(new URL(input).pathname)
      const acts = input.endsWith('/acts')
      return new Response(JSON.stringify(acts ? { origin: 'o', index: 1 } : shown), {
        status: acts ? 201 : 200,
      })
    }) as unknown as typeof globalThis.fetch
    const world = { fetch, out: () => {}, err: () => {}, inIsTerminal: false } as unknown as World
    const flags = { node: 'http://localhost:7400', tokenFile: token, yes: digest }
    const done = runPropose(file, flags, world).then(
      () => 'signed',
      (error) => error.code,
    )
    expect(await done).toBe(signed === 1 ? 'signed' : 'ATTESTATION_MISMATCH')
    expect(posted.filter((path) => path.endsWith('/acts'))).toHaveLength(signed)
  }
})
