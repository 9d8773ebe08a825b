import { ProtocolError } from '../../../protocol/error.ts'

/** The code that `run` throws, or `passed`; anything but a `ProtocolError` is named by its class. */
export function codeOf(run: () => unknown): string {
  try {
    run()
    return 'passed'
  } catch (error) {
    return named(error)
  }
}

export async function codeOfAsync(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
    return 'passed'
  } catch (error) {
    return named(error)
  }
}

function named(error: unknown): string {
  if (error instanceof ProtocolError) return error.code
  return error instanceof Error ? error.name : String(error)
}
