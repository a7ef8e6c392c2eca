// Kind 1, at the level of types: every class fits its port by shape. The compiler is the test; the run checks that nothing is missing at run time.
import type { DriverTestOps, IommuDevice, IommuDriver, NestedDomain, OpenFile, Process, UserMemory } from '@iommukit/iommufd'
import { createMachine, DescriptorTable, type MachineProcess } from '@iommukit/machine'
import {
  LockedMemory,
  type MockDevice,
  type MockDomain,
  type MockDriver,
  type MockNestedDomain,
  type MockTestOps,
  type PhysicalMemory,
  RadixDomain,
  StrictDomain,
  type UserAddressSpace,
  type UserPages,
} from '@iommukit/simulated-iommu-hw'
import { expect, expectTypeOf, it } from 'vitest'

type IommuDomain = ReturnType<IommuDevice['createPagingDomain']>
type FrameMemory = IommuDriver['frames']
type PageSource = ReturnType<UserMemory['pageSource']>
type Accounting = Process['accounting']

it('the hardware fits the ports of iommufd and pfn-reader', () => {
  expectTypeOf<PhysicalMemory>().toExtend<FrameMemory>()
  expectTypeOf<UserAddressSpace>().toExtend<UserMemory>()
  expectTypeOf<UserPages>().toExtend<PageSource>()
  expectTypeOf<LockedMemory>().toExtend<Accounting>()
  expectTypeOf<MockDomain>().toExtend<IommuDomain>()
  expectTypeOf<RadixDomain>().toExtend<IommuDomain>()
  expectTypeOf<StrictDomain>().toExtend<IommuDomain>()
  expectTypeOf<MockNestedDomain<IommuDomain>>().toExtend<NestedDomain>()
  expectTypeOf<MockDevice>().toExtend<IommuDevice>()
  expectTypeOf<MockDriver>().toExtend<IommuDriver>()
  expectTypeOf<MockTestOps>().toExtend<DriverTestOps>()
  expectTypeOf<MachineProcess>().toExtend<Process>()
  expectTypeOf<DescriptorTable>().toExtend<Process['files']>()
  // A type that is `any` would fit everything.
  expectTypeOf<IommuDomain>().not.toBeAny()
  expectTypeOf<PageSource>().not.toBeAny()
  expectTypeOf<OpenFile>().not.toBeAny()
  const domain: IommuDomain = new StrictDomain(new RadixDomain() satisfies IommuDomain)
  expect(domain.pgsizeBitmap).toBe(0x4020_1000n)
  const driver: IommuDriver = createMachine().driver
  expect(driver.test?.ioPageSize).toBe(2048)
  expect(new DescriptorTable().get(3)).toBeUndefined()
  expect(new LockedMemory().pinnedPages).toBe(0)
})
