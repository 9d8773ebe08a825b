import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type NodePlace, runCsx } from './process.ts'

/** The two bureaus, and the two agencies of the first paired project; nodes, keys and data of the demo are synthetic, the names are real. */
export const agencies = [
  { key: 'chongqing', zh: '重庆市机关事务管理局（演示节点）', port: 7403, table: undefined },
  { key: 'sichuan', zh: '四川省机关事务管理局（演示节点）', port: 7404, table: undefined },
  { key: 'bishan', zh: '璧山区机关事务管理局（演示节点）', port: 7401, table: 'bishan.csv' },
  { key: 'meishan', zh: '眉山市机关事务管理局（演示节点）', port: 7402, table: 'meishan.csv' },
] as const

export interface DemoPlace extends NodePlace {
  readonly zh: string
  readonly did: string
  readonly table: string | undefined
  readonly token: string
}

/** The nodes of the demo by their parts in it. */
export interface Cast {
  readonly chongqing: DemoPlace
  readonly sichuan: DemoPlace
  readonly bishan: DemoPlace
  readonly meishan: DemoPlace
  readonly all: readonly DemoPlace[]
}

/** A directory for each node, as on four machines, with its keys by `csx keygen`. */
export async function layOutNetwork(root: string, directory: string): Promise<Cast> {
  const all: DemoPlace[] = []
  for (const { key, zh, port, table } of agencies) {
    const home = join(directory, key)
    await mkdir(home, { recursive: true })
    const authority = `localhost:${await freePort(port)}`
    const url = `http://${authority}`
    await must(root, ['keygen', '--base-url', url, '--name', zh, '--out', join(home, 'keys')], directory)
    const token = randomBytes(24).toString('base64url')
    await writeFile(join(home, 'operator.token'), `${token}\n`, { mode: 0o600 })
    const did = `did:web:${authority.replace(':', '%3A')}`
    all.push({ name: key, zh, url, did, directory: home, table, token })
  }
  const [chongqing, sichuan, bishan, meishan] = all
  if (!chongqing || !sichuan || !bishan || !meishan) throw new Error('four nodes were expected')
  return { chongqing, sichuan, bishan, meishan, all }
}

/** A command that has to succeed. @returns what it printed */
export async function must(root: string, args: readonly string[], directory: string): Promise<string> {
  const { code, out } = await runCsx(root, args, directory)
  if (code !== 0) throw new Error(`csx ${args.join(' ')} ended with ${code}: ${out.trim()}`)
  return out
}

/** The usual port if nobody has it, else one that the system gives. */
export async function freePort(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? wanted
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined))
    })
  })
}
