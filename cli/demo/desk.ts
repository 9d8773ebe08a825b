import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DemoPlace } from './network.ts'
import { type Ran, runCsx } from './process.ts'
import type { Setting } from './setting.ts'

/** A coordinator at one agency: a folder, a command line, and the agency's own node. */
export interface Desk {
  readonly place: DemoPlace
  /** `csx … --node --token-file`, whatever its exit. */
  run(...args: readonly string[]): Promise<Ran>
  /** The same, where it has to succeed. @returns what it printed */
  must(...args: readonly string[]): Promise<string>
  path(file: string): string
  read(file: string): Promise<Uint8Array>
  write(file: string, content: string | Uint8Array): Promise<string>
}

export async function openDesk({ root, scratch }: Setting, place: DemoPlace): Promise<Desk> {
  const folder = join(scratch, `desk-${place.name}`)
  await mkdir(folder, { recursive: true })
  const path = (file: string) => join(folder, file)
  const own = ['--node', place.url, '--token-file', join(place.directory, 'operator.token')]
  const run = (...args: readonly string[]) => runCsx(root, [...args, ...own], folder)
  return {
    place,
    run,
    must: async (...args) => {
      const { code, out } = await run(...args)
      if (code !== 0) throw new Error(`csx ${args.slice(0, 3).join(' ')} ended with ${code}: ${out.trim()}`)
      return out
    },
    path,
    read: (file) => readFile(path(file)),
    write: async (file, content) => {
      await writeFile(path(file), content)
      return path(file)
    },
  }
}

/** The lines of an output that show what a step is about. */
export function linesWith(out: string, wanted: RegExp): readonly string[] {
  return out.split('\n').filter((line) => wanted.test(line))
}
