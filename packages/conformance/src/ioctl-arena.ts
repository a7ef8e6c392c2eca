import { digest64 } from './answer.ts'
import { fnv1a64 } from './fnv.ts'
import type { IoctlHandlers } from './ioctl-handlers.ts'
import { errnoOf, type IoctlWorld } from './ioctl-world.ts'
import { arenaBase } from './parse-ioctl.ts'
import type { IoctlOperation } from './recording.ts'
import { seededPattern } from './user-pattern.ts'

/** No arena is longer, so that a length that is not one does not fill the memory. */
const longest = 1n << 32n

function byteLengthOf(world: IoctlWorld, operation: IoctlOperation): number {
  const length = world.u64(operation, 'length')
  return Number(length > longest ? longest : length)
}

function protect(world: IoctlWorld, operation: IoctlOperation): string {
  const [byteOffset, length] = [world.u64(operation, 'off'), world.u64(operation, 'length')]
  const wholePages = (length + 4095n) & ~4095n
  if ((byteOffset & 4095n) !== 0n) return 'EINVAL'
  if (length === 0n) return 'OK'
  try {
    world.process.memory.protect(arenaBase + byteOffset, wholePages, operation.arguments.prot as 'none' | 'r' | 'rw')
    return 'OK'
  } catch (error) {
    return errnoOf(error)
  }
}

/** What scripts do to the user's memory, to the process's limits and to the open file. */
export const arenaHandlers: IoctlHandlers = {
  // The arena that the first operation asks for was made with the machine.
  arena: () => ({ errno: 'OK' }),
  arena_protect: (world, op) => ({ errno: protect(world, op) }),
  arena_write(world, op) {
    const bytes = seededPattern(world.u32(op, 'seed'), byteLengthOf(world, op))
    try {
      world.process.memory.poke(arenaBase + world.u64(op, 'off'), bytes)
      return { errno: 'OK' }
    } catch (error) {
      return { errno: errnoOf(error) }
    }
  },
  arena_digest(world, op) {
    const bytes = new Uint8Array(byteLengthOf(world, op))
    try {
      world.process.memory.peek(arenaBase + world.u64(op, 'off'), bytes)
      return { errno: 'OK', fnv1a64: digest64(fnv1a64(bytes)) }
    } catch (error) {
      return { errno: errnoOf(error) }
    }
  },
  set_memlock(world, op) {
    world.process.accounting.limitBytes = world.u64(op, 'limit')
    world.process.capabilities.ipcLock = false
    return { errno: 'OK' }
  },
  reopen(world) {
    world.reopen()
    return { errno: 'OK' }
  },
}
