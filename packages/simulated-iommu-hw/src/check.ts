import { MockDomain } from './mock-domain.ts'
import { PhysicalMemory } from './physical-memory.ts'
import { UserAddressSpace } from './user-address-space.ts'

/** Throws an Error with a clear message unless the structure is sound. For tests: cost O(size), for frames O(regions touched). */
export function checkInvariants(subject: PhysicalMemory | UserAddressSpace | MockDomain): void {
  if (subject instanceof PhysicalMemory) checkPhysical(subject)
  else if (subject instanceof UserAddressSpace) checkSpace(subject)
  else if (subject instanceof MockDomain) subject.table.words.check()
  else throw new TypeError('checkInvariants knows PhysicalMemory, UserAddressSpace and MockDomain')
}

function checkPhysical(physical: PhysicalMemory): void {
  let total = 0
  for (const { pfn, pins } of physical.pinned()) {
    if (pins < 0) throw new Error(`frame ${pfn} has ${pins} pins`)
    total += pins
  }
  if (total !== physical.pinnedTotal) throw new Error(`frames hold ${total} pins, pinnedTotal says ${physical.pinnedTotal}`)
}

function checkSpace(space: UserAddressSpace): void {
  let next = 0
  for (let position = 0; position < space.segments.length; position++) {
    const { firstPage, lastPage } = space.segments.at(position)!
    if (firstPage < next || lastPage < firstPage)
      throw new Error(`segment ${firstPage}..${lastPage} is inverted or overlaps the one before`)
    next = lastPage + 1
  }
}
