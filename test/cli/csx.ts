import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterAll } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A folder of this test file's own, gone when it is done. */
export const folder = mkdtempSync(join(tmpdir(), 'csx-cli-'))

/** The program as `npm run build` bundles it, from the sources as they are. */
export const program = join(folder, '.program', 'csx.mjs')
buildSync({
  absWorkingDir: root,
  entryPoints: ['cli/main.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['jsonld', 'jose'],
  outfile: program,
  banner: { js: '#!/usr/bin/env node' },
})

// What is not bundled is found where it is installed.
symlinkSync(join(root, 'node_modules'), join(folder, '.program', 'node_modules'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
  /** Loaded before the program. */
  readonly preload?: string
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
  readonly bytes: Buffer
}

export function start(
  args: readonly string[],
  options: RunOptions = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const flags = options.preload === undefined ? [] : ['--import', options.preload]
  const child = spawn(process.execPath, [...flags, program, ...args], {
    cwd: options.cwd ?? folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...options.env },
  })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      const bytes = Buffer.concat(out)
      resolve({ code, out: bytes.toString('utf8'), err: Buffer.concat(err).toString('utf8'), bytes })
    })
  })
  return { child, ended }
}

/** Runs `csx` as a process, as a reviewer would. */
export function csx(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(args, options).ended
}

/** Runs `csx` on a terminal of its own and answers each question in turn. */
export function onTerminal(
  args: readonly string[],
  answers: readonly string[],
): Promise<{ code: number; seen: string }> {
  const quoted = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', quoted, '/dev/null'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let seen = ''
  let given = 0
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString()
    const asked = seen.split(/passphrase: |again: |to sign: /).length - 1
    while (given < asked) {
      child.stdin.write(answers[given] ?? '\u0003')
      given += 1
    }
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, seen }))
  })
}

export function put(name: string, contents: string | Uint8Array): string {
  const file = join(folder, name)
  writeFileSync(file, contents)
  return file
}

/** The objects that `--json` printed, and a failure if anything else was. */
export function linesOf(out: string): any[] {
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? ''
}
