/** Entry of the observation process; see worker.ts. */
import { type Order, observe } from './worker.ts'

const order = JSON.parse(process.argv[2] ?? '{}') as Order
process.stdout.write(`${JSON.stringify(await observe(order))}\n`)
