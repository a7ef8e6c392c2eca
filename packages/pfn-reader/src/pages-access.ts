/** A range of pages that accesses hold (spec pages-and-io-pagetable A13). Records of one Pages may overlap; no two have the same bounds. */
export class PagesAccess {
  /** Pages, both inclusive. */
  readonly firstIndex: number
  readonly lastIndex: number
  /** How many times exactly this range is held, at least 1. */
  users = 1
  /** Internal: where the record is kept in its Pages. */
  storageHandle = -1

  constructor(firstIndex: number, lastIndex: number) {
    this.firstIndex = firstIndex
    this.lastIndex = lastIndex
  }
}
