import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { World } from './world.ts'

/** The machine as the commands see it. */
function createWorld(): World {
  const stop = new AbortController()
  const onInterrupt = () => stop.abort()
  return {
    now: () => Date.now(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    env: process.env,
    out: (chunk) => writeAll(1, chunk),
    err: (text) => writeAll(2, text),
    outIsTerminal: process.stdout.isTTY === true,
    inIsTerminal: process.stdin.isTTY === true,
    stdin: () => process.stdin,
    askLine: async (prompt) => {
      const { askLine } = await import('./secret-prompt.ts')
      return askLine(process.stdin, (text) => writeAll(2, text), prompt)
    },
    askSecret: async (prompt) => {
      const { askSecret } = await import('./secret-prompt.ts')
      return askSecret(process.stdin, (text) => writeAll(2, text), prompt)
    },
    fetch: globalThis.fetch,
    // Only a command that waits takes over Ctrl-C; all others end at once.
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt)
        const timer = setTimeout(finish, milliseconds)
        stop.signal.addEventListener('abort', finish, { once: true })
        function finish(): void {
          clearTimeout(timer)
          stop.signal.removeEventListener('abort', finish)
          process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt)
          resolve()
        }
      }),
    interrupted: () => stop.signal.aborted,
  }
}

/** Whole and at once, so that nothing is lost when the process ends; a reader that has gone away is no fault of ours. */
function writeAll(descriptor: number, chunk: string | Uint8Array): void {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

// The bundled program is an ES module, and commander is not: it asks for Node's own modules by `require`.
if (!('require' in globalThis)) Object.assign(globalThis, { require: createRequire(import.meta.url) })

// What even the commands did not foresee is one line too, and never a stack.
process.on('uncaughtException', (error) => {
  writeAll(
    2,
    `✗ INTERNAL  系统内部错误 / an internal error: ${JSON.stringify(`${error.name}: ${error.message}`.slice(0, 300))}\n`,
  )
  process.exit(4)
})

const { runProgram } = await import('./program.ts')
process.exitCode = await runProgram(process.argv.slice(2), createWorld())
