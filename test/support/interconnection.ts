import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  syntheticRun,
  syntheticSample,
  syntheticSchema,
  syntheticSuite,
} from '../../fixtures/synthetic/conformance.ts'
import { digestOf } from '../../protocol/hash.ts'
import { csx, folder } from '../cli/csx.ts'
import type { TestNode } from './node.ts'
import { day } from './recognition.ts'

export const environment = '合成测试环境'

/** Schema, suite, the sample data of each, and the run of each against the other, in the folder of the command line. */
export async function tryEachOther(north: TestNode, south: TestNode): Promise<void> {
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  await write('schema.json', syntheticSchema)
  await write('suite.json', syntheticSuite())
  await write('north.json', syntheticSample)
  await write('south.json', `${syntheticSample}\n`)
  for (const [by, target, output] of [
    [north, 'south.json', 'north-run.json'],
    [south, 'north.json', 'south-run.json'],
  ] as const) {
    const files = ['--suite', 'suite.json', '--schema', 'schema.json', '--sample', target, '-o', output]
    const run = ['conformance', 'run', ...files, '--by', by.member.did, '--environment', environment]
    const { code, err } = await csx(run, { cwd: folder })
    if (code !== 0) throw new Error(err)
  }
}

/** A draft over these files, and what must be refused of it, with the code; `undefined` is drafted. */
export async function interconnectionDrafts(
  { north, south, stranger }: { north: TestNode; south: TestNode; stranger: string },
  terms: any,
): Promise<{ body: any; changes: readonly (readonly [string | undefined, object])[] }> {
  const attach = async (text: string) => {
    const headers = { authorization: `Bearer ${north.token}`, 'content-type': 'application/octet-stream' }
    const response = await north.fetch('/api/v1/blobs', { method: 'POST', headers, body: text })
    if (response.status !== 201) throw new Error(await response.text())
    return digestOf(text)
  }
  const file = async (name: string) => attach(await readFile(join(folder, name), 'utf8'))
  const [ours, theirs] = [await file('north.json'), await file('south.json')]
  const run = (facts: object) =>
    attach(syntheticRun({ runBy: south.member.did, target: { sample: ours }, ...facts }))
  const runs = { ours: await file('north-run.json'), theirs: await file('south-run.json') }
  const body = {
    ...terms,
    kind: 'interconnection',
    basis: { number: terms.basis.number },
    schema: await file('schema.json'),
    suite: await file('suite.json'),
    runs,
    endpoints: { ours: { sample: ours }, theirs: { sample: theirs } },
  }
  const nobodys = digestOf('nobody has this')
  const other = syntheticSuite({ version: '1.1' })
  const changes = [
    [undefined, {}],
    [undefined, { project: undefined, parties: [south.member.did] }],
    ['CONFORMANCE_INVALID', { runs: { ours: runs.theirs, theirs: runs.ours } }],
    ['CONFORMANCE_FAILED', { runs: { ...runs, theirs: await run({ failed: ['s1'] }) } }],
    ['CONFORMANCE_INVALID', { runs: { ...runs, theirs: await run({ environment: '另一环境' }) } }],
    ['CONFORMANCE_INVALID', { runs: { ...runs, theirs: await run({ suite: other }) } }],
    ['CONFORMANCE_INVALID', { runs: { ...runs, theirs: await run({ target: { sample: theirs } }) } }],
    ['CONFORMANCE_INVALID', { runs: { ...runs, theirs: body.schema } }],
    ['CONFORMANCE_INVALID', { endpoints: { ours: { sample: theirs }, theirs: { sample: ours } } }],
    ['CONFORMANCE_INVALID', { environment: '另一环境' }],
    ['CONFORMANCE_MISSING', { suite: nobodys }],
    ['CONFORMANCE_MISSING', { schema: nobodys }],
    ['CONFORMANCE_MISSING', { runs: { ...runs, theirs: nobodys } }],
    ['NOT_FOUND', { edition: nobodys }],
    ['NOT_FOUND', { project: undefined, parties: [stranger] }],
    ['BASIS_MISSING', { basis: { number: '合成发〔2026〕9号' } }],
    ['RULE_VIOLATED', { validUntil: day(500) }],
    ['EXPIRED', { acceptBy: day(-1) }],
    ['EXPIRED', { effectiveFrom: day(-20), validUntil: day(0), acceptBy: day(-1) }],
    ['SCHEMA_INVALID', { parties: [south.member.did] }],
    ['SCHEMA_INVALID', { manner: 'direct-use' }],
  ] as const
  return { body, changes }
}
