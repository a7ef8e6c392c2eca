// Examples (design section 7, kind 1): the example of the README is the file beside, and runs.
import { readFileSync } from 'node:fs'
import { afterEach, expect, it, vi } from 'vitest'
import { file, ioctlScript } from './recordings.ts'

const { argv } = process

afterEach(() => {
  process.argv = argv
  vi.restoreAllMocks()
})

it('the example of the README runs', async () => {
  const code = readFileSync(new URL('./readme-example.ts', import.meta.url), 'utf8')
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(readme).toContain(`\`\`\`ts\n${code}\`\`\``)
  const printed: unknown[] = []
  vi.spyOn(console, 'log').mockImplementation((...values) => void printed.push(...values))
  process.argv = ['node', 'example', file([ioctlScript])]
  await import('./readme-example.ts')
  expect(printed).toEqual(['conformance: 1 scripts, 4 operations, 0 mismatches'])
})
