// Kind 1: examples on both sides of each boundary; kind 5: the n-th pin, map or charge fails under an ioctl.
import { Selftest } from '@iommukit/iommufd'
import { createMachine, type Machine, type MachineProcess } from '@iommukit/machine'
import { describe, expect, it } from 'vitest'

const ARENA = 0x1_0000_0000n
const STRUCT = 0x2_0000_0000n
const UNMAP = 0x3b86
const PAGE = 4096

function thrownBy(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name
  }
}

interface Rig {
  readonly machine: Machine
  readonly program: MachineProcess
  readonly map: (npages: number, iova?: bigint) => bigint
  readonly ioasId: number
}

function rig(placement: 'contiguous' | 'scattered'): Rig {
  const machine = createMachine({ placement })
  const program = machine.createProcess({ memlockLimitBytes: 64 * PAGE, capabilities: { ipcLock: false } })
  program.memory.mmap(ARENA, 256 * PAGE)
  program.memory.mmap(STRUCT, PAGE)
  const { context } = machine.openIommu(program)
  const ioasId = context.ioasAlloc()
  // A device of the selftest goes with the file; one bound by a driver would keep the context alive.
  new Selftest(context, machine.driver.test).mockDomain(ioasId)
  const map = (npages: number, iova?: bigint): bigint =>
    context.ioasMap(program, { ioasId, address: ARENA, length: npages * PAGE, iova, readable: true, writeable: true })
  return { machine, program, ioasId, map }
}

describe.each(['contiguous', 'scattered'] as const)('a machine with %s frames', (placement) => {
  it('pins and charges what is mapped, until the limit', () => {
    const { machine, program, map } = rig(placement)
    map(64)
    expect([machine.physical.pinnedTotal, machine.user.lockedPages, program.accounting.pinnedPages]).toEqual([64, 64, 64])
    expect(thrownBy(() => map(1))).toBe('ENOMEM')
    program.accounting.limitBytes = 65 * PAGE
    map(1)
    expect([machine.physical.pinnedTotal, machine.user.lockedPages]).toEqual([65, 65])
    program.capabilities.ipcLock = true
    map(100)
    expect([machine.physical.pinnedTotal, machine.user.lockedPages, program.accounting.pinnedPages]).toEqual([165, 65, 165])
    program.exit()
    expect([machine.physical.pinnedTotal, machine.user.lockedPages, program.accounting.pinnedPages]).toEqual([0, 0, 0])
  })

  it('the n-th pin, map or charge fails: nothing stays pinned, mapped or charged', () => {
    for (const where of ['pin', 'map', 'charge'] as const)
      for (let nth = 1; ; nth++) {
        const { machine, program, map } = rig(placement)
        machine.temp.limitBytes = 24
        program.memory.injectShortPins({ seed: nth, max: 3 })
        const fault = { pin: program.memory.pinFault, map: machine.driver.mapFault, charge: program.accounting.chargeFault }[where]
        fault.failAt(nth)
        const code = thrownBy(() => map(9, 0x100_0000n))
        if (code === undefined) {
          expect(nth).toBeGreaterThan(1)
          break
        }
        expect(code).toBe({ pin: 'EFAULT', map: 'ENOENT', charge: 'ENOMEM' }[where])
        expect([machine.physical.pinnedTotal, machine.user.lockedPages]).toEqual([0, 0])
        map(9, 0x100_0000n)
        expect(machine.physical.pinnedTotal).toBe(9)
        program.exit()
        expect(machine.physical.pinnedTotal).toBe(0)
      }
  })
})

describe('Machine', () => {
  it('ioctl takes a descriptor or a file, and numbers or bigints', () => {
    const { machine, program, ioasId, map } = rig('contiguous')
    const iova = map(2)
    const request = new BigUint64Array([24n | (BigInt(ioasId) << 32n), iova, BigInt(PAGE)])
    const bytes = new Uint8Array(request.buffer)
    program.memory.write(STRUCT, bytes)
    const file = machine.openIommu()
    expect(thrownBy(() => machine.ioctl(program, file, UNMAP, STRUCT))).toBe('ENOENT')
    expect(program.files.fdOf(file)).toBeUndefined()
    expect(thrownBy(() => machine.ioctl(program, 3, UNMAP, Number(STRUCT)))).toBe('ENOENT')
    request[2] = BigInt(2 * PAGE)
    program.memory.write(STRUCT, bytes)
    expect(machine.ioctl(program, 3, UNMAP, STRUCT)).toBe(0)
    expect(machine.physical.pinnedTotal).toBe(0)
    expect(thrownBy(() => machine.ioctl(program, 4, UNMAP, STRUCT))).toBe('EBADF')
    const fd = program.files.install({ release: () => {} })
    expect(thrownBy(() => machine.ioctl(program, fd, UNMAP, STRUCT))).toBe('ENOTTY')
    expect(thrownBy(() => machine.ioctl(program, 3, UNMAP, 0n))).toBe('EFAULT')
  })

  it('processes have their own memory, and share frames, the driver and the user', () => {
    const machine = createMachine()
    const [a, b] = [machine.createProcess(), machine.createProcess({ placement: 'scattered', capabilities: { sysResource: false } })]
    a.memory.mmap(ARENA, 2 * PAGE)
    b.memory.mmap(ARENA, 2 * PAGE)
    expect(a.memory.pfnOf(ARENA)).not.toBe(b.memory.pfnOf(ARENA))
    expect(a.memory.pfnOf(ARENA + 4096n)).toBe(a.memory.pfnOf(ARENA)! + 1)
    expect(b.memory.pfnOf(ARENA + 4096n)).not.toBe(b.memory.pfnOf(ARENA)! + 1)
    expect([a.accounting.user, b.accounting.user]).toEqual([machine.user, machine.user])
    expect([a.capabilities, b.capabilities]).toEqual([
      { ipcLock: true, sysResource: true },
      { ipcLock: true, sysResource: false },
    ])
    a.memory.write(ARENA, Uint8Array.of(1))
    const out = new Uint8Array(1)
    b.memory.read(ARENA, out)
    expect(out[0]).toBe(0)
  })

  it('the limit of temporary memory is one for the machine', () => {
    const machine = createMachine()
    machine.driver.test.setTempMemoryLimit(16)
    expect([machine.temp.limitBytes, machine.openIommu().context.temp.limitBytes]).toEqual([16, 16])
  })

  it('exit unmaps everything; what others hold pinned stays', () => {
    const machine = createMachine()
    const program = machine.createProcess()
    for (const address of [0n, 2n ** 63n - 4096n, 2n ** 63n, 2n ** 64n - 4096n]) program.memory.mmap(address, PAGE)
    program.memory.pageSource(0n, 1).pin(0, 1, true, { add: () => true })
    program.exit()
    expect([program.memory.segments.length, machine.physical.pinnedTotal]).toEqual([0, 1])
  })
})
