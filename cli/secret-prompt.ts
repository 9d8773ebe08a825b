import type { ReadStream } from 'node:tty'
import { usageError } from './exit.ts'

/**
 * Reads one line from a terminal without showing it. Ctrl-C and Ctrl-D end the asking.
 *
 * @throws {ProtocolError} `USAGE_INVALID` — the user gave up
 * @see protocol/spec/key.md, KEY-11
 */
export function askSecret(
  terminal: ReadStream,
  show: (text: string) => void,
  prompt: string,
): Promise<string> {
  // Before the prompt: what is typed at the sight of it must not be echoed.
  terminal.setRawMode(true)
  show(prompt)
  return new Promise((resolve, reject) => {
    let typed: string[] = []
    terminal.setEncoding('utf8').on('data', onData).resume()

    function onData(chunk: string | Buffer): void {
      const chars = [...chunk.toString()]
      const stop = chars.findIndex((char) => /[\r\n\u0003\u0004]/.test(char))
      for (const char of stop < 0 ? chars : chars.slice(0, stop)) {
        if (char === '\u007f' || char === '\b') typed = typed.slice(0, -1)
        else if (char === '\u0015') typed = []
        else typed.push(char)
      }
      if (stop < 0) return
      terminal.off('data', onData).pause()
      terminal.setRawMode(false)
      show('\n')
      // What was pasted beyond the line is for the next question.
      const rest = chars.slice(stop + 1).join('')
      if (rest !== '') terminal.unshift(rest)
      if (/[\r\n]/.test(chars[stop] ?? '')) resolve(typed.join(''))
      else reject(usageError('已取消 / cancelled'))
    }
  })
}
