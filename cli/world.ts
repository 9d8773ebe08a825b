/** Everything a command may touch of the machine. Made once in `main.ts`, and by tests for themselves. */
export interface World {
  /** Milliseconds since the epoch. */
  now(): number
  random(bytes: number): Uint8Array
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes to standard output as it is; see `print.ts` for text from outside. */
  out(chunk: string | Uint8Array): void
  err(text: string): void
  readonly outIsTerminal: boolean
  readonly inIsTerminal: boolean
  stdin(): AsyncIterable<Uint8Array>
  /** One line from the terminal, which shows it. */
  askLine(prompt: string): Promise<string>
  /** One line from the terminal, which does not show it. */
  askSecret(prompt: string): Promise<string>
  readonly fetch: typeof globalThis.fetch
  /** Resolves early, and never rejects, when the user interrupts. */
  sleep(milliseconds: number): Promise<void>
  interrupted(): boolean
}
