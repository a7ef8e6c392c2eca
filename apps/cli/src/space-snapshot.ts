import type { IoctlWorld } from '@iommukit/conformance'
import { Access, HwptPaging, Ioas } from '@iommukit/iommufd'

const pageBytes = 4096n

/** One area of an IOVA space. Closed range of bytes. */
export interface AreaView {
  readonly start: bigint
  readonly last: bigint
  readonly writable: boolean
  /** The shared pages behind it: areas with the same object share pages. */
  readonly pages: object | undefined
  /** Whether a software user holds pins in it. */
  readonly held: boolean
}

/** One IOVA space. */
export interface IoasView {
  readonly id: number
  readonly areas: readonly AreaView[]
  /** What may be used: everything else is reserved. */
  readonly usable: readonly { readonly start: bigint; readonly last: bigint }[]
  readonly alignment: number
  readonly pageTables: number
  readonly accesses: number
}

/** What can be seen of the machine between two operations. */
export interface Snapshot {
  readonly spaces: readonly IoasView[]
  /** Pins on each page of the user's arena; -1 for a page without pins that cannot be reached. */
  readonly pins: Int32Array
  readonly pinnedTotal: number
}

function ioasView(ioas: Ioas, objects: Iterable<object>): IoasView {
  let accesses = 0
  let pageTables = 0
  for (const object of objects) {
    if (object instanceof Access && object.ioas === ioas) accesses++
    if (object instanceof HwptPaging && object.ioas === ioas) pageTables++
  }
  const areas: AreaView[] = []
  for (const { iova, last, prot, pages, numAccesses } of ioas.table.areas())
    areas.push({ start: iova, last, writable: (prot & 2) !== 0, pages, held: numAccesses > 0 })
  return { id: ioas.id, areas, usable: ioas.table.ranges(), alignment: ioas.table.iovaAlignment, pageTables, accesses }
}

/** Looks at the live objects behind the open `/dev/iommu` and at the pin counts of the machine's frames; nothing is kept beside them. */
export function snapshot(world: IoctlWorld, arena: { readonly base: bigint; readonly npages: number }): Snapshot {
  const objects = [...world.file.context.objects]
  const spaces: IoasView[] = []
  for (const object of objects) if (object instanceof Ioas) spaces.push(ioasView(object, objects))
  const pins = new Int32Array(arena.npages)
  const { memory } = world.process
  for (let page = 0; page < arena.npages; page++) {
    const address = arena.base + BigInt(page) * pageBytes
    const frame = memory.frameOf(address)
    const count = frame === undefined ? 0 : world.machine.physical.pinCount(frame)
    pins[page] = count === 0 && memory.pfnOf(address) === undefined ? -1 : count
  }
  return { spaces, pins, pinnedTotal: world.machine.physical.pinnedTotal }
}
