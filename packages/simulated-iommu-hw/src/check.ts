import { MockDomain } from './mock-domain.ts'
import { PhysicalMemory } from './physical-memory.ts'
import { RadixDomain } from './radix-domain.ts'
import { DIRTY_WORDS, ENTRY_LEAF, entryAt, type RadixTables, TABLE_ENTRIES } from './radix-tables.ts'
import { UserAddressSpace } from './user-address-space.ts'

/** Throws an Error with a clear message unless the structure is sound. For tests: cost O(size), for frames O(frames of blocks ever touched). */
export function checkInvariants(subject: PhysicalMemory | UserAddressSpace | MockDomain | RadixDomain): void {
  if (subject instanceof PhysicalMemory) checkPhysical(subject)
  else if (subject instanceof UserAddressSpace) checkSpace(subject)
  else if (subject instanceof MockDomain) subject.table.words.check()
  else if (subject instanceof RadixDomain) checkRadix(subject.tables)
  else throw new TypeError('checkInvariants knows PhysicalMemory, UserAddressSpace, MockDomain and RadixDomain')
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

/** Every table in use is reached exactly once and is not empty, counts are right, dirty bits lie on present entries and lead to a dirty leaf. */
function checkRadix(tables: RadixTables): void {
  const seen = new Set<number>()
  const visit = (table: number, level: number): void => {
    if (seen.has(table)) throw new Error(`table ${table} is reached twice`)
    seen.add(table)
    let used = 0
    for (let slot = 0; slot < TABLE_ENTRIES; slot++) {
      const entry = tables.words[entryAt(table, slot)]!
      const dirty = (tables.dirty[table * DIRTY_WORDS + (slot >>> 5)]! & (1 << (slot & 31))) !== 0
      if (entry !== 0) used++
      if (entry === 0 && tables.words[entryAt(table, slot) + 1] !== 0) throw new Error(`slot ${slot} of table ${table} is half empty`)
      const below = tables.child(table, slot)
      if (below >= 0) visit(below, level - 1)
      else if (entry !== 0 && ((entry & ENTRY_LEAF) === 0 || level === 3)) throw new Error(`slot ${slot} of table ${table} is no leaf`)
      if (dirty && (entry === 0 || (below >= 0 && !tables.anyDirty(below))))
        throw new Error(`slot ${slot} of table ${table} is dirty for nothing`)
    }
    if (used !== tables.used[table] || (used === 0 && table !== 0))
      throw new Error(`table ${table} counts ${tables.used[table]} entries and has ${used}`)
  }
  visit(0, 3)
  if (seen.size !== tables.tableCount) throw new Error(`${seen.size} tables are reached, ${tables.tableCount} are in use`)
}
