import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { measureAgreement } from './agreement.ts'
import { measureCompare } from './compare.ts'
import { measureExchange } from './exchange.ts'
import { measureMapping } from './mapping.ts'
import { measureRate } from './rate.ts'
import { measureRegistry } from './registry.ts'
import type { Row } from './row.ts'
import { measureVerify } from './verify.ts'
import { measureWitness } from './witness.ts'

/** `npm run bench [-- --quick]`: prints the table and writes `results.md` beside this file. Nothing here fails on a slow machine. */
const quick = process.argv.includes('--quick')
const options = { quick, say: (line: string) => process.stderr.write(`… ${line}\n`) }
const rows: readonly Row[] = [
  ...(await measureVerify(options)),
  ...(await measureExchange(options)),
  ...(await measureRegistry(options)),
  ...(await measureWitness(options)),
  ...measureCompare(options),
  ...(await measureMapping(options)),
  ...measureRate(options),
  ...(await measureAgreement(options)),
]
const text = formatResults(rows)
process.stdout.write(text)
writeFileSync(fileURLToPath(new URL('results.md', import.meta.url)), text)

function formatResults(all: readonly Row[]): string {
  const [cpu] = cpus()
  const marks = { true: 'yes', false: 'no', undefined: '' } as const
  return [
    '# Results of `npm run bench`',
    '',
    `${new Date().toISOString().slice(0, 10)} · ${cpu?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB · Node ${process.versions.node}, OpenSSL ${process.versions.openssl} · ${quick ? 'quick: smaller sizes' : 'full sizes'}.`,
    '',
    'Rates of verification are operations for each CPU-second of a process, the best of several rounds taken in turns; all else is wall clock,',
    'with publisher, follower, both databases and the client on the same cores. The machine is shared: compare ratios within one run.',
    '',
    '| what | measured | goal | reached |',
    '| --- | --- | --- | --- |',
    ...all.map(
      ({ what, measured, goal, reached }) => `| ${what} | ${measured} | ${goal} | ${marks[`${reached}`]} |`,
    ),
    '',
  ].join('\n')
}
