// Kind 1 of docs/TESTING.md: the README's programs, run from its text: each prints what the comments behind its calls say.
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import * as library from '@iommukit/interval-tree-span'
import ts from 'typescript'
import { expect, it } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const programs = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1]!)

function run(program: string): string[] {
  const printed: string[] = []
  const log = (...values: unknown[]): void =>
    void printed.push(values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '))
  const { outputText } = ts.transpileModule(program, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } })
  new Function('library', 'console', outputText.replace(/import \{(.*)\} from '@iommukit\/interval-tree-span';?/, 'const {$1} = library'))(
    library,
    { log },
  )
  return printed
}

it('the example prints what its comments say', () => {
  const spans = ['free 0 9', 'used 10 29', 'free 30 39', 'used 40 49', 'free 50 59']
  const doubleSpans = ['0 0 9', '1 10 29', '2 30 39', '1 40 49', '0 50 59']
  expect(run(programs[0]!)).toEqual(['a', 'b', ...spans, '52', ...doubleSpans])
  for (const group of [spans, doubleSpans]) expect(readme).toContain(`// ${group.join(', ')}`)
})

it.each(programs.slice(1).map((program, k) => [k, program] as const))(
  'program %d is below 30 lines and prints what its comments say',
  (_, program) => {
    expect(program.split('\n').length).toBeLessThanOrEqual(30)
    const said = program.split('\n').flatMap((line) => (line.includes('console.log(') ? [line.slice(line.lastIndexOf(' // ') + 4)] : []))
    expect(said.length).toBeGreaterThan(0)
    expect(run(program)).toEqual(said)
  },
)

it('has two examples and four adapters', () => {
  expect(programs).toHaveLength(6)
})
