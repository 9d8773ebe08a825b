import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './node/store/schema.ts',
  out: './node/store/migrations',
})
