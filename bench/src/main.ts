/** Entry of the benchmark app; see cli.ts. */
import { program } from './cli.ts'

try {
  await program().parseAsync()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
