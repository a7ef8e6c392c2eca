import type { IoctlHandlers } from './ioctl-handlers.ts'
import type { IoctlWorld } from './ioctl-world.ts'
import { arenaBase } from './parse-ioctl.ts'
import type { Answer, IoctlOperation } from './recording.ts'

const testCommand = 0x3ba0

/** Starts a test command: the op, the id it is about, and the reserved field that nobody checks. */
export function beginTest(world: IoctlWorld, operation: IoctlOperation, op: number, id: number): IoctlWorld {
  return world.begin(72).put32(4, op).put32(8, id).put32(12, world.u32(operation, 'reserved'))
}

function mockDomain(world: IoctlWorld, operation: IoctlOperation, op: number): Answer {
  beginTest(world, operation, op, world.u32(operation, 'pt')).put32(28, world.u32(operation, 'dev_flags'))
  const errno = world.callAndRead(testCommand)
  if (errno !== 'OK') return { errno }
  const [stdev, hwpt, idev] = [world.get32(16), world.get32(20), world.get32(24)]
  world.save(operation, 'stdev', stdev)
  world.save(operation, 'hwpt', hwpt)
  world.save(operation, 'idev', idev)
  return { errno, stdev_id: stdev, hwpt_id: hwpt, idev_id: idev }
}

/**
 * Pins on one page by asking whether it has so many, `likely` first, then 0, 1, 2 …; -1 when the page cannot be reached; the errno when something
 * else is wrong.
 */
function pinsOf(world: IoctlWorld, page: number, likely: number): number | string {
  const address = arenaBase + BigInt(page) * 4096n
  const check = (refs: number): string => world.begin(72).put32(4, 4).put64(16, 4096n).put64(24, address).put32(32, refs).call(testCommand)
  // Every holder of a page came from an operation, so that a page cannot have more pins than there were operations.
  for (let guess = -1; guess <= world.operationsDone; guess++) {
    const refs = guess < 0 ? likely : guess
    const errno = check(refs)
    if (errno === 'OK') return refs
    if (errno !== 'EIO') return errno === 'EFAULT' ? -1 : errno
  }
  return 'EIO'
}

/**
 * The pins of each page. Neighbours are often pinned alike, so the first guess is the page before; a page of a huge page agrees with any number, and
 * as all pages of an arena are of one kind it agrees with the first guess of all, 0.
 */
function pagePins(world: IoctlWorld, operation: IoctlOperation): Answer {
  const [first, npages] = [world.u32(operation, 'page'), Math.min(world.u32(operation, 'count'), 2 ** 20)]
  const pins: (number | string)[] = []
  let likely = 0
  for (let page = first; page < first + npages; page++) {
    const found = pinsOf(world, page, likely)
    if (typeof found === 'number' && found >= 0) likely = found
    pins.push(found)
  }
  return { errno: 'OK', pins }
}

/** The test commands on domains and pins (uapi section 10). */
export const mockHandlers: IoctlHandlers = {
  mock_domain: (world, op) => mockDomain(world, op, 2),
  mock_domain_flags: (world, op) => mockDomain(world, op, 12),
  mock_domain_replace(world, op) {
    const errno = beginTest(world, op, 10, world.u32(op, 'stdev')).put32(16, world.u32(op, 'pt')).callAndRead(testCommand)
    if (errno !== 'OK') return { errno }
    world.save(op, 'out', world.get32(16))
    return { errno, pt_id: world.get32(16) }
  },
  add_reserved(world, op) {
    beginTest(world, op, 1, world.u32(op, 'ioas')).put64(16, world.u64(op, 'start'))
    return { errno: world.put64(24, world.u64(op, 'length')).call(testCommand) }
  },
  md_check_map(world, op) {
    beginTest(world, op, 3, world.u32(op, 'hwpt')).put64(16, world.u64(op, 'iova')).put64(24, world.u64(op, 'length'))
    return { errno: world.put64(32, world.u64(op, 'uptr')).call(testCommand) }
  },
  md_check_refs(world, op) {
    beginTest(world, op, 4, 0).put64(16, world.u64(op, 'length')).put64(24, world.u64(op, 'uptr'))
    return { errno: world.put32(32, world.u32(op, 'refs')).call(testCommand) }
  },
  md_check_iotlb(world, op) {
    beginTest(world, op, 14, world.u32(op, 'hwpt')).put32(16, world.u32(op, 'iotlb_id'))
    return { errno: world.put32(20, world.u32(op, 'iotlb')).call(testCommand) }
  },
  set_temp_memory_limit: (world, op) => ({ errno: beginTest(world, op, 9, 0).put32(16, world.u32(op, 'limit')).call(testCommand) }),
  page_pins: pagePins,
}
