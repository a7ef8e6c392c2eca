import type { Field } from './layouts.ts'

/**
 * The implementation's copy of a user structure, read and written by the fields of a layout. Little-endian whatever the host is.
 * A field's width must be that of the accessor. All O(1).
 */
export class UserStruct {
  readonly bytes: Uint8Array
  readonly #view: DataView

  /** All bytes are zero. `byteLength` is the size that this implementation knows. */
  constructor(byteLength: number) {
    this.bytes = new Uint8Array(byteLength)
    this.#view = new DataView(this.bytes.buffer)
  }

  u8(field: Field): number {
    return this.#view.getUint8(field[0])
  }

  u16(field: Field): number {
    return this.#view.getUint16(field[0], true)
  }

  u32(field: Field): number {
    return this.#view.getUint32(field[0], true)
  }

  i32(field: Field): number {
    return this.#view.getInt32(field[0], true)
  }

  u64(field: Field): bigint {
    return this.#view.getBigUint64(field[0], true)
  }

  setU8(field: Field, value: number): void {
    this.#view.setUint8(field[0], value)
  }

  setU16(field: Field, value: number): void {
    this.#view.setUint16(field[0], value, true)
  }

  setU32(field: Field, value: number): void {
    this.#view.setUint32(field[0], value, true)
  }

  setU64(field: Field, value: bigint): void {
    this.#view.setBigUint64(field[0], value, true)
  }
}
