import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type NodePlace, runCsx } from './process.ts'

/** The two agencies of the first paired project; the nodes, keys and data of the demo are synthetic, the names are real. */
export const agencies = [
  { key: 'bishan', zh: '璧山区机关事务管理局（演示节点）', port: 7401, table: 'bishan.csv' },
  { key: 'meishan', zh: '眉山市机关事务管理局（演示节点）', port: 7402, table: 'meishan.csv' },
] as const

export interface DemoPlace extends NodePlace {
  readonly zh: string
  readonly table: string
  readonly token: string
}

/** Keys of both nodes by `csx keygen`, one trust file for both by `csx trust init`. */
export async function layOutNetwork(root: string, directory: string): Promise<readonly DemoPlace[]> {
  const places: DemoPlace[] = []
  for (const agency of agencies) {
    const home = join(directory, agency.key)
    await mkdir(home, { recursive: true })
    const url = `http://localhost:${await freePort(agency.port)}`
    await must(
      root,
      ['keygen', '--base-url', url, '--name', agency.zh, '--out', join(home, 'keys')],
      directory,
    )
    const token = randomBytes(24).toString('base64url')
    await writeFile(join(home, 'operator.token'), `${token}\n`, { mode: 0o600 })
    places.push({ name: agency.key, zh: agency.zh, url, directory: home, table: agency.table, token })
  }
  const members = places.map(({ directory: home }) => join(home, 'keys', 'member.json'))
  const trust = join(directory, 'trust.json')
  await must(root, ['trust', 'init', '--network', 'synthetic', ...members, '-o', trust], directory)
  for (const { directory: home } of places)
    await must(
      root,
      ['trust', 'init', '--network', 'synthetic', ...members, '-o', join(home, 'trust.json')],
      directory,
    )
  return places
}

async function must(root: string, args: readonly string[], directory: string): Promise<void> {
  const { code, out } = await runCsx(root, args, directory)
  if (code !== 0) throw new Error(`csx ${args.join(' ')} ended with ${code}: ${out.trim()}`)
}

/** The usual port if nobody has it, else one that the system gives. */
async function freePort(wanted: number): Promise<number> {
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
