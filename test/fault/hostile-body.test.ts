import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'

/** A little below the limit, since not every character is one byte. */
const most = (16 << 20) - 200
let network: Network
let node: TestNode
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）'])
  node = await network.start(0, { kind: 'program' })
})
afterAll(() => network.close())

function filled(head: string, unit: string, tail: string): string {
  return head + unit.repeat(Math.floor((most - head.length - tail.length) / unit.length)) + tail
}

const table = '标准号,标准名称,级别,类别\n'
const members = (amount: number) => Array.from({ length: amount }, (_, i) => `"k${i}":"v"`).join(',')
const unknown = JSON.stringify({
  type: 'StandardRecord',
  tier: 'public',
  credentialSubject: JSON.parse(`{${members(300)}}`),
})

/** What each would cost a reader that builds first and refuses then: seconds, and a gigabyte. */
const bodies: readonly [about: string, path: string, text: () => string, code: string][] = [
  ['millions of empty lists', 'batches', () => filled('{"records":[', '[],', '[]]}'), 'CANON_LIMIT'],
  [
    'millions of lists in lists',
    'batches',
    () => filled('{"records":[ ', '[[[[]]]],', '[]]}'),
    'CANON_LIMIT',
  ],
  ['millions of fractions', 'batches', () => filled('{"records":[', '1.5e3,', '1]}'), 'CANON_LIMIT'],
  ['a million members', 'batches', () => `{"records":[{${members(1_000_000)}}]}`, 'CANON_LIMIT'],
  ['lists without end', 'batches', () => filled('', '[', ''), 'JSON_TOO_DEEP'],
  ['one long number', 'batches', () => filled('{"records":[1.', '0', '1]}'), 'NUMBER_UNSAFE'],
  ['one text of escapes', 'batches', () => filled('{"records":["', '\\n', '"]}'), 'SCHEMA_INVALID'],
  [
    'records of unknown members',
    'batches',
    () => `{"records":[${Array(1000).fill(unknown).join(',')}]}`,
    'SCHEMA_INVALID',
  ],
  ['a table of short rows', 'imports', () => filled(table, 'a,b,c,d\n', ''), 'SHEET_LIMIT'],
  ['a table of commas', 'imports', () => filled(table, ',', ''), 'SHEET_LIMIT'],
]

/** Milliseconds of processor time, and MiB, of the node's process; `undefined` where the system does not tell. */
function usage(): { readonly cpu: number; readonly memory: number; readonly peak: number } | undefined {
  if (!existsSync(`/proc/${node.pid}/stat`)) return undefined
  const fields = readFileSync(`/proc/${node.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const status = readFileSync(`/proc/${node.pid}/status`, 'utf8')
  const mebibytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024
  return {
    cpu: 10 * (Number(fields[11]) + Number(fields[12])),
    memory: mebibytes('VmRSS'),
    peak: mebibytes('VmHWM'),
  }
}

function forgetPeak(): void {
  if (existsSync(`/proc/${node.pid}/clear_refs`)) writeFileSync(`/proc/${node.pid}/clear_refs`, '5')
}

async function sendWatched(path: string, text: string): Promise<{ code: string; stall: number }> {
  let sending = true
  let stall = 0
  const watch = async () => {
    while (sending) {
      const begun = performance.now()
      await (await node.fetch('/healthz')).text()
      stall = Math.max(stall, performance.now() - begun)
      await sleep(10)
    }
  }
  const watching = watch()
  const type = path === 'imports' ? 'text/csv' : 'application/json'
  const answer = await node.post(`/api/v1/${path}`, Buffer.from(text), { 'content-type': type })
  const { code } = (await answer.json()) as { code: string }
  sending = false
  await watching
  return { code, stall }
}

describe('bodies that are made to cost', () => {
  test.each(bodies)(
    '[NODE-30] %s: refused at little cost, and others are answered meanwhile',
    async (_, path, text, code) => {
      // The first of a kind pays for the compiler.
      await node.post(`/api/v1/${path}`, '{}')
      forgetPeak()
      const before = usage()
      const answer = await sendWatched(path, text())
      const after = usage()
      expect(answer.code).toBe(code)
      // The bound is 500 ms; other jobs share the machine.
      expect(answer.stall).toBeLessThan(2_000)
      if (!before || !after) return
      expect(after.cpu - before.cpu).toBeLessThan(2_000)
      expect(after.peak - before.memory).toBeLessThan(128)
    },
  )

  test('[NODE-30] after all of them a good record is published as before', async () => {
    expect((await node.publish(syntheticStandard(1))).index).toBe(0)
  })
})
