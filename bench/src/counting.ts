/**
 * The program whose instructions the gate counts: the workloads of one file, bundled with a loop around one phase as a single CommonJS script.
 * Node reads and starts such a script in one go. With ES modules it reads file by file on other threads, and two runs of the same program
 * differed by millions of instructions; with the script by some hundreds. It also starts with a third less of them.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { projectFolder, workloadsOf } from './paths.ts'

/** Peers are loaded by name and only when they run, so they stay outside. */
const withoutPeers: Plugin = {
  name: 'without peers',
  setup(bundler) {
    bundler.onResolve({ filter: /^[^./]/ }, ({ path }) => (path.startsWith('@iommukit/') ? undefined : { path, external: true }))
  },
}

const loopOver = (workloads: string): string => `import { scenarios } from ${JSON.stringify(workloads)}
const [scenario, phase, repeats] = process.argv.slice(2)
const contender = scenarios.find(({ name }) => name === scenario).contenders.find(({ name, u64 }) => name === 'ours' && !u64)
Promise.resolve(contender.load()).then(({ phases: { [phase]: it } }) => {
  for (let k = 0; k < Number(repeats); k++) {
    it.before?.()
    it.run()
  }
})
`

/**
 * Writes the program of one file of workloads (`bench/workloads/….ts`) of a checkout and returns its path. The path is as long for every
 * checkout, and the same for the same text. Arguments of the program: scenario, phase, repeats.
 */
export async function countingProgram(checkout: string, source: string): Promise<string> {
  const bundled = await build({
    stdin: { contents: loopOver(workloadsOf(checkout, source)), resolveDir: join(checkout, 'bench') },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    plugins: [withoutPeers],
    absWorkingDir: checkout,
    write: false,
    logLevel: 'silent',
  })
  const { text } = bundled.outputFiles[0]!
  const folder = join(projectFolder, 'node_modules', '.cache', 'iommukit', 'counted')
  const file = join(folder, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.cjs`)
  mkdirSync(folder, { recursive: true })
  if (!existsSync(file)) {
    // Whoever runs it at the same time finds all of it or nothing.
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, text)
    renameSync(draft, file)
  }
  return file
}
