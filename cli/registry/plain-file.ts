import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { ProtocolError } from '../../protocol/error.ts'
import { asProblem } from '../file.ts'

/**
 * A file of a folder that others made: a link may lead to what nobody is to see, and a pipe never ends. What was opened is what is judged.
 *
 * @throws {ProtocolError} `FILE_UNSAFE` `SIZE_LIMIT`, or why it cannot be opened
 * @see protocol/spec/registry.md, REG-709
 */
export async function readPlain(file: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const facts = await handle.stat()
      if (!facts.isFile()) throw unsafe(file)
      if (facts.size > maxBytes)
        throw new ProtocolError('SIZE_LIMIT', `${file} is larger than ${maxBytes} bytes`)
      return new Uint8Array(await handle.readFile())
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Of a link, and of a socket, which cannot be opened at all.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw code === 'ELOOP' || code === 'ENXIO' ? unsafe(file) : asProblem(error, file)
  }
}

/** Whether anything is there, be it a link to nothing. */
export async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

function unsafe(file: string): ProtocolError {
  return new ProtocolError('FILE_UNSAFE', file, { evidence: { file } })
}
