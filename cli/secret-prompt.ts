import type { ReadStream } from 'node:tty'
import { usageError } from './exit.ts'

/**
 * Reads one line from a terminal without showing it. Ctrl-C and Ctrl-D end the asking.
 *
 * @throws {ProtocolError} `USAGE_INVALID` — the user gave up
 * @see protocol/spec/key.md, KEY-11
 */
export async function askSecret(
  terminal: ReadStream,
  show: (text: string) => void,
  prompt: string,
): Promise<string> {
  // Before the prompt: what is typed at the sight of it must not be echoed.
  terminal.setRawMode(true)
  show(prompt)
  const typed = await readLine(terminal, /[\r\n\u0003\u0004]/).finally(() => {
    if (!terminal.destroyed) terminal.setRawMode(false)
    show('\n')
  })
  let chars: string[] = []
  for (const char of typed.line) {
    if (char === '\u007f' || char === '\b') chars = chars.slice(0, -1)
    else if (char === '\u0015') chars = []
    else chars.push(char)
  }
  if (!/[\r\n]/.test(typed.end)) throw usageError('已取消 / cancelled')
  return chars.join('')
}

/** Reads one line that the terminal shows; a later question finds the terminal as it was. @throws {ProtocolError} as `askSecret` */
export async function askLine(
  terminal: ReadStream,
  show: (text: string) => void,
  prompt: string,
): Promise<string> {
  show(prompt)
  return (await readLine(terminal, /[\r\n]/)).line.join('')
}

interface Line {
  readonly line: readonly string[]
  /** What ended it. */
  readonly end: string
}

/** By a listener: an iterator that is left closes the stream, and whoever asks next waits for ever. */
function readLine(terminal: ReadStream, ends: RegExp): Promise<Line> {
  return new Promise((resolve, reject) => {
    const line: string[] = []
    // What has ended never says so again.
    if (terminal.destroyed || terminal.readableEnded) {
      reject(usageError('已取消 / cancelled'))
      return
    }
    terminal.setEncoding('utf8').on('data', onData).once('end', onClose).once('close', onClose).resume()

    function leave(): void {
      terminal.off('data', onData).off('end', onClose).off('close', onClose).pause()
    }

    function onClose(): void {
      leave()
      reject(usageError('已取消 / cancelled'))
    }

    function onData(chunk: string | Buffer): void {
      const chars = [...chunk.toString()]
      const stop = chars.findIndex((char) => ends.test(char))
      line.push(...(stop < 0 ? chars : chars.slice(0, stop)))
      if (stop < 0) return
      leave()
      // What was pasted beyond the line is for the next question.
      const rest = chars.slice(stop + 1).join('')
      if (rest !== '') terminal.unshift(rest)
      resolve({ line, end: chars[stop] ?? '' })
    }
  })
}
