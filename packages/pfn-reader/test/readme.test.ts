// Kind 1 of docs/TESTING.md: the README's program, run from its text: it prints what the comments behind its calls say.
import { readFileSync } from 'node:fs'
import * as library from '@iommukit/pfn-reader'
import ts from 'typescript'
import { expect, it } from 'vitest'

it('the example prints what its comments say', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const program = /^```ts\n([\s\S]*?)^```/m.exec(readme)![1]!
  const printed: string[] = []
  const { outputText } = ts.transpileModule(program, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } })
  const body = outputText.replace(/import \{(.*)\} from '@iommukit\/pfn-reader';?/, 'const {$1} = library')
  new Function('library', 'console', body)(library, { log: (...values: unknown[]) => void printed.push(values.join(' ')) })
  const said = program.split('\n').flatMap((line) => (line.includes('console.log(') ? [line.slice(line.lastIndexOf(' // ') + 4)] : []))
  expect(said).toHaveLength(4)
  expect(printed).toEqual(said)
})
