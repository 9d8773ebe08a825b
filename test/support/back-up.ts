import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { administer, databaseServer } from './database.ts'
import { databaseName, type TestNode } from './node.ts'

/** A copy of what a stopped node has stored. */
export interface BackUp {
  /** Puts it back in the place of what the node has stored since: its database, or with it what it keeps beside it. */
  putBack(what: 'database' | 'disk'): Promise<void>
}

export async function backUp({ directory }: TestNode): Promise<BackUp> {
  const server = await databaseServer()
  const name = databaseName(directory)
  const copy = `${name}_copy_${Math.floor(Math.random() * 1e9)}`
  const signed = join(directory, 'signed')
  await administer(server, `create database ${copy} template ${name}`)
  await cp(signed, `${directory}-${copy}`, { recursive: true })
  return {
    async putBack(what) {
      await administer(server, `drop database ${name} with (force)`)
      await administer(server, `create database ${name} template ${copy}`)
      if (what === 'database') return
      await rm(signed, { recursive: true })
      await cp(`${directory}-${copy}`, signed, { recursive: true })
      await rm(`${directory}-${copy}`, { recursive: true })
    },
  }
}
