// Kind 1 of docs/TESTING.md: the house is kept: layers, sizes, dead code, words, loops, the shape of packages and tests.
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { dead } from './dead.mjs'
import { ARROWS, layers } from './layers.mjs'
import { bigintLoops, pageLoops } from './loops.mjs'
import { packageShapes, testKinds } from './packages.mjs'
import { filesOf, readProject } from './project.mjs'
import { sizes } from './sizes.mjs'
import { words } from './words.mjs'

const project = readProject(fileURLToPath(new URL('../..', import.meta.url)))

describe('the project', () => {
  it('is read: every package of the design that is there, with its sources and tests', () => {
    const names = project.packages.map((each) => each.folder)
    expect(names).toEqual(expect.arrayContaining(Object.keys(ARROWS).flatMap((name) => (name === 'simulator' ? [] : [`packages/${name}`]))))
    for (const each of project.packages) {
      if (!each.folder.startsWith('packages/')) continue
      expect(filesOf(project, each, 'src').length, each.folder).toBeGreaterThan(1)
    }
    expect(project.files.has('tools/tidy/project.mjs')).toBe(true)
  })

  it.each([
    ['imports along the arrows of the design, by public entries', layers],
    ['has files of up to 300 lines and functions of up to 70', sizes],
    ['has no dead file and no dead export', dead],
    ['has no forbidden word', words],
    ['has no loop over pages in the device layer', pageLoops],
    ['has no bigint in the loops of hot packages', bigintLoops],
    ['has packages of the same shape', packageShapes],
    ['says in the first line of each test file of which kind it is', testKinds],
  ])('%s', (_, rule) => {
    expect(rule(project)).toEqual([])
  })
})
