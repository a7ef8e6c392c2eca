// Kind 1 of docs/TESTING.md: the constants of the layout in a built package: each name becomes its number, and nothing else changes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../setup/steps.mjs'
import { foldConstants, foldLayout } from './fold-constants.mjs'

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

it('leaves no sum in the layout itself', () => {
  expect(foldLayout('/** A. */\nexport const START = 0;\nexport const TAG = 2 * OTHER + START;\n', constants)).toBe(
    '/** A. */\nexport const START = 0;\nexport const TAG = 36;\n',
  )
})

it('writes a number that the module names itself, and only that', () => {
  const text = [
    'const LIMIT = 48;',
    'const TWO_32 = 2 ** 32;',
    'const NEVER = -2;',
    'const WORDS = [LIMIT];',
    '// LIMIT',
    'x = LIMIT + TWO_32 - NEVER;',
  ]
  expect(foldConstants(text.join('\n'), constants)).toBe(
    ['', '', '', 'const WORDS = [48];', '// LIMIT', 'x = 48 + 4294967296 - -2;'].join('\n'),
  )
  expect(foldConstants('export const LIMIT = 48;\nx = LIMIT;', constants)).toBe('export const LIMIT = 48;\nx = LIMIT;')
  expect(foldConstants('const { START } = layout;\nconst OWN = 0;\nx + START + OWN;', constants)).toBe('\n\nx;')
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
