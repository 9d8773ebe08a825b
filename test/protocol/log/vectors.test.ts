import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { logVectors } from '../../../fixtures/generate/log.ts'
import { formatVector } from '../../../fixtures/generate/vector.ts'
import { runVector } from './vector-runner.ts'

const folder = new URL('../../../fixtures/vectors/log/', import.meta.url)
const files = readdirSync(folder).sort()

describe('vectors of the log', () => {
  test('the files are what the generator makes, and no file is left over', async () => {
    const made = await logVectors()
    expect(made.map(({ path }) => path.replace('log/', '')).sort()).toEqual(files)
    for (const { path, vector } of made) {
      expect(readFileSync(new URL(path.replace('log/', ''), folder), 'utf8')).toBe(formatVector(vector))
    }
  })

  test.each(files)('%s comes out as it says', (file) => {
    const { input, expect: expected } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    expect(runVector(input)).toEqual(expected)
  })
})
