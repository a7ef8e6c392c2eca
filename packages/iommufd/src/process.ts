import type { Process } from './ports.ts'
import { describe } from './u64.ts'

/** Throws TypeError when `process` lacks what every command needs: memory, files, accounting and capabilities. O(1). */
export function requireProcess(process: Process): void {
  if (
    typeof process?.memory?.read !== 'function' ||
    typeof process.files?.get !== 'function' ||
    typeof process.accounting?.charge !== 'function' ||
    typeof process.capabilities !== 'object'
  ) {
    throw new TypeError(`process must have memory, files, accounting and capabilities, got ${describe(process)}`)
  }
}
