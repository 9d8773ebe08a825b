/** Prints the demo: numbered steps, each with its figure, and a sign of life on anything longer than a second. */
export interface Stage {
  /** Runs one step. A failure is printed with its reason, noted for the exit, and thrown. */
  step<T>(zh: string, en: string, run: (note: (text: string) => void) => Promise<T>): Promise<T>
  line(text?: string): void
  readonly failed: boolean
}

export function createStage(write: (text: string) => void, monotonic: () => number): Stage {
  let number = 0
  let failed = false
  return {
    get failed() {
      return failed
    },
    line: (text = '') => write(`${text}\n`),
    async step(zh, en, run) {
      number += 1
      write(`\n${number}. ${zh}\n   ${en}\n`)
      const begun = monotonic()
      let noted = begun
      const alive = setInterval(() => {
        if (monotonic() - noted > 1_000) write(`   … ${Math.round((monotonic() - begun) / 1000)} s\n`)
      }, 1_000)
      const note = (text: string) => {
        noted = monotonic()
        write(`   ${text}\n`)
      }
      try {
        const result = await run(note)
        write(`   ✓ ${formatTime(monotonic() - begun)}\n`)
        return result
      } catch (error) {
        failed = true
        write(`   ✗ ${error instanceof Error ? error.message : String(error)}\n`)
        throw error
      } finally {
        clearInterval(alive)
      }
    },
  }
}

export function formatTime(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
