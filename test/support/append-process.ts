import { createLogger } from '../../node/deps.ts'
import type { DatabaseTarget } from '../../node/store/connection.ts'
import { openDatabase } from '../../node/store/database.ts'
import { takeWriterLock } from '../../node/store/writer-lock.ts'
import { openSampleLog, origin } from './log.ts'

/** A process that appends, several requests at once, and says what was acknowledged, until it is killed. */
const [, , text = '{}', first = '0'] = process.argv
const deps = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
  logger: createLogger('silent'),
}
const target: DatabaseTarget = JSON.parse(text)
const database = await openDatabase({ target, maxConnections: 3 })
const lock = await takeWriterLock(target, origin, deps)
const log = await openSampleLog(database, { deps, requireWriter: () => lock.require() })
process.stdout.write('{"ready":true}\n')

let next = Number(first)
async function keepAppending(): Promise<void> {
  for (;;) {
    const [a, b] = [next, next + 1]
    next += 2
    try {
      const appended = await log.append(a, b)
      const said = { numbers: [a, b], indices: appended.map(({ index }) => index) }
      process.stdout.write(`${JSON.stringify(said)}\n`)
    } catch (error) {
      process.stdout.write(
        `${JSON.stringify({ refused: (error as { code?: string }).code ?? String(error) })}\n`,
      )
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
await Promise.all([keepAppending(), keepAppending(), keepAppending()])
