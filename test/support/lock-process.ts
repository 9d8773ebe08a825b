import { randomBytes } from 'node:crypto'
import { lockDirectory } from '../../node/store/lock.ts'

/** A process that takes a data directory when a line comes in, says how it went, and holds it until its input ends. */
const [, , directory = ''] = process.argv
process.stdin.once('data', async () => {
  try {
    const lock = await lockDirectory(directory, { random: (bytes) => new Uint8Array(randomBytes(bytes)) })
    process.stdout.write(`${JSON.stringify({ pid: process.pid })}\n`)
    process.stdin.once('end', () => void lock.release())
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ code: (error as { code?: string }).code ?? String(error) })}\n`)
  }
})
process.stdout.write('{"ready":true}\n')
