// Kind: examples. The example of iommufd's README is the file beside, and runs. It is here because it needs a machine.
import { readFileSync } from 'node:fs'
import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => void vi.restoreAllMocks())

it('the example of the README of iommufd runs', async () => {
  const code = readFileSync(new URL('./iommufd-readme-example.ts', import.meta.url), 'utf8')
  const readme = readFileSync(new URL('../../iommufd/README.md', import.meta.url), 'utf8')
  expect(readme).toContain(`\`\`\`ts\n${code}\`\`\``)
  const printed: unknown[] = []
  vi.spyOn(console, 'log').mockImplementation((...values) => void printed.push(values.join(' ')))
  await import('./iommufd-readme-example.ts')
  expect(printed).toEqual(['ioas 1, page table 3, mapped at 0x1000000, 16 pages pinned', 'ioctl returned 0, 0 pages pinned', 'ENOENT 2'])
})
