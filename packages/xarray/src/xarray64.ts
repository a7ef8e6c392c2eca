import { parseBigint, toBigint } from './halves.ts'
import { SparseArray } from './sparse-array.ts'

/** Sparse array over all of u64: indexes are bigints 0..2^64 - 1 (safe numbers are accepted too), and so is every index returned. */
export class XArray64<T> extends SparseArray<T, bigint> {
  protected get maxHi(): number {
    return -1
  }

  protected get maxOrder(): number {
    return 63
  }

  protected parse(index: number | bigint, name: string): void {
    parseBigint(index, name)
  }

  protected join(hi: number, lo: number): bigint {
    return toBigint(hi, lo)
  }
}
