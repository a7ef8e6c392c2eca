// The example of the README, run from its text (kind 1): what it prints is what its comments say.
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import * as library from '@iommukit/xarray'
import ts from 'typescript'
import { expect, it } from 'vitest'

it('the README example prints what its comments say', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)![1]!
  const printed: string[] = []
  const log = (...values: unknown[]): void => {
    printed.push(values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '))
  }
  const { outputText } = ts.transpileModule(example, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } })
  const body = outputText.replace(/import \{(.*)\} from '@iommukit\/xarray'/, 'const {$1} = library')
  new Function('library', 'console', body)(library, { log })
  const said: string[] = []
  for (const line of example.split('\n')) {
    if (line.includes('console.log(')) said.push(line.slice(line.lastIndexOf(' // ') + 4))
  }
  expect(printed).toEqual(said)
  expect(said).toHaveLength(9)
})
