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
  expect(printed).toEqual([
    ['mapped at', '0x200000', 'pins', 4096],
    ['same frame', true, 'pins', 4096],
    ['unmapped', 16777216n, 'pins', 2],
    ['let go of', '0x80000000', 8192n],
    ['unmapped', 8192n, 'pins', 0],
    ['EINVAL'],
  ])
})
