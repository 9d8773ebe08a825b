import { randomBytes } from 'node:crypto'
import { createLogger } from '../../node/deps.ts'
import { lockDirectory } from '../../node/store/lock.ts'
import { startPostgres } from '../../node/store/postgres-server.ts'

/** A process that holds a database server and says so on its first line, until it is killed or its input ends. */
const [, , directory = ''] = process.argv
const deps = {
  random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
  monotonic: () => performance.now(),
  logger: createLogger('silent'),
}
try {
  const lock = await lockDirectory(directory, deps)
  process.stdout.write(`${JSON.stringify({ locked: true })}\n`)
  const server = await startPostgres(lock, { deps })
  process.stdout.write(`${JSON.stringify({ pid: server.pid(), target: server.target })}\n`)
  process.stdin.resume().once('end', async () => {
    await server.stop()
    await lock.release()
    process.exit(0)
  })
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ code: (error as { code?: string }).code, message: String(error) })}\n`,
  )
  process.exit(1)
}
