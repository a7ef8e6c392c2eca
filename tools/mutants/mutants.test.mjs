// Kind 1 of docs/TESTING.md: the one-line breaks of `pnpm mutants` can still be made, so that they do not rot.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../setup/steps.mjs'
import { mutants } from './mutants.mjs'

it.each(mutants)('$name', ({ file, from, to }) => {
  expect(readFileSync(join(root, file), 'utf8').split(from), 'the line to change occurs once').toHaveLength(2)
  expect(to).not.toBe(from)
})
