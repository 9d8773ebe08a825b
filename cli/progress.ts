import type { World } from './world.ts'

/** Says how far a long piece of work is, on standard error: nothing in the first second, then once a second. */
export interface Progress {
  report(zh: string, en: string, done: number, all: number): void
}

export function createProgress(world: Pick<World, 'now' | 'err'>): Progress {
  let last = world.now()
  return {
    report(zh, en, done, all) {
      const now = world.now()
      if (now - last < 1000) return
      last = now
      const percent = all > 0 ? Math.floor((100 * done) / all) : 100
      world.err(`… ${zh} ${done}/${all}（${percent}%） / ${en}\n`)
    },
  }
}
