import { IommuError } from '@iommukit/pfn-reader'
import { XArray } from '@iommukit/xarray'
import { errnoName } from './abi/errno.ts'
import { FAULT_LAST_PAGE, FAULT_MESSAGE_BYTES, FAULT_PASID_VALID, FAULT_RESPONSE_BYTES, FAULT_RESPONSE_INVALID } from './abi/flags.ts'
import { FAULT_MESSAGE, FAULT_RESPONSE } from './abi/layouts.ts'
import { UserStruct } from './abi/user-struct.ts'
import type { IommufdContext } from './context.ts'
import type { Device } from './device.ts'
import { IommufdObject } from './object.ts'
import type { OpenFile, UserMemory } from './ports.ts'
import { U32_MAX } from './u64.ts'
import { readUser, writeUser } from './user-memory.ts'

/** One page request of a device. `permissions`: 1 read, 2 write, 4 execute, 8 privileged. */
export interface PageRequest {
  readonly pasid: number
  readonly groupId: number
  readonly permissions: number
  readonly address: bigint
}

/** Page requests that are answered together: those of one (device, PASID, group id) up to the last of the group. */
export interface FaultGroup {
  readonly device: Device
  readonly requests: readonly PageRequest[]
  /** Called once with the answer: 0 success, 1 invalid. */
  respond(code: number): void
}

/** Page faults on their way to the user, and those that wait for an answer (spec uapi section 7). */
export class FaultQueue extends IommufdObject {
  readonly type = 'fault'
  #waiting: FaultGroup[] = []
  readonly #delivered: XArray<FaultGroup> = new XArray<FaultGroup>({ alloc: 1 })

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Queues a whole group. */
  report(group: FaultGroup): void {
    this.#waiting.push(group)
  }

  /** The oldest group, which stays in the queue. */
  peek(): FaultGroup | undefined {
    return this.#waiting[0]
  }

  /** Takes the oldest group out to be delivered; returns its cookie, the lowest free one from 1 on. Throws EBUSY when there is none. */
  deliver(): number {
    const group = this.#waiting[0]!
    const cookie = this.#delivered.alloc(group, { min: 1, max: U32_MAX })
    if (cookie === undefined) throw new IommuError('EBUSY', 'no cookie is free')
    this.#waiting.shift()
    return cookie
  }

  /** Puts a group back in front whose delivery failed. */
  takeBack(cookie: number): void {
    const group = this.#delivered.erase(cookie)
    if (group !== undefined) this.#waiting.unshift(group)
  }

  /** Answers a delivered group. Throws EINVAL: code above 1, or no such cookie outstanding. */
  answer(cookie: number, code: number): void {
    if (code > FAULT_RESPONSE_INVALID) throw new IommuError('EINVAL', `response code ${code} is neither 0 nor 1`)
    const group = this.#delivered.erase(cookie)
    if (group === undefined) throw new IommuError('EINVAL', `cookie ${cookie} is not outstanding`)
    group.respond(code)
  }

  /** Answers everything of a device that leaves with "invalid". */
  answerDevice(device: Device): void {
    this.#answerWhere((group) => group.device === device)
  }

  override destroy(): void {
    this.#answerWhere(() => true)
  }

  #answerWhere(chosen: (group: FaultGroup) => boolean): void {
    const answered = this.#waiting.filter(chosen)
    this.#waiting = this.#waiting.filter((group) => !chosen(group))
    let found = this.#delivered.find(1)
    while (found !== undefined) {
      if (chosen(found.entry)) {
        answered.push(found.entry)
        this.#delivered.erase(found.index)
      }
      found = found.index === U32_MAX ? undefined : this.#delivered.find(found.index + 1)
    }
    for (const group of answered) group.respond(FAULT_RESPONSE_INVALID)
  }
}

/** The file of a fault queue: read(2) takes faults, write(2) answers them. It keeps the context and the queue alive. */
export class FaultFile implements OpenFile {
  readonly queue: FaultQueue
  readonly #context: IommufdContext
  #open = true

  constructor(context: IommufdContext, queue: FaultQueue) {
    this.#context = context
    this.queue = queue
    queue.users++
    context.holdFile()
  }

  /** Delivers whole groups in order of arrival while they fit. Throws ESPIPE (not a multiple of 40), EINVAL (the first group does not fit), EFAULT. */
  read(memory: UserMemory, address: bigint, length: number): number {
    if (length % FAULT_MESSAGE_BYTES !== 0) throw new IommuError('ESPIPE', `${length} is not a multiple of ${FAULT_MESSAGE_BYTES}`)
    let done = 0
    for (let group = this.queue.peek(); group !== undefined; group = this.queue.peek()) {
      const bytes = group.requests.length * FAULT_MESSAGE_BYTES
      if (done + bytes > length) {
        if (done === 0) throw new IommuError('EINVAL', `a group of ${bytes} bytes does not fit in ${length}`)
        break
      }
      const cookie = this.queue.deliver()
      try {
        writeUser(memory, address + BigInt(done), encodeGroup(group, cookie))
      } catch (error) {
        this.queue.takeBack(cookie)
        if (done > 0 && errnoName(error) !== undefined) break
        throw error
      }
      done += bytes
    }
    return done
  }

  /** Takes answers in order. Throws ESPIPE (not a multiple of 8); EFAULT or EINVAL when not even the first one is good. */
  write(memory: UserMemory, address: bigint, length: number): number {
    if (length % FAULT_RESPONSE_BYTES !== 0) throw new IommuError('ESPIPE', `${length} is not a multiple of ${FAULT_RESPONSE_BYTES}`)
    const response = new UserStruct(FAULT_RESPONSE_BYTES)
    let done = 0
    while (done < length) {
      try {
        readUser(memory, address + BigInt(done), response.bytes)
        this.queue.answer(response.u32(FAULT_RESPONSE.fields.cookie), response.u32(FAULT_RESPONSE.fields.code))
      } catch (error) {
        if (done > 0 && errnoName(error) !== undefined) break
        throw error
      }
      done += FAULT_RESPONSE_BYTES
    }
    return done
  }

  poll(): { readonly readable: boolean; readonly writable: boolean } {
    return { readable: !this.queue.isEmpty, writable: true }
  }

  release(): void {
    if (!this.#open) return
    this.#open = false
    this.queue.users--
    this.#context.dropFile()
  }
}

function encodeGroup(group: FaultGroup, cookie: number): Uint8Array {
  const out = new Uint8Array(group.requests.length * FAULT_MESSAGE_BYTES)
  const { fields } = FAULT_MESSAGE
  group.requests.forEach((request, k) => {
    const message = new UserStruct(FAULT_MESSAGE_BYTES)
    const last = k === group.requests.length - 1 ? FAULT_LAST_PAGE : 0
    message.setU32(fields.flags, last | (request.pasid === 0 ? 0 : FAULT_PASID_VALID))
    message.setU32(fields.deviceId, group.device.id)
    message.setU32(fields.pasid, request.pasid)
    message.setU32(fields.groupId, request.groupId)
    message.setU32(fields.permissions, request.permissions)
    message.setU64(fields.address, request.address)
    message.setU32(fields.cookie, cookie)
    out.set(message.bytes, k * FAULT_MESSAGE_BYTES)
  })
  return out
}
