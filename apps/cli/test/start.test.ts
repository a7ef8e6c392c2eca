// Examples (kind 1) of what `npm start` does not take.
import { expect, it } from 'vitest'
import { start } from '../src/start-view.ts'
import { Capture } from './harness.ts'

it.each([[['--nonsense']], [['replay', '--show', '3']]])('npm start refuses %j by name, and does nothing', async (argv) => {
  const [stdout, stderr] = [new Capture(), new Capture()]
  expect(await start(argv, { stdout, stderr })).toBe(2)
  expect(stdout.text).toBe('')
  expect(stderr.text).toContain(`was given '${argv.join(' ')}'`)
})
