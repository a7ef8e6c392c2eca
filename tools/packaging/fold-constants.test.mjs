// Kind 1 of docs/TESTING.md: the constants of the layout in a built package: each name becomes its number, and nothing else changes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../setup/steps.mjs'
import { foldConstants } from './fold-constants.mjs'

const constants = { START: 0, TAG: 36 }

it('writes the numbers, keeps the lines, and leaves comments, members and longer names alone', () => {
  const text = [
    'import * as layout from "./layout.js";',
    'const { START, TAG, } = layout;',
    '// START stays',
    'const x = keys[node + START] + MY_START + START_ODD + other.START - TAG;',
    'const y = START + node + START * TAG + START - START;',
  ].join('\n')
  expect(foldConstants(text, constants)).toBe(
    ['', '', '// START stays', 'const x = keys[node] + MY_START + START_ODD + other.START - 36;', 'const y = 0 + node + 0 * 36 - 0;'].join(
      '\n',
    ),
  )
  expect(foldConstants('const { START,\nTAG } = layout;\nSTART', constants)).toBe('\n\n0')
})

it('leaves a module without constants as it is', () => {
  const text = 'import { START } from "./layout.js";\nSTART'
  expect(foldConstants(text, constants)).toBe(text)
})

it('refuses what it does not know', () => {
  expect(() => foldConstants('const { NOTHING } = layout;', constants)).toThrow(/NOTHING/)
  expect(() => foldConstants('const { START } = layout;\nlayout.TAG', constants)).toThrow(/by its name/)
})

it.each(['interval-tree-span', 'xarray'])('has been at work in %s', (short) => {
  const text = readFileSync(join(root, 'packages', short, 'dist/all.js'), 'utf8')
  expect(text).not.toContain('} = layout')
})
