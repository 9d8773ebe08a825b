import { bigint, customType } from 'drizzle-orm/pg-core'

/** Kinds of column that several tables have. */

export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })

/** A size or an index: a safe integer. */
export function count(name: string) {
  return bigint(name, { mode: 'number' })
}
