import type { OpenFile } from '@iommukit/iommufd'

/** First descriptor handed out: 0, 1 and 2 are taken in every program. */
const FIRST_FD = 3

/** The file descriptors of a process. Descriptors made by `dup` share a file; closing the last one releases it. Fits `FileTable` of iommufd. */
export class DescriptorTable {
  readonly #files: (OpenFile | undefined)[] = []

  /** Takes the lowest free descriptor, 3 or above. O(descriptors). */
  install(file: OpenFile): number {
    let at = 0
    while (this.#files[at] !== undefined) at++
    this.#files[at] = file
    return at + FIRST_FD
  }

  /** The file behind a descriptor; undefined when it is not open. O(1). */
  get(fd: number): OpenFile | undefined {
    return this.#files[fd - FIRST_FD]
  }

  /** The lowest descriptor of a file; undefined when it has none. O(descriptors). */
  fdOf(file: OpenFile): number | undefined {
    const at = this.#files.indexOf(file)
    return at < 0 ? undefined : at + FIRST_FD
  }

  /** Another descriptor for the same file; undefined when `fd` is not open. */
  dup(fd: number): number | undefined {
    const file = this.get(fd)
    return file === undefined ? undefined : this.install(file)
  }

  /** Takes a descriptor back without releasing the file. */
  remove(fd: number): void {
    if (this.get(fd) !== undefined) this.#files[fd - FIRST_FD] = undefined
  }

  /** Closes a descriptor, and releases the file if it was its last. False when `fd` is not open. */
  close(fd: number): boolean {
    const file = this.get(fd)
    if (file === undefined) return false
    this.remove(fd)
    if (!this.#files.includes(file)) file.release()
    return true
  }

  /** Closes all descriptors, the lowest first, as the end of a process does. */
  closeAll(): void {
    for (let at = 0; at < this.#files.length; at++) this.close(at + FIRST_FD)
  }
}
