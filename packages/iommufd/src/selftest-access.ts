import type { AccessOwner } from '@iommukit/io-pagetable'
import { IommuError } from '@iommukit/pfn-reader'
import type { Access } from './access.ts'
import type { OpenFile } from './ports.ts'
import { U32_MAX, U64_MAX } from './u64.ts'

interface PinnedItem {
  readonly iova: bigint
  readonly length: bigint
}

/** What a test access does when it is told to let go; made before the access, since the access wants its owner first. */
export class SelftestOwner implements AccessOwner {
  readonly needsPin: boolean
  file: SelftestAccess | undefined

  constructor(needsPin: boolean) {
    this.needsPin = needsPin
  }

  unmap(iova: bigint, length: bigint): void {
    this.file?.dropRange(iova, length)
  }
}

/** The file of a test access: a list of pinned ranges, each with an item id from 0 on (spec uapi 10, ops 5 to 8 and 11). */
export class SelftestAccess implements OpenFile {
  readonly access: Access
  readonly needsPin: boolean
  readonly #items: Map<number, PinnedItem> = new Map()
  #nextItem = 0
  #open = true

  constructor(access: Access, owner: SelftestOwner) {
    this.access = access
    this.needsPin = owner.needsPin
    owner.file = this
  }

  /** Remembers a range that was pinned; returns its item id. */
  addItem(iova: bigint, length: bigint): number {
    const id = this.#nextItem
    this.#nextItem = id === U32_MAX ? 0 : id + 1
    this.#items.set(id, { iova, length })
    return id
  }

  /** Unpins an item. Throws ENOENT. */
  dropItem(id: number): void {
    const item = this.#items.get(id)
    if (item === undefined) throw new IommuError('ENOENT', `access ${this.access.id} has no item ${id}`)
    this.#items.delete(id)
    this.access.unpinPages(item.iova, item.length)
  }

  /** Unpins every item that meets [iova, iova+length-1]; (0, 2^64-1) stands for everything. O(items). */
  dropRange(iova: bigint, length: bigint): void {
    const everything = iova === 0n && length === U64_MAX
    const last = iova + length - 1n
    for (const [id, item] of this.#items) {
      if (everything || (item.iova <= last && item.iova + item.length - 1n >= iova)) this.dropItem(id)
    }
  }

  /** Unpins everything and destroys the access. */
  release(): void {
    if (!this.#open) return
    this.#open = false
    this.access.close()
  }
}
