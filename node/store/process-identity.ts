import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What tells a process from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** Boot and start time; empty where this system does not say. */
  readonly start: string
}

/** Undefined when no such process lives. One that has ended but was not collected (a zombie) does not live. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !exists(pid)) return undefined
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid)
}

/** The command line of a living process, its words joined by blanks; empty when it cannot be read. */
export function commandLineOf(pid: number): string {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return ps(pid, 'command=')
  } catch {
    return ''
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function identifyByProc(pid: number): ProcessIdentity | undefined {
  try {
    // The name stands in parentheses and may itself hold blanks and parentheses: fields count from its end.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const state = fields[0] ?? ''
    if (state === 'Z' || state === 'X') return undefined
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return { pid, start: `${boot}/${fields[19] ?? ''}` }
  } catch {
    return exists(pid) ? { pid, start: '' } : undefined
  }
}

function identifyByPs(pid: number): ProcessIdentity | undefined {
  try {
    return ps(pid, 'stat=').startsWith('Z') ? undefined : { pid, start: ps(pid, 'lstart=') }
  } catch {
    return exists(pid) ? { pid, start: '' } : undefined
  }
}

function ps(pid: number, column: string): string {
  return execFileSync('ps', ['-o', column, '-p', String(pid)], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}
