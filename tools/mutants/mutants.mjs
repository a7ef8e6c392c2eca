// One-line breaks, and the tests that must notice each of them. `from` occurs exactly once in its file.
const pfn = (name, file, from, to, tests = ['packages/pfn-reader']) => ({
  name,
  file: `packages/pfn-reader/src/${file}.ts`,
  from,
  to,
  tests,
})
const table = (name, file, from, to, tests = ['packages/io-pagetable']) => ({
  name,
  file: `packages/io-pagetable/src/${file}.ts`,
  from,
  to,
  tests,
})
const device = (name, file, from, to, tests = ['packages/iommufd']) => ({ name, file: `packages/iommufd/src/${file}.ts`, from, to, tests })
const hardware = (name, file, from, to, tests = ['packages/simulated-iommu-hw']) => ({
  name,
  file: `packages/simulated-iommu-hw/src/${file}.ts`,
  from,
  to,
  tests,
})

const tree = (name, file, from, to) => ({
  name,
  file: `packages/interval-tree-span/src/${file}.ts`,
  from,
  to,
  tests: ['packages/interval-tree-span'],
})
const sparse = (name, file, from, to) => ({ name, file: `packages/xarray/src/${file}.ts`, from, to, tests: ['packages/xarray'] })
const bitmap = (name, file, from, to) => ({ name, file: `packages/iova-bitmap/src/${file}.ts`, from, to, tests: ['packages/iova-bitmap'] })
const machine = (name, file, from, to) => ({
  name,
  file: `packages/machine/src/${file}.ts`,
  from,
  to,
  tests: ['packages/machine/test/descriptor', 'packages/machine/test/machine'],
})

export const mutants = [
  // interval-tree-span
  tree(
    'a window that begins behind an interval misses its end',
    'interval-tree',
    '    return place === 0 || startKeyAt(this.store, place) > last ? undefined : handleAt(this.store, place)\n  }\n\n  /** A cursor over the intervals',
    '    return place === 0 || startKeyAt(this.store, place) >= last ? undefined : handleAt(this.store, place)\n  }\n\n  /** A cursor over the intervals',
  ),
  tree('the last span does not end the walk', 'span-scan', 'if (this.state >= FINAL) {', 'if (this.state > FINAL) {'),
  tree(
    'a stale cursor goes on with what it knew',
    'span-scan',
    'if (this.isStale) this.seek()\n    else if (this.state === HOLE)',
    'if (this.state === HOLE)',
  ),
  // xarray
  sparse('a cyclic allocation that wraps does not say so', 'sparse-array', '      wrapped = true\n', '      wrapped = false\n'),
  sparse(
    'next wraps, but nobody remembers',
    'sparse-array',
    'if (Number(ids.next) === 0) core.wrapped = true',
    'if (Number(ids.next) === 1) core.wrapped = true',
  ),
  sparse(
    'a cleared mark stays in a sparse leaf',
    'marks',
    'setEntryMarksAt(node, pos, on ? set | (1 << mark) : set & ~(1 << mark))',
    'setEntryMarksAt(node, pos, set | (1 << mark))',
  ),
  // iova-bitmap
  bitmap(
    'clear rounds outward at its beginning',
    'geometry',
    'if (this.iovaOf(this.first) < iova) this.first += 1',
    'if (this.iovaOf(this.first) > iova) this.first += 1',
  ),
  bitmap(
    'clear leaves out a page that is wholly inside',
    'geometry',
    'if (this.lastIovaOf(this.last) > last) this.last -= 1',
    'if (this.lastIovaOf(this.last) >= last) this.last -= 1',
  ),
  // machine
  machine(
    'closing one of two descriptors releases the file',
    'descriptor-table',
    'if (!this.#files.includes(file)) file.release()',
    'file.release()',
  ),
  machine(
    'the end of a process forgets its last descriptor',
    'descriptor-table',
    'for (let at = 0; at < this.#files.length; at++) this.close',
    'for (let at = 0; at < this.#files.length - 1; at++) this.close',
  ),
  // pfn-reader
  pfn(
    'a batch extends over a gap of one frame',
    'pfn-batch',
    'if (this.pfns[n - 1]! + before === pfn &&',
    'if (this.pfns[n - 1]! + before >= pfn - 1 &&',
  ),
  pfn('the carry is lost', 'pfn-batch', '    this.nruns = 1\n', '    this.nruns = 0\n'),
  pfn('a run of length zero stays behind', 'pfn-batch', 'if (npages >= this.total) {', 'if (npages > this.total) {'),
  pfn(
    'a hole is unpinned one page short',
    'unfill-range',
    'unpinBatch(pages, batch, 0, read - from + 1, pages.writable)',
    'unpinBatch(pages, batch, 0, read - from, pages.writable)',
  ),
  pfn(
    'no read-ahead to the cut point',
    'unfill-range',
    'if (read === last && last !== lastIndex) fromDomainContinue',
    'if (read === last && last > lastIndex) fromDomainContinue',
  ),
  pfn(
    'held pages are not skipped',
    'unfill-range',
    'else batch.skipCarry(tiers.last - tiers.start + 1)',
    'else batch.skipCarry(tiers.last - tiers.start)',
  ),
  pfn(
    'a failed fill keeps the pins of its reader',
    'fill',
    '      reader.releasePins()\n      partialUnfill(area, pages, domain, mapped)',
    '      partialUnfill(area, pages, domain, mapped)',
  ),
  pfn(
    'a failed fill forgets the other domains',
    'fill',
    'for (let position = 1; position < domains.length; position++) {',
    'for (let position = 2; position < domains.length; position++) {',
  ),
  pfn('a filled domain is not charged', 'fill', '      settle(pages)\n    } catch', '    } catch'),
  pfn(
    'the page offset is mapped again on every run',
    'to-domain',
    '    npages += npfns[run]!\n    offsetInPage = 0\n',
    '    npages += npfns[run]!\n',
  ),
  // io-pagetable
  table(
    'a single byte of room is used',
    'allocator',
    'if (!below(hi, lo, lastHi, lastLo)) return false',
    'if (below(lastHi, lastLo, hi, lo)) return false',
  ),
  table('the allocator starts at 0', 'allocator', 'const FIRST_LO = PAGE_SIZE', 'const FIRST_LO = 0'),
  table(
    'areas are checked before reserved ranges',
    'map',
    '  if (state.reserved.iterFirstAt(firstHi, firstLo, lastHi, lastLo) !== undefined) {',
    '  if (state.areas.iterFirstAt(firstHi, firstLo, lastHi, lastLo) === undefined && state.reserved.iterFirstAt(firstHi, firstLo, lastHi, lastLo) !== undefined) {',
  ),
  table('new pins are not prevented while an unmap waits', 'unmap', '      area.preventAccess = true\n', ''),
  table('one notification too few', 'unmap', 'const TRIES_MAX = 100', 'const TRIES_MAX = 99'),
  table(
    'a failed attach keeps its reserved ranges',
    'domains',
    '    fillAreas(state, domain)\n  } catch (error) {\n    removeReserved(state, domain)',
    '    fillAreas(state, domain)\n  } catch (error) {',
  ),
  table('a cut with pinned pages is allowed', 'cut', 'if (area.numAccesses > 0) throw refuse', 'if (area.numAccesses > 1) throw refuse'),
  table(
    'allowed ranges are no obstacle to reservations',
    'reservations',
    "intersects(state.allowed, start, last) ? 'an allowed range' : undefined",
    'undefined',
  ),
  table(
    'alignment never rises over areas',
    'alignment',
    'if (((area.iovaLo | lengthLo | area.pageOffset) & mask) !== 0) {',
    'if (((area.iovaLo | lengthLo) & mask) !== 0) {',
  ),
  // iommufd
  device(
    'a structure one byte short is accepted',
    'ioctl/call',
    'if (userBytes < layout.minimumBytes) {',
    'if (userBytes < layout.minimumBytes - 1) {',
  ),
  device(
    'the tail is not looked at',
    'ioctl/call',
    'if (userBytes > layout.bytes) checkZeroTail',
    'if (userBytes > layout.bytes + 1) checkZeroTail',
  ),
  device(
    'an object in use is destroyed',
    'object-table',
    "    if (object.users !== 1) throw new IommuError('EBUSY',",
    "    if (object.users > 2) throw new IommuError('EBUSY',",
  ),
  device('the last bytes of a tail are not tested', 'user-memory', '  while (rest < byteLength) seen |= scratch[rest++]!\n', ''),
  // simulated-iommu-hw
  hardware(
    'the lock limit is passed by one page',
    'locked-memory',
    'if (locked + npages > this.limitPages)',
    'if (locked + npages > this.limitPages + 1)',
  ),
  hardware('every entry is a cut point', 'mock-domain', 'return hi === 0 || (hi & WORD_START_LAST) !== 0', 'return true'),
  hardware('a huge page is not marked as one', 'mock-domain', 'pgsize === 1 ? 0 : WORD_HUGE', '0'),
  // conformance and the command line
  {
    name: 'one mismatch is called mismatches',
    file: 'packages/conformance/src/replay.ts',
    from: "mismatches === 1 ? 'mismatch' : 'mismatches'",
    to: "mismatches === 0 ? 'mismatch' : 'mismatches'",
    tests: ['packages/conformance/test/replay', 'apps/cli/test/replay'],
  },
  {
    name: 'a replay with mismatches ends as if it had none',
    file: 'apps/cli/src/replay-command.ts',
    from: 'return report.mismatches === 0 ? exitCode.same : exitCode.mismatch',
    to: 'return report.mismatches < 0 ? exitCode.mismatch : exitCode.same',
    tests: ['apps/cli/test/replay'],
  },
]
