import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: ['./node/store/schema.ts', './node/store/row-schema.ts'],
  out: './node/store/migrations',
})
