import { IommufdContext, type IommufdOptions } from './context.ts'
import type { OpenFile } from './ports.ts'

/** An open /dev/iommu. Its context lives on while a file of an access or a fault queue is open. */
export class IommufdFile implements OpenFile {
  readonly context: IommufdContext
  #open = true

  constructor(context: IommufdContext) {
    this.context = context
    context.holdFile()
  }

  /** False after `release`. */
  get isOpen(): boolean {
    return this.#open
  }

  /** Last close of the descriptor. Calling it again does nothing. Never fails. */
  release(): void {
    if (!this.#open) return
    this.#open = false
    this.context.dropFile()
  }
}

/** open("/dev/iommu"): a new context and its file. */
export function openIommufd(options: IommufdOptions): IommufdFile {
  return new IommufdFile(new IommufdContext(options))
}
