import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeBase64Url, encodeBase64Url, encodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { parseJson } from '../../protocol/json.ts'
import { isJsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { parseMultikey, type Signer } from '../../protocol/key.ts'
import type { ProvidedKeyFile } from '../../protocol/trust/key-file.ts'

/** Milliseconds. */
export interface CommandLimits {
  /** For one signature. */
  readonly answer: number
  /** Between an end of the program and its next start. */
  readonly rest: number
  /** For an orderly end, once its input has ended. */
  readonly end: number
}

const usual: CommandLimits = { answer: 10_000, rest: 1000, end: 2000 }

/** A signature is 86 characters; a line without end is no answer. */
const maxLine = 4096

/** Nothing of the node's own environment, which holds secrets; what a module needs, a script around it sets. */
const environment = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' }

interface Waiting {
  readonly message: Uint8Array
  readonly resolve: (signature: Uint8Array) => void
  readonly reject: (error: ProtocolError) => void
}

interface Program {
  readonly child: ChildProcess
  readonly waiting: Map<number, Waiting>
  /** Kills it: nobody waits for it any more, and the next signature starts another. */
  fail(reason: string): void
  isOver(): boolean
  readonly ended: Promise<void>
}

/**
 * A signer behind a program, such as a bridge to a smart card or an HSM: one line of JSON for each signature, on its standard input and
 * output. It is started for the first signature, and again after its end. Each signature is verified before it is given away, so that a
 * module that signs wrongly stops the log instead of ending it.
 *
 * @returns a signer whose `sign` rejects with `KEY_UNAVAILABLE`
 * @see spec/key.md, KEY-20 to KEY-23
 */
export function startCommandSigner(
  file: ProvidedKeyFile,
  limits: CommandLimits = usual,
): Signer & { close(): Promise<void> } {
  const publicKey = parseMultikey(file.multikey)
  let program: Program | undefined
  let rest: Promise<unknown> = Promise.resolve()
  let last = 0
  let closed = false

  function start(): Program {
    const started = startProgram(file, publicKey)
    void started.ended.then(() => {
      if (program === started) program = undefined
      rest = sleep(limits.rest, undefined, { ref: false })
    })
    return started
  }

  async function running(): Promise<Program> {
    for (;;) {
      if (program?.isOver()) await program.ended
      await rest
      if (closed) throw unavailable(file, 'the node is stopping')
      program ??= start()
      if (!program.isOver()) return program
    }
  }

  async function sign(message: Uint8Array): Promise<Uint8Array> {
    const asked = await running()
    last += 1
    const id = last
    const line = {
      v: 1,
      id,
      purpose: file.purpose,
      multikey: file.multikey,
      message: encodeBase64Url(message),
    }
    const answer = new Promise<Uint8Array>((resolve, reject) =>
      asked.waiting.set(id, { message, resolve, reject }),
    )
    asked.child.stdin?.write(`${JSON.stringify(line)}\n`)
    const late = setTimeout(() => asked.fail('it did not answer in time'), limits.answer)
    try {
      return await answer
    } finally {
      clearTimeout(late)
    }
  }

  return {
    publicKey,
    sign,
    close: async () => {
      closed = true
      if (!program) return
      const { child, ended } = program
      child.stdin?.end()
      const late = setTimeout(() => child.kill('SIGKILL'), limits.end)
      await ended
      clearTimeout(late)
    },
  }
}

function startProgram(file: ProvidedKeyFile, key: Signer['publicKey']): Program {
  const [path = '', ...args] = file.provider.command
  // What it says to its operator goes where the node's own last words go.
  const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'inherit'], env: environment })
  const waiting = new Map<number, Waiting>()
  let over = false
  const fail = (reason: string) => {
    over = true
    child.kill('SIGKILL')
    // Whatever it started sees its input end.
    child.stdin.destroy()
    for (const { reject } of waiting.values()) reject(unavailable(file, reason))
    waiting.clear()
  }
  const ended = new Promise<void>((resolve) => {
    const end = (reason: string) => {
      fail(reason)
      resolve()
    }
    child.on('error', () => end('it cannot be started'))
    child.on('exit', () => end('it ended'))
  })
  child.stdin.on('error', () => fail('it takes nothing'))
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxLine) return fail('it answers rubbish')
    for (const line of lines) {
      const reason = settle(file, { waiting, line, key })
      if (reason !== undefined) return fail(reason)
    }
  })
  return { child, waiting, fail, isOver: () => over, ended }
}

interface Answer {
  readonly waiting: Map<number, Waiting>
  readonly line: string
  readonly key: Signer['publicKey']
}

/** @returns why the program cannot be relied upon, if so */
function settle(file: ProvidedKeyFile, { waiting, line, key }: Answer): string | undefined {
  const answer = readAnswer(line)
  const id = isJsonObject(answer) && typeof answer.id === 'number' ? answer.id : 0
  const asked = waiting.get(id)
  if (!isJsonObject(answer) || !asked) return 'it answers rubbish'
  if (typeof answer.error === 'string') {
    waiting.delete(id)
    asked.reject(unavailable(file, 'it refuses to sign'))
    return undefined
  }
  const signature = typeof answer.signature === 'string' ? readBytes(answer.signature) : undefined
  if (!signature) return 'it answers rubbish'
  if (!key.verify(asked.message, signature)) return 'its signature is not that of the key'
  waiting.delete(id)
  asked.resolve(signature)
  return undefined
}

function readAnswer(line: string): JsonValue | undefined {
  try {
    return parseJson(encodeUtf8(line), maxLine)
  } catch {
    return undefined
  }
}

function readBytes(text: string): Uint8Array | undefined {
  try {
    return decodeBase64Url(text)
  } catch {
    return undefined
  }
}

function unavailable({ purpose }: ProvidedKeyFile, reason: string): ProtocolError {
  return new ProtocolError('KEY_UNAVAILABLE', `the program that signs with the ${purpose} key: ${reason}`, {
    evidence: { purpose },
  })
}
