// Kind 1: the example of the README is the file beside, and runs.
import { readFileSync } from 'node:fs'
import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => void vi.restoreAllMocks())

it('the example of the README runs', async () => {
  const code = readFileSync(new URL('./readme-example.ts', import.meta.url), 'utf8')
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(`\`\`\`ts\n${code}\`\`\``)
  const printed: unknown[][] = []
  vi.spyOn(console, 'log').mockImplementation((...values) => void printed.push(values))
  await import('./readme-example.ts')
  expect(printed).toEqual([['mapped at 0x1000000, 256 pages pinned'], ['unmapped, 0 pages pinned']])
})
