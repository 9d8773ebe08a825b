import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface TestChild {
  readonly process: ChildProcessWithoutNullStreams
  /** The next line of its output as JSON, or undefined when it has ended. */
  line(): Promise<Record<string, unknown> | undefined>
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Ends its input and waits for it. */
  end(): Promise<void>
}

/** Starts a script beside this file as a process of its own. */
export function startChild(
  script: string,
  args: readonly string[],
  options: { readonly uid?: number; readonly gid?: number } = {},
): TestChild {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], {
    ...options,
    stdio: 'pipe',
  })
  child.stdin.on('error', () => {})
  child.stderr.resume()
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exited = once(child, 'exit')
  return {
    process: child,
    line: async () => {
      const { value, done } = await lines.next()
      return done ? undefined : (JSON.parse(value) as Record<string, unknown>)
    },
    kill: async (signal = 'SIGKILL') => {
      child.kill(signal)
      await exited
    },
    end: async () => {
      child.stdin.end()
      await exited
    },
  }
}
