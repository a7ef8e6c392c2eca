// Kind 1: examples on both sides of each boundary.
import { DescriptorTable } from '@iommukit/machine'
import { expect, it } from 'vitest'

class File {
  released = 0
  release(): void {
    this.released++
  }
}

it('hands out the lowest free descriptor from 3 on', () => {
  const table = new DescriptorTable()
  const files = [new File(), new File(), new File()]
  expect(files.map((file) => table.install(file))).toEqual([3, 4, 5])
  expect(table.close(4)).toBe(true)
  expect([files[1]!.released, table.get(4), table.install(files[1]!)]).toEqual([1, undefined, 4])
  expect([table.get(2), table.get(6), table.get(0x7fff_fff0), table.get(Number.NaN)]).toEqual([undefined, undefined, undefined, undefined])
  expect([table.close(2), table.close(6)]).toEqual([false, false])
})

it('a file is released with its last descriptor', () => {
  const table = new DescriptorTable()
  const file = new File()
  const fd = table.install(file)
  expect([table.dup(fd), table.dup(99), table.fdOf(file)]).toEqual([4, undefined, 3])
  table.close(fd)
  expect([file.released, table.fdOf(file)]).toEqual([0, 4])
  table.close(4)
  expect([file.released, table.fdOf(file)]).toEqual([1, undefined])
})

it('remove takes a descriptor back and leaves the file open; closeAll releases each file once', () => {
  const table = new DescriptorTable()
  const [a, b] = [new File(), new File()]
  table.remove(table.install(a))
  table.remove(77)
  expect([a.released, table.install(b), table.dup(3)]).toEqual([0, 3, 4])
  table.closeAll()
  expect([a.released, b.released, table.get(3), table.get(4)]).toEqual([0, 1, undefined, undefined])
})
