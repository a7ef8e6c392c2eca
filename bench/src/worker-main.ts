/** Entry of the observation process; see worker.ts. */
import { type Order, observe } from './worker.ts'

const order = JSON.parse(process.argv[2] ?? '{}') as Order
for await (const part of observe(order)) process.stdout.write(`${JSON.stringify(part)}\n`)
